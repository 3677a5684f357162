"""Props with works inside: phone, radio, clock, watch, compass, telescope, lens, machine, screen, camera."""

from __future__ import annotations

import math

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.pen import Path, fade_across, fade_down, group, halo

_BRASS = (208, 162, 80)
_DARK = (46, 48, 56)


def draw_phone() -> Scene:
    """An old telephone with a dial."""
    dial = Path()
    for i in range(10):
        a = math.radians(120 + 30 * i)
        dial.ellipse(36 * math.cos(a), 64 + 36 * math.sin(a), 9, 9)
    handset = Path().move(-138, -86).cubic(-140, -130, -60, -150, 0, -150).cubic(60, -150, 140, -130, 138, -86)
    handset.cubic(134, -66, 92, -66, 88, -90).cubic(40, -112, -40, -112, -88, -90).cubic(
        -92, -66, -134, -66, -138, -86
    ).close()
    return group(
        Path()
        .move(-76, -50)
        .line(76, -50)
        .cubic(100, 40, 130, 90, 140, 150)
        .line(-140, 150)
        .cubic(-130, 90, -100, 40, -76, -50)
        .close()
        .fill(fade_across(-140, 140, (36, 38, 46), (74, 78, 88), (30, 30, 38))),
        Path().rect(-62, -96, 20, 52).rect(42, -96, 20, 52).fill(_DARK),
        handset.fill((40, 42, 50)),
        Path().through([(-100, -124), (0, -140), (100, -124)]).stroke((110, 114, 124), 6),
        Path().ellipse(0, 64, 56, 56).fill((232, 224, 206)),
        dial.fill((60, 60, 68)),
        Path().ellipse(0, 64, 17, 17).fill((196, 70, 58)),
    )


def draw_radio() -> Scene:
    """A wooden wireless set with a glowing scale."""
    slots = Path()
    for i in range(9):
        slots.rounded(-128, -86 + 17 * i, 136, 8, 4)
    ticks = Path()
    for i in range(9):
        ticks.rect(34 + 11 * i, -76, 3, 20 if i % 4 == 0 else 12)
    return group(
        Path().polyline([(110, -112), (146, -150)]).stroke((150, 154, 160), 6),
        Path().rounded(-150, -120, 300, 240, 30).fill(fade_down(-120, 120, (176, 112, 66), (116, 68, 44))),
        Path().rounded(-140, -102, 160, 184, 14).fill((84, 54, 40)),
        slots.fill((206, 172, 120)),
        Path().rounded(28, -90, 108, 70, 8).fill((255, 226, 150)),
        ticks.fill((110, 70, 46)),
        Path().rect(74, -88, 4, 64).fill((206, 60, 50)),
        Path().ellipse(56, 44, 25, 25).ellipse(112, 44, 25, 25).fill((232, 210, 170)),
        Path().polyline([(56, 44), (56, 24)]).polyline([(112, 44), (126, 32)]).stroke((110, 70, 46), 5),
        Path().rounded(-120, 118, 60, 24, 8).rounded(60, 118, 60, 24, 8).fill((70, 46, 36)),
    )


def _face(x: float, y: float, radius: float, hour_deg: float, minute_deg: float) -> Scene:
    ticks = Path()
    for i in range(12):
        a = math.radians(30 * i)
        ticks.ellipse(x + radius * 0.8 * math.cos(a), y + radius * 0.8 * math.sin(a), radius * 0.05, radius * 0.05)
    hour, minute = math.radians(hour_deg - 90), math.radians(minute_deg - 90)
    return group(
        Path().ellipse(x, y, radius, radius).fill((250, 242, 222)),
        ticks.fill((80, 64, 56)),
        Path()
        .polyline([(x, y), (x + radius * 0.5 * math.cos(hour), y + radius * 0.5 * math.sin(hour))])
        .stroke(_DARK, radius * 0.1),
        Path()
        .polyline([(x, y), (x + radius * 0.74 * math.cos(minute), y + radius * 0.74 * math.sin(minute))])
        .stroke(_DARK, radius * 0.06),
        Path().ellipse(x, y, radius * 0.08, radius * 0.08).fill((196, 60, 50)),
    )


