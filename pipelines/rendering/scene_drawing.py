"""A scene of the film as pixels: backdrop, figures, props, camera.

What stands still is painted once into a plate. The drawing is held on twos, as in hand-drawn animation: two ticks share
one drawing. A camera that moves slowly is held with it; one that moves fast is drawn at every tick.

    plate (still layers)  ->  moving layers  ->  figures or prop  ->  layers in front
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from thorvg_python.paint.scene import Scene

from pipelines.imaging import canvas as cv
from pipelines.imaging import insert
from pipelines.imaging.backdrop.backdrop import make_backdrop
from pipelines.imaging.camera import View, kept_inside, layer_matrix, moved
from pipelines.imaging.figure import Figure, new_figure
from pipelines.imaging.pen import Matrix6
from pipelines.imaging.props.prop import make_prop
from pipelines.imaging.raster import Raster
from pipelines.rendering.acting import Acting
from pipelines.rendering.picture import ImageSource, PictureProp, ShotPicture
from pipelines.rendering.plates import LayerLike, base_of, flattened, hold, paint_layers, release, wrapped
from pipelines.rendering.staging import stage_shot
from schemas.errors import InvalidInput

Images = Mapping[str, Callable[[int], npt.NDArray[np.uint8]]]
"""By content hash: tick -> uint8 (h, w, 3) RGB."""

SLOW_CAMERA_PX = 2.0
"""Fastest move of a corner of the frame, pixels a tick at 720 lines, that is still held on twos: the step of 4 pixels
that it makes is what the figures' own drawings do. A push-in over 2 s or more stays below, a pan does not."""

_DAYLIGHT = (1.0, 1.0, 1.0)


