"""The gallery of a lighthouse: the walk around the lantern room, high above the sea."""

from __future__ import annotations

from pipelines.imaging.backdrop.easel import BOTTOM, LEFT, RIGHT, Easel
from pipelines.imaging.backdrop.motion import Pulse
from pipelines.imaging.backdrop.palette import mix, scale
from pipelines.imaging.backdrop.pen import Path, fade_across, halo
from pipelines.imaging.backdrop.sky import paint_sky
from pipelines.imaging.backdrop.tower import STRIPES, lamp_burns, paint_beam
from pipelines.imaging.backdrop.wash import wash
from pipelines.imaging.backdrop.water import paint_sea

_HORIZON = 130.0
"""Lower than from the shore: one looks down on the sea."""

_WORDS = ("gallery", "lamp room", "lantern room", "balcony", "lantern")


def is_gallery(name: str) -> bool:
    """Whether a location's name says that one stands up at the lamp."""
    return any(word in name.lower() for word in _WORDS)


def paint_gallery(easel: Easel) -> None:
    """Deck, railing, the lantern room with its lens, and the sea far below."""
    place = easel.place
    paint_sky(easel, _HORIZON)
    paint_sea(easel, 420, depth=0.2, horizon=_HORIZON)
    x = place.side("tower") * 560.0
    paint_beam(easel, x, -140.0, 2100, 0.9)
    _paint_railing(easel)
    _paint_deck(easel)
    _paint_lantern_room(easel, x)


def _paint_railing(easel: Easel) -> None:
    palette = easel.palette
    iron = palette.lit((74, 80, 92))
    bars, posts = Path(), Path()
    for y in (70.0, 160.0, 250.0):
        bars.rounded(LEFT, y, RIGHT - LEFT, 13 if y < 100 else 8, 4)
    for i in range(-11, 12):
        posts.rounded(i * 155 - 8, 58, 16, 276, 5).ellipse(i * 155, 52, 14, 14)
    shine = Path().rect(LEFT, 72, RIGHT - LEFT, 3)
    easel.sheet(0.95, posts.spread(iron), bars.fill(iron), shine.fill(mix(iron, palette.glow(palette.key), 0.5)))


def _paint_deck(easel: Easel) -> None:
    palette = easel.palette
    plate = (
        (232, 238, 246) if easel.weather == "snow" else easel.place.pick("plates", ((112, 116, 124), (126, 112, 104)))
    )
    seams, rivets = Path(), Path()
    for i in range(-10, 11):
        seams.polygon([(i * 190, 330), (i * 190 + 4, 330), (i * 290 + 6, BOTTOM), (i * 290, BOTTOM)])
        for y in (350.0, 430.0, 520.0):
            spread = 1 + 0.526 * (y - 330) / 470
            rivets.ellipse(i * 190 * spread + 18, y, 5, 3).ellipse(i * 190 * spread - 14, y, 5, 3)
    light, dark = palette.lit(plate), palette.lit(scale(plate, 0.5))
    easel.sheet(
        1.0,
        Path().rect(LEFT, 318, RIGHT - LEFT, 18).fill(palette.lit(scale(plate, 0.62))),
        wash(334, 580, light, palette.lit(scale(plate, 0.72)), dark, reach_down=BOTTOM - 580),
        seams.spread(dark, 150),
        rivets.spread(dark, 170),
    )
    if easel.wet:
        shine = Path().ellipse(-380, 428, 190, 12).ellipse(240, 462, 240, 14).ellipse(820, 420, 150, 9)
        easel.sheet(1.0, shine.fill(mix(palette.sky[2], palette.glow(palette.key), 0.3), 110))


def _paint_lantern_room(easel: Easel, x: float) -> None:
    """A wall, tall panes in iron bars, the great lens behind them, and the eave of the roof."""
    palette = easel.palette
    burning = lamp_burns(easel)
    iron = palette.lit((58, 62, 72))
    stripe = easel.place.pick("stripe", STRIPES)
    glass = palette.glow((255, 222, 146)) if burning else mix(palette.lit((168, 200, 214)), palette.sky[1], 0.35)
    wall, wall_dark = palette.lit((238, 232, 220)), palette.lit(scale((238, 232, 220), 0.6))
    left, right = x - 270, x + 270
    easel.sheet(0.97, Path().rect(left + 12, -420, 516, 520).fill(glass))
    _paint_lens(easel, x, burning)
    bars = Path()
    for i in range(7):
        bars.rect(left + 6 + 88 * i, -430, 12 if i in (0, 6) else 8, 540)
    bars.rect(left, -170, 540, 8).rect(left, 92, 540, 20)
    roof = (
        Path()
        .move(left - 60, -424)
        .cubic(left, -560, x - 120, -640, x, -720)
        .cubic(x + 120, -640, right, -560, right + 60, -424)
    )
    door = Path().rounded(x - 62, 124, 124, 216, 10)
    easel.sheet(
        0.97,
        bars.fill(iron),
        Path().rect(left, 106, 540, 236).fill(fade_across(left, right, wall, wall, wall_dark)),
        Path()
        .rect(left, 300, 540, 42)
        .fill(fade_across(left, right, palette.lit(stripe), palette.lit(scale(stripe, 0.55)))),
        Path().rounded(left - 20, 94, 580, 22, 6).fill(iron),
        door.fill(palette.lit(scale(stripe, 0.7))),
        Path().ellipse(x + 40, 250, 9, 9).fill(palette.lit((226, 196, 120))),
        roof.close().fill(fade_across(left - 60, right + 60, palette.lit(stripe), palette.lit(scale(stripe, 0.5)))),
        Path().rounded(left - 76, -438, 692, 26, 8).fill(iron),
    )


def _paint_lens(easel: Easel, x: float, burning: bool) -> None:
    palette = easel.palette
    rings = Path()
    for r in (150.0, 118.0, 86.0, 54.0):
        rings.ellipse(x, -140, r * 0.8, r)
    core = palette.glow((255, 252, 232)) if burning else palette.lit((206, 226, 232))
    easel.sheet(
        0.97,
        Path().rect(x - 20, 0, 40, 100).rounded(x - 90, 40, 180, 24, 8).fill(palette.lit((150, 112, 62))),
        Path().ellipse(x, -140, 130, 168).fill(palette.lit((176, 132, 70))),
        Path().ellipse(x, -140, 118, 156).fill(mix(core, palette.glow((170, 214, 226)), 0.45)),
        rings.stroke(core, 7, 220),
        Path().ellipse(x, -140, 36, 46).fill(core),
    )
    if burning:
        easel.sheet(
            1.0, Path().ellipse(x, 384, 560, 46).ellipse(x, 376, 360, 30).fill(palette.glow((255, 214, 140)), 34)
        )
        glow = halo((x, -140), 330, palette.glow((255, 236, 176)), 150)
        easel.sheet(0.97, glow, moving=True)
        easel.move(Pulse(glow, 0.7, 1.0, period_s=3.5))
