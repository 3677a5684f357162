"""A shot and what it needs, turned into its ShotPicture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from pipelines.imaging.character_design import design_character
from pipelines.imaging.props.prop import KNOWN_PROPS
from pipelines.rendering.picture import ImageSource, PictureCue, PictureFigure, PictureProp, ShotPicture
from pipelines.sound.visemes import mouth_track
from schemas.asset_manifest import BackgroundNeed, CharacterNeed
from schemas.captions import Cue
from schemas.character_design import CharacterDesign
from schemas.errors import InvalidInput
from schemas.project import PictureFormat
from schemas.shotlist import Shot, ShotCharacter
from schemas.speech import Speech
from schemas.timing import EditRate

_GREY = {"skin": "#a9adb3", "hair": "#83878f", "brows": "#6d7178", "eyes": "#5f646c", "outfit": "#8f949c",
         "accent": "#b9bdc3", "trousers": "#777c84", "shoes": "#5f646c"}  # fmt: skip
_CARDS = ("title_card", "end_card")


def shot_picture(
    shot: Shot,
    *,
    rate: EditRate,
    picture_format: PictureFormat,
    designs: Mapping[str, CharacterDesign],
    backgrounds: Mapping[str, BackgroundNeed | ImageSource],
    speech: Mapping[str, Speech],
    cues: Sequence[Cue] = (),
    prop_images: Mapping[str, ImageSource] | None = None,
    missing: Mapping[str, str] | None = None,
    card_place: BackgroundNeed | None = None,
) -> ShotPicture:
    """Everything visible in `shot`.

    Args:
        designs: by character_id. A character without one is drawn as a grey stand-in and flagged.
        backgrounds: by location_id as this shot needs it (its time of day, weather and mood).
        speech: by element_id, for the mouths; a line without speech leaves the mouth at rest.
        cues: captions in ticks of the film, for burning in; those of other shots are left out.
        prop_images: library images by prop tag.
        card_place: what a card's words stand over; without it they stand over drawn hills.
        missing: why something is a placeholder, by asset_id (`character.…`, `background.…`, `prop.…`).

    Raises:
        InvalidInput: the shot is at a location that `backgrounds` lacks.
    """
    missing = missing or {}
    card = shot.framing in _CARDS
    background = card_place if card else _background(shot, backgrounds)
    seen = () if card or shot.framing == "insert" else shot.characters
    figures = tuple(_figure(one, shot, rate, designs, speech) for one in seen)
    ids = [one.character_id for one in seen]
    props = tuple(PictureProp(tag=tag, image=(prop_images or {}).get(tag)) for tag in shot.props)
    return ShotPicture(
        kind="card" if card else "scene",
        width_px=picture_format.width_px,
        height_px=picture_format.height_px,
        edit_rate=rate,
        duration_ticks=shot.duration_ticks,
        framing=shot.framing,
        movement="static" if card and card_place is not None else shot.movement,
        mood=shot.mood,
        time_of_day=shot.time_of_day,
        focus=ids.index(shot.focus_id) if shot.focus_id in ids else None,
        backdrop=background if isinstance(background, BackgroundNeed) else None,
        image=background if isinstance(background, ImageSource) else None,
        figures=figures,
        props=props if shot.framing == "insert" else (),
        card_text=shot.card_text,
        cues=_cues_within(shot, cues),
        flag=_flag(shot, figures, props, missing),
    )


def slate_picture(
    shot: Shot, reason: str, *, rate: EditRate, picture_format: PictureFormat, cues: Sequence[Cue] = ()
) -> ShotPicture:
    """The slate that stands in for `shot`, which could not be rendered for `reason`."""
    return ShotPicture(
        kind="slate",
        width_px=picture_format.width_px,
        height_px=picture_format.height_px,
        edit_rate=rate,
        duration_ticks=shot.duration_ticks,
        framing=shot.framing,
        slate_text=(shot.shot_id, reason),
        cues=_cues_within(shot, cues),
    )


def _background(shot: Shot, backgrounds: Mapping[str, BackgroundNeed | ImageSource]) -> BackgroundNeed | ImageSource:
    if shot.location_id is None or shot.location_id not in backgrounds:
        raise InvalidInput(f"shot {shot.shot_id!r}: no background for location {shot.location_id!r}")
    return backgrounds[shot.location_id]


def _figure(
    one: ShotCharacter, shot: Shot, rate: EditRate, designs: Mapping[str, CharacterDesign], speech: Mapping[str, Speech]
) -> PictureFigure:
    lines = [line for line in shot.audio.lines if line.speaker_id == one.character_id and line.heard == "on_screen"]
    visemes = ["rest"] * shot.duration_ticks
    spoken: list[tuple[int, int]] = []
    for line in lines:
        end = min(line.offset_ticks + line.duration_ticks, shot.duration_ticks)
        if line.offset_ticks < end:
            spoken.append((line.offset_ticks, end))
        if line.element_id in speech:
            track = mouth_track(speech[line.element_id], rate)[: max(shot.duration_ticks - line.offset_ticks, 0)]
            visemes[line.offset_ticks : line.offset_ticks + len(track)] = track
    return PictureFigure(
        design=designs.get(one.character_id) or _stand_in(one.character_id),
        slot=one.slot,
        pose=one.pose,
        expression=one.expression,
        gaze=one.gaze,
        back=one.back_to_camera,
        mouth=() if one.back_to_camera else _runs(visemes),
        speaking=tuple(spoken),
        placeholder=one.character_id not in designs,
    )


def _runs(visemes: list[str]) -> tuple[tuple[str, int], ...]:
    runs = [(viseme, len(list(group))) for viseme, group in groupby(visemes)]
    if runs and runs[-1][0] == "rest":
        runs.pop()
    return tuple(runs)


def _stand_in(character_id: str) -> CharacterDesign:
    """A grey figure for a character whose look is missing."""
    need = CharacterNeed(asset_id=f"character.{character_id}", character_id=character_id, name=character_id)
    return design_character(need).model_copy(update=_GREY)


def _cues_within(shot: Shot, cues: Sequence[Cue]) -> tuple[PictureCue, ...]:
    within = []
    for cue in cues:
        start = max(cue.start_ticks - shot.start_ticks, 0)
        end = min(cue.end_ticks - shot.start_ticks, shot.duration_ticks)
        if start < end:
            within.append(PictureCue(start_ticks=start, end_ticks=end, lines=cue.lines))
    return tuple(within)


def _flag(
    shot: Shot, figures: tuple[PictureFigure, ...], props: tuple[PictureProp, ...], missing: Mapping[str, str]
) -> str:
    """What of this shot is a placeholder, in words."""
    wanted = {f"character.{one.character_id}" for one in shot.characters} | {f"prop.{tag}" for tag in shot.props}
    if shot.location_id is not None:
        wanted |= {one for one in missing if one.startswith(f"background.{shot.location_id}.")}
    said = [f"{asset_id}: {missing[asset_id]}" for asset_id in sorted(wanted & set(missing))]
    said += [
        f"{figure.design.character_id}: no design"
        for figure in figures
        if figure.placeholder and f"character.{figure.design.character_id}" not in missing
    ]
    if shot.framing == "insert":
        said += [
            f"{prop.tag}: no drawing"
            for prop in props
            if prop.image is None and prop.tag not in KNOWN_PROPS and f"prop.{prop.tag}" not in missing
        ]
    return "; ".join(said)