class SceneDrawing:
    """Draws the world of one scene, without overlays, into a canvas."""

    def __init__(self, picture: ShotPicture, images: Images) -> None:
        self.picture = picture
        self.aspect = picture.width_px / picture.height_px
        self.staging = stage_shot(picture)
        self.acting = Acting(picture, self.staging)
        self.frozen = picture.framing == "insert" and picture.image is None
        self.still = self.frozen or (picture.movement == "static" and not self.staging.follow)
        self._images = images
        self.on_ones = picture.image is not None or self._fastest_px() > SLOW_CAMERA_PX
        self._backdrop = make_backdrop(picture.backdrop) if picture.backdrop is not None else None
        self._posed = -1
        self._raster: Raster | None = None
        self._raster_scene: Scene | None = None
        self._placed: list[tuple[Scene, float]] = []
        self._world = cv.new_scene()
        self._figures: list[Figure] = []
        self._figure_scenes: list[Scene] = []
        self._plate_layers, self._live_layers = self._split_layers()
        self._held: list[LayerLike] = []
        if self._backdrop is not None:
            self._held = [*self._backdrop.behind, *self._backdrop.in_front]
            hold(self._held)

    def build(self, canvas: cv.PixelCanvas) -> npt.NDArray[np.uint8] | None:
        """Hand everything to `canvas`; the plate with what stands still comes back, None when nothing does."""
        picture = self.picture
        base = base_of(self._plate_layers + self._live_layers, picture.width_px, picture.height_px)
        plate = None
        if self._plate_layers:
            plate = paint_layers(self._plate_layers, self._place_at(0), picture.width_px, picture.height_px, base)
        else:
            canvas.add(base)
        if self.picture.image is not None:
            self._raster_scene = cv.new_scene()
            self._raster = Raster(self._raster_scene)
            canvas.add(self._raster_scene)
        self._add_layers(canvas, self._live_layers)
        self._fill_world()
        canvas.add(self._world)
        if self._backdrop is not None and self.picture.framing != "insert":
            self._add_layers(canvas, self._backdrop.in_front)
        return plate

    def update(self, tick: int, held: int) -> None:
        """Move the camera to `tick`, and what lives in the picture to `held`, the tick that this drawing stands for."""
        picture = self.picture
        view = self.view(tick)
        for wrapper, depth in self._placed:
            cv.place(wrapper, layer_matrix(view, depth, picture.width_px, picture.height_px))
        cv.place(self._world, layer_matrix(view, 1.0, picture.width_px, picture.height_px))
        if picture.image is not None:
            self._update_image(picture.image, tick)
        for index, scene in zip(self.staging.order, self._figure_scenes, strict=True):
            cv.place(scene, (1.0, 0.0, self.acting.offset(index, tick), 0.0, 1.0, 0.0))
        if held == self._posed:
            return
        self._posed = held
        if self._backdrop is not None:
            self._backdrop.animate(picture.edit_rate.seconds(held))
        for index, figure in zip(self.staging.order, self._figures, strict=True):
            spot = self.staging.spots[index]
            figure.pen.begin()
            figure.draw(self.acting.state(index, held), spot.x, spot.ground_y, spot.scale)
            figure.pen.end()

    def close(self) -> None:
        """Free the layers, once the canvas that showed them is closed; a second call does nothing."""
        release(self._held)
        self._held = []

    def view(self, tick: int) -> View:
        """What the camera sees at `tick`. A drawn thing seen close is held: it is there for a second, to be read."""
        picture = self.picture
        view = self.staging.view
        if self.frozen:
            return view
        if self.staging.follow:
            view = kept_inside(replace(view, x=view.x + self.acting.offset(0, tick) * self.staging.follow), self.aspect)
        seconds = picture.edit_rate.seconds(picture.duration_ticks)
        return moved(view, picture.movement, tick / max(picture.duration_ticks - 1, 1), self.aspect, seconds)

    def _fastest_px(self) -> float:
        """Fastest move of a corner of the frame in the plane of the figures, pixels a tick at 720 lines."""
        if self.still:
            return 0.0
        views = [self.view(tick) for tick in range(self.picture.duration_ticks)]
        moves = [
            abs(now.x - then.x) + abs(now.y - then.y) + abs(now.height - then.height) / 2 * max(1.0, self.aspect)
            for then, now in pairwise(views)
        ]
        return max(moves, default=0.0) * 720 / self.staging.view.height

    def _split_layers(self) -> tuple[list[LayerLike], list[LayerLike]]:
        """Layers that can be painted once, and those from the first moving one on."""
        layers: list[LayerLike] = list(self._backdrop.behind) if self._backdrop is not None else []
        if not self.still:
            return [], layers
        if self.picture.framing == "insert":
            return layers, []
        first = next((index for index, layer in enumerate(layers) if layer.moving), len(layers))
        return layers[:first], layers[first:]

    def _place_at(self, tick: int) -> Callable[[float], Matrix6]:
        view = self.view(tick)
        return lambda depth: layer_matrix(view, depth, self.picture.width_px, self.picture.height_px)

    def _add_layers(self, canvas: cv.PixelCanvas, layers: Sequence[LayerLike]) -> None:
        place = self._place_at(0)
        if self.still:
            for scene in flattened(layers, place, self.picture.width_px, self.picture.height_px):
                canvas.add(scene)
            return
        for layer in layers:
            wrapper = wrapped(layer, place)
            canvas.add(wrapper)
            self._placed.append((wrapper, layer.depth))

    def _tint(self) -> tuple[float, float, float]:
        """The light on the figures, lifted a little, so that faces stay readable at night."""
        if self._backdrop is None:
            return _DAYLIGHT
        r, g, b = (0.22 + 0.78 * share for share in self._backdrop.light.tint)
        return r, g, b

    def _fill_world(self) -> None:
        if self.picture.framing == "insert":
            self._set_insert()
            return
        tint = self._tint()
        rim = self._backdrop.light.rim if self._backdrop is not None else None
        for index in self.staging.order:
            scene = cv.new_scene()
            self._world.add(scene)
            self._figure_scenes.append(scene)
            figure = self.picture.figures[index]
            dim = 0.8 if figure.back else 1.0
            light = (tint[0] * dim, tint[1] * dim, tint[2] * dim)
            self._figures.append(new_figure(figure.design, scene, light, rim))

    def _set_insert(self) -> None:
        table = cv.new_scene()
        self._world.add(table)
        count = len(self.picture.props)
        insert.set_table(table, _DAYLIGHT, count)
        for index, prop in enumerate(self.picture.props):
            self._set_prop(prop, index, count)

    def _set_prop(self, prop: PictureProp, index: int, count: int) -> None:
        wrapper = cv.new_scene()
        self._world.add(wrapper)
        if prop.image is not None:
            raster = Raster(wrapper)
            raster.show(self._image(prop.image, 0))
            a, b, c, d, e, f = raster.contain(0.0, 0.0, 420.0, 300.0)
            step = (index - (count - 1) / 2) * 330.0
            cv.place(wrapper, (a, b, c + step, d, e, f + insert.PROP_Y))
            return
        drawn = make_prop(self._drawn_tag(prop.tag))
        if drawn is None:
            insert.label(wrapper, prop.tag, index, count)
            return
        wrapper.add(drawn)
        insert.place_prop(wrapper, index, count)

    def _drawn_tag(self, tag: str) -> str:
        """The lamp of a lighthouse is no table lamp."""
        at_lighthouse = self.picture.backdrop is not None and self.picture.backdrop.setting == "lighthouse"
        return "great_lamp" if at_lighthouse and tag in ("lamp", "light") else tag

    def _image(self, source: ImageSource, tick: int) -> npt.NDArray[np.uint8]:
        if source.content_hash not in self._images:
            raise InvalidInput(f"no image for content hash {source.content_hash!r}")
        return self._images[source.content_hash](tick)

    def _update_image(self, source: ImageSource, tick: int) -> None:
        """The library image behind everything, drifting and growing slowly when it is a still (Ken Burns)."""
        if self._raster is None or self._raster_scene is None:
            raise InvalidInput("the scene was not built")
        if source.kind == "clip" or not self._raster.width_px:
            self._raster.show(self._image(source, tick))
        w, h = float(self.picture.width_px), float(self.picture.height_px)
        cover = self._raster.cover(0.0, 0.0, w, h)
        cv.place(self._raster_scene, self._motion(tick, cover) if source.kind == "image" else cover)

    def _motion(self, tick: int, cover: Matrix6) -> Matrix6:
        """`cover` grown by 6 to 14 % about a point that the movement of the shot chooses."""
        picture = self.picture
        share = tick / max(picture.duration_ticks - 1, 1)
        view = moved(View(0.0, 0.0, 1000.0), picture.movement, share, self.aspect)
        zoom = 1.1 * 1000.0 / view.height if picture.movement in ("push_in", "pull_out") else 1.06 + 0.06 * share
        if picture.movement.startswith(("pan", "tilt")):
            zoom = 1.2
        w, h = float(picture.width_px), float(picture.height_px)
        shift_x, shift_y = -view.x / 1000.0 * h, -view.y / 1000.0 * h
        limit_x, limit_y = (zoom - 1) * w / 2, (zoom - 1) * h / 2
        shift_x, shift_y = max(-limit_x, min(limit_x, shift_x)), max(-limit_y, min(limit_y, shift_y))
        a, _, c, _, e, f = cover
        return a * zoom, 0.0, (c - w / 2) * zoom + w / 2 + shift_x, 0.0, e * zoom, (f - h / 2) * zoom + h / 2 + shift_y
