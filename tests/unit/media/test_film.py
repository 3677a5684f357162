"""The assembled film: every frame, sample and caption at its place, in deterministic bytes."""

import hashlib
import math
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pipelines.media.film import assemble_film
from pipelines.media.finished import measure_loudness, picture_times, track_cues
from pipelines.media.language import track_language
from pipelines.media.segment import encode_segment
from schemas.errors import Defect
from schemas.timing import EditRate

ASSEMBLE = """
import hashlib, sys
from pathlib import Path
from pipelines.media.film import assemble_film
from schemas.captions import CaptionTrack
from schemas.timing import EditRate
folder, out = map(Path, sys.argv[1:])
assemble_film(
    out, segments=[folder / f"segment{k}.mp4" for k in range(3)], rate=EditRate(), mix_wav=folder / "mix.wav",
    cues=CaptionTrack.read((folder / "cues.json").read_bytes()), language="en", title="The Lamp",
)
print(hashlib.sha256(out.read_bytes()).hexdigest())
"""

NTSC = EditRate(numerator=30_000, denominator=1001)


def decoded(path, **streams):
    with av.open(str(path)) as container:
        return [
            frame.to_ndarray(format="rgb24") if "video" in streams else frame for frame in container.decode(**streams)
        ]


@pytest.mark.parametrize("rate", [EditRate(), EditRate(numerator=25), NTSC, EditRate(numerator=60)])
def test_film_frames_stand_at_exact_times(tiny, rate):
    tiny.rate = rate
    times = picture_times(tiny.film())
    assert [pts * times.time_base for pts in times.pts] == [tick / rate.fraction for tick in range(24)]
    assert times.duration_s == 24 / rate.fraction


def test_film_pictures_are_those_of_the_segments(tiny):
    path = tiny.film()
    apart = [frame for k in range(3) for frame in decoded(tiny.folder / f"segment{k}.mp4", video=0)]
    together = decoded(path, video=0)
    assert len(together) == 24
    assert all(np.array_equal(one, other) for one, other in zip(apart, together, strict=True))


def test_film_sound_is_heard_with_its_frame(tiny):
    """A click in the mix comes out of the decoder at the same sample: encoder delay is hidden by the edit list."""
    mix = np.zeros((tiny.samples(24), 2))
    mix[24_000:24_010] = 0.9
    path = tiny.film(mix=mix)
    heard = np.concatenate([frame.to_ndarray() for frame in decoded(path, audio=0)], axis=1)
    assert abs(int(np.argmax(np.abs(heard[0]))) - 24_005) <= 8


