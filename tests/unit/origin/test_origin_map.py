"""Each moment of a mix of generated sounds comes from where it was cut, and what is in no source is not claimed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from pipelines.media.speech_audio import SAMPLE_RATE_HZ
from pipelines.origin.evidence import Evidence
from pipelines.origin.fingerprint import Fingerprint
from pipelines.origin.landmarks import fingerprint
from pipelines.origin.origin_map import ENTRY_NATS, OriginSpan, entry_nats, map_origins, trimmed
from tests.sound_mixes import Cut, mixed, noisy, score

CUTS = (
    Cut("music 1", 5.0, 6.0),
    Cut("talk 0", 2.0, 7.0),
    Cut("music 3", 3.0, 5.0, known=False),
    Cut("music 0", 9.0, 6.0),
    Cut("talk 1", 4.0, 5.0, known=False),
    Cut("music 2", 12.0, 6.0),
    Cut("music 1", 0.5, 4.5),
)


def named(spans: tuple[OriginSpan, ...]) -> list[str]:
    return [span.source_id for span in spans if span.source_id is not None]


def covers(spans: tuple[OriginSpan, ...], mix: Fingerprint) -> bool:
    borders = [(one.end_s, two.start_s) for one, two in pairwise(spans)]
    return (spans[0].start_s, spans[-1].end_s) == (0, mix.duration_s) and all(one == two for one, two in borders)


@pytest.mark.parametrize("speed", [0.95, 1.0, 1.05])
def test_a_noisy_mix_at_another_speed(sounds, sources, speed):
    mix = mixed(sounds, CUTS, speed)
    heard = fingerprint([noisy(mix.pcm, 10)])
    spans = map_origins(heard, sources)
    found = score(spans, mix)
    assert found.right > 0.97 and found.longest_claim_s <= 0.1, (found, spans)
    assert named(spans) == [cut.name for cut in CUTS if cut.known]
    assert covers(spans, heard)
    for span in spans:
        if span.source_id is not None:
            assert span.speed == pytest.approx(speed, abs=0.005)
            assert span.confidence > 0.99 and span.votes > 20


def test_borders_lie_where_the_cuts_are(sounds, sources):
    mix = mixed(sounds, CUTS)
    ends_s = [span.end_s for span in map_origins(fingerprint([mix.pcm]), sources)]
    assert np.abs(np.array(ends_s) - mix.ends_s).max() <= 0.2, ends_s


@pytest.mark.parametrize("seed", range(6))
def test_no_more_than_a_tenth_of_a_second_is_claimed_over_a_border(sounds, sources, seed):
    random = np.random.default_rng(seed)
    names = [
        name
        for pair in zip(random.permutation(sorted(sources)), ("music 3", "talk 1") * 2, strict=True)
        for name in pair
    ]
    cuts = [
        Cut(str(name), float(random.uniform(0, 14)), float(random.uniform(3, 5)), name in sources) for name in names
    ]
    mix = mixed(sounds, [replace(cut, length_s=round(cut.length_s, 2), start_s=round(cut.start_s, 2)) for cut in cuts])
    found = score(map_origins(fingerprint([noisy(mix.pcm, 15, seed)]), sources), mix)
    assert found.longest_claim_s <= 0.1 and found.known > 0.9, found


def test_edges_without_evidence_of_their_own_are_cut_off_and_something_is_always_left():
    strong, weak, gap = [6.0] * 8, [1.0, -1.0, 1.5], [-6.0] * 8
    around = [(0, 2, None), (2, 16, 0), (16, 20, None)]
    assert trimmed(around, [Evidence(2, np.array([*weak, *strong, *weak]), np.zeros(14, int))]) == [
        (0, 5, None),
        (5, 13, 0),
        (13, 20, None),
    ]
    alone = [(0, 14, 0)]
    assert trimmed(alone, [Evidence(0, np.array([*weak, *strong, *weak]), np.zeros(14, int))]) == alone
    torn = [(0, 2, None), (2, 26, 0), (26, 30, None)]
    assert trimmed(torn, [Evidence(2, np.array([*strong, *gap, *strong]), np.zeros(24, int))]) == [
        (0, 18, None),
        (18, 26, 0),
        (26, 30, None),
    ]


def test_same_spans_again_whatever_the_order_of_the_sources(sounds, sources):
    heard = fingerprint([mixed(sounds, CUTS).pcm])
    offered = {**sources, "music 1 again": sources["music 1"]}
    assert map_origins(heard, offered) == map_origins(heard, dict(reversed(offered.items())))


def test_nothing_is_claimed_for_sounds_that_are_in_no_source(sounds, sources):
    unrelated = np.concatenate([sounds["music 3"], sounds["talk 1"], np.zeros(32_000, np.float32)])
    hiss = np.random.default_rng(3).normal(0, 0.1, 10 * SAMPLE_RATE_HZ).astype(np.float32)
    heard = fingerprint([unrelated, hiss])
    assert map_origins(heard, sources) == (OriginSpan(0.0, heard.duration_s, None),)


def test_a_gap_within_one_source_is_a_gap(sounds, sources):
    pcm = sounds["music 0"].copy()
    pcm[6 * SAMPLE_RATE_HZ : 12 * SAMPLE_RATE_HZ] = sounds["talk 1"][: 6 * SAMPLE_RATE_HZ]
    spans = map_origins(fingerprint([pcm]), sources)
    assert [span.source_id for span in spans] == ["music 0", None, "music 0"]
    assert (spans[1].start_s, spans[1].end_s) == (pytest.approx(6, abs=0.3), pytest.approx(12, abs=0.3))


def test_a_source_is_not_claimed_before_it_begins_or_after_it_ends(sounds, sources):
    pause = np.zeros(3 * SAMPLE_RATE_HZ, np.float32)
    spans = map_origins(fingerprint([pause, sounds["music 0"], pause]), sources)
    assert [span.source_id for span in spans] == [None, "music 0", None]
    assert spans[1].source_start_s > -0.11 and spans[1].end_s < 23.11


def test_the_louder_of_two_sources_at_once(sounds, sources):
    pcm = sounds["talk 0"] / sounds["talk 0"].std() + 0.2 * sounds["music 1"] / sounds["music 1"].std()
    [span] = [one for one in map_origins(fingerprint([(0.05 * pcm).astype(np.float32)]), sources) if one.source_id]
    assert (span.source_id, span.source_start_s - span.start_s) == ("talk 0", pytest.approx(0, abs=0.05))
    assert span.end_s - span.start_s > 17


def test_a_long_span_keeps_its_place_at_an_odd_speed(sounds):
    source = np.concatenate([sounds[name] for name in ("music 0", "talk 0", "music 3")])
    speed = 1.0173
    count = round(len(source) / speed)
    pcm = np.interp(np.arange(count) * speed, np.arange(len(source)), source).astype(np.float32)
    [span, *rest] = map_origins(fingerprint([pcm]), {"all": fingerprint([source])})
    assert (span.source_id, rest) == ("all", [])
    assert span.speed == pytest.approx(speed, abs=5e-5)
    assert span.source_start_s == pytest.approx(0, abs=0.02)


def test_two_sources_with_the_same_sound_are_an_even_choice(sounds):
    heard = fingerprint([sounds["music 1"]])
    [span] = map_origins(heard, {"copy": heard, "original": heard})
    assert span.source_id == "copy" and span.confidence == pytest.approx(0.5)


@pytest.mark.parametrize("pcm", [[], [0.0] * 40_000], ids=["nothing", "silence"])
def test_mixes_and_sources_without_sound(sounds, sources, pcm):
    silent = fingerprint([np.array(pcm, np.float32)])
    assert named(map_origins(silent, sources)) == []
    assert named(map_origins(sources["music 1"], {})) == []
    assert named(map_origins(sources["music 1"], {"silent": silent})) == []


def test_more_searched_is_more_asked():
    assert entry_nats(40, 800) == ENTRY_NATS
    assert entry_nats(600, 6_000) > ENTRY_NATS + 10
