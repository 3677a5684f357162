"""Props that give light: lantern, lamp, the great lamp of a lighthouse, candle, torch, matches, switch."""

from __future__ import annotations

import math

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.pen import Fade, Path, fade_across, group, halo

_BRASS = (204, 158, 76)
_IRON = (62, 58, 62)
_FLAME = (255, 214, 120)


def _flame(x: float, foot: float, tall: float) -> list[Scene]:
    outer = (
        Path()
        .move(x, foot)
        .cubic(x + tall * 0.36, foot - tall * 0.2, x + tall * 0.2, foot - tall * 0.6, x, foot - tall)
    )
    outer.cubic(x - tall * 0.2, foot - tall * 0.6, x - tall * 0.36, foot - tall * 0.2, x, foot).close()
    inner = (
        Path()
        .move(x, foot)
        .cubic(x + tall * 0.2, foot - tall * 0.1, x + tall * 0.1, foot - tall * 0.4, x, foot - tall * 0.6)
    )
    inner.cubic(x - tall * 0.1, foot - tall * 0.4, x - tall * 0.2, foot - tall * 0.1, x, foot).close()
    return [group(outer.fill((255, 176, 66)), inner.fill((255, 246, 200)))]


def draw_lantern() -> Scene:
    """A brass storm lantern, lit."""
    glass = Path().move(-46, 70).cubic(-82, 20, -70, -40, -40, -66).line(40, -66).cubic(70, -40, 82, 20, 46, 70).close()
    frame = Path().rounded(-70, -84, 140, 18, 8).rounded(-62, 68, 124, 18, 8).rounded(-40, -108, 80, 26, 10)
    frame.rounded(-18, -126, 36, 20, 8)
    return group(
        halo((0, 0), 170, (255, 196, 104), 150),
        Path().arc(0, -70, 82, 180, 360).stroke(_IRON, 8),
        Path().rounded(-82, 82, 164, 62, 20).fill(fade_across(-82, 82, (150, 104, 48), _BRASS, (120, 80, 40))),
        Path().rounded(-92, 134, 184, 16, 8).fill((120, 82, 42)),
        glass.fill((255, 226, 160), 235),
        *_flame(0, 60, 96),
        Path().move(-30, -56).cubic(-58, -20, -56, 20, -38, 52).stroke((255, 255, 246), 7, 150),
        Path()
        .polyline([(-72, 76), (-84, 0), (-70, -74)])
        .polyline([(72, 76), (84, 0), (70, -74)])
        .stroke((146, 104, 52), 8),
        frame.fill(fade_across(-70, 70, (150, 104, 48), (232, 190, 104), (128, 88, 42))),
        Path().rounded(60, 98, 36, 14, 6).fill(_IRON),
    )


def draw_lamp() -> Scene:
    """A table lamp with a cloth shade, lit."""
    shade = Path().move(-54, -146).line(54, -146).line(112, -10).line(-112, -10).close()
    stem = Path().rounded(-7, -14, 14, 120, 6).ellipse(0, 44, 24, 38)
    return group(
        halo((0, -50), 200, (255, 206, 124), 140),
        stem.fill(fade_across(-24, 24, (120, 84, 48), _BRASS, (104, 70, 40))),
        Path()
        .move(-78, 150)
        .cubic(-70, 110, -30, 108, 0, 104)
        .cubic(30, 108, 70, 110, 78, 150)
        .close()
        .fill((138, 94, 50)),
        shade.fill(fade_across(-112, 112, (232, 172, 92), (255, 232, 172), (222, 156, 80))),
        Path().rect(-56, -148, 112, 9).rect(-114, -18, 228, 9).fill((176, 92, 62)),
        Path().rect(62, -10, 3, 62).ellipse(63, 58, 7, 7).fill(_BRASS),
    )


