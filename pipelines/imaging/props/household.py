"""Props of the house and the pocket: cup, bottle, coin, ring, box, flower, bell, suitcase, door, and their kin."""

from __future__ import annotations

import math

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.pen import Path, fade_across, fade_down, group, halo

_BRASS = (208, 162, 80)
_WOOD = (150, 100, 62)


def draw_cup() -> Scene:
    """A steaming cup on a saucer."""
    steam = (
        Path()
        .through([(-30, -70), (-50, -98), (-20, -122), (-36, -150)])
        .through([(24, -70), (4, -98), (34, -122), (18, -150)])
    )
    return group(
        steam.stroke((255, 255, 255), 9, 110),
        Path().arc(96, 20, 38, -100, 110).stroke((206, 92, 74), 17),
        Path().ellipse(0, 122, 140, 26).fill((178, 74, 60)),
        Path().ellipse(0, 114, 140, 24).fill((226, 124, 100)),
        Path()
        .move(-106, -46)
        .line(106, -46)
        .cubic(104, 60, 70, 116, 44, 118)
        .line(-44, 118)
        .cubic(-70, 116, -104, 60, -106, -46)
        .close()
        .fill(fade_across(-106, 106, (236, 136, 108), (222, 104, 82), (164, 66, 54))),
        Path().ellipse(0, -46, 106, 24).fill((246, 170, 144)),
        Path().ellipse(0, -43, 94, 18).fill((104, 62, 42)),
    )


def draw_bottle() -> Scene:
    """A green bottle with a label and a cork."""
    body = (
        Path()
        .move(-24, -110)
        .line(24, -110)
        .line(24, -58)
        .cubic(26, -30, 64, -26, 66, 14)
        .line(66, 136)
        .cubic(66, 146, 60, 150, 50, 150)
    )
    body.line(-50, 150).cubic(-60, 150, -66, 146, -66, 136).line(-66, 14).cubic(-64, -26, -26, -30, -24, -58).close()
    return group(
        Path().rounded(-18, -152, 36, 48, 8).fill((196, 148, 96)),
        body.fill(fade_across(-66, 66, (40, 96, 78), (86, 160, 120), (28, 70, 62))),
        Path().rounded(-30, -114, 60, 18, 6).fill((52, 110, 88)),
        Path().rect(-62, 36, 124, 78).fill((244, 232, 200)),
        Path().rounded(-40, 54, 80, 9, 4).rounded(-30, 76, 60, 7, 3).rounded(-34, 92, 68, 7, 3).fill((140, 90, 66)),
        Path().rounded(-50, 0, 12, 130, 6).fill((190, 230, 206), 150),
    )


def draw_glass() -> Scene:
    """A tumbler of water."""
    return group(
        Path().polygon([(-84, -140), (84, -140), (62, 148), (-62, 148)]).fill((190, 220, 232), 110),
        Path().polygon([(-76, -40), (76, -40), (60, 138), (-60, 138)]).fill((130, 190, 220), 190),
        Path().ellipse(0, -40, 76, 15).fill((190, 226, 240)),
        Path().polygon([(-66, -120), (-48, -120), (-38, 130), (-50, 130)]).fill((255, 255, 255), 120),
        Path().ellipse(0, -140, 84, 16).stroke((226, 242, 248), 6),
    )


def draw_coin() -> Scene:
    """A gold coin with a ship on it."""
    edge = Path()
    for i in range(36):
        a = math.pi * i / 18
        edge.ellipse(128 * math.cos(a), 128 * math.sin(a), 5, 5)
    return group(
        Path().ellipse(8, 10, 146, 146).fill((140, 96, 40)),
        Path().ellipse(0, 0, 146, 146).fill(fade_down(-146, 146, (252, 218, 120), (206, 152, 62))),
        edge.fill((176, 124, 50)),
        Path().ellipse(0, 0, 108, 108).stroke((176, 124, 50), 7),
        Path()
        .polygon([(-60, 36), (64, 36), (44, 66), (-42, 66)])
        .rect(-4, -76, 8, 110)
        .polygon([(8, -72), (56, 22), (8, 22)])
        .polygon([(-8, -58), (-48, 22), (-8, 22)])
        .fill((168, 116, 46)),
        Path().arc(0, 0, 88, 195, 265).stroke((255, 244, 190), 9),
    )


