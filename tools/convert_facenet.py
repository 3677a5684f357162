"""`python -m tools.convert_facenet FILE FOLDER`: weights of InceptionResnetV1 from a pickle as safetensors.

The pickle is read with `weights_only` and nothing else of it is used; the layers that classify the training set are
left out. Its SHA-256 is printed, to be compared with what its publisher says.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from facenet_pytorch import InceptionResnetV1
from safetensors.torch import save_file

from actors.face_embedding.facenet import FILE_NAME
from schemas.canonical import sha256_hex


def convert(pickled: Path, folder: Path) -> Path:
    """The safetensors file, which holds exactly what the network needs.

    Raises:
        SystemExit: the pickle lacks a tensor of the network, or one has another shape.
    """
    found = torch.load(pickled, map_location="cpu", weights_only=True)
    wanted = InceptionResnetV1(pretrained=None).state_dict()
    wrong = [name for name, tensor in wanted.items() if name not in found or found[name].shape != tensor.shape]
    if wrong:
        raise SystemExit(f"{pickled.name!r} does not fit InceptionResnetV1: {wrong[0]!r} and {len(wrong) - 1} more")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / FILE_NAME
    save_file({name: found[name].contiguous() for name in wanted}, target)
    return target


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source = Path(sys.argv[1])
    print(f"{source.name} has the SHA-256 {sha256_hex(source.read_bytes())}")
    print(f"wrote {convert(source, Path(sys.argv[2]))}")
