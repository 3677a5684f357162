"""SpeechRecognition, voice activity, cuts and a delivery profile -> AsrTranscript, and from that a caption track.

recognised   [so-----------------]              [um]       a word keeps the part of its time in which
speech       ====                                          somebody speaks; one that is far from any
word         [so]                               [um] ?     speech keeps its time and is flagged
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipelines.analysis.caption_clock import CaptionClock
from pipelines.analysis.caption_cues import SPEAKER, caption_cues
from pipelines.rendering.caption_words import TimedWord, width
from pipelines.rendering.subtitle_files import boundary_ms
from schemas.captions import CaptionProfile, CaptionTrack, Cue
from schemas.speech_recognition import RecognisedWord, SampleSpan, SpeechRecognition
from schemas.transcript import AsrTranscript, MillisecondSpan, TranscriptSegment, TranscriptWord

NEAR_S = 0.2
"""A word this near to speech is in it: neither times of words nor borders of speech are better than that."""

EDGE_S = 0.1
"""How much of a word may stand out of the speech it belongs to: soft endings score low."""


def transcript(
    heard: SpeechRecognition, clock: CaptionClock, profile: CaptionProfile | None = None
) -> AsrTranscript:  # fmt: skip
    """The words and captions of a film.

    Args:
        heard: what was recognised, and where somebody speaks.
        clock: of the film, with its cuts, or of a sound alone.
        profile: limits of the delivery, its gap in frames; the defaults of CaptionProfile when None.
    """
    profile = clock.on_grid(profile or CaptionProfile())
    words = list(_in_order(_trimmed(word, heard) for word in _words(heard)))
    pieces = [(index, piece) for index, word in enumerate(words) for piece in _pieces(word, profile)]
    track = caption_cues([piece for _, piece in pieces], heard.sample_rate_hz, clock, profile)
    borders = _word_borders([index for index, _ in pieces], track.words, len(words))
    return AsrTranscript(
        asset_id=heard.asset_id,
        language=heard.language,
        language_source=heard.language_source,
        word_times=heard.word_times,
        duration_ms=_ms(heard.duration_samples, heard),
        edit_rate=clock.rate,
        profile=profile,
        words=tuple(_word(word, heard) for word in words),
        segments=tuple(
            _segment(cue, clock, first, end) for cue, (first, end) in zip(track.cues, pairwise(borders), strict=True)
        ),
        violations=track.violations,
        missing=tuple(_ms_span(span, heard) for span in heard.missing),
        refused=tuple(window.refused for window in heard.windows if window.refused),
        backend=heard.backend,
        voice_activity=heard.voice_activity,
    )


def transcript_track(captions: AsrTranscript) -> CaptionTrack:
    """The captions as the track that is burned in, muxed, and written as SRT, VTT or ASS."""
    return CaptionTrack(
        language=captions.language,
        edit_rate=captions.edit_rate,
        profile=captions.profile,
        cues=tuple(
            Cue(
                start_ticks=segment.start_ticks,
                end_ticks=segment.end_ticks,
                element_id=f"c{index}",
                speaker_id=SPEAKER,
                lines=segment.lines,
            )
            for index, segment in enumerate(captions.segments)
        ),
        violations=captions.violations,
    )


def _words(heard: SpeechRecognition) -> Iterator[RecognisedWord]:
    for window in heard.windows:
        for segment in window.segments:
            yield from segment.words


def _trimmed(word: RecognisedWord, heard: SpeechRecognition) -> RecognisedWord:
    """The word without what stands out of the speech that it touches; as it is when it touches none."""
    touched = [
        span
        for span in _near(word, heard, 0.0)
        if span.start_samples < word.end_samples and span.end_samples > word.start_samples
    ]
    if not touched:
        return word
    edge = round(EDGE_S * heard.sample_rate_hz)
    start = max(word.start_samples, touched[0].start_samples - edge)
    end = min(word.end_samples, touched[-1].end_samples + edge)
    return word.model_copy(update={"start_samples": start, "end_samples": max(start, end)})


def _near(word: SampleSpan, heard: SpeechRecognition, reach_s: float) -> Sequence[SampleSpan]:
    """Speech that lies at most `reach_s` from a word, in order."""
    reach = round(reach_s * heard.sample_rate_hz)
    first = bisect_left(heard.speech, word.start_samples - reach, key=lambda span: span.end_samples)
    end = bisect_left(heard.speech, word.end_samples + reach + 1, key=lambda span: span.start_samples)
    return heard.speech[first:end]


def _in_order(words: Iterator[RecognisedWord]) -> Iterator[RecognisedWord]:
    """The words with starts that never decrease, and ends not after the next one's start."""
    held: RecognisedWord | None = None
    for word in words:
        if held is not None:
            start = max(word.start_samples, held.start_samples)
            word = word.model_copy(update={"start_samples": start, "end_samples": max(start, word.end_samples)})
            yield held.model_copy(update={"end_samples": min(held.end_samples, start)})
        held = word
    if held is not None:
        yield held


def _pieces(word: RecognisedWord, profile: CaptionProfile) -> Iterator[TimedWord]:
    """The word, or parts of it where it is wider than a line; each with its share of the time."""
    longest = profile.max_line_characters
    count = max(1, -(-width(word.text) // longest))
    size = -(-len(word.text) // count)
    for index in range(count):
        text = word.text[index * size : (index + 1) * size]
        span = word.end_samples - word.start_samples
        start, end = (word.start_samples + span * share // count for share in (index, index + 1))
        if text:
            yield TimedWord(text, start, end, word.space_before if index == 0 else False)


def _word_borders(word_of_piece: Sequence[int], cues: Sequence[tuple[int, int]], words: int) -> list[int]:
    """First word of each cue, and after the last one the number of words; a word counts where it begins."""
    borders = []
    for first, _ in cues:
        word = word_of_piece[first]
        begins_before = first > 0 and word_of_piece[first - 1] == word
        borders.append(word + 1 if begins_before else word)
    return [*borders, words]


def _word(word: RecognisedWord, heard: SpeechRecognition) -> TranscriptWord:
    return TranscriptWord(
        start_ms=_ms(word.start_samples, heard),
        end_ms=_ms(word.end_samples, heard),
        text=word.text,
        probability=word.probability,
        in_non_speech=not _near(word, heard, NEAR_S),
        space_before=word.space_before,
    )


def _segment(cue: Cue, clock: CaptionClock, first_word: int, end_word: int) -> TranscriptSegment:
    return TranscriptSegment(
        start_ms=boundary_ms(cue.start_ticks, clock.rate),
        end_ms=boundary_ms(cue.end_ticks, clock.rate),
        start_ticks=cue.start_ticks,
        end_ticks=cue.end_ticks,
        first_frame=clock.frame(cue.start_ticks),
        end_frame=clock.frame(cue.end_ticks),
        first_word=first_word,
        end_word=end_word,
        lines=cue.lines,
    )


def _ms(samples: int, heard: SpeechRecognition) -> int:
    return round(samples * 1000 / heard.sample_rate_hz)


def _ms_span(span: SampleSpan, heard: SpeechRecognition) -> MillisecondSpan:
    return MillisecondSpan(start_ms=_ms(span.start_samples, heard), end_ms=_ms(span.end_samples, heard))
