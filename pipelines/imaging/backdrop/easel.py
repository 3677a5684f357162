"""Where a setting is painted: layers from far to near, and the movements of what is on them."""

from __future__ import annotations

from dataclasses import dataclass, field

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.motion import Motion, Paint
from pipelines.imaging.backdrop.palette import Palette
from pipelines.imaging.backdrop.place import Place
from pipelines.imaging.canvas import engine
from schemas.vocabulary import Mood, TimeOfDay, Weather

LEFT, RIGHT, TOP, BOTTOM = -1700.0, 1700.0, -800.0, 800.0
"""What a camera may ever show, in world units."""

GROUND = 380.0
"""Where the figures' feet stand."""

HORIZON = 60.0


@dataclass
class Layer:
    """One sheet of the backdrop."""

    scene: Scene
    depth: float
    """How far it follows the camera: 0 = not at all (sky), 1 = as the figures do, above 1 = nearer than they are."""

    moving: bool = False
    """Whether `animate` changes it; sheets that stand still may be kept as an image."""


@dataclass
class Easel:
    """A backdrop in the making."""

    place: Place
    palette: Palette
    time_of_day: TimeOfDay
    weather: Weather
    mood: Mood
    behind: list[Layer] = field(default_factory=list)
    in_front: list[Layer] = field(default_factory=list)
    motions: list[Motion] = field(default_factory=list)

    @property
    def wind(self) -> float:
        """How hard it blows, from about 0.3 (fog) to 2.5 (storm)."""
        return {"clear": 0.7, "cloudy": 1.0, "rain": 1.3, "storm": 2.5, "snow": 0.7, "fog": 0.3}[self.weather]

    @property
    def wet(self) -> bool:
        """Whether it rains."""
        return self.weather in ("rain", "storm")

    def sheet(
        self, depth: float, *paints: Paint, moving: bool = False, front: bool = False, index: int | None = None
    ) -> Scene:
        """A new layer holding `paints`: on top of what is there, or below the layer that stood at `index`."""
        scene = Scene(engine())
        for paint in paints:
            scene.add(paint)
        layers = self.in_front if front else self.behind
        layers.insert(len(layers) if index is None else index, Layer(scene, depth, moving))
        return scene

    def move(self, *motions: Motion) -> None:
        """Adds movements and puts their paints where they are at second 0."""
        for motion in motions:
            motion.apply(0.0)
        self.motions.extend(motions)
