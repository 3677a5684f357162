"""Props of paper: letter, map, book, photo, newspaper, ticket, note."""

from __future__ import annotations

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.pen import Path, group

_PAPER = (246, 236, 210)
_INK = (74, 66, 72)


def _lines(path: Path, left: float, top: float, width: float, count: int, step: float) -> Path:
    for i in range(count):
        shorten = 0.62 if i == count - 1 else 1.0 - 0.09 * (i % 3)
        path.rounded(left, top + step * i, width * shorten, 6, 3)
    return path


def draw_letter() -> Scene:
    """An opened letter over its envelope, with a wax seal."""
    sheet = group(
        Path().rect(-92, -150, 190, 220).fill((216, 200, 168)),
        Path().rect(-98, -154, 190, 220).fill(_PAPER),
        _lines(Path(), -74, -118, 140, 8, 22).fill(_INK, 190),
    )
    sheet.rotate(-6)
    return group(
        Path().polygon([(-140, -10), (0, -96), (140, -10)]).fill((206, 182, 140)),
        sheet,
        Path().rect(-140, -10, 280, 160).fill((226, 204, 162)),
        Path().polygon([(-140, -10), (0, 84), (140, -10), (140, 150), (-140, 150)]).fill((234, 214, 174)),
        Path().polyline([(-140, 150), (-24, 62)]).polyline([(140, 150), (24, 62)]).stroke((196, 172, 130), 5),
        Path().blob([(0, 56), (26, 66), (34, 90), (20, 112), (-8, 116), (-32, 100), (-30, 70)]).fill((178, 42, 44)),
        Path().ellipse(0, 86, 17, 17).stroke((216, 92, 86), 5),
    )


def draw_note() -> Scene:
    """A folded scrap with a few words."""
    return group(
        Path().polygon([(-108, -120), (100, -140), (120, 124), (-92, 146)]).fill((204, 190, 158)),
        Path().polygon([(-114, -128), (94, -148), (112, 116), (-98, 138)]).fill((250, 242, 216)),
        Path().polygon([(-3, -138), (0, -138), (10, 127), (4, 128)]).fill((220, 206, 174)),
        Path().through([(-80, -60), (-50, -84), (-20, -56), (16, -80), (60, -66)]).stroke(_INK, 8),
        Path().through([(-76, 0), (-40, -20), (0, 6), (40, -16), (70, 0)]).stroke(_INK, 8),
        Path().through([(-70, 64), (-30, 44), (10, 66)]).stroke(_INK, 8),
    )


def draw_map() -> Scene:
    """A folded chart with a coast, a route and a cross."""
    scene = group(
        Path()
        .polygon([(-150, -110), (-50, -134), (50, -110), (150, -134), (150, 110), (50, 134), (-50, 110), (-150, 134)])
        .fill((236, 218, 172))
    )
    folds = Path().polygon([(-50, -134), (50, -110), (50, 134), (-50, 110)])
    land = Path().blob([(-130, -60), (-70, -96), (-20, -60), (-30, 0), (-60, 40), (-40, 90), (-120, 104), (-140, 20)])
    isle = Path().blob([(70, -70), (110, -84), (126, -50), (96, -24), (68, -40)])
    route = Path()
    for i in range(7):
        route.ellipse(-40 + 22 * i, 40 - 30 * (i * (6 - i) / 9), 6, 6)
    for shape in (
        land.fill((178, 182, 116)),
        isle.fill((178, 182, 116)),
        folds.fill((120, 90, 50), 34),
        route.fill((176, 60, 50)),
        Path().polyline([(82, -72), (110, -40)]).polyline([(110, -72), (82, -40)]).stroke((190, 44, 42), 9),
        Path().ellipse(96, 78, 28, 28).stroke((120, 92, 60), 4),
        Path()
        .polygon([(96, 44), (104, 78), (96, 112), (88, 78)])
        .polygon([(62, 78), (96, 70), (130, 78), (96, 86)])
        .fill((120, 92, 60)),
    ):
        scene.add(shape)
    return scene


def draw_book() -> Scene:
    """A thick leather book with a ribbon."""
    return group(
        Path()
        .polygon([(-110, -140), (90, -150), (120, -124), (120, 140), (96, 150), (-104, 150)])
        .fill((226, 212, 178)),
        Path().polyline([(100, -132), (108, 140)]).polyline([(108, -128), (114, 138)]).stroke((190, 172, 136), 3),
        Path().rounded(-118, -150, 210, 298, 12).fill((132, 52, 48)),
        Path().rounded(-118, -150, 34, 298, 12).fill((100, 38, 38)),
        Path().rounded(-66, -126, 138, 250, 8).stroke((218, 172, 88), 6),
        Path().polygon([(4, -56), (24, -4), (4, 48), (-16, -4)]).fill((218, 172, 88)),
        Path().rect(-46, -98, 100, 10).rect(-36, 80, 80, 8).fill((218, 172, 88)),
        Path().polygon([(60, 144), (60, 176), (70, 164), (80, 176), (80, 144)]).fill((60, 92, 132)),
    )


def draw_photo() -> Scene:
    """A framed old photograph of two people by the sea."""
    return group(
        Path().rounded(-122, -150, 244, 300, 8).fill((112, 78, 52)),
        Path().rounded(-108, -136, 216, 272, 4).fill((196, 152, 92)),
        Path().rect(-92, -120, 184, 240).fill((222, 204, 170)),
        Path().rect(-92, 20, 184, 100).fill((176, 154, 120)),
        Path().ellipse(-34, -34, 24, 28).rounded(-66, -4, 64, 124, 26).fill((112, 90, 72)),
        Path().ellipse(40, -6, 19, 22).rounded(14, 18, 52, 102, 22).fill((134, 110, 88)),
        Path().ellipse(60, -86, 16, 16).fill((246, 232, 200)),
        Path().polygon([(-92, -120), (-20, -120), (-92, 0)]).fill((255, 255, 255), 46),
    )


def draw_newspaper() -> Scene:
    """A folded front page."""
    text = Path()
    for column in range(3):
        _lines(text, -104 + 72 * column, 40, 60, 5, 18)
    return group(
        Path().rect(-118, -140, 244, 290).fill((190, 186, 176)),
        Path().rect(-124, -148, 244, 290).fill((240, 236, 224)),
        Path().rounded(-104, -130, 204, 34, 4).fill((58, 56, 62)),
        Path().rect(-104, -84, 100, 104).fill((150, 148, 144)),
        Path().polygon([(-104, 20), (-64, -40), (-40, -6), (-24, -26), (-4, 20)]).fill((104, 104, 106)),
        _lines(Path(), 10, -80, 90, 5, 22).fill(_INK, 200),
        text.fill(_INK, 150),
    )


def draw_ticket() -> Scene:
    """A travel ticket with a stub."""
    return group(
        Path().rounded(-150, -74, 300, 148, 14).fill((226, 170, 88)),
        Path().ellipse(-150, 0, 18, 18).ellipse(150, 0, 18, 18).fill((130, 92, 52)),
        Path().rounded(-122, -52, 156, 104, 6).fill((250, 234, 196)),
        _lines(Path(), -104, -30, 120, 4, 20).fill(_INK, 200),
        *(Path().ellipse(62, -54 + 18 * i, 4, 4).fill((130, 92, 52)) for i in range(7)),
        Path()
        .polygon(
            [(106, -34), (116, -10), (140, -8), (120, 8), (128, 34), (106, 18), (84, 34), (92, 8), (74, -8), (98, -10)]
        )
        .fill((178, 60, 52)),
    )
