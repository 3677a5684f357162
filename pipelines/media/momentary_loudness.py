"""How loud a file's sound is as broadcasters measure it: every channel, at its own sample rate, by FFmpeg's `ebur128`.

Source: EBU R 128, EBU Tech 3341 (momentary, integrated), EBU Tech 3342 (range); the filter is FFmpeg's `f_ebur128`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.filter
import numpy as np
from numpy.typing import NDArray

from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.source import decodable, decoded, open_media
from pipelines.media.speech_audio import first_shown_s
from schemas.errors import MediaUnreadable

STEP_S = 0.1
"""From one value to the next."""

REACH_S = 0.4
"""A momentary value is of so long a stretch; it stands where the stretch ends."""

NOTHING_LUFS = -120.0
"""In place of no loudness at all."""

ROWS_AT_ONCE = 600


def momentary_loudness(
    path: Path, *, limits: MediaLimits = DEFAULT_LIMITS
) -> Iterator[NDArray[np.float32] | Mapping[str, Any]]:
    """float32 (steps, 1): momentary loudness in LUFS of each 0.1 s, a minute at a time; then what the whole measures.

    The first value is of the 0.1 s that begin with the first frame of the picture, or with the first sample.

    Raises:
        MediaUnreadable: no sound, or nothing in it can be decoded.
    """
    zero_s = first_shown_s(path, limits)
    waiting: list[float] = []
    step, last = 0, None
    for at_s, measured in _measured(path, limits):
        zero_s = at_s if zero_s is None else zero_s
        last = measured
        due = round((at_s - zero_s) / Fraction(STEP_S).limit_denominator())
        if due < step or "lavfi.r128.M" not in measured:
            continue
        value = max(float(measured["lavfi.r128.M"]), NOTHING_LUFS)
        waiting += [NOTHING_LUFS] * (due - step) + [value if math.isfinite(value) else NOTHING_LUFS]
        step = due + 1
        if len(waiting) >= ROWS_AT_ONCE:
            yield np.array(waiting, np.float32)[:, None]
            waiting = []
    if last is None:
        raise MediaUnreadable(f"{path.name!r} is damaged (its sound cannot be decoded)")
    yield np.array(waiting, np.float32).reshape(-1, 1)
    yield _whole(last, step)


def _measured(path: Path, limits: MediaLimits) -> Iterator[tuple[Fraction, dict[str, str]]]:
    """(time on the file's clock, what the filter says) of each 0.1 s; the last row's figures are those of the whole."""
    with open_media(path, limits) as (container, _):
        if not container.streams.audio:
            raise MediaUnreadable(f"{path.name!r} holds no sound")
        stream = container.streams.audio[0]
        decodable(path, stream)
        graph: av.filter.Graph | None = None
        said: dict[str, str] = {}
        expected_s = Fraction(0)
        for frame in decoded(container, stream):
            if not isinstance(frame, av.AudioFrame):
                continue
            shape = (frame.sample_rate, frame.layout.name, frame.format.name)
            if graph is None:
                graph, first, mixer = _graph(frame), shape, None
            if shape != first:
                mixer = mixer or av.AudioResampler(format=first[2], layout=first[1], rate=first[0])
            at_s = expected_s if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
            at_s = max(at_s, expected_s)
            expected_s = at_s + Fraction(frame.samples, frame.sample_rate)
            frame.pts, frame.time_base = round(at_s * first[0]), Fraction(1, first[0])
            for one in mixer.resample(frame) if mixer is not None else [frame]:
                graph.push(one)
                for at, figures in _pulled(graph):
                    said = said | figures
                    yield at, figures
        if graph is not None:
            graph.push(None)
            for at, figures in _pulled(graph):
                yield at, said | figures


def _graph(frame: av.AudioFrame) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name,
        time_base=Fraction(1, frame.sample_rate),
    )  # fmt: skip
    meter = graph.add("ebur128", "metadata=1:peak=true")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph


def _pulled(graph: av.filter.Graph) -> Iterator[tuple[Fraction, dict[str, str]]]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if frame.pts is not None and frame.time_base is not None:
            yield frame.pts * frame.time_base, dict(frame.metadata)


def _whole(last: Mapping[str, str], steps: int) -> Mapping[str, Any]:
    """Figures of a whole sound; None where it is too short or too quiet for one."""
    peaks = [float(value) for key, value in last.items() if key.startswith("lavfi.r128.true_peaks_ch")]
    integrated = float(last.get("lavfi.r128.I", "-inf"))
    return {
        "steps": steps,
        "integrated_lufs": round(integrated, 1) if integrated > -70 else None,
        "range_lu": round(float(last.get("lavfi.r128.LRA", "0")), 1),
        "true_peak_dbtp": round(20 * math.log10(max(peaks)), 1) if peaks and max(peaks) > 0 else None,
    }
