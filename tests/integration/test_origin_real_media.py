"""Where real sounds in a mix come from, after noise, another speed and a lossy codec; skipped where the media are not.

The bounds lie a little under what was measured (docs/engines/origin.md); they are no wishes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from pipelines.media.speech_audio import speech_blocks
from pipelines.origin.fingerprint import Fingerprint
from pipelines.origin.landmarks import fingerprint
from pipelines.origin.origin_map import map_origins
from tests.sound_mixes import Cut, mixed, noisy, reencoded, score

OFFERED = {
    "vibe": "music/vibe_ace.ogg",
    "steady": "music/steady.flac",
    "reader": "speech/reader_a.ogg",
    "talk": "align/talk_1.mp3",
}
NOT_OFFERED = {"meeting": "speech/meeting_dev.wav", "musan": "mixed/musanmix.mp3", "jfk": "speech/jfk.flac"}

CUTS = (
    Cut("vibe", 12, 9),
    Cut("reader", 1, 8),
    Cut("meeting", 3, 8, known=False),
    Cut("talk", 20, 10),
    Cut("steady", 6, 9),
    Cut("musan", 2, 8, known=False),  # music
    Cut("vibe", 40, 7),
    Cut("jfk", 0, 6, known=False),
    Cut("talk", 3, 6),
    Cut("musan", 31, 8, known=False),  # noise
    Cut("steady", 1, 5),
    Cut("musan", 64, 8, known=False),  # speech
    Cut("reader", 5, 7),
)

CODECS = {"mp3": ("libmp3lame", 44_100, 64_000), "ogg": ("libopus", 48_000, 24_000)}


@pytest.fixture(scope="module")
def sounds(shared_media: Path) -> Mapping[str, np.ndarray]:
    paths = OFFERED | NOT_OFFERED
    return {
        name: np.concatenate([block.pcm for block in speech_blocks(shared_media / path)])
        for name, path in paths.items()
    }


@pytest.fixture(scope="module")
def sources(sounds: Mapping[str, np.ndarray]) -> Mapping[str, Fingerprint]:
    return {name: fingerprint([sounds[name]]) for name in OFFERED}


@pytest.mark.parametrize(("speed", "codec"), [(0.95, "mp3"), (1.0, "ogg"), (1.05, "ogg")])
def test_every_second_of_a_noisy_reencoded_mix(sounds, sources, tmp_path, speed, codec):
    mix = mixed(sounds, CUTS, speed)
    heard = reencoded(noisy(mix.pcm, 10), tmp_path / f"mix.{codec}", *CODECS[codec])
    spans = map_origins(fingerprint([heard]), sources)
    found = score(spans, mix)
    assert found.right > 0.97 and found.known > 0.955, (found, spans)
    assert found.longest_claim_s < 0.15, (found, spans)


def test_nothing_is_claimed_for_sounds_that_are_in_no_source(sounds, sources):
    heard = fingerprint([sounds[name] for name in NOT_OFFERED])
    [span] = map_origins(heard, sources)
    assert (span.source_id, span.end_s) == (None, heard.duration_s)


@pytest.mark.parametrize(("name", "of"), [("talk_2.mp3", "talk_1.mp3"), ("talk_3.mp3", "talk_1.mp3"), ("gig_c.flac", "gig_a.flac")])  # fmt: skip
def test_recordings_of_the_same_event_lie_where_people_say(shared_media, name, of):
    offset_s = json.loads((shared_media / "ground_truth.json").read_text())[f"align/{name}"]["offset_s"]
    heard, source = (fingerprint(b.pcm for b in speech_blocks(shared_media / "align" / one)) for one in (name, of))
    spans = [span for span in map_origins(heard, {"it": source}) if span.source_id]
    assert sum(span.end_s - span.start_s for span in spans) > 0.85 * heard.duration_s
    for span in spans:
        assert span.source_start_s - span.start_s == pytest.approx(offset_s, abs=0.03)
