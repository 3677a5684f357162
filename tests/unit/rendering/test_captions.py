"""Captions keep the delivery profile, or say which rule they break; no word is lost."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.rendering.caption_lines import CLINGING, break_cost, caption_lines
from pipelines.rendering.caption_words import TimedWord, width
from pipelines.rendering.captions import caption_track
from schemas.asset_manifest import VoiceLineNeed
from schemas.backend import Backend
from schemas.captions import CaptionProfile, CaptionTrack
from schemas.errors import Defect
from schemas.shotlist import AudioIntent, Shot, ShotLine, ShotList, timing_lock
from schemas.speech import Speech, SpeechRequest, SpokenWord, Voice
from schemas.timing import EditRate

RATE_HZ = 1000
"""Samples a second in these tests: a sample is a millisecond."""

PROFILE = CaptionProfile()


def written(*texts, name="Mara") -> dict[str, VoiceLineNeed]:
    return {
        f"e{index}": VoiceLineNeed(
            asset_id=f"voice.e{index}", element_id=f"e{index}", speaker_id="mara", speaker_name=name,
            text=text, voice=Voice(),
        )
        for index, text in enumerate(texts)
    }  # fmt: skip


def spoken(text, times=None, duration_ms=None) -> Speech:
    """A measured line; `times` are (word, start_ms, end_ms)."""
    words = tuple(SpokenWord(text=word, start_samples=start, end_samples=end) for word, start, end in times or ())
    return Speech(
        request=SpeechRequest(text=text.strip() or "."),
        sample_rate_hz=RATE_HZ,
        duration_samples=len(text) * 70 if duration_ms is None else duration_ms,
        words=words,
        backend=Backend(backend_type="stub", name="test", version="1"),
    )


def film(speech, lead=6, tail=9, rate=None, shots=None, heard="on_screen") -> ShotList:
    """One shot a line, or the given groups of lines a shot."""
    rate = rate or EditRate()
    start, made = 0, []
    for group in shots or [[element_id] for element_id in speech]:
        end, lines = 0, []
        for element_id in group:
            ticks = max(1, rate.ticks_covering(speech[element_id].duration_samples, RATE_HZ))
            line = ShotLine(
                element_id=element_id, speaker_id="mara", offset_ticks=end + lead, duration_ticks=ticks, heard=heard
            )
            lines.append(line)
            end += lead + ticks + tail
        made.append(
            Shot(
                shot_id=group[0], scene_id="s", start_ticks=start, duration_ticks=end, framing="medium",
                audio=AudioIntent(lines=tuple(lines)),
            )
        )  # fmt: skip
        start += end
    lock = timing_lock(rate, ((shot.shot_id, shot.duration_ticks) for shot in made))
    return ShotList(title="T", edit_rate=rate, shots=tuple(made), timing_lock_hash=lock)


def track_of(*texts, **options) -> CaptionTrack:
    speech = {f"e{index}": spoken(text) for index, text in enumerate(texts)}
    return caption_track(film(speech, **options), written(*texts), speech)


def rules(track) -> list[str]:
    return [violation.rule for violation in track.violations]


LONG = (
    "When the old keeper lit the lamp for the first time, nobody in the harbour believed that it would burn for years; "
    "but it did, and we all came to see it."
)


def test_caption_track_short_line_is_one_cue_that_starts_with_the_line():
    track = track_of("The lamp is out, Tomas.")
    (cue,) = track.cues
    assert (cue.start_ticks, cue.lines, cue.element_id) == (6, ("The lamp is out, Tomas.",), "e0")
    assert rules(track) == []


def test_caption_track_long_line_breaks_at_clauses():
    cues = track_of(LONG).cues
    assert len(cues) >= 2
    assert [cue.lines[-1][-1] in ",;." for cue in cues] == [True] * len(cues)


@pytest.mark.parametrize("heard", ["off_screen", "voice_over"])
def test_caption_track_unseen_speaker_is_named_once_a_line(heard):
    speech = {"e0": spoken(LONG)}
    cues = caption_track(film(speech, tail=30, heard=heard), written(LONG), speech).cues
    assert len(cues) >= 2
    assert cues[0].lines[0].startswith("MARA: When the old keeper")
    assert [" ".join(cue.lines).count("MARA") for cue in cues] == [1] + [0] * (len(cues) - 1)


def test_caption_track_name_is_not_parted_from_the_words_after_it():
    text = "We carried it up to the lamp room and lit"
    speech = {"e0": spoken(text)}
    (cue,) = caption_track(film(speech, tail=60, heard="off_screen"), written(text), speech).cues
    assert len(cue.lines) == 2 and len(cue.lines[0]) > len("MARA:")


def test_caption_break_after_a_name_is_the_worst():
    name, word = TimedWord("MARA:", 0, 0, is_label=True), TimedWord("Come", 0, 1)
    assert break_cost(name, word) == CLINGING


def test_caption_track_speaker_who_is_seen_is_not_named():
    assert track_of("Come home.").cues[0].lines == ("Come home.",)


def test_caption_track_long_name_leaves_half_a_line_to_what_is_said():
    speech = {"e0": spoken("Come home.")}
    for name, label in {
        "Old Captain Elias Thorne of the Sound": "OLD CAPTAIN ELIAS:",
        "x" * 100: "X" * 20 + ":",
    }.items():
        track = caption_track(film(speech, tail=40, heard="voice_over"), written("Come home.", name=name), speech)
        assert track.cues[0].lines == (f"{label} Come home.",)


def test_caption_track_two_lines_are_balanced_and_keep_article_with_its_noun():
    (cue,) = track_of("We carried the lamp up the stairs and lit it again.", tail=40).cues
    assert len(cue.lines) == 2
    assert cue.lines[0].split()[-1] not in ("the", "and")
    assert abs(len(cue.lines[0]) - len(cue.lines[1])) <= 14


def test_caption_track_quick_short_line_stands_on_into_the_pause():
    speech = {"e0": spoken("Yes, now.", duration_ms=300)}
    track = caption_track(film(speech, tail=20), written("Yes, now."), speech)
    assert track.cues[0].end_ticks - track.cues[0].start_ticks == 20
    assert rules(track) == []


def test_caption_track_no_pause_to_run_into_lists_what_breaks_and_keeps_the_cut():
    speech = {"e0": spoken("Yes, now.", duration_ms=300), "e1": spoken("Go.", duration_ms=900)}
    shots = film(speech, tail=2)
    track = caption_track(shots, written("Yes, now.", "Go."), speech)
    assert track.cues[0].end_ticks <= shots.shots[0].end_exclusive_ticks
    assert [(one.rule, one.cue_index) for one in track.violations] == [("reading_speed", 0), ("min_duration", 0)]


def test_caption_track_cue_starts_with_the_word_it_begins_with():
    text = (
        "One two three four five six seven, eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen."
    )
    times, at = [], 0
    for word in text.split():
        times.append((word, at, at + 300))
        at += 350
    speech = {"e0": spoken(text, times, at)}
    cues = caption_track(film(speech), written(text), speech).cues
    assert len(cues) >= 2
    for cue in cues[1:]:
        index = text.split().index(cue.lines[0].split()[0])
        assert abs(cue.start_ticks - 6 - index * 350 * 24 / 1000) <= 1


def test_caption_track_backend_dropped_punctuation_and_a_word_still_timed():
    text = "“Father—wait,” she said … 42 times."
    times = [("father", 0, 400), ("wait", 500, 800), ("she", 1000, 1200), ("said", 1200, 1500), ("times", 2500, 3000)]
    speech = {"e0": spoken(text, times, 3000)}
    (cue,) = caption_track(film(speech), written(text), speech).cues
    assert " ".join(cue.lines) == text


def test_caption_track_word_longer_than_a_line_is_cut_and_complete():
    text = "A" * 100
    track = track_of(text, tail=200)
    assert "".join("".join(cue.lines) for cue in track.cues) == text
    assert rules(track) == []


def test_caption_lines_two_words_as_wide_as_a_line_fill_both():
    words = [TimedWord("x" * 42, 0, 1), TimedWord("y" * 42, 1, 2)]
    assert caption_lines(words, 42, 2) == ("x" * 42, "y" * 42)
    assert caption_lines(words, 41, 2) is None


def test_caption_track_chinese_without_spaces_fits_lines():
    text = "当老守塔人第一次点亮灯塔的时候，港口里没有人相信它在一百年以后还会亮着；可是它还亮着，我们都来看它。" * 2
    track = track_of(text, tail=200)
    assert "".join("".join(cue.lines) for cue in track.cues) == text
    assert "line_length" not in rules(track)


def test_caption_width_combining_marks_and_joiners_do_not_count():
    assert width("e\u0301") == 1
    assert width("نَصّ") == 2
    assert width("क\u094d\u200d") == 1


def test_caption_track_blank_line_has_no_cue():
    assert track_of("  ").cues == ()


def test_caption_track_line_that_was_not_measured_refused_by_name():
    speech = {"e0": spoken("Hello.")}
    with pytest.raises(Defect, match="'e0'"):
        caption_track(film(speech), written("Hello."), {})


def test_caption_track_line_across_a_cut_is_no_violation_but_text_past_it_is():
    speech = {"e0": spoken("The lamp is out, Tomas.", duration_ms=2000)}
    whole = film(speech)
    cut = whole.shots[0].model_copy(update={"duration_ticks": 20})
    rest = Shot(shot_id="rest", scene_id="s", start_ticks=20, duration_ticks=100, framing="wide")
    lock = timing_lock(whole.edit_rate, [("e0", 20), ("rest", 100)])
    shots = ShotList(title="T", edit_rate=whole.edit_rate, shots=(cut, rest), timing_lock_hash=lock)
    assert rules(caption_track(shots, written("The lamp is out, Tomas."), speech)) == []


def test_caption_track_long_text_said_in_one_frame_stays_in_order_and_lists_what_breaks():
    speech = {"e0": spoken(LONG, duration_ms=40)}
    track = caption_track(film(speech), written(LONG), speech)
    assert len(track.cues) >= 2
    assert all(one.end_ticks <= two.start_ticks for one, two in zip(track.cues, track.cues[1:], strict=False))
    assert {"reading_speed", "min_duration", "gap"} <= set(rules(track))


WORD = st.sampled_from(
    [
        "a",
        "the",
        "lamp",
        "and",
        "No!",
        "burning,",
        "extraordinarily",
        "of",
        "Ilse;",
        "we",
        "42",
        "x" * 50,
        "漢字仮名",
        "—",
    ]
)


@st.composite
def films(draw):
    """Up to six lines with arbitrary word times, grouped into shots at an arbitrary rate."""
    speech, texts = {}, []
    for index in range(draw(st.integers(1, 6))):
        words = draw(st.lists(WORD, min_size=1, max_size=40))
        times, at = [], 0
        for word in words:
            start = at + draw(st.integers(0, 900))
            at = start + draw(st.integers(0, 900))
            if draw(st.booleans()):
                times.append((word.strip("!,;—"), start, at))
        texts.append(" ".join(words))
        speech[f"e{index}"] = spoken(texts[-1], times, at + draw(st.integers(0, 500)))
    rate = draw(st.sampled_from([EditRate(), EditRate(numerator=30_000, denominator=1001), EditRate(numerator=5)]))
    ids = list(speech)
    cut = draw(st.integers(0, len(ids)))
    groups = [group for group in (ids[:cut], *([one] for one in ids[cut:])) if group]
    heard = draw(st.sampled_from(["on_screen", "on_screen", "voice_over"]))
    shots = film(speech, draw(st.integers(0, 12)), draw(st.integers(0, 40)), rate, groups, heard)
    return shots, written(*texts), speech, ["MARA:" * (heard == "voice_over") + text for text in texts]


def broken(track, shots) -> set[tuple[str, int]]:
    """The profile's rules measured again, in seconds, from the specification."""
    found, rate = set(), track.edit_rate
    ends = {line.element_id: shot.start_ticks + line.offset_ticks + line.duration_ticks for shot, line in shots.lines()}
    cuts = [shot.start_ticks for shot in shots.shots]
    for index, cue in enumerate(track.cues):
        seconds = rate.seconds(cue.end_ticks - cue.start_ticks)
        checks = {
            "line_length": max(map(width, cue.lines)) > 42,
            "line_count": len(cue.lines) > 2,
            "reading_speed": sum(map(width, cue.lines)) / seconds > 17 + 1e-6,
            "min_duration": seconds < 5 / 6 - 1e-6,
            "max_duration": seconds > 7 + 1e-6,
            "gap": index > 0 and cue.start_ticks - track.cues[index - 1].end_ticks < 2,
            "shot_change": any(cue.start_ticks < cut < cue.end_ticks and ends[cue.element_id] <= cut for cut in cuts),
        }
        found |= {(rule, index) for rule, wrong in checks.items() if wrong}
    return found


