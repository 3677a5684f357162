"""A full GPU is nobody's mistake; everything else that PyTorch raises stays what it is."""

from __future__ import annotations

import pytest

from actors.gpu_memory import room_on_gpu
from schemas.errors import Unavailable


class OutOfMemoryError(RuntimeError):
    """As PyTorch's class is called."""


def test_full_memory_is_unavailable_and_says_so():
    with pytest.raises(Unavailable) as caught, room_on_gpu("facenet_mtcnn"):
        raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79 GiB")
    assert caught.value.message == "facenet_mtcnn finds no room in the memory of the GPU: CUDA out of memory"
    assert caught.value.retryable


def test_other_errors_pass():
    with pytest.raises(RuntimeError, match="shapes"), room_on_gpu("facenet_mtcnn"):
        raise RuntimeError("shapes do not match")
