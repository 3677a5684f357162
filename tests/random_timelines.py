"""Timelines of every shape, for hypothesis: odd rates, nesting, speeds, transitions, markers, foreign metadata."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from schemas.edit_media import MOST_TICKS
from schemas.timeline import Timeline

RATES = [
    Fraction(24), Fraction(25), Fraction(30), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001),
    Fraction(48000), Fraction(44100), Fraction(240_000), Fraction(2997, 100), Fraction(1000, 1001), Fraction(7, 3),
]  # fmt: skip
rates = st.sampled_from(RATES)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
metadata = st.dictionaries(words.filter(lambda key: key != "reelwright"), json_values, max_size=2)
small = st.integers(0, 400)
positions = st.integers(-500, 500_000) | st.sampled_from([-MOST_TICKS, MOST_TICKS])
speeds = st.sampled_from([Fraction(1), Fraction(-1), Fraction(0), Fraction(1, 2), Fraction(1001, 1000)]) | st.builds(
    Fraction, st.integers(-MOST_TICKS, MOST_TICKS), st.integers(1, MOST_TICKS)
)


def pair(exact: Fraction) -> dict[str, int]:
    return {"numerator": exact.numerator, "denominator": exact.denominator}


@st.composite
def spans(draw: st.DrawFn) -> dict[str, Any]:
    return {"edit_rate": pair(draw(rates)), "start_ticks": draw(positions), "duration_ticks": draw(small)}


@st.composite
def marker_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    one = st.fixed_dictionaries(
        {"name": words, "comment": words, "colour": words, "span": spans(), "metadata": metadata}
    )
    return draw(st.lists(one, max_size=1))


@st.composite
def sources(draw: st.DrawFn, nested: list[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from(["missing", "asset", "external", "generated", "frames", "sequence"]))
    if kind == "sequence":
        return {"sequence_id": draw(st.sampled_from(nested))} if nested else {}
    about = {"media_name": draw(words), "media_metadata": draw(metadata), "available": draw(st.none() | spans())}
    return about | {
        "missing": {},
        "asset": {"asset_id": "a_1"},
        "external": {"external": {"url": "file:///" + draw(words)}},
        "generated": {"generated": {"generator": draw(words), "parameters": draw(metadata)}},
        "frames": {"frames": {
            "base_url": draw(words), "prefix": draw(words), "suffix": draw(words), "start_frame": draw(small),
            "zero_padding": 4, "edit_rate": pair(draw(rates)),
            "missing_frames": draw(st.sampled_from(["error", "hold", "black"])),
        }},
    }[kind]  # fmt: skip


@st.composite
def tracks(draw: st.DrawFn, name: str, nested: list[str]) -> dict[str, Any]:
    clips: list[dict[str, Any]] = []
    at = 0
    for index in range(draw(st.integers(0, 4))):
        at += draw(st.sampled_from([0, 0, 1, 77]))
        clip = {
            "clip_id": f"{name}.c{index}", "name": draw(words), "start_ticks": at,
            "duration_ticks": draw(st.integers(1, 300)), "source_rate": pair(draw(rates)),
            "source_in_ticks": draw(positions), "speed": pair(draw(speeds)), "enabled": draw(st.booleans()),
            "markers": draw(marker_lists()), "metadata": draw(metadata), **draw(sources(nested)),
        }  # fmt: skip
        clips.append(clip)
        at += clip["duration_ticks"]
    trailing = draw(st.sampled_from([0, 0, 5]))
    return {
        "track_id": name, "name": draw(words), "kind": draw(st.sampled_from(["video", "audio"])),
        "enabled": draw(st.booleans()), "edit_rate": draw(st.none() | rates.map(pair)), "clips": clips,
        "transitions": draw(transitions(clips, at + trailing)), "trailing_gap_ticks": trailing,
        "markers": draw(marker_lists()), "metadata": draw(metadata),
    }  # fmt: skip


@st.composite
def transitions(draw: st.DrawFn, clips: list[dict[str, Any]], end: int) -> list[dict[str, Any]]:
    edges = {clip["start_ticks"] for clip in clips} | {clip["start_ticks"] + clip["duration_ticks"] for clip in clips}
    cuts, made, free = sorted(edges | {0, end}), [], 0
    for index, at in enumerate(cuts):
        before = at - max(cuts[index - 1] if index else at, free)
        after = (cuts[index + 1] if index + 1 < len(cuts) else at) - at
        reach = (draw(st.integers(0, before)), draw(st.integers(0, after)))
        if sum(reach) and draw(st.booleans()):
            made.append(
                {"at_ticks": at, "in_ticks": reach[0], "out_ticks": reach[1], "kind": draw(words), "name": draw(words)}
            )
            free = at + reach[1]
    return made


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """A timeline; each of its sequences may show those after it."""
    names = [f"s{index}" for index in range(draw(st.integers(1, 3)))]
    sequences = [
        {
            "sequence_id": name, "name": draw(words), "edit_rate": pair(draw(rates)), "start_ticks": draw(positions),
            "tracks": [draw(tracks(f"{name}.t{number}", names[index + 1 :])) for number in range(draw(st.integers(0, 2)))],
            "markers": draw(marker_lists()), "metadata": draw(metadata),
        }
        for index, name in enumerate(names)
    ]  # fmt: skip
    project_id = draw(st.none() | st.just("p"))
    return Timeline(
        timeline_id="t", project_id=project_id, title=draw(words), sequences=draw(st.permutations(sequences))
    )
