"""How long a shot lasts: the measured line plus the pauses it needs, in whole ticks.

|<- lead ->|<------ spoken line ------>|<- tail: breath, or time to finish reading ->|
cut                                                                                 cut
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pipelines.adaptation.draft import DraftLine, ShotDraft
from schemas.captions import CaptionProfile
from schemas.speech import Speech
from schemas.timing import EditRate
from schemas.vocabulary import Emotion, Pacing

MINIMUM_SHOT_S = 1.0
"""Shorter shots are not read as a picture; a line that is said in less is still held so long."""

LEAD_S: dict[Pacing, float] = {"slow": 0.35, "normal": 0.25, "fast": 0.125}
"""From the cut to the first word: long enough to see who speaks."""

TAIL_S: dict[Pacing, float] = {"slow": 0.5, "normal": 0.33, "fast": 0.2}
"""From the last word to the cut; lead plus tail is the gap between two speakers."""

LINGER_S: dict[Emotion, float] = {"sad": 0.25, "tender": 0.25, "afraid": 0.15, "surprised": 0.15, "worried": 0.1}
"""Added to the tail so that a feeling can be seen after the words."""

TITLE_S = 3.0
END_S = 2.5
ESTABLISHING_S = 2.0
INSERT_S = 1.5
REACTION_S = 1.5
ACTION_S = 1.5
"""Least durations by role; a thing or a face seen for a second is hasty."""

ACTION_LIMIT_S = 6.0
"""Longest shot that an action's description asks for."""

ACTION_SETTLE_S = 0.6
WORDS_PER_S = 6.5
CHARACTERS_PER_S = 26.0
"""An action is seen about twice as fast as its words are read (3 a second), after a moment to take the frame in; in
scripts without spaces between words, characters are counted."""

CARD_CHARACTERS_PER_S = 15.0
"""Reading speed of a title."""

SOUND_LEAD_S = 0.2
"""From the cut to the first effect, so that the picture is there when it is heard."""


@dataclass(frozen=True)
class ShotTiming:
    """Ticks of a shot: its duration, and where each line and sound begins in it."""

    duration_ticks: int
    line_offsets_ticks: tuple[int, ...]
    line_durations_ticks: tuple[int, ...]
    sound_offsets_ticks: tuple[int, ...]


def shot_timing(draft: ShotDraft, speech: dict[str, Speech], rate: EditRate) -> ShotTiming:
    """The timing of one shot; it depends on nothing outside the shot.

    Args:
        draft: the shot.
        speech: the measured line of each of its elements, by element_id.
        rate: of the film.
    """
    offsets: list[int] = []
    durations: list[int] = []
    end_ticks = 0
    for line in draft.lines:
        offsets.append(end_ticks + rate.nearest_tick(LEAD_S[line.pacing]))
        durations.append(line_ticks(speech[line.element_id], rate))
        end_ticks = offsets[-1] + max(
            durations[-1] + _tail_ticks(line, rate), reading_ticks(line.label + line.text, rate)
        )
    duration = max(end_ticks, ticks_for(MINIMUM_SHOT_S, rate), ticks_for(_visual_s(draft), rate))
    return ShotTiming(duration, tuple(offsets), tuple(durations), _sound_offsets(draft, duration, rate))


def line_ticks(speech: Speech, rate: EditRate) -> int:
    """Fewest ticks that hold a spoken line whole, at least one."""
    return max(1, rate.ticks_covering(speech.duration_samples, speech.sample_rate_hz))


def ticks_for(seconds: float, rate: EditRate) -> int:
    """Fewest ticks that last `seconds`, at least one. A float near a simple fraction (5/6) is taken as it."""
    exact = Fraction(seconds).limit_denominator(1_000_000)
    return max(1, rate.ticks_covering(exact.numerator, exact.denominator))


def reading_ticks(text: str, rate: EditRate) -> int:
    """Ticks that captions of the line must stand, by the default delivery profile, and the gap after them."""
    profile = CaptionProfile()
    seconds = max(profile.min_duration_s, len(text) / profile.max_characters_per_s)
    return ticks_for(seconds, rate) + profile.min_gap_ticks


def _tail_ticks(line: DraftLine, rate: EditRate) -> int:
    return rate.nearest_tick(TAIL_S[line.pacing] + LINGER_S.get(line.emotion, 0.0))


def _visual_s(draft: ShotDraft) -> float:
    """What the picture alone needs, seconds."""
    if draft.role in ("title", "end"):
        characters = sum(len(text) for text in draft.card_text)
        least_s = TITLE_S if draft.role == "title" else END_S
        return max(least_s, 1.0 + characters / CARD_CHARACTERS_PER_S)
    least = {"establishing": ESTABLISHING_S, "insert": INSERT_S, "reaction": REACTION_S, "action": ACTION_S}
    seen_s = min(_seeing_s(draft.action_beats), ACTION_LIMIT_S) - (INSERT_S if draft.insert_follows else 0.0)
    return max(least.get(draft.role, 0.0), seen_s)


def _seeing_s(beats: tuple[str, ...]) -> float:
    words = sum(len(beat.split()) for beat in beats)
    characters = sum(len(beat) for beat in beats)
    if not words:
        return 0.0
    spaced = words * 12 > characters
    return ACTION_SETTLE_S + (words / WORDS_PER_S if spaced else characters / CHARACTERS_PER_S)


def _sound_offsets(draft: ShotDraft, duration_ticks: int, rate: EditRate) -> tuple[int, ...]:
    """Effects spread evenly over the shot, the first just after the cut."""
    lead = min(rate.nearest_tick(SOUND_LEAD_S), duration_ticks - 1)
    count = len(draft.sounds)
    return tuple(lead + index * (duration_ticks - lead) // count for index in range(count))
