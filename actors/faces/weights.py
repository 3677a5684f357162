"""The weights of MTCNN: where they come from, what they must hash to, and reading them.

`tools/convert_mtcnn.py` wrote them once from the pickles in the wheel of facenet-pytorch; here only safetensors are
read.

Source: https://github.com/timesler/facenet-pytorch, release 2.6.0, licence MIT; trained by Zhang et al. (2016), "Joint
Face Detection and Alignment using Multi-task Cascaded Convolutional Networks".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.canonical import fingerprint, sha256_hex
from schemas.errors import Unavailable

FOLDER = Path(__file__).parent / "mtcnn_weights"
SOURCE_VERSION = "2.6.0"


@dataclass(frozen=True)
class Network:
    """One of the three networks."""

    source_sha256: str
    """Of the pickle in the wheel."""

    sha256: str
    """Of our safetensors file."""


NETWORKS = {
    "pnet": Network(
        "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
        "b87d5854370ca31980cb68e75ada91c97f22e28f9dca91c9d11044b05b30bef4",
    ),
    "rnet": Network(
        "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
        "87f18768313b007cae78e292adfab89658b7bf977cad630b1de35fa4251e752e",
    ),
    "onet": Network(
        "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
        "d40516d24ee2692b53f44a003c4e21bf575b0fb105694f2ce2bdcd7cb561734a",
    ),
}


@cache
def weights_digest(folder: Path = FOLDER) -> str:
    """SHA-256 over the three files, after each was compared with the hash that it must have; 2 MB, once a process.

    Raises:
        Unavailable: a file is missing or is not the one that was converted.
    """
    found = {}
    for name, network in NETWORKS.items():
        path = folder / f"{name}.safetensors"
        if not path.is_file():
            raise Unavailable(f"the weights {path.name!r} of MTCNN are not in {str(folder)!r}")
        found[name] = sha256_hex(path.read_bytes())
        if found[name] != network.sha256:
            raise Unavailable(f"the weights {path.name!r} of MTCNN are damaged: SHA-256 {found[name]}")
    return fingerprint(found)