def test_film_tracks_end_together_and_moov_comes_first(film):
    with av.open(str(film)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.duration * video.time_base == audio.duration * audio.time_base == 1
        assert audio.rate, audio.layout.name == (48_000, "stereo")
        assert container.metadata["title"] == "The Lamp"
        assert "creation_time" not in container.metadata
    content = film.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_film_sound_at_a_fractional_rate_ends_at_its_sample(tiny):
    """Edit lists count in units of the movie; in milliseconds they would cut the sound short or long."""
    tiny.rate = NTSC
    with av.open(str(tiny.film())) as container:
        audio = container.streams.audio[0]
        assert audio.duration == tiny.samples(24) == 38_438
        assert container.duration == round(av.time_base * 24 / NTSC.fraction)


def test_film_captions_are_in_the_file_at_their_ticks_with_the_language(tiny):
    tiny.rate = NTSC
    path = tiny.film()
    assert [(cue.start_s * NTSC.fraction, cue.end_s * NTSC.fraction, cue.text) for cue in track_cues(path)] == [
        (2, 8, "Light the lamp."),
        (12, 20, "Привет,\nAda — здравствуй"),
    ]
    with av.open(str(path)) as container:
        assert {stream.metadata["language"] for stream in container.streams} == {"eng"}
        assert container.streams.subtitles[0].codec_context.name == "mov_text"


def test_film_without_captions_plays(tiny):
    path = tiny.film(spans=())
    assert track_cues(path) == ()
    assert len(picture_times(path).pts) == 24


def test_film_in_a_process_with_other_surroundings_is_the_same_bytes(tiny):
    here = hashlib.sha256(tiny.film().read_bytes()).hexdigest()
    (tiny.folder / "cues.json").write_bytes(tiny.cues().to_json())
    surroundings = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "9"}
    arguments = [sys.executable, "-c", ASSEMBLE, str(tiny.folder), str(tiny.folder / "out.mp4")]
    there = subprocess.run(arguments, env=surroundings, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


@pytest.mark.parametrize(("surplus", "rate"), [(1900, EditRate()), (-1900, EditRate())])
def test_film_mix_off_by_less_than_a_frame_is_cut_or_filled(tiny, surplus, rate):
    path = tiny.film(mix=tiny.tone(tiny.samples(24) + surplus))
    with av.open(str(path)) as container:
        audio = container.streams.audio[0]
        assert audio.duration * audio.time_base == 1


@pytest.mark.parametrize("surplus", [2100, -2100])
def test_film_mix_off_by_more_than_a_frame_is_refused(tiny, surplus):
    with pytest.raises(Defect, match=f"{48_000 + surplus} samples"):
        tiny.film(mix=tiny.tone(tiny.samples(24) + surplus))
    assert not list(tiny.folder.glob("*film*"))


def assembled(tiny, segments, **other) -> Path:
    given = {
        "segments": segments, "rate": tiny.rate, "mix_wav": tiny.wav("mix.wav", tiny.tone(tiny.samples(10))),
        "cues": tiny.cues(()), "language": "en", "title": "x",
    }  # fmt: skip
    assemble_film(tiny.folder / "film.mp4", **{**given, **other})
    return tiny.folder / "film.mp4"


def test_film_of_segments_that_do_not_fit_is_refused(tiny):
    first = tiny.segment("a.mp4", 5, 60)
    tiny.rate = EditRate(numerator=25)
    other_rate = tiny.segment("b.mp4", 5, 60)
    tiny.rate = EditRate()
    with pytest.raises(Defect, match=r"'b.mp4' runs at 25"):
        assembled(tiny, [first, other_rate])
    with pytest.raises(Defect, match="at least one segment"):
        assembled(tiny, [])


def test_film_of_segments_of_two_sizes_is_refused(tiny):
    first = tiny.segment("a.mp4", 5, 60)
    encode_segment(tiny.folder / "b.mp4", 128, 72, tiny.rate, 5, lambda tick, canvas: canvas.fill(9))
    with pytest.raises(Defect, match=r"'b.mp4' was encoded with other settings"):
        assembled(tiny, [first, tiny.folder / "b.mp4"])


@pytest.mark.parametrize("span", [(8, 11), (6, 6)])
def test_film_caption_outside_the_film_is_refused(tiny, span):
    with pytest.raises(Defect, match="lies outside"):
        assembled(tiny, [tiny.segment("a.mp4", 10, 60)], cues=tiny.cues(((*span, ("x",)),)))


def test_film_captions_at_another_rate_are_refused(tiny):
    cues = tiny.cues(())
    with pytest.raises(Defect, match="captions are timed at 24"):
        assembled(tiny, [tiny.segment("a.mp4", 10, 60)], rate=NTSC, cues=cues)


def test_film_loudness_of_a_known_tone_is_the_standard_value(tiny):
    """BS.1770: a 997 Hz sine at -20 dBFS on both channels reads -20 LUFS (1 kHz, K-weighting 0 dB, two channels +3)."""
    mono = 0.1 * np.sin(2 * np.pi * 997 * np.arange(tiny.samples(24)) / 48_000)
    loudness = measure_loudness(tiny.film(mix=np.stack([mono, mono], axis=1)))
    assert loudness.integrated_lufs == pytest.approx(-20.0, abs=0.15)
    assert loudness.true_peak_dbtp == pytest.approx(-20.0, abs=0.3)
    assert loudness.levels[50] == pytest.approx(0.1 / np.sqrt(2), rel=0.05)


def test_film_loudness_agrees_with_the_meter_of_ffmpeg(tiny):
    random = np.random.Generator(np.random.PCG64(6))
    swell = 0.03 + 0.15 * np.sin(np.arange(tiny.samples(240)) / 20_000)[:, None] ** 2
    film = tiny.film(mix=np.clip(swell * random.laplace(0, 1, (tiny.samples(240), 2)), -0.99, 0.99), lengths=(80,) * 3)
    integrated_lufs, true_peak_dbtp = ebur128(film)
    loudness = measure_loudness(film)
    assert loudness.integrated_lufs == pytest.approx(integrated_lufs, abs=0.05)
    assert loudness.true_peak_dbtp == pytest.approx(true_peak_dbtp, abs=0.1)


def ebur128(film: Path) -> tuple[float, float]:
    """Integrated loudness and true peak of a film's sound by FFmpeg's filter, the reference of our meter."""
    with av.open(str(film)) as container:
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        graph.link_nodes(
            graph.add_abuffer(template=stream), graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
        ).configure()
        readings: dict[str, str] = {}
        for frame in [*container.decode(stream), None]:
            graph.push(frame)
            while True:
                try:
                    readings = graph.pull().metadata or readings
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
    return float(readings["lavfi.r128.I"]), 20 * math.log10(float(readings["lavfi.r128.true_peak"]))


def test_film_peak_in_its_last_moment_is_measured(tiny):
    mix = np.zeros((tiny.samples(25), 2))
    mix[-1200:] = 0.8 * np.sin(2 * np.pi * 500 * np.arange(1200) / 48_000)[:, None]
    loudness = measure_loudness(tiny.film(mix=mix, lengths=(7, 12, 6)))
    assert loudness.true_peak_dbtp == pytest.approx(20 * np.log10(0.8), abs=0.5)


def test_film_bytes_are_pinned_for_one_segment(tiny):
    """A change of encoder settings must be a change of stage versions: the hash says so first.

    x264 is the same on every CPU (`cpu-independent`). The value is `sha256sum` of this segment with av 18.1.0.
    """
    path = tiny.segment("golden.mp4", frames=12, colour=90)
    golden = "04d27d7d4de7accd7a711b73ce63c833c422c4ef0460003ce4682341e783bf0a"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == golden


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en", "eng"), ("en-GB", "eng"), ("de", "deu"), ("PT-br", "por"), ("gsw", "gsw"), ("xx", "und"), ("", "und")],
)
def test_track_language_of_a_tag_is_its_three_letter_code(tag, code):
    assert track_language(tag) == code


def test_film_times_are_fractions_not_floats(film):
    assert all(isinstance(cue.start_s, Fraction) for cue in track_cues(film))
