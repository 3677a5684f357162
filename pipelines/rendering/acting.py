"""What every figure of a shot does at a tick: where it looks, whether it speaks, its mouth, its place."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from pipelines.imaging.camera import eased
from pipelines.imaging.figure import FigureState
from pipelines.rendering.picture import PictureFigure, ShotPicture
from pipelines.rendering.staging import Spot, Staging, looked_over

_GAZE = {"left": (-0.55, -0.45, 0.0), "right": (0.55, 0.45, 0.0), "up": (0.0, 0.0, -0.95), "down": (0.0, 0.0, 0.95)}
"""Head turn, pupils across, pupils down."""

_EASE_S = 0.34
"""How long attention takes to move."""


class Acting:
    """The figures of one shot over time; every answer depends on the tick alone."""

    def __init__(self, picture: ShotPicture, staging: Staging) -> None:
        self.picture = picture
        self.staging = staging
        self._mouths = [_expanded(figure, picture.duration_ticks) for figure in picture.figures]
        width = max(3, round(_EASE_S * float(picture.edit_rate.fraction)))
        self._voices = [_voice(figure, picture.duration_ticks, width) for figure in picture.figures]

    def offset(self, index: int, tick: int) -> float:
        """How far a walking figure is from its spot, world units."""
        share = tick / max(self.picture.duration_ticks - 1, 1)
        return self.staging.spots[index].travel * (share - 0.5)

    def state(self, index: int, tick: int) -> FigureState:
        """Figure `index` at `tick`."""
        figure, spot = self.picture.figures[index], self.staging.spots[index]
        seconds = self.picture.edit_rate.seconds(tick)
        turn, look_x, look_y = self._attention(index, tick)
        speaking = float(self._voices[index][tick])
        shoulder = looked_over(self.picture, index)
        return FigureState(
            seconds=seconds,
            pose="standing" if shoulder else figure.pose,
            expression="neutral" if shoulder else figure.expression,
            turn=turn,
            facing=spot.facing,
            look_x=look_x + _wander(figure, seconds),
            look_y=look_y,
            speaking=speaking,
            viseme=self._mouths[index][tick],
            back=figure.back,
        )

    def _attention(self, index: int, tick: int) -> tuple[float, float, float]:
        """Head turn and pupils: where the shot list says, and towards whoever speaks while nothing is said of it."""
        figure = self.picture.figures[index]
        if figure.gaze in _GAZE:
            turn, across, down = _GAZE[figure.gaze]
            return turn, across, down
        here = self.staging.spots[index]
        turn = 0.35 * here.facing if here.facing else 0.0
        across = turn * 0.5
        for other, voice in enumerate(self._voices):
            if other != index:
                side = _side(here, self.staging.spots[other])
                weight = eased(float(voice[tick]))
                turn += (side * 0.52 - turn) * weight
                across += (side * 0.5 - across) * weight
        return turn, across, 0.0


def _side(here: Spot, there: Spot) -> float:
    return 1.0 if there.x >= here.x else -1.0


def _expanded(figure: PictureFigure, ticks: int) -> list[str]:
    track = [viseme for viseme, count in figure.mouth for _ in range(count)]
    return track + ["rest"] * (ticks - len(track))


def _voice(figure: PictureFigure, ticks: int, width: int) -> npt.NDArray[np.float64]:
    """How much a figure speaks at each tick, 0 to 1, with soft flanks of `width` ticks."""
    loud = np.zeros(ticks + 2 * width)
    for start, end in figure.speaking:
        loud[start + width : end + width] = 1.0
    total = np.concatenate(([0.0], np.cumsum(loud)))
    centre = np.arange(ticks) + width
    return (total[centre + width // 2 + 1] - total[centre - width // 2]) / (width // 2 * 2 + 1)


def _wander(figure: PictureFigure, seconds: float) -> float:
    """Small jumps of the eyes, one about every second, as living eyes make."""
    step = int(seconds / 1.15 + int(figure.design.seed[8:12], 16) / 65536)
    digest = hashlib.sha256(f"{figure.design.seed}/gaze/{step}".encode()).digest()
    return (digest[0] / 255 - 0.5) * 0.22
