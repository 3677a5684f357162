"""`python -m tools.convert_mtcnn`: the weights of MTCNN from the wheel of facenet-pytorch as safetensors, once.

The wheel holds pickles, which can run code when they are read. They are read here and nowhere else: after their hash
was compared, with `weights_only`, and what comes out is compared again, name by name and number by number.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from actors.faces.weights import FOLDER, NETWORKS, SOURCE_VERSION
from schemas.canonical import sha256_hex


def main() -> None:
    """Writes actors/faces/mtcnn_weights/*.safetensors and prints their hashes.

    Raises:
        SystemExit: the wheel is another one, or a file of it is not the one that was looked at.
    """
    wheel = distribution("facenet-pytorch")
    if wheel.version != SOURCE_VERSION:
        raise SystemExit(f"facenet-pytorch is {wheel.version}, not {SOURCE_VERSION}")
    FOLDER.mkdir(exist_ok=True)
    for name, network in NETWORKS.items():
        pickled = Path(str(wheel.locate_file(f"facenet_pytorch/data/{name}.pt")))
        found = sha256_hex(pickled.read_bytes())
        if found != network.source_sha256:
            raise SystemExit(f"{pickled.name} has the SHA-256 {found}, not {network.source_sha256}")
        tensors = torch.load(pickled, map_location="cpu", weights_only=True)
        target = FOLDER / f"{name}.safetensors"
        save_file({key: value.contiguous() for key, value in tensors.items()}, target)
        again = load_file(target)
        assert again.keys() == tensors.keys() and all(torch.equal(again[key], tensors[key]) for key in again)
        print(name, sha256_hex(target.read_bytes()))


if __name__ == "__main__":
    main()
