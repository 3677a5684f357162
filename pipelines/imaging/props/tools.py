"""Props to work, sail and fight with: key, knife, rope, wrench, hammer, gear, wheel, anchor, boat, sword, axe, net."""

from __future__ import annotations

import math

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.pen import Path, Point, fade_across, fade_down, group

_BRASS = (208, 162, 80)
_STEEL = (176, 184, 192)
_WOOD = (150, 100, 62)


def draw_key() -> Scene:
    """An old iron key."""
    return group(
        Path()
        .ellipse(0, -92, 56, 56)
        .ellipse(0, -92, 30, 30)
        .fill(fade_across(-56, 56, (150, 106, 52), (236, 192, 104), (130, 88, 44)), even_odd=True),
        Path().rounded(-11, -42, 22, 192, 6).fill(fade_across(-11, 11, (226, 180, 96), (150, 104, 50))),
        Path().rounded(-20, -48, 40, 16, 6).rounded(-18, 30, 36, 12, 5).fill(_BRASS),
        Path()
        .polygon([(8, 86), (66, 86), (66, 104), (48, 104), (48, 116), (66, 116), (66, 140), (8, 140)])
        .fill((186, 138, 68)),
    )


def draw_knife() -> Scene:
    """A sheath knife."""
    blade = group(
        Path()
        .move(-24, 30)
        .line(-24, -110)
        .cubic(-20, -140, 0, -152, 22, -156)
        .line(22, 30)
        .close()
        .fill(fade_across(-24, 22, (226, 232, 236), (150, 160, 170))),
        Path().polygon([(8, 30), (8, -140), (22, -156), (22, 30)]).fill((120, 130, 142), 130),
        Path().rounded(-46, 26, 92, 18, 8).fill(_BRASS),
        Path().rounded(-22, 42, 44, 112, 14).fill((112, 66, 46)),
        Path().ellipse(0, 70, 5, 5).ellipse(0, 100, 5, 5).ellipse(0, 130, 5, 5).fill(_BRASS),
    )
    blade.rotate(28)
    return group(blade)


def draw_rope() -> Scene:
    """A coil of rope with a loose end."""
    scene = group()
    for i, (y, r) in enumerate(((96.0, 138.0), (52.0, 132.0), (8.0, 124.0), (-36.0, 114.0))):
        strands = Path()
        for k in range(12):
            a = math.radians(12 + 14 * k)
            x = r * math.cos(a)
            strands.polyline([(x, y + 40 * math.sin(a) - 14), (x + 12, y + 40 * math.sin(a) + 14)])
        scene.add(Path().ellipse(0, y, r, 44).fill((166 + 8 * i, 130 + 8 * i, 82 + 6 * i)))
        scene.add(strands.stroke((122, 90, 54), 4))
    scene.add(Path().ellipse(0, -46, 78, 24).fill((84, 62, 42)))
    scene.add(Path().through([(90, -40), (128, -90), (96, -130), (120, -150)]).stroke((206, 170, 116), 22))
    return scene


def draw_wrench() -> Scene:
    """An open-ended wrench."""
    tool = group(
        Path().rounded(-22, -80, 44, 200, 16).fill(fade_across(-22, 22, (206, 212, 218), (128, 136, 146))),
        Path()
        .polygon(
            [
                (-58, -140),
                (-22, -156),
                (-22, -116),
                (22, -116),
                (22, -156),
                (58, -140),
                (58, -92),
                (28, -64),
                (-28, -64),
                (-58, -92),
            ]
        )
        .fill(_STEEL),
        Path().ellipse(0, 118, 42, 42).ellipse(0, 118, 19, 19).fill(_STEEL, even_odd=True),
        Path().rounded(-7, -50, 14, 140, 7).fill((120, 128, 138)),
    )
    tool.rotate(24)
    return group(tool)


def draw_hammer() -> Scene:
    """A claw hammer."""
    tool = group(
        Path().rounded(-15, -90, 30, 244, 10).fill(fade_across(-15, 15, (196, 142, 90), (128, 84, 52))),
        Path()
        .polygon([(-96, -146), (-58, -150), (40, -146), (112, -120), (104, -104), (40, -100), (-58, -90), (-96, -94)])
        .fill(fade_down(-150, -90, (190, 196, 204), (104, 112, 122))),
        Path().rounded(-110, -152, 26, 64, 6).fill(_STEEL),
    )
    tool.rotate(18)
    return group(tool)


def gear_outline(radius: float, teeth: int) -> list[Point]:
    """The outline of a toothed wheel around (0, 0)."""
    points = []
    for i in range(teeth):
        for offset, share in ((-0.30, 0.82), (-0.17, 1.0), (0.17, 1.0), (0.30, 0.82)):
            a = 2 * math.pi * (i + offset) / teeth
            points.append((radius * share * math.cos(a), radius * share * math.sin(a)))
    return points


