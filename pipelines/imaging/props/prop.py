"""One small drawing per prop tag, centred on (0, 0) and about 300 units tall.

A tag nobody drew yields None: the caller shows a placeholder and says so, rather than a picture of something else.
"""

from __future__ import annotations

from collections.abc import Callable

from thorvg_python.paint.scene import Scene

from pipelines.imaging.props import devices, household, lights, papers, tools

_DRAWINGS: dict[str, Callable[[], Scene]] = {
    "anchor": tools.draw_anchor,
    "axe": tools.draw_axe,
    "bag": household.draw_bag,
    "bell": household.draw_bell,
    "boat": tools.draw_boat,
    "book": papers.draw_book,
    "bottle": household.draw_bottle,
    "box": household.draw_box,
    "bread": household.draw_bread,
    "camera": devices.draw_camera,
    "candle": lights.draw_candle,
    "chair": household.draw_chair,
    "chest": household.draw_box,
    "clock": devices.draw_clock,
    "coin": household.draw_coin,
    "compass": devices.draw_compass,
    "cup": household.draw_cup,
    "diary": papers.draw_book,
    "door": household.draw_door,
    "envelope": papers.draw_letter,
    "flashlight": lights.draw_torch,
    "flower": household.draw_flower,
    "gear": tools.draw_gear,
    "glass": household.draw_glass,
    "great_lamp": lights.draw_great_lamp,
    "hammer": tools.draw_hammer,
    "journal": papers.draw_book,
    "key": tools.draw_key,
    "knife": tools.draw_knife,
    "lamp": lights.draw_lamp,
    "lantern": lights.draw_lantern,
    "lens": devices.draw_lens,
    "letter": papers.draw_letter,
    "lever": lights.draw_switch,
    "logbook": papers.draw_book,
    "machine": devices.draw_machine,
    "map": papers.draw_map,
    "matches": lights.draw_matches,
    "microphone": devices.draw_microphone,
    "mug": household.draw_cup,
    "newspaper": papers.draw_newspaper,
    "note": papers.draw_note,
    "phone": devices.draw_phone,
    "photo": papers.draw_photo,
    "radio": devices.draw_radio,
    "ring": household.draw_ring,
    "rope": tools.draw_rope,
    "screen": devices.draw_screen,
    "shell": household.draw_shell,
    "suitcase": household.draw_suitcase,
    "switch": lights.draw_switch,
    "sword": tools.draw_sword,
    "telescope": devices.draw_telescope,
    "ticket": papers.draw_ticket,
    "torch": lights.draw_torch,
    "watch": devices.draw_watch,
    "wheel": tools.draw_wheel,
    "wrench": tools.draw_wrench,
}

KNOWN_PROPS: frozenset[str] = frozenset(_DRAWINGS)
"""Every tag that can be drawn."""


def make_prop(tag: str) -> Scene | None:
    """The drawing of `tag`, or None when there is none. A compound such as `brass_key` shows its last known word."""
    words = tag.lower().replace("-", "_").split("_")
    drawable = [word for word in ("_".join(words), *reversed(words)) if word in _DRAWINGS]
    return _DRAWINGS[drawable[0]]() if drawable else None