def draw_ring() -> Scene:
    """A ring with a blue stone."""
    return group(
        halo((0, -92), 110, (170, 220, 255), 120),
        Path()
        .ellipse(0, 50, 98, 98)
        .ellipse(0, 50, 74, 74)
        .fill(fade_across(-98, 98, (176, 124, 54), (250, 214, 120), (150, 104, 46)), even_odd=True),
        Path().polygon([(-56, -92), (-30, -124), (30, -124), (56, -92), (0, -32)]).fill((74, 140, 206)),
        Path()
        .polygon([(-56, -92), (-22, -92), (0, -32)])
        .polygon([(-10, -124), (10, -124), (22, -92), (-22, -92)])
        .fill((150, 206, 246)),
        Path().polygon([(-40, -50), (0, -30), (40, -50), (26, -28), (-26, -28)]).fill(_BRASS),
    )


def draw_box() -> Scene:
    """A wooden chest with iron bands."""
    lid = (
        Path()
        .move(-144, -20)
        .cubic(-144, -120, -90, -130, -60, -130)
        .line(60, -130)
        .cubic(90, -130, 144, -120, 144, -20)
        .close()
    )
    planks = Path().rect(-140, 44, 280, 5).rect(-140, 92, 280, 5).rect(-136, -70, 272, 5)
    return group(
        Path().rounded(-140, -24, 280, 166, 8).fill(fade_down(-24, 142, (168, 112, 68), (108, 68, 44))),
        lid.fill(fade_down(-130, -20, (192, 134, 84), (146, 94, 58))),
        planks.fill((92, 58, 38), 170),
        Path().rect(-112, -124, 28, 266).rect(84, -124, 28, 266).rect(-146, -30, 292, 16).fill((78, 78, 86)),
        Path().rounded(-34, -44, 68, 76, 10).fill(_BRASS),
        Path().ellipse(0, -12, 11, 11).polygon([(-6, -8), (6, -8), (10, 18), (-10, 18)]).fill((70, 48, 32)),
    )


def draw_flower() -> Scene:
    """One red flower with two leaves."""
    petals, shade = Path(), Path()
    for i in range(7):
        a = 2 * math.pi * i / 7
        petals.ellipse(54 * math.cos(a), -74 + 54 * math.sin(a), 38, 38)
        shade.ellipse(34 * math.cos(a), -74 + 34 * math.sin(a), 20, 20)
    return group(
        Path().through([(0, -40), (10, 40), (-4, 150)]).stroke((74, 124, 70), 13),
        Path().move(4, 76).cubic(40, 20, 90, 20, 112, 34).cubic(100, 80, 50, 96, 4, 76).close().fill((96, 150, 80)),
        Path()
        .move(2, 106)
        .cubic(-40, 56, -86, 60, -106, 76)
        .cubic(-90, 116, -40, 126, 2, 106)
        .close()
        .fill((82, 136, 74)),
        petals.fill((222, 78, 74)),
        shade.fill((180, 48, 58)),
        Path().ellipse(0, -74, 29, 29).fill((246, 200, 84)),
        Path().ellipse(-6, -80, 12, 12).fill((255, 230, 140)),
    )


def draw_bell() -> Scene:
    """A brass bell."""
    body = Path().move(-26, -112).cubic(-86, -90, -74, 20, -96, 70).cubic(-104, 88, -124, 96, -124, 110).line(124, 110)
    body.cubic(124, 96, 104, 88, 96, 70).cubic(74, 20, 86, -90, 26, -112).close()
    return group(
        Path().ellipse(0, -128, 20, 20).stroke((130, 90, 46), 11),
        Path().ellipse(0, 124, 25, 25).fill((96, 66, 38)),
        body.fill(fade_across(-124, 124, (160, 112, 50), (250, 208, 112), (136, 92, 44))),
        Path().rounded(-128, 100, 256, 22, 10).fill((186, 134, 64)),
        Path().move(-48, -76).cubic(-66, -20, -62, 30, -74, 72).stroke((255, 240, 184), 10),
    )