def draw_clock() -> Scene:
    """An alarm clock with two bells, five to twelve."""
    return group(
        Path().polyline([(-70, 104), (-100, 148)]).polyline([(70, 104), (100, 148)]).stroke((120, 84, 44), 16),
        Path()
        .move(-112, -74)
        .cubic(-118, -140, -40, -150, -26, -110)
        .close()
        .move(112, -74)
        .cubic(118, -140, 40, -150, 26, -110)
        .close()
        .fill(_BRASS),
        Path().rounded(-8, -142, 16, 44, 6).fill((120, 84, 44)),
        Path().ellipse(0, 20, 128, 128).fill(fade_across(-128, 128, (150, 104, 50), (230, 186, 102), (128, 84, 42))),
        _face(0, 20, 104, 357.5, 330),
    )


def draw_watch() -> Scene:
    """A pocket watch on its chain."""
    chain = Path()
    for i in range(6):
        chain.ellipse(14 * (i % 2) + 8 * i, -118 - 5 * i, 9, 7)
    return group(
        chain.stroke(_BRASS, 5),
        Path().ellipse(0, -98, 20, 20).stroke(_BRASS, 9),
        Path().rounded(-14, -92, 28, 30, 6).fill((170, 124, 60)),
        Path().ellipse(0, 44, 112, 112).fill(fade_across(-112, 112, (160, 112, 54), (240, 200, 116), (136, 92, 46))),
        _face(0, 44, 90, 60, 120),
    )


def draw_compass() -> Scene:
    """A brass compass, its needle a little off north."""
    rose = Path().polygon([(0, -70), (12, 0), (0, 70), (-12, 0)]).polygon([(-70, 0), (0, -12), (70, 0), (0, 12)])
    needle = group(
        Path().polygon([(0, -84), (14, 0), (-14, 0)]).fill((200, 54, 48)),
        Path().polygon([(0, 84), (14, 0), (-14, 0)]).fill((70, 84, 104)),
    )
    needle.rotate(24)
    return group(
        Path().ellipse(0, -138, 18, 14).stroke(_BRASS, 8),
        Path().ellipse(0, 8, 140, 140).fill(fade_across(-140, 140, (150, 106, 52), (236, 194, 108), (128, 86, 44))),
        Path().ellipse(0, 8, 114, 114).fill((248, 240, 218)),
        group(Path().ellipse(0, 8, 96, 96).stroke((176, 150, 108), 3)),
        _at(group(rose.fill((206, 190, 154))), 0, 8),
        _at(needle, 0, 8),
        Path().ellipse(0, 8, 10, 10).fill(_BRASS),
        Path().polygon([(-80, -70), (-40, -94), (-76, 40), (-98, 10)]).fill((255, 255, 255), 60),
    )


def _at(scene: Scene, x: float, y: float) -> Scene:
    scene.translate(x, y)
    return scene


def draw_telescope() -> Scene:
    """A drawn-out brass spyglass."""
    tube = group(
        Path().rounded(-164, -30, 120, 60, 8).fill(fade_down(-30, 30, (150, 106, 54), (240, 200, 116), (116, 76, 42))),
        Path().rounded(-48, -40, 110, 80, 8).fill(fade_down(-40, 40, (96, 52, 40), (160, 92, 62), (74, 40, 34))),
        Path().rounded(58, -52, 96, 104, 8).fill(fade_down(-52, 52, (96, 52, 40), (176, 104, 70), (74, 40, 34))),
        Path()
        .rounded(-56, -44, 18, 88, 5)
        .rounded(50, -54, 18, 108, 5)
        .rounded(142, -58, 20, 116, 6)
        .rounded(-174, -36, 18, 72, 5)
        .fill(_BRASS),
        Path().ellipse(162, 0, 10, 46).fill((176, 222, 236)),
    )
    tube.rotate(-24)
    return group(tube)


def draw_lens() -> Scene:
    """A lighthouse lens: rings of prisms in a brass frame, glowing."""
    rings = Path()
    for r in (118, 94, 70, 46):
        rings.ellipse(0, -6, r * 0.86, r)
    cuts = Path()
    for i in range(6):
        y = -96.0 + 36 * i
        cuts.polyline([(-84, y), (84, y)])
    return group(
        halo((0, -6), 170, (255, 232, 160), 170),
        Path().ellipse(0, -6, 116, 136).fill(_BRASS),
        Path().ellipse(0, -6, 104, 124).fill((206, 236, 240)),
        cuts.stroke((160, 208, 220), 5),
        rings.stroke((244, 252, 252), 6),
        Path().ellipse(0, -6, 30, 36).fill((255, 250, 220)),
        Path().polygon([(-70, 128), (70, 128), (92, 150), (-92, 150)]).fill((122, 84, 44)),
    )


