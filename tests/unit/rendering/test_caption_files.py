"""The sidecar files say what the track says, to the millisecond."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from pipelines.rendering.subtitle_files import boundary_ms, to_srt, to_vtt
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
