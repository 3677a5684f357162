"""The sidecar files say what the track says, to the millisecond."""

from __future__ import annotations

import html
import re

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rendering.subtitle_files import boundary_ms, to_ass, to_srt, to_vtt
from schemas.captions import CaptionTrack, Cue
from schemas.timing import EditRate

TIME = re.compile(r"(\d{2,}):(\d\d):(\d\d)[.,](\d{3}) --> (\d{2,}):(\d\d):(\d\d)[.,](\d{3})")
LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=42)


@st.composite
def tracks(draw):
    cues, at = [], 0
    for index in range(draw(st.integers(0, 8))):
        start = at + draw(st.integers(0, 200_000))
        at = start + draw(st.integers(1, 300))
        lines = tuple(draw(st.lists(LINE, min_size=1, max_size=2)))
        cues.append(Cue(start_ticks=start, end_ticks=at, element_id=f"e{index}", speaker_id="m", lines=lines))
    rate = draw(st.sampled_from([EditRate(), EditRate(numerator=30_000, denominator=1001), EditRate(numerator=60)]))
    return CaptionTrack(edit_rate=rate, cues=tuple(cues))


def read(blocks):
    """(start_ms, end_ms, lines) of each block of text."""
    cues = []
    for block in blocks:
        rows = block.split("\n")
        at = next(index for index, row in enumerate(rows) if TIME.fullmatch(row))
        parts = [int(part) for part in TIME.fullmatch(rows[at]).groups()]
        start, end = (((h * 60 + m) * 60 + s) * 1000 + ms for h, m, s, ms in (parts[:4], parts[4:]))
        cues.append((start, end, tuple(rows[at + 1 :])))
    return cues


def expected(track):
    rate = track.edit_rate
    return [(boundary_ms(c.start_ticks, rate), boundary_ms(c.end_ticks, rate), c.lines) for c in track.cues]


@given(tracks())
def test_to_srt_read_back_gives_the_cues(track):
    text = to_srt(track).decode()
    blocks = text.removesuffix("\n").split("\n\n") if text else []
    assert read(blocks) == expected(track)
    assert [block.split("\n")[0] for block in blocks] == [str(number + 1) for number in range(len(track.cues))]


@given(tracks())
def test_to_vtt_read_back_gives_the_cues(track):
    header, *blocks = to_vtt(track).decode().removesuffix("\n").split("\n\n")
    assert header == "WEBVTT"
    found = [(start, end, tuple(map(html.unescape, lines))) for start, end, lines in read(blocks)]
    assert found == expected(track)


def test_to_vtt_markup_in_text_is_escaped():
    cue = Cue(start_ticks=0, end_ticks=24, element_id="e", speaker_id="m", lines=("a <b> & --> c",))
    assert b"a &lt;b&gt; &amp; --&gt; c" in to_vtt(CaptionTrack(edit_rate=EditRate(), cues=(cue,)))


def test_boundary_ms_at_ntsc_rate_does_not_drift_over_an_hour():
    assert boundary_ms(107_892, EditRate(numerator=30_000, denominator=1001)) == 3_599_996


def dialogue(track, width_px=1280, height_px=720):
    """(start, end, text) of each event of the ASS file, times in hundredths of a second."""
    found = re.findall(
        r"^Dialogue: 0,(\d+):(\d\d):(\d\d)\.(\d\d),(\d+):(\d\d):(\d\d)\.(\d\d),Caption,,0,0,0,,(.*)$",
        to_ass(track, width_px, height_px).decode(),
        re.MULTILINE,
    )
    times = [[int(part) for part in row[:8]] for row in found]
    clocks = [[((h * 60 + m) * 60 + s) * 100 + c for h, m, s, c in (row[:4], row[4:])] for row in times]
    return [(start, end, row[8]) for (start, end), row in zip(clocks, found, strict=True)]


def unescaped(text):
    """The lines of an event, as a player reads them."""
    lines = re.sub(r"\\([{}])", r"\1", text).split(r"\N")
    return tuple(line.replace("\u2060", "") for line in lines)


@given(tracks())
def test_to_ass_read_back_gives_the_cues_to_the_last_hundredth_before(track):
    for cue, (start, end, text) in zip(track.cues, dialogue(track), strict=True):
        for ticks, hundredths in ((cue.start_ticks, start), (cue.end_ticks, end)):
            exact = ticks * 100 / track.edit_rate.fraction
            assert hundredths <= exact < hundredths + 1
        assert unescaped(text) == tuple(line.replace("\u2060", "") for line in cue.lines)


def test_to_ass_shows_and_hides_a_cue_at_its_own_frame():
    rate = EditRate(numerator=60_000, denominator=1001)
    for tick in range(600):
        cue = Cue(start_ticks=tick, end_ticks=tick + 7, element_id="e", speaker_id="m", lines=("x",))
        [(start, end, _)] = dialogue(CaptionTrack(edit_rate=rate, cues=(cue,)))
        shown = [frame for frame in range(tick + 10) if start / 100 <= frame / rate.fraction < end / 100]
        assert shown == list(range(tick, tick + 7))


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("{\\b1}bold", "\\{\\\u2060b1\\}bold"),
        ("C:\\new, \\N", "C:\\\u2060new, \\\u2060N"),
        ("a, b, c", "a, b, c"),
        ("line\r\nfeed", "line  feed"),
    ],
)
def test_to_ass_text_opens_no_override_and_no_escape(line, written):
    cue = Cue(start_ticks=0, end_ticks=24, element_id="e", speaker_id="m", lines=(line,))
    assert dialogue(CaptionTrack(edit_rate=EditRate(), cues=(cue,)))[0][2] == written


@pytest.mark.parametrize(("width_px", "height_px"), [(1280, 720), (320, 180), (2160, 3840)])
def test_to_ass_is_sized_for_the_picture(width_px, height_px):
    text = to_ass(CaptionTrack(edit_rate=EditRate()), width_px, height_px).decode()
    assert f"PlayResX: {width_px}\nPlayResY: {height_px}\n" in text
    [style] = re.findall(r"^Style: Caption,[^,]*,(\d+),", text, re.MULTILINE)
    assert 0.04 * height_px < int(style) < 0.08 * height_px


def test_to_ass_is_read_by_ffmpeg(tmp_path):
    cues = (
        Cue(start_ticks=24, end_ticks=48, element_id="a", speaker_id="m", lines=("One, {two}", "three")),
        Cue(start_ticks=90_000, end_ticks=90_050, element_id="b", speaker_id="m", lines=("four",)),
    )
    (tmp_path / "a.ass").write_bytes(to_ass(CaptionTrack(edit_rate=EditRate(), cues=cues), 640, 360))
    with av.open(str(tmp_path / "a.ass")) as container:
        packets = [packet for packet in container.demux(container.streams.subtitles[0]) if packet.size]
    assert [(packet.pts, packet.duration) for packet in packets] == [(100, 100), (375_000, 208)]
    assert bytes(packets[0]).endswith(b",,One, \\{two\\}\\Nthree")