def draw_machine() -> Scene:
    """A machine with dials, a lever and a lamp."""
    rivets = Path()
    for i in range(7):
        rivets.ellipse(-126 + 42 * i, -104, 5, 5).ellipse(-126 + 42 * i, 134, 5, 5)
    return group(
        Path().rounded(-60, -150, 36, 50, 8).rounded(20, -140, 26, 40, 6).fill((84, 76, 74)),
        Path().rounded(-144, -118, 288, 268, 16).fill(fade_down(-118, 150, (96, 128, 124), (58, 84, 86))),
        rivets.fill((160, 186, 180)),
        Path().ellipse(-70, -40, 48, 48).ellipse(48, -52, 34, 34).fill(_BRASS),
        Path().ellipse(-70, -40, 38, 38).ellipse(48, -52, 26, 26).fill((248, 240, 220)),
        Path().polyline([(-70, -40), (-46, -62)]).polyline([(48, -52), (36, -68)]).stroke((190, 50, 46), 6),
        Path().rounded(-110, 40, 130, 74, 8).fill((38, 50, 54)),
        Path()
        .rounded(-100, 52, 110, 10, 4)
        .rounded(-100, 72, 84, 10, 4)
        .rounded(-100, 92, 98, 10, 4)
        .fill((134, 230, 160)),
        Path().polyline([(84, 100), (116, 10)]).stroke((170, 176, 180), 14),
        Path().ellipse(118, 4, 20, 20).fill((200, 60, 50)),
        Path().ellipse(50, 96, 13, 13).fill((255, 206, 96)),
    )


def draw_screen() -> Scene:
    """A monitor with a trace on it."""
    trace = Path().polyline([(-110, 10), (-60, 10), (-44, -46), (-20, 62), (0, -10), (20, 10), (110, 10)])
    return group(
        Path().polygon([(-30, 96), (30, 96), (52, 140), (-52, 140)]).rounded(-86, 134, 172, 16, 6).fill((70, 74, 82)),
        Path().rounded(-150, -130, 300, 232, 18).fill((60, 64, 72)),
        Path().rounded(-134, -114, 268, 194, 8).fill(fade_down(-114, 80, (24, 62, 70), (14, 36, 50))),
        trace.stroke((130, 246, 190), 8),
        Path().polygon([(-134, -114), (-30, -114), (-134, 20)]).fill((255, 255, 255), 24),
        Path().ellipse(126, 91, 5, 5).fill((120, 230, 120)),
    )


def draw_camera() -> Scene:
    """A folding camera with a round lens."""
    return group(
        Path().rounded(-56, -112, 112, 44, 10).rounded(-124, -100, 44, 20, 6).fill((60, 60, 66)),
        Path().rounded(-150, -84, 300, 200, 22).fill((70, 58, 54)),
        Path().rect(-150, -50, 300, 16).rect(-150, 76, 300, 14).fill((190, 188, 184)),
        Path().ellipse(0, 20, 82, 82).fill((40, 42, 48)),
        Path().ellipse(0, 20, 62, 62).fill((90, 96, 106)),
        Path().ellipse(0, 20, 44, 44).fill((44, 76, 112)),
        Path().ellipse(-14, 4, 15, 13).fill((190, 220, 240)),
        Path().rounded(-22, -104, 44, 26, 5).fill((150, 196, 214)),
    )


def draw_microphone() -> Scene:
    """A studio microphone on a stand."""
    grille = Path()
    for i in range(6):
        grille.polyline([(-52, -118 + 22 * i), (52, -118 + 22 * i)])
    return group(
        Path().rounded(-7, 60, 14, 76, 4).rounded(-74, 132, 148, 18, 8).fill((90, 94, 102)),
        Path().arc(0, -20, 84, 20, 160).stroke((90, 94, 102), 12),
        Path()
        .rounded(-58, -150, 116, 196, 56)
        .fill(fade_across(-58, 58, (130, 136, 144), (220, 224, 228), (110, 114, 124))),
        grille.stroke((96, 102, 112), 6),
        Path().rect(-58, 4, 116, 14).fill((190, 66, 56)),
    )
