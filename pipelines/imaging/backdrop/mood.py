"""What a mood adds to a place beyond its colours: darkened edges, motes of light, fireflies."""

from __future__ import annotations

from thorvg_python.paint.shape import Shape

from pipelines.imaging.backdrop.easel import Easel
from pipelines.imaging.backdrop.motion import Drift, Pulse
from pipelines.imaging.backdrop.pen import Fade, Path, Rgb
from schemas.vocabulary import Mood

_EDGES: dict[Mood, tuple[Rgb, int]] = {
    "tense": ((4, 22, 28), 190),
    "mysterious": ((26, 12, 58), 180),
    "urgent": ((96, 8, 8), 112),
    "sad": ((22, 30, 48), 110),
}
"""Colour of the darkened edges and their opacity at the rim of the frame."""

_SPAN = 1900.0


def paint_mood(easel: Easel) -> None:
    """Adds the mood's own touches behind the figures. Called after the place and before the weather."""
    if easel.mood in _EDGES:
        colour, alpha = _EDGES[easel.mood]
        dimmed = alpha * 3 // 5 if easel.time_of_day == "night" else alpha
        easel.sheet(0.0, *_edges(colour, dimmed))
    if easel.mood == "joyful" and not easel.wet:
        _paint_motes(easel, (255, 240, 176), 26, 200)
    if easel.mood == "mysterious" and easel.time_of_day in ("night", "dusk"):
        _paint_motes(easel, (178, 255, 190), 16, 230)


def _edges(colour: Rgb, alpha: int) -> list[Shape]:
    """Four strips that darken towards the rim of the frame; strips cost a quarter of a full radial gradient."""
    stops = ((0.0, colour, alpha), (0.45, colour, alpha * 2 // 5), (1.0, colour, 0))
    wide, tall = 330.0, 170.0
    return [
        Path().rect(-1700, -800, 1700 - 890 + wide, 1600).fill(Fade((-890, 0), (-890 + wide, 0), stops)),
        Path().rect(890 - wide, -800, 1700 - 890 + wide, 1600).fill(Fade((890, 0), (890 - wide, 0), stops)),
        Path().rect(-1700, -800, 3400, 300 + tall).fill(Fade((0, -500), (0, -500 + tall), stops)),
        Path().rect(-1700, 500 - tall, 3400, 300 + tall).fill(Fade((0, 500), (0, 500 - tall), stops)),
    ]


def _paint_motes(easel: Easel, colour: Rgb, count: int, alpha: int) -> None:
    """Specks of light that rise and glimmer, in two families."""
    for family in range(2):
        dice = easel.place.dice(f"motes{family}")
        path = Path()
        for _ in range(count // 2):
            x, y, r = float(dice.uniform(0, _SPAN)), float(dice.uniform(0, 1000)), float(dice.uniform(3.0, 6.5))
            for left in (-_SPAN, 0.0):
                for top in (-500.0, 500.0):
                    path.ellipse(x + left - _SPAN / 2, y + top, r, r)
        motes = path.fill(easel.palette.glow(colour), alpha)
        easel.sheet(0.9, motes, moving=True)
        easel.move(Drift(motes, 14.0 - 22 * family, -26.0, _SPAN, 1000.0))
        easel.move(Pulse(motes, 0.3, 1.0, period_s=2.6 + family, phase=0.4 * family))
