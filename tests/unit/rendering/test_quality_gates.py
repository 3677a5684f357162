"""The gates turn red for a wrong cut, a shifted caption, a loud mix, a missing licence, and for nothing else.

One small film is made with faults put into the file itself, while the plan stays right: the gates must see the file.
"""

import hashlib
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pipelines.media.film import assemble_film
from pipelines.media.segment import encode_segment
from pipelines.rendering.quality.audio_loudness import audio_loudness
from pipelines.rendering.quality.caption_sync import caption_sync, srt_cues
from pipelines.rendering.quality.missing_assets import missing_assets
from pipelines.rendering.quality.report import GATES, publishable, quality_report
from pipelines.rendering.quality.rights_license import rights_license
from pipelines.rendering.quality.runtime_pacing import runtime_pacing
from pipelines.rendering.quality.shot_timing import shot_timing
from pipelines.rendering.quality.story_gates import canon_continuity, content_safety
from schemas.canon_diff import CanonDiff, CanonFinding
from schemas.captions import CaptionTrack, Cue
from schemas.errors import InvalidInput
from schemas.facts import Fact
from schemas.project import PictureFormat, Project, TargetDuration
from schemas.render_output import GateOverride
from schemas.render_plan import RenderPlan, ResolvedAsset
from schemas.rights import Rights
from schemas.shotlist import AudioIntent, Shot, ShotCharacter, ShotLine, ShotList, timing_lock
from schemas.timing import EditRate

RATE = EditRate()
LENGTHS = (30, 50, 28)
LINES = ((0, 4, 20), (1, 10, 30))
"""Shot, offset and duration in ticks."""

SAMPLES = RATE.boundary_samples(sum(LENGTHS), 48_000)
PROJECT = Project(id="p", title="The Lamp", target_duration=TargetDuration(min_s=4, max_s=5))


def shotlist() -> ShotList:
    shots, start = [], 0
    for number, ticks in enumerate(LENGTHS):
        lines = tuple(
            ShotLine(element_id=f"line{shot}", speaker_id="ada", offset_ticks=offset, duration_ticks=length)
            for shot, offset, length in LINES
            if shot == number
        )
        shots.append(
            Shot(
                shot_id=f"shot{number}", scene_id="s", start_ticks=start, duration_ticks=ticks, framing="medium",
                characters=(ShotCharacter(character_id="ada"),), audio=AudioIntent(lines=lines),
            )
        )  # fmt: skip
        start += ticks
    lock = timing_lock(RATE, [(shot.shot_id, shot.duration_ticks) for shot in shots])
    return ShotList(title="The Lamp", edit_rate=RATE, shots=tuple(shots), timing_lock_hash=lock)


SHOTLIST = shotlist()


def cues(*, shifted_ticks: int = 0) -> CaptionTrack:
    return CaptionTrack(
        edit_rate=RATE,
        cues=tuple(
            Cue(
                start_ticks=shot.start_ticks + line.offset_ticks + shifted_ticks,
                end_ticks=shot.start_ticks + line.offset_ticks + line.duration_ticks + shifted_ticks,
                element_id=line.element_id, speaker_id="ada", lines=("Light the lamp,", line.element_id),
            )
            for shot, line in SHOTLIST.lines()
        ),
    )  # fmt: skip


def srt(track: CaptionTrack) -> bytes:
    def clock(ticks):
        milliseconds = round(ticks * 1000 / RATE.fraction)
        return f"00:00:{milliseconds // 1000:02d},{milliseconds % 1000:03d}"

    blocks = [
        f"{number}\n{clock(cue.start_ticks)} --> {clock(cue.end_ticks)}\n" + "\n".join(cue.lines) + "\n"
        for number, cue in enumerate(track.cues, 1)
    ]
    return "\n".join(blocks).encode()


def speech(*, moved_s: float = 0.0) -> np.ndarray:
    """Syllables of noise under a 180 Hz tone where the lines are; a level that masters to -16 LUFS."""
    heard = np.zeros(SAMPLES)
    rng = np.random.default_rng(7)
    for shot, line in SHOTLIST.lines():
        start = RATE.boundary_samples(shot.start_ticks + line.offset_ticks, 48_000) + round(moved_s * 48_000)
        time_s = np.arange(RATE.boundary_samples(line.duration_ticks, 48_000)) / 48_000
        syllables = np.clip(np.sin(2 * np.pi * 4 * time_s + rng.uniform(0, 6)), 0, 1)
        heard[start : start + len(time_s)] += 0.36 * syllables * np.sin(2 * np.pi * 700 * time_s)
    return heard


def bed(level: float = 0.01) -> np.ndarray:
    return level * np.sin(2 * np.pi * 220 * np.arange(SAMPLES) / 48_000)