def draw_suitcase() -> Scene:
    """A strapped leather suitcase."""
    return group(
        Path().arc(0, -88, 42, 180, 360).stroke((84, 54, 40), 15),
        Path().rounded(-146, -88, 292, 218, 22).fill(fade_down(-88, 130, (182, 118, 72), (130, 78, 50))),
        Path().rect(-146, 8, 292, 6).fill((100, 60, 40)),
        Path().rect(-96, -88, 30, 218).rect(66, -88, 30, 218).fill((108, 66, 44)),
        Path().rounded(-104, -6, 46, 34, 5).rounded(58, -6, 46, 34, 5).fill(_BRASS),
        Path().rounded(-136, -78, 44, 40, 8).rounded(-28, 46, 70, 50, 5).fill((236, 214, 170)),
        Path().ellipse(6, 70, 18, 18).fill((84, 136, 150)),
    )


def draw_door() -> Scene:
    """A panelled door standing a little open, light behind it."""
    panels = Path().rounded(-66, -122, 112, 96, 6).rounded(-66, -6, 112, 116, 6)
    return group(
        Path().rect(-102, -152, 204, 304).fill((92, 66, 50)),
        Path().rect(-86, -138, 172, 290).fill((255, 226, 150)),
        Path().polygon([(-86, -138), (62, -126), (62, 146), (-86, 152)]).fill((86, 118, 122)),
        panels.fill((66, 94, 100)),
        Path().ellipse(40, 12, 12, 12).fill(_BRASS),
        Path().rect(-90, -100, 8, 36).rect(-90, 80, 8, 36).fill((60, 60, 66)),
    )


def draw_bag() -> Scene:
    """A cloth shoulder bag."""
    return group(
        Path().move(-80, -30).cubic(-90, -150, 90, -150, 80, -30).stroke((110, 84, 60), 14),
        Path()
        .move(-110, -34)
        .line(110, -34)
        .cubic(130, 60, 136, 120, 112, 146)
        .line(-112, 146)
        .cubic(-136, 120, -130, 60, -110, -34)
        .close()
        .fill(fade_down(-34, 146, (134, 146, 104), (92, 104, 76))),
        Path()
        .move(-114, -38)
        .line(114, -38)
        .cubic(112, 20, 70, 58, 0, 60)
        .cubic(-70, 58, -112, 20, -114, -38)
        .close()
        .fill((152, 164, 120)),
        Path().rounded(-15, 34, 30, 46, 6).fill(_BRASS),
    )


def draw_bread() -> Scene:
    """A loaf."""
    cuts = Path()
    for x in (-70, -10, 50):
        cuts.through([(x - 16, 8), (x + 10, -30), (x + 34, -58)])
    return group(
        Path()
        .move(-146, 60)
        .cubic(-156, -60, -70, -96, 0, -96)
        .cubic(80, -96, 156, -56, 146, 60)
        .cubic(140, 96, -140, 96, -146, 60)
        .close()
        .fill(fade_down(-96, 90, (222, 164, 92), (160, 98, 52))),
        cuts.stroke((250, 222, 164), 15),
    )


def draw_chair() -> Scene:
    """A wooden chair."""
    back = Path().rounded(-80, -150, 18, 300, 6).rounded(50, -150, 18, 300, 6)
    return group(
        Path().rounded(-98, 44, 16, 106, 5).rounded(74, 44, 18, 106, 5).fill((112, 72, 46)),
        back.fill(_WOOD),
        Path()
        .rounded(-72, -134, 136, 24, 8)
        .rounded(-70, -88, 132, 18, 6)
        .rounded(-70, -46, 132, 18, 6)
        .fill((176, 122, 78)),
        Path().polygon([(-84, 14), (72, 14), (98, 52), (-106, 52)]).fill((192, 138, 90)),
        Path().rect(-106, 50, 204, 14).fill((120, 78, 50)),
    )


def draw_shell() -> Scene:
    """A scallop shell."""
    ribs = Path()
    for i in range(7):
        a = math.pi * (0.12 + 0.76 * i / 6)
        ribs.polyline([(0, 110), (-136 * math.cos(a), 110 - 220 * math.sin(a))])
    fan = (
        Path()
        .move(-24, 120)
        .cubic(-90, 90, -150, 20, -138, -40)
        .cubic(-120, -120, -50, -140, 0, -140)
        .cubic(50, -140, 120, -120, 138, -40)
        .cubic(150, 20, 90, 90, 24, 120)
        .close()
    )
    return group(
        Path().polygon([(-62, 92), (-24, 140), (24, 140), (62, 92)]).fill((206, 136, 116)),
        fan.fill(fade_down(-140, 120, (250, 214, 190), (226, 150, 128))),
        ribs.stroke((206, 128, 110), 6),
    )