def draw_gear() -> Scene:
    """Two brass gears in mesh."""
    large = group(
        Path()
        .polygon(gear_outline(112, 12))
        .ellipse(0, 0, 62, 62)
        .fill(fade_down(-112, 112, (236, 190, 100), (160, 112, 56)), even_odd=True)
    )
    large.add(Path().polyline([(-60, 0), (60, 0)]).polyline([(0, -60), (0, 60)]).stroke((176, 128, 64), 18))
    large.add(Path().ellipse(0, 0, 26, 26).fill((110, 76, 42)))
    large.translate(-30, 36)
    small = group(Path().polygon(gear_outline(66, 8)).ellipse(0, 0, 22, 22).fill((176, 184, 190), even_odd=True))
    small.rotate(14)
    small.translate(88, -88)
    return group(large, small)


def draw_wheel() -> Scene:
    """A ship's wheel."""
    spokes, grips = Path(), Path()
    for i in range(8):
        a = math.pi * i / 4
        spokes.polyline([(0, 0), (112 * math.cos(a), 112 * math.sin(a))])
        grips.polyline([(112 * math.cos(a), 112 * math.sin(a)), (144 * math.cos(a), 144 * math.sin(a))])
    return group(
        grips.stroke((176, 118, 72), 16),
        spokes.stroke(_WOOD, 13),
        Path()
        .ellipse(0, 0, 112, 112)
        .ellipse(0, 0, 84, 84)
        .fill(fade_down(-112, 112, (186, 126, 78), (116, 72, 46)), even_odd=True),
        Path().ellipse(0, 0, 98, 98).stroke(_BRASS, 5),
        Path().ellipse(0, 0, 34, 34).fill((128, 82, 52)),
        Path().ellipse(0, 0, 18, 18).fill(_BRASS),
    )


def draw_anchor() -> Scene:
    """An iron anchor."""
    iron = (58, 66, 80)
    return group(
        Path().ellipse(0, -122, 24, 24).stroke(iron, 13),
        Path().rounded(-12, -98, 24, 226, 6).rounded(-76, -78, 152, 20, 8).fill(iron),
        Path()
        .move(-118, 40)
        .cubic(-104, 130, -40, 146, 0, 148)
        .cubic(40, 146, 104, 130, 118, 40)
        .line(94, 56)
        .cubic(82, 104, 40, 118, 0, 120)
        .cubic(-40, 118, -82, 104, -94, 56)
        .close()
        .fill(iron),
        Path().polygon([(-140, 64), (-112, 14), (-84, 66)]).polygon([(140, 64), (112, 14), (84, 66)]).fill(iron),
        Path().rect(-6, -90, 5, 200).fill((150, 160, 172)),
    )


def draw_boat() -> Scene:
    """A small sailing boat on a wave."""
    return group(
        Path().rounded(-5, -146, 10, 200, 4).fill((112, 78, 54)),
        Path().move(10, -140).cubic(70, -80, 104, -20, 116, 26).line(10, 26).close().fill((248, 238, 216)),
        Path().move(-12, -118).cubic(-50, -60, -84, 0, -96, 26).line(-12, 26).close().fill((206, 84, 66)),
        Path()
        .move(-140, 44)
        .cubic(-60, 58, 60, 58, 144, 40)
        .cubic(124, 90, 96, 122, 80, 126)
        .line(-86, 126)
        .cubic(-112, 116, -130, 84, -140, 44)
        .close()
        .fill((56, 96, 136)),
        Path().move(-138, 46).cubic(-60, 62, 60, 62, 142, 42).stroke((244, 236, 216), 9),
        Path()
        .move(-150, 122)
        .cubic(-110, 96, -80, 140, -40, 118)
        .cubic(0, 96, 30, 140, 70, 118)
        .cubic(100, 100, 130, 130, 150, 114)
        .line(150, 150)
        .line(-150, 150)
        .close()
        .fill((96, 170, 190)),
    )


def draw_sword() -> Scene:
    """A straight sword."""
    blade = group(
        Path()
        .polygon([(-15, 60), (-15, -130), (0, -156), (15, -130), (15, 60)])
        .fill(fade_across(-15, 15, (232, 238, 242), (140, 150, 162))),
        Path().rect(-2, -130, 4, 186).fill((120, 130, 142)),
        Path().rounded(-66, 56, 132, 18, 9).fill(_BRASS),
        Path().rounded(-11, 72, 22, 62, 6).fill((110, 52, 46)),
        Path().ellipse(0, 142, 16, 16).fill(_BRASS),
    )
    blade.rotate(24)
    return group(blade)


def draw_axe() -> Scene:
    """A felling axe."""
    tool = group(
        Path()
        .move(-12, -130)
        .cubic(-6, -40, -18, 60, -6, 152)
        .line(20, 152)
        .cubic(8, 60, 18, -40, 14, -130)
        .close()
        .fill(_WOOD),
        Path()
        .move(-14, -120)
        .cubic(-50, -130, -90, -150, -108, -156)
        .cubic(-124, -110, -120, -70, -104, -36)
        .cubic(-80, -48, -40, -62, -14, -66)
        .close()
        .fill(fade_across(-120, -10, (226, 232, 236), (110, 120, 132))),
        Path().rounded(-20, -128, 46, 68, 8).fill((96, 104, 116)),
    )
    tool.rotate(16)
    return group(tool)