def wav(path: Path, mono: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((np.repeat(mono[:, None], 2, axis=1) * 32767).astype("<i2").tobytes())
    return path


@dataclass
class Fixture:
    """A film and what the gates compare it with; `made` says what is really in the file."""

    folder: Path
    segments: list[Path] = field(default_factory=list)
    stem: Path = Path()

    def segment(self, number: int, frames: int) -> Path:
        path = self.folder / f"segment{number}.{frames}.mp4"

        def draw(tick, canvas):
            canvas[:] = 40 + 60 * number
            canvas[8:28, (2 * tick) % 50 : (2 * tick) % 50 + 12] = 250 - 40 * number

        if not path.exists():
            encode_segment(path, 64, 36, RATE, frames, draw)
        return path

    def film(self, *, lengths=LENGTHS, track: CaptionTrack | None = None, mix: np.ndarray | None = None) -> Path:
        mix = speech() + bed() if mix is None else mix
        track = cues() if track is None else track
        self.segments = [self.segment(number, frames) for number, frames in enumerate(LENGTHS)]
        self.stem = wav(self.folder / "dialogue.wav", speech())
        key = hashlib.sha256(repr((lengths, track)).encode() + mix.tobytes()).hexdigest()[:16]
        path = self.folder / f"{key}.mp4"
        if not path.exists():
            assemble_film(
                path, segments=[self.segment(number, frames) for number, frames in enumerate(lengths)], rate=RATE,
                mix_wav=wav(self.folder / f"{key}.wav", mix), cues=track, language="en", title="The Lamp",
            )  # fmt: skip
        return path


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Fixture:
    return Fixture(tmp_path_factory.mktemp("gates"))


def asset(asset_id: str = "character.ada", **other) -> ResolvedAsset:
    given = {
        "asset_id": asset_id, "kind": "character", "source": "generated_local", "form": "drawing",
        "uri": "artifact://t/e/a", "content_hash": "0" * 64, "media_type": "application/json",
        "fallbacks": ("placeholder",),
    }  # fmt: skip
    return ResolvedAsset(**{**given, **other})


def plan(*assets: ResolvedAsset, voice: str = "spoken") -> RenderPlan:
    held = assets or (asset(), asset("voice.line0", kind="voice"), asset("voice.line1", kind="voice"))
    return RenderPlan(
        title="x", profile="preview_local", picture=PictureFormat(), edit_rate=RATE,
        timing_lock_hash=SHOTLIST.timing_lock_hash, voice=voice, assets=held,
    )  # fmt: skip


def report(made, **other):
    given = {
        "film": made.film(), "segments": made.segments, "dialogue_stem": made.stem, "srt": srt(cues()),
        "shotlist": SHOTLIST, "captions": cues(), "plan": plan(), "project": PROJECT, "canon_diff": CanonDiff(),
        "safety_findings": (), "overrides": {},
    }  # fmt: skip
    return quality_report(**{**given, **other})


def test_report_of_a_good_film_passes_every_gate(made):
    results = report(made)
    assert [result.gate for result in results] == list(GATES)
    assert {result.gate: result.detail for result in results if result.status != "passed"} == {}
    assert all(result.measured and result.limit for result in results)
    assert publishable(results)


CUTS = {
    "one frame": ((31, 49, 28), "passed", "worst offset 1.00 frames"),
    "two frames": ((32, 48, 28), "failed", "worst offset 2.00 frames"),
    "early": ((25, 55, 28), "failed", "worst offset 5.00 frames"),
    "film too long": ((30, 50, 29), "failed", "109 frames"),
}


@pytest.mark.parametrize("case", CUTS)
def test_shot_timing_measures_the_cuts_of_the_file(made, case):
    lengths, status, measured = CUTS[case]
    mix = np.pad(speech() + bed(), (0, RATE.boundary_samples(sum(lengths), 48_000) - SAMPLES))
    result = shot_timing(made.film(lengths=lengths, mix=mix), made.segments, SHOTLIST)
    assert (result.status, measured in result.measured) == (status, True), result


def test_shot_timing_sees_another_picture_at_the_cut(made):
    """The cut is in time, but the shot shown there is not the one of the lock."""
    film = made.film()
    swapped = [made.segments[0], made.segment(3, LENGTHS[1]), made.segments[2]]
    result = shot_timing(film, swapped, SHOTLIST)
    assert result.status == "failed"
    assert "shot1: its first picture is not found" in result.detail[0]


def test_shot_timing_of_a_missing_segment_fails(made):
    assert shot_timing(made.film(), made.segments[:2], SHOTLIST).status == "failed"


@pytest.mark.parametrize(("shift", "status"), [(0, "passed"), (1, "passed"), (2, "failed"), (-3, "failed")])
def test_caption_sync_measures_the_track_in_the_file(made, shift, status):
    result = caption_sync(made.film(track=cues(shifted_ticks=shift)), srt(cues()), cues(), SHOTLIST)
    assert result.status == status
    assert f"worst offset {abs(shift)}.0" in result.measured


@pytest.mark.parametrize(("shift", "status"), [(1, "passed"), (2, "failed")])
def test_caption_sync_measures_the_sidecar_file(made, shift, status):
    result = caption_sync(made.film(), srt(cues(shifted_ticks=shift)), cues(), SHOTLIST)
    assert result.status == status
    assert status == "passed" or result.detail[0].startswith("srt: caption of 'line0' is +2.00 frames off")


def test_caption_sync_of_a_track_shifted_as_a_whole_fails_against_the_lock(made):
    """File, sidecar and plan agree with one another, and all of them are late."""
    late = cues(shifted_ticks=4)
    assert caption_sync(made.film(track=late), srt(late), late, SHOTLIST).status == "failed"


def test_caption_sync_without_a_caption_for_a_line_fails(made):
    one = cues().model_copy(update={"cues": cues().cues[:1]})
    result = caption_sync(made.film(track=one), srt(one), one, SHOTLIST)
    assert (result.status, result.detail) == ("failed", ("line 'line1' has no caption",))


def test_caption_sync_of_another_text_in_the_file_fails(made):
    wrong = cues()
    wrong = wrong.model_copy(update={"cues": (wrong.cues[0].model_copy(update={"lines": ("Oops",)}), wrong.cues[1])})
    result = caption_sync(made.film(track=wrong), srt(cues()), cues(), SHOTLIST)
    assert (result.status, result.detail) == ("failed", ("film: caption of 'line0' reads 'Oops'",))


def test_srt_cues_of_a_file_with_windows_line_ends_and_mark_are_read():
    read = srt_cues("\ufeff1\r\n00:00:01,500 --> 00:01:02,000\r\nПривет\r\nЛампа\r\n\r\n".encode())
    assert [(float(cue.start_s), float(cue.end_s), cue.text) for cue in read] == [(1.5, 62.0, "Привет\nЛампа")]


SOUNDS = {
    "loud": (lambda: 1.8 * (speech() + bed()), "is not within 1 LU"),
    "quiet": (lambda: 0.5 * (speech() + bed()), "is not within 1 LU"),
    "peak": (lambda: np.where(np.arange(SAMPLES) % 48_000 < 6, 0.99, speech() + bed()), "true peak"),
    "late": (lambda: speech(moved_s=0.12) + bed(), "heard +0.12 s from its place"),
    "early": (lambda: speech(moved_s=-0.08) + bed(), "heard -0.08 s from its place"),
    "masked": (lambda: speech() + bed(0.3), "dB over the bed in the median line"),
    "absent": (lambda: bed(0.2), "not found in the film"),
    "silent": (lambda: np.zeros(SAMPLES), "the film is silent"),
}


@pytest.mark.parametrize("case", SOUNDS)
def test_audio_loudness_turns_red_for_each_fault_of_the_sound(made, case):
    mix, reason = SOUNDS[case]
    result = audio_loudness(made.film(mix=mix()), made.stem, SHOTLIST, plan())
    assert result.status == "failed"
    assert any(reason in said for said in result.detail), result


def test_audio_loudness_of_dialogue_moved_by_less_than_a_frame_passes(made):
    result = audio_loudness(made.film(mix=speech(moved_s=0.03) + bed()), made.stem, SHOTLIST, plan())
    assert result.status == "passed", result


def test_audio_loudness_of_a_line_missing_from_the_stem_fails(made):
    film = made.film()
    half = speech()
    half[: SAMPLES // 4] = 0
    result = audio_loudness(film, wav(made.folder / "half.wav", half), SHOTLIST, plan())
    assert "line 'line0' is not heard at its place" in result.detail


def test_audio_loudness_with_muted_voices_looks_at_the_level_alone(made):
    result = audio_loudness(made.film(mix=1.0 * bed(0.158)), made.stem, SHOTLIST, plan(voice="muted"))
    assert result.status == "passed", result


def test_audio_loudness_of_silence_that_nobody_breaks_is_not_applicable(made):
    result = audio_loudness(made.film(mix=np.zeros(SAMPLES)), made.stem, SHOTLIST, plan(voice="muted"))
    assert result.status == "not_applicable"


@pytest.mark.parametrize(
    ("low_s", "high_s", "status"), [(4, 5, "passed"), (4.5, 5, "passed"), (5, 9, "failed"), (0, 4, "failed")]
)
def test_runtime_pacing_compares_the_file_with_the_window(made, low_s, high_s, status):
    project = PROJECT.model_copy(update={"target_duration": TargetDuration(min_s=low_s, max_s=high_s)})
    result = runtime_pacing(made.film(), SHOTLIST, project)
    assert result.status == status
    assert result.measured.startswith("4.50 s in 3 shots")


def test_missing_assets_wants_a_source_a_fallback_and_a_reason():
    stand_in = {"source": "placeholder", "form": "placeholder", "fallbacks": ()}
    voices = (asset("voice.line0"), asset("voice.line1"))
    flagged = missing_assets(plan(asset(**stand_in, flag="no design"), *voices), SHOTLIST)
    assert (flagged.status, flagged.detail) == ("passed", ("note: character.ada is a placeholder: no design",))
    silent = missing_assets(plan(asset(**stand_in), *voices), SHOTLIST)
    assert (silent.status, silent.detail) == ("failed", ("character.ada is a placeholder without a reason",))
    bare = missing_assets(plan(asset(fallbacks=()), *voices), SHOTLIST)
    assert (bare.status, bare.detail) == ("failed", ("character.ada has no fallback",))
    lacking = missing_assets(plan(asset(), voices[0]), SHOTLIST)
    assert (lacking.status, lacking.detail) == ("failed", ("voice.line1 has no source",))


RIGHTS = {
    "generated": (Rights(), "passed"),
    "cleared": (Rights(license_type="proprietary_cleared"), "passed"),
    "cc0": (Rights(license_type="CC0-1.0"), "passed"),
    "credited": (Rights(license_type="CC-BY-4.0", attribution="Ada"), "passed"),
    "uncredited": (Rights(license_type="CC-BY-4.0"), "failed"),
    "blank credit": (Rights(license_type="cc-by-sa-3.0", attribution="  "), "failed"),
    "unknown": (Rights(license_type="unknown"), "failed"),
    "unheard of": (Rights(license_type="do what you like"), "failed"),
    "bought": (Rights(license_type="commercial_licensed", purchase_record="invoice 7"), "passed"),
    "unpaid": (Rights(license_type="commercial_licensed"), "failed"),
    "nobody's": (Rights(provider_or_model=""), "failed"),
}


@pytest.mark.parametrize("case", RIGHTS)
def test_rights_license_of_each_record(case):
    rights, status = RIGHTS[case]
    assert rights_license(plan(asset(rights=rights))).status == status


def test_rights_license_of_a_library_file_that_claims_to_be_generated_fails():
    assert rights_license(plan(asset(source="local_library"))).status == "failed"


def finding(severity: str) -> CanonFinding:
    fact = Fact.model_construct()
    return CanonFinding.model_construct(
        rule="death", severity=severity, established=fact, proposed=fact, message="Ada died in scene 1"
    )


def test_canon_continuity_fails_on_a_hard_finding_and_notes_a_soft_one():
    hard = CanonDiff.model_construct(findings=(finding("hard"),), verdict="allowed")
    soft = CanonDiff.model_construct(findings=(finding("soft"),), verdict="allowed")
    assert (canon_continuity(hard).status, canon_continuity(hard).detail) == ("failed", ("Ada died in scene 1",))
    assert (canon_continuity(soft).status, canon_continuity(soft).detail) == ("passed", ("note: Ada died in scene 1",))
    assert canon_continuity(CanonDiff(verdict="blocked")).status == "failed"
    assert canon_continuity(None).status == "not_applicable"


def test_content_safety_fails_on_any_finding():
    assert content_safety(()).status == "passed"
    assert (content_safety(["b", "a"]).status, content_safety(["b", "a"]).detail) == ("failed", ("a", "b"))


def test_report_with_an_override_is_publishable_and_says_who_let_it_pass(made):
    override = GateOverride(approver_id="grace", reason="the client asked for it")
    failed = report(made, safety_findings=("a knife",))
    assert not publishable(failed)
    passed = report(made, safety_findings=("a knife",), overrides={"content_safety": override, "shot_timing": override})
    by_gate = {result.gate: result for result in passed}
    assert (by_gate["content_safety"].status, by_gate["content_safety"].override) == ("overridden", override)
    assert by_gate["content_safety"].detail == ("a knife",)
    assert (by_gate["shot_timing"].status, by_gate["shot_timing"].override) == ("passed", None)
    assert publishable(passed)


def test_report_without_one_of_the_gates_is_not_publishable(made):
    assert not publishable(report(made)[1:])


def test_report_with_an_override_of_no_gate_is_refused(made):
    override = GateOverride(approver_id="grace", reason="x")
    with pytest.raises(InvalidInput, match="'loudness'"):
        report(made, overrides={"loudness": override})