def draw_great_lamp() -> Scene:
    """The lens of a lighthouse on its turning table, burning, with its beam to both sides."""
    glow = (255, 240, 188)
    beams = [
        Path().polygon([(0, -64), (side * 330, -150), (side * 330, 22)]).fill(
            Fade((side * 60, 0), (side * 330, 0), ((0.0, glow, 170), (1.0, glow, 0)))
        )
        for side in (-1, 1)
    ]  # fmt: skip
    glass = Path().move(-54, 62).cubic(-122, 20, -122, -148, -54, -190).line(54, -190)
    glass.cubic(122, -148, 122, 20, 54, 62).close()
    prisms, ribs = Path(), Path()
    for level in (-168, -142, -116, -12, 14, 40):
        half = 106 * math.sqrt(max(0.0, 1 - ((level + 64) / 150) ** 2))
        prisms.rounded(-half, level - 8, 2 * half, 15, 7)
    for x in (-62, 62):
        ribs.move(x * 0.9, -190).cubic(x * 1.5, -140, x * 1.5, 10, x * 0.9, 62)
    brass = fade_across(-84, 84, (150, 104, 48), (240, 200, 116), (128, 88, 42))
    lamp = group(
        halo((0, -64), 250, (255, 214, 130), 170),
        *beams,
        glass.fill(fade_across(-104, 104, (150, 196, 190), (255, 246, 206), (140, 186, 184)), 255),
        prisms.fill((255, 255, 244), 130),
        *(Path().ellipse(0, -64, r, r).stroke((255, 255, 250), 5, 200) for r in (62.0, 46.0)),
        Path().ellipse(0, -64, 32, 32).fill((255, 250, 220)),
        *_flame(0, -40, 52),
        ribs.stroke((164, 116, 54), 8),
        Path().rounded(-66, -206, 132, 22, 9).rounded(-26, -226, 52, 22, 9).fill(brass),
        Path().rounded(-84, 58, 168, 24, 8).rounded(-44, 80, 88, 42, 6).rounded(-104, 118, 208, 32, 10).fill(brass),
        Path().ellipse(-70, 134, 7, 7).ellipse(0, 134, 7, 7).ellipse(70, 134, 7, 7).fill(_IRON),
    )
    lamp.scale(0.88)
    lamp.translate(0, 18)
    return group(lamp)


def draw_candle() -> Scene:
    """A candle in a saucer holder, burning."""
    wax = (
        Path()
        .move(-32, 96)
        .line(-32, -40)
        .cubic(-26, -58, -10, -44, 0, -50)
        .cubic(12, -58, 28, -46, 32, -34)
        .line(32, 96)
        .close()
    )
    drip = Path().move(-32, -30).cubic(-26, -10, -18, 40, -24, 52).cubic(-34, 50, -34, 10, -32, -30).close()
    return group(
        halo((0, -90), 180, (255, 196, 104), 150),
        Path().arc(104, 104, 32, -110, 150).stroke((150, 106, 56), 12),
        Path().ellipse(0, 124, 118, 26).fill((122, 84, 44)),
        Path().ellipse(0, 116, 118, 24).fill(_BRASS),
        Path().rounded(-42, 78, 84, 36, 8).fill((160, 114, 58)),
        wax.fill(fade_across(-32, 32, (250, 240, 214), (244, 226, 190), (206, 182, 146))),
        drip.fill((255, 250, 232)),
        Path().rect(-3, -66, 6, 22).fill(_IRON),
        *_flame(0, -54, 92),
    )


def draw_torch() -> Scene:
    """An electric hand torch with its beam."""
    beam = Path().polygon([(56, -52), (150, -130), (150, 130), (56, 52)])
    body = Path().rounded(-146, -26, 150, 52, 14)
    torch = group(
        beam.fill(_FLAME, 110),
        body.fill((198, 70, 58)),
        Path().polygon([(0, -28), (42, -54), (60, -54), (60, 54), (42, 54), (0, 28)]).fill((176, 58, 50)),
        Path().rounded(54, -58, 16, 116, 6).fill((188, 196, 200)),
        Path().rounded(-92, -34, 44, 14, 6).fill((240, 190, 90)),
        Path().rect(-136, -16, 120, 8).fill((236, 128, 108)),
    )
    torch.scale(1.25)
    torch.translate(24, 0)
    return group(torch)


def draw_matches() -> Scene:
    """A matchbox with one match burning."""
    sticks = Path().polyline([(-10, 20), (70, -86)])
    return group(
        halo((76, -104), 110, (255, 196, 104), 140),
        Path().rounded(-130, 10, 220, 120, 8).fill((198, 70, 58)),
        Path().rounded(-110, 30, 180, 66, 8).fill((246, 222, 170)),
        Path().ellipse(-20, 63, 46, 25).fill((198, 70, 58)),
        Path().rect(-130, 108, 220, 22).fill((96, 62, 52)),
        sticks.stroke((222, 186, 132), 11),
        *_flame(76, -80, 70),
    )


def draw_switch() -> Scene:
    """A big lever switch on a plate, thrown on."""
    return group(
        Path().rounded(-92, -146, 184, 296, 20).fill((58, 62, 70)),
        Path().rounded(-80, -134, 160, 272, 14).fill((96, 104, 112)),
        Path().rounded(-20, -60, 40, 150, 16).fill((40, 42, 48)),
        Path().polygon([(-14, 40), (-20, -90), (20, -90), (14, 40)]).fill((176, 182, 188)),
        Path().rounded(-36, -130, 72, 52, 22).fill((206, 62, 52)),
        Path().rounded(-26, -122, 30, 14, 7).fill((240, 130, 110)),
        Path().ellipse(0, 104, 14, 14).fill((120, 226, 130)),
        Path()
        .ellipse(-64, -118, 7, 7)
        .ellipse(64, -118, 7, 7)
        .ellipse(-64, 122, 7, 7)
        .ellipse(64, 122, 7, 7)
        .fill((180, 184, 190)),
    )
