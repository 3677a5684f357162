"""Colours of a time of day, in a weather, in a mood.

Every painted colour passes through one of three doors, so that a place turns its light as a whole:

    lit(material, far)    a thing under the ambient light, fading into the haze with distance
    glow(colour)          a thing that shines by itself
    indoors()             the same palette as it falls through a window, with the lamp
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipelines.imaging.backdrop.pen import Rgb
from schemas.vocabulary import Mood, TimeOfDay, Weather

Ratio = tuple[float, float, float]

LAMP: Rgb = (255, 196, 112)
"""Lamplight, as every lit window and lantern shows it."""


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """`first` with `share` (0..1) of `second`."""
    keep = 1.0 - share
    return (
        round(first[0] * keep + second[0] * share),
        round(first[1] * keep + second[1] * share),
        round(first[2] * keep + second[2] * share),
    )


def scale(colour: Sequence[float], ratio: Ratio | float) -> Rgb:
    """`colour` times `ratio`, kept within 0..255."""
    r, g, b = (ratio, ratio, ratio) if isinstance(ratio, float | int) else ratio
    return _clamp(colour[0] * r, colour[1] * g, colour[2] * b)


def _clamp(r: float, g: float, b: float) -> Rgb:
    return (min(255, max(0, round(r))), min(255, max(0, round(g))), min(255, max(0, round(b))))


@dataclass(frozen=True)
class Grade:
    """What a mood does to every colour."""

    saturation: float = 1.0
    brightness: float = 1.0
    cast: Rgb = (128, 128, 128)
    cast_share: float = 0.0

    def apply(self, colour: Rgb) -> Rgb:
        """The graded colour."""
        grey = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]
        r, g, b = (grey + (channel - grey) * self.saturation for channel in colour)
        cast = scale(self.cast, min(1.0, (grey + 40) / 160))
        return mix(_clamp(r * self.brightness, g * self.brightness, b * self.brightness), cast, self.cast_share)


@dataclass(frozen=True)
class Palette:
    """The light of one backdrop."""

    sky: tuple[Rgb, Rgb, Rgb, Rgb]
    """From the zenith down to the horizon."""

    haze: Rgb
    haze_share: float
    """How much of a thing at distance 1 is haze, 0..1."""

    ambient: Ratio
    key: Rgb
    """Colour of the sun, the moon or the grey sky."""

    cloud: Rgb
    lamps: bool
    """Whether lamps and windows are lit."""

    stars: float
    """How many stars show, 0..1."""

    grade: Grade

    def lit(self, material: Rgb, far: float = 0.0) -> Rgb:
        """`material` under this light; `far` 0 stands with the figures, 1 on the horizon."""
        shone = scale(material, self.ambient)
        return self.grade.apply(mix(shone, self.haze, min(0.97, self.haze_share * far)))

    def glow(self, colour: Rgb) -> Rgb:
        """A shining colour: the mood touches it, the night does not."""
        return replace(self.grade, brightness=1.0, cast_share=self.grade.cast_share * 0.4).apply(colour)

    def air(self) -> Rgb:
        """The colour of the far distance."""
        return self.grade.apply(self.haze)

    def indoors(self) -> Palette:
        """The light inside a house: daylight through the window, or the lamp."""
        if not self.lamps:
            ambient = tuple(0.35 + 0.60 * channel for channel in self.ambient)
            return replace(self, ambient=(ambient[0], ambient[1], ambient[2] * 0.97), haze_share=0.0)
        day = sum(self.ambient) / 3
        warm = (0.52 + 0.5 * day, 0.40 + 0.46 * day, 0.30 + 0.46 * day)
        return replace(self, ambient=warm, haze_share=0.0)

    def underground(self) -> Palette:
        """The light below ground: the lamp and little else, at any hour."""
        day = sum(self.ambient) / 3
        return replace(self, ambient=(0.62 + 0.16 * day, 0.53 + 0.17 * day, 0.45 + 0.20 * day), haze_share=0.0)

    @property
    def tint(self) -> Ratio:
        """What multiplies the colours of figures, 0..1 each; never so dark that faces are lost."""
        graded = self.grade.apply(scale((235, 235, 235), self.ambient))
        floor = 0.46
        r, g, b = (min(1.0, floor + (1 - floor) * channel / 235) for channel in graded)
        return (r, g, b)


_SKIES: dict[TimeOfDay, Palette] = {
    "dawn": Palette(
        sky=((92, 118, 180), (150, 152, 198), (244, 190, 170), (255, 226, 178)),
        haze=(250, 212, 190),
        haze_share=0.62,
        ambient=(0.93, 0.84, 0.86),
        key=(255, 226, 170),
        cloud=(255, 206, 190),
        lamps=False,
        stars=0.0,
        grade=Grade(),
    ),
    "day": Palette(
        sky=((44, 122, 200), (98, 172, 228), (164, 212, 238), (222, 240, 244)),
        haze=(196, 222, 236),
        haze_share=0.58,
        ambient=(1.0, 1.0, 0.98),
        key=(255, 248, 214),
        cloud=(255, 255, 255),
        lamps=False,
        stars=0.0,
        grade=Grade(),
    ),
    "dusk": Palette(
        sky=((52, 44, 104), (132, 72, 130), (232, 116, 92), (255, 196, 104)),
        haze=(236, 136, 104),
        haze_share=0.55,
        ambient=(0.80, 0.60, 0.62),
        key=(255, 178, 92),
        cloud=(246, 128, 112),
        lamps=True,
        stars=0.15,
        grade=Grade(),
    ),
    "night": Palette(
        sky=((8, 12, 38), (16, 28, 72), (30, 50, 104), (58, 84, 140)),
        haze=(44, 66, 120),
        haze_share=0.60,
        ambient=(0.32, 0.40, 0.61),
        key=(226, 234, 255),
        cloud=(62, 80, 132),
        lamps=True,
        stars=1.0,
        grade=Grade(),
    ),
}

_GREY: dict[Weather, tuple[float, float, Rgb, float]] = {
    "clear": (0.0, 1.0, (200, 206, 214), 0.0),
    "cloudy": (0.45, 0.93, (186, 194, 204), 0.10),
    "rain": (0.72, 0.76, (142, 156, 172), 0.22),
    "storm": (0.84, 0.58, (92, 104, 120), 0.22),
    "snow": (0.62, 0.98, (216, 224, 236), 0.20),
    "fog": (0.78, 0.92, (204, 210, 214), 0.36),
}
"""Weather -> share of grey in the sky, brightness, the grey by daylight, added haze."""

_MOODS: dict[Mood, Grade] = {
    "calm": Grade(),
    "tense": Grade(saturation=0.72, brightness=0.88, cast=(58, 116, 120), cast_share=0.16),
    "joyful": Grade(saturation=1.25, brightness=1.06, cast=(255, 226, 140), cast_share=0.07),
    "sad": Grade(saturation=0.55, brightness=0.90, cast=(110, 132, 170), cast_share=0.16),
    "mysterious": Grade(saturation=0.82, brightness=0.84, cast=(92, 80, 160), cast_share=0.20),
    "hopeful": Grade(saturation=1.08, brightness=1.03, cast=(255, 214, 150), cast_share=0.12),
    "urgent": Grade(saturation=1.12, brightness=0.95, cast=(224, 84, 48), cast_share=0.20),
}

_DAYLIGHT: dict[TimeOfDay, Ratio] = {
    "dawn": (0.94, 0.86, 0.84),
    "day": (1.0, 1.0, 1.0),
    "dusk": (0.66, 0.52, 0.58),
    "night": (0.20, 0.26, 0.44),
}
"""What a grey sky is multiplied with, so that a rainy night stays night."""


def make_palette(time_of_day: TimeOfDay, weather: Weather, mood: Mood) -> Palette:
    """The palette of a moment."""
    clear = _SKIES[time_of_day]
    share, brightness, grey_by_day, added_haze = _GREY[weather]
    grey = scale(grey_by_day, _DAYLIGHT[time_of_day])
    shades = (scale(grey, 0.72), scale(grey, 0.86), grey, mix(grey, clear.sky[3], 0.25))
    sky = tuple(mix(colour, shade, share) for colour, shade in zip(clear.sky, shades, strict=True))
    grade = _MOODS[mood]
    level = brightness if time_of_day != "night" else (2 + brightness) / 3
    r, g, b = clear.ambient
    mean = (r + g + b) / 3
    blend = share * (0.6 if time_of_day != "night" else 0.3)
    ambient = tuple(level * (channel * (1 - blend) + mean * blend) for channel in (r, g, b))
    return Palette(
        sky=(grade.apply(sky[0]), grade.apply(sky[1]), grade.apply(sky[2]), grade.apply(sky[3])),
        haze=mix(clear.haze, grey, share),
        haze_share=min(0.95, clear.haze_share + added_haze),
        ambient=(ambient[0], ambient[1], ambient[2]),
        key=mix(clear.key, grey, share * 0.6),
        cloud=grade.apply(mix(clear.cloud, scale(grey, 0.72 if weather == "storm" else 0.92), share)),
        lamps=clear.lamps or weather == "storm" or (weather in ("rain", "fog") and time_of_day == "dawn"),
        stars=clear.stars if weather == "clear" else (0.25 * clear.stars if weather == "cloudy" else 0.0),
        grade=grade,
    )