def full_lines() -> tuple:
    """Words that fill both lines of a caption to the last character: with the space between them 85 characters."""
    text = "a a a a a a a a a a a a — burning, the burning, extraordinarily 漢字仮名 " + "x" * 50
    speech = {"e0": spoken(text, [("the", 2089, 2136), ("x" * 50, 5817, 6717)], 6847)}
    shots = film(speech, lead=12, tail=40, rate=EditRate(numerator=30_000, denominator=1001))
    return shots, written(text), speech, [text]


@given(films())
@example(full_lines())
def test_caption_track_any_timing_is_ordered_complete_and_lists_every_broken_rule(given_film):
    shots, lines, speech, texts = given_film
    track = caption_track(shots, lines, speech)

    assert CaptionTrack.read(track.to_json()) == track
    for before, after in zip(track.cues, track.cues[1:], strict=False):
        assert before.start_ticks < before.end_ticks <= after.start_ticks
    said = {f"e{index}": "" for index in range(len(texts))}
    for cue in track.cues:
        said[cue.element_id] += "".join(cue.lines).replace(" ", "")
    assert list(said.values()) == [text.replace(" ", "") for text in texts]
    listed = {(one.rule, one.cue_index) for one in track.violations if one.rule != "sync"}
    assert listed == broken(track, shots)
    firsts = {}
    for index, cue in enumerate(track.cues):
        firsts.setdefault(cue.element_id, index)
    late = {one.cue_index for one in track.violations if one.rule == "sync"}
    for shot, line in shots.lines():
        index = firsts[line.element_id]
        off = abs(track.cues[index].start_ticks - shot.start_ticks - line.offset_ticks)
        assert off <= 1 or index in late


@given(st.lists(WORD, min_size=1, max_size=60))
def test_caption_track_line_at_speaking_pace_keeps_every_rule_of_the_text(words):
    text = " ".join(words)
    track = track_of(text, tail=60)
    assert not {"line_length", "line_count", "shot_change", "sync"} & set(rules(track))
