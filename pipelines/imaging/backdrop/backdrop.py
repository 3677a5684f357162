"""A place at an hour, in a weather and a mood, as layers for the camera.

World units: a wide 16:9 frame shows x in [-889, 889), y in [-500, 500), y downwards; figures stand on y = 380 and are
about 600 tall; everything within x in [-1700, 1700), y in [-800, 800) is painted. Geometry comes from the location
alone, so a place is recognisably the same by night and in the rain; colours come from the hour, the weather and the
mood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.imaging.backdrop.country import paint_desert, paint_field, paint_forest, paint_mountain
from pipelines.imaging.backdrop.easel import Easel, Layer
from pipelines.imaging.backdrop.harbour import paint_harbour
from pipelines.imaging.backdrop.mood import paint_mood
from pipelines.imaging.backdrop.motion import Motion
from pipelines.imaging.backdrop.palette import LAMP, Palette, make_palette
from pipelines.imaging.backdrop.pen import Rgb
from pipelines.imaging.backdrop.place import Place
from pipelines.imaging.backdrop.rooms import paint_kitchen, paint_office, paint_room
from pipelines.imaging.backdrop.shore import paint_coast, paint_lighthouse, paint_open_sea
from pipelines.imaging.backdrop.town import paint_rooftop, paint_street
from pipelines.imaging.backdrop.underground import paint_cave, paint_cellar
from pipelines.imaging.backdrop.weather import paint_weather
from pipelines.imaging.backdrop.workshop import paint_workshop
from schemas.asset_manifest import BackgroundNeed
from schemas.vocabulary import LocationSetting

_OUTDOORS: dict[LocationSetting, Callable[[Easel], None]] = {
    "coast": paint_coast,
    "lighthouse": paint_lighthouse,
    "harbour": paint_harbour,
    "sea": paint_open_sea,
    "forest": paint_forest,
    "mountain": paint_mountain,
    "field": paint_field,
    "desert": paint_desert,
    "street": paint_street,
    "rooftop": paint_rooftop,
}

_INDOORS: dict[LocationSetting, Callable[[Easel], None]] = {
    "room": paint_room,
    "kitchen": paint_kitchen,
    "office": paint_office,
    "workshop": paint_workshop,
}

_UNDERGROUND: dict[LocationSetting, Callable[[Easel], None]] = {"cellar": paint_cellar, "cave": paint_cave}


@dataclass(frozen=True)
class Light:
    """How the place's light falls on the figures."""

    tint: tuple[float, float, float]
    """Multiplies figure colours, each 0..1; at night bluish and dim but readable, by lamplight warm."""

    rim: Rgb
    """Colour of the edge that sun, moon or lamp draws."""


@dataclass
class Backdrop:
    """The layers of a place, far to near, and their movement."""

    behind: tuple[Layer, ...]
    """Drawn before the figures."""

    in_front: tuple[Layer, ...]
    """Drawn over the figures."""

    light: Light
    motions: tuple[Motion, ...]

    def animate(self, seconds: float) -> None:
        """Puts everything that moves where it is at `seconds`; any order of calls gives the same picture."""
        for motion in self.motions:
            motion.apply(seconds)


def make_backdrop(need: BackgroundNeed) -> Backdrop:
    """The backdrop of `need`, at second 0. The same need gives the same pixels in any process."""
    palette = make_palette(need.time_of_day, need.weather, need.mood)
    easel = Easel(Place(need.location_id, need.name), palette, need.time_of_day, need.weather, need.mood)
    if need.setting in _OUTDOORS:
        _OUTDOORS[need.setting](easel)
        paint_mood(easel)
        paint_weather(easel)
        light = Light(palette.tint, palette.glow(palette.key))
    else:
        indoors = palette.indoors() if need.setting in _INDOORS else palette.underground()
        (_INDOORS | _UNDERGROUND)[need.setting](easel)
        paint_mood(easel)
        light = Light(indoors.tint, _indoor_rim(indoors))
    return Backdrop(tuple(easel.behind), tuple(easel.in_front), light, tuple(easel.motions))


def _indoor_rim(palette: Palette) -> Rgb:
    return palette.glow(LAMP if palette.lamps else palette.key)
