"""A detector finds the faces of the clips, and does not find again what an effect has covered, at any size."""

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.editing.effects import apply_region
from pipelines.media.frame_reader import FrameReader
from pipelines.media.pixels import RgbConverter
from pipelines.media.planes import Planes
from pipelines.media.rewrite import rewrite_film
from tests.clips import FACE_BOX, Truth
from tests.clips.people import photograph

CLIPS = Path(__file__).parents[1] / "fixtures" / "video_clips"
HEAD = np.s_[0:260, 90:360]
"""The part of the portrait that is looked at."""

FACE = (FACE_BOX[0] - 90, *FACE_BOX[1:])


@pytest.fixture(scope="module")
def detect():
    """Boxes (left, top, right, bottom) that MTCNN finds on a picture, uint8 (H, W, 3) RGB."""
    import torch
    from facenet_pytorch import MTCNN

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    network = MTCNN(keep_all=True, device="cpu")

    def boxes(picture):
        found, _ = network.detect(np.ascontiguousarray(picture))
        return [] if found is None else found.tolist()

    yield boxes
    torch.set_num_threads(threads)


def portrait(face_px: int) -> tuple[np.ndarray, tuple[float, ...]]:
    """uint8 (H, W, 3) RGB, even sides: a head whose face is `face_px` wide, and the face's box."""
    scale = face_px / FACE_BOX[2]
    size = tuple(round(side * scale) // 2 * 2 for side in (270, 260))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    head = cv2.resize(photograph("astronaut.png")[HEAD], size, interpolation=how)
    return head[..., ::-1], tuple(scale * edge for edge in FACE)


def covered(picture: np.ndarray, box, effect: str, strength: str) -> np.ndarray:
    """The picture by way of 4:2:0 planes, as a film has them."""
    height, width = picture.shape[:2]
    yuv = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2YUV_I420)
    luma, chroma = yuv[:height], yuv[height:].reshape(2, height // 2, width // 2)
    apply_region(Planes((luma, chroma[0], chroma[1])), box, effect, strength)
    return cv2.cvtColor(yuv, cv2.COLOR_YUV2RGB_I420)


def iou(found, box) -> float:
    """Intersection over union of a found box and a true one."""
    wide = min(found[2], box[0] + box[2]) - max(found[0], box[0])
    high = min(found[3], box[1] + box[3]) - max(found[1], box[1])
    both = max(0.0, wide) * max(0.0, high)
    return both / (box[2] * box[3] + (found[2] - found[0]) * (found[3] - found[1]) - both)


def sampled(path: Path, every: int) -> dict[int, np.ndarray]:
    with FrameReader(path) as reader:
        converter = RgbConverter(pixel_aspect=reader.shape.pixel_aspect)
        return {
            index: converter.picture(read.frame) for index, read in enumerate(reader.frames()) if index % every == 0
        }


@pytest.mark.parametrize("face_px", [40, 64, 100, 170, 300])
def test_face_that_was_covered_is_not_found_again(detect, face_px):
    picture, box = portrait(face_px)
    assert any(iou(found, box) > 0.5 for found in detect(picture)), "the detector must find the face before"
    for effect, strength in itertools.product(("blur", "mosaic", "solid"), ("medium", "strong")):
        again = [found for found in detect(covered(picture, box, effect, strength)) if iou(found, box) > 0.25]
        assert not again, (effect, strength)


def test_faces_of_the_face_clip_are_found_and_the_broll_clip_has_none(detect):
    truth = Truth.read(CLIPS / "face_clip.json")
    for index, picture in sampled(CLIPS / "face_clip.mp4", 20).items():
        boxes = detect(picture)
        for box in truth.boxes(index, visible=0.9):
            assert any(iou(found, box) > 0.5 for found in boxes), index
    assert not any(map(detect, sampled(CLIPS / "broll_clip.mp4", 25).values()))


@pytest.mark.parametrize("effect", ["blur", "mosaic", "solid"])
def test_face_clip_rewritten_with_covered_faces_has_none_left(detect, tmp_path, effect):
    truth = Truth.read(CLIPS / "face_clip.json")

    def edit(index, frame):
        for box in truth.boxes(index):
            apply_region(frame.planes, box, effect)

    rewrite_film(CLIPS / "face_clip.mp4", tmp_path / "safe.mp4", edit=edit)
    for index, picture in sampled(tmp_path / "safe.mp4", 12).items():
        # what MTCNN may still see in a covered person is a face the size of her body
        assert not [found for found in detect(picture) if any(iou(found, box) > 0.25 for box in truth.boxes(index))]
