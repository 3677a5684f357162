"""The picture leg: every shot as a segment. One that fails becomes a slate; the film keeps its length."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipelines.assets.asset_ids import background_asset_id, character_asset_id, prop_asset_id
from pipelines.executors import worthwhile
from pipelines.flow.maker import Flow
from pipelines.flow.sources import Sources
from pipelines.flow.timing import Timing
from pipelines.imaging.text import missing_glyphs
from pipelines.outcome import ItemFailure
from pipelines.rendering.picture import ImageSource, ShotPicture
from pipelines.rendering.segment_task import MediaFile, SegmentTask
from pipelines.rendering.shot_picture import shot_picture, slate_picture
from pipelines.runner import Artifact, Batch, Made
from pipelines.stage import Outputs, Stage, Work
from schemas.asset_manifest import BackgroundNeed
from schemas.captions import Cue
from schemas.render_output import Shortfall
from schemas.render_plan import ResolvedAsset
from schemas.shotlist import Shot

SEGMENT = Stage("segment", "2", natives=("ffmpeg", "thorvg", "harfbuzz", "fonts", "numpy"), instant=False)
SLATE = Stage("slate", "2", natives=SEGMENT.natives, instant=False)

FRAME_S = 0.018
"""One 1280x720 frame, drawn and encoded on one core (17 ms over the example): decides whether Ray is worth it."""

REFERENCE_PIXELS = 1280 * 720

GLYPHS_NAMED = 8
"""Characters without a glyph that one shortfall names; a title in an uncovered script has dozens."""


@dataclass(frozen=True)
class _Drawn:
    """A shot, its picture, and the assets that it shows."""

    shot: Shot
    picture: ShotPicture
    assets: tuple[ResolvedAsset, ...]
    lines: tuple[str, ...]


def render_shots(flow: Flow, timing: Timing, sources: Sources, cues: Sequence[Cue]) -> list[Artifact]:
    """One segment a shot, in film order."""
    drawn = [_drawn(flow, shot, timing, sources, cues) for shot in timing.shotlist.shots]
    flow.shortfalls += [one for shot in drawn for one in missing_glyph_shortfalls(shot.shot.shot_id, shot.picture)]
    results = flow.maker.make_batch(_batch(flow, drawn, timing, sources, SEGMENT))
    failed = [(one, made) for one, made in zip(drawn, results, strict=True) if isinstance(made, ItemFailure)]
    slates = _slates(flow, failed, timing, sources, cues)
    return [
        made.result if isinstance(made, Made) else slates[one.shot.shot_id]
        for one, made in zip(drawn, results, strict=True)
    ]


def missing_glyph_shortfalls(shot_id: str, picture: ShotPicture) -> list[Shortfall]:
    """What a shot's text should show and no font can; none when every character has a glyph."""
    written = "".join((*picture.card_text, picture.flag, *(line for cue in picture.cues for line in cue.lines)))
    lacking = () if written.isascii() else missing_glyphs(written)  # ASCII needs no fonts opened
    if not lacking:
        return []
    named = ", ".join(f"{one!r} U+{ord(one):04X}" for one in lacking[:GLYPHS_NAMED])
    more = f" and {len(lacking) - GLYPHS_NAMED} more" if len(lacking) > GLYPHS_NAMED else ""
    return [Shortfall(kind="missing_glyph", subject=shot_id, reason=f"no font has {named}{more}; boxes are drawn")]


def _drawn(flow: Flow, shot: Shot, timing: Timing, sources: Sources, cues: Sequence[Cue]) -> _Drawn:
    ids = [character_asset_id(one.character_id) for one in shot.characters]
    background_id = None
    if shot.location_id is not None:
        background_id = background_asset_id(shot.location_id, shot.time_of_day, shot.weather, shot.mood)
    shown = [*ids, *([background_id] if background_id else []), *(prop_asset_id(tag) for tag in shot.props)]
    assets = tuple(asset for asset in map(sources.resolved.get, shown) if asset is not None)
    picture = shot_picture(
        shot,
        rate=timing.shotlist.edit_rate,
        picture_format=sources.plan.picture,
        designs=sources.designs,
        backgrounds=_background(shot, background_id, sources),
        speech={line.element_id: timing.spoken[line.element_id].speech for line in shot.audio.lines},
        cues=cues if flow.options.captions == "burned_in" else (),
        prop_images={
            tag: ImageSource(content_hash=asset.content_hash, kind="clip" if asset.form == "clip" else "image")
            for tag in shot.props
            if (asset := sources.resolved.get(prop_asset_id(tag))) is not None and asset.form in ("image", "clip")
        },
        missing={asset.asset_id: asset.flag for asset in assets if asset.source == "placeholder"},
        card_place=_card_place(shot, timing, sources),
    )
    background = sources.resolved.get(background_id) if background_id else None
    if picture.image is not None and background is not None and background.motion is not None:
        picture = picture.model_copy(update={"movement": background.motion})
    return _Drawn(shot, picture, assets, tuple(line.element_id for line in shot.audio.lines))


