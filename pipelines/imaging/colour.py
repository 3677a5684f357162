"""Colours as (r, g, b) of 0 to 255: words, mixing, shading and tinting."""

from __future__ import annotations

import re
from functools import lru_cache

from schemas.errors import InvalidInput

Rgb = tuple[int, int, int]

WORDS: dict[str, str] = {
    "black": "#2a2730", "white": "#f2efe8", "grey": "#8b8d94", "gray": "#8b8d94", "silver": "#bfc3ca",
    "red": "#c0443f", "crimson": "#a52f3d", "maroon": "#73303a", "rust": "#a9542f", "auburn": "#8a4328",
    "ginger": "#c8692e", "orange": "#d9823b", "amber": "#d99a3c", "gold": "#d6ab47", "yellow": "#e2bd4f",
    "mustard": "#c99a35", "blond": "#dcb96e", "blonde": "#dcb96e", "straw": "#d8be82", "cream": "#eadfc3",
    "beige": "#cdb993", "tan": "#b98f63", "brown": "#6d4930", "chestnut": "#7b4a2c", "olive": "#7c7a44",
    "green": "#4e8657", "moss": "#6b7c42", "teal": "#2f7f83", "turquoise": "#3f9c9c", "cyan": "#4aa7b8",
    "blue": "#3f68a8", "navy": "#2c3e66", "indigo": "#454a8c", "violet": "#7456a0", "purple": "#6f4a8c",
    "lavender": "#9a8cc0", "plum": "#7a4566", "pink": "#d0809a", "rose": "#c56a7c", "coral": "#d9705e",
}  # fmt: skip
"""Colour words of stories, muted to one palette so that figures sit together."""

SKIN_WORDS: dict[str, str] = {
    "pale": "#f3d6c3", "fair": "#eec3a4", "tan": "#d9a27a", "brown": "#a56f4b", "dark": "#70472f",
}  # fmt: skip


def parse_colour(text: str, words: dict[str, str] | None = None) -> Rgb:
    """The colour that `text` names: `#rrggbb`, or a word, or words of which the last that is known counts.

    Raises:
        InvalidInput: no word of `text` is a colour.
    """
    if re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
    known = {**WORDS, **(words or {})}
    parts = re.split(r"[\s_\-]+", text.strip().lower())
    for part in reversed(parts):
        if part in known:
            colour = parse_colour(known[part])
            modifier = parts[0] if len(parts) > 1 else ""
            return shade(colour, {"dark": -0.3, "deep": -0.25, "light": 0.3, "pale": 0.4}.get(modifier, 0.0))
    raise InvalidInput(f"colour {text!r} is neither #rrggbb nor a known word ({', '.join(sorted(known))})")


def to_hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


@lru_cache(maxsize=4096)
def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`one` with `share` (0 to 1) of `other`."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(one, other, strict=True))
    return r, g, b


@lru_cache(maxsize=4096)
def shade(colour: Rgb, amount: float) -> Rgb:
    """Darker for amounts below 0 (towards a cool dark), lighter above (towards a warm white); -1 to 1."""
    return mix(colour, (30, 22, 48), -amount) if amount < 0 else mix(colour, (255, 246, 228), amount)


def tinted(colour: Rgb, tint: tuple[float, float, float]) -> Rgb:
    """`colour` under light of relative strength `tint` (0 to about 1.2 each)."""
    r, g, b = (max(0, min(255, round(c * t))) for c, t in zip(colour, tint, strict=True))
    return r, g, b