def _background(shot: Shot, asset_id: str | None, sources: Sources) -> Mapping[str, BackgroundNeed | ImageSource]:
    if shot.location_id is None or asset_id is None:
        return {}
    asset = sources.resolved.get(asset_id)
    if asset is not None and asset.form in ("image", "clip"):
        kind = "clip" if asset.form == "clip" else "image"
        return {shot.location_id: ImageSource.model_validate({"content_hash": asset.content_hash, "kind": kind})}
    return {shot.location_id: sources.backgrounds[asset_id]}


def _card_place(shot: Shot, timing: Timing, sources: Sources) -> BackgroundNeed | None:
    """What a card stands over: where the film opens for the title, where it closes for the end."""
    if shot.framing not in ("title_card", "end_card"):
        return None
    shots = timing.shotlist.shots if shot.framing == "title_card" else reversed(timing.shotlist.shots)
    neighbour = next((one for one in shots if one.location_id is not None), None)
    if neighbour is None or neighbour.location_id is None:
        return None
    place = (neighbour.location_id, neighbour.time_of_day, neighbour.weather, neighbour.mood)
    return sources.backgrounds.get(background_asset_id(*place))


def _batch(flow: Flow, drawn: Sequence[_Drawn], timing: Timing, sources: Sources, stage: Stage) -> Batch:
    def payload(index: int, folder: Path) -> SegmentTask:
        one = drawn[index]
        media = {
            asset.content_hash: MediaFile(str(flow.maker.path(sources.artifacts[asset.asset_id])), asset.form)
            for asset in one.assets
            if asset.form in ("image", "clip")
        }
        return SegmentTask(one.picture.to_json(), media, str(folder))

    works = [
        Work(
            stage,
            item=one.shot.shot_id,
            make=partial(_rendered, flow.parts.render, payload, index),
            inputs={
                **{asset.asset_id: sources.artifacts[asset.asset_id].as_input() for asset in one.assets},
                **{f"speech.{number}": timing.spoken[line].timing.as_input() for number, line in enumerate(one.lines)},
            },
            parameters={"picture": one.picture.model_dump(mode="json")},
        )
        for index, one in enumerate(drawn)
    ]

    def worth(todo: Sequence[int]) -> object:
        pixels = sources.plan.picture.width_px * sources.plan.picture.height_px
        frames = sum(drawn[index].shot.duration_ticks for index in todo)
        estimated_s = frames * FRAME_S * pixels / REFERENCE_PIXELS
        return worthwhile(estimated_s, flow.parts.num_cpus, in_process=flow.options.in_process)

    return Batch(works, flow.parts.render, payload, worth)  # type: ignore[arg-type]


def _rendered(
    render: Callable[[SegmentTask], Outputs], payload: Callable[[int, Path], SegmentTask], index: int, folder: Path
) -> Outputs:
    return render(payload(index, folder))


def _slates(
    flow: Flow, failed: Sequence[tuple[_Drawn, ItemFailure]], timing: Timing, sources: Sources, cues: Sequence[Cue]
) -> dict[str, Artifact]:
    """A slate for each shot that failed, rendered here: it shows text only and does not depend on what broke."""
    drawn = []
    for one, failure in failed:
        picture = slate_picture(
            one.shot, failure.error.message, rate=timing.shotlist.edit_rate, picture_format=sources.plan.picture,
            cues=cues if flow.options.captions == "burned_in" else (),
        )  # fmt: skip
        drawn.append(_Drawn(one.shot, picture, (), ()))
        flow.shortfalls.append(Shortfall(kind="slate", subject=one.shot.shot_id, reason=failure.error.message))
    batch = _batch(flow, drawn, timing, sources, SLATE)
    made: dict[str, Artifact] = {}
    for one, result in zip(drawn, flow.maker.make_all(batch.works), strict=True):
        if isinstance(result, ItemFailure):
            raise result.error
        made[one.shot.shot_id] = result.result
    return made
