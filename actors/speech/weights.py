"""Which files are the Whisper that was asked for, and which one is it? Answered in milliseconds, nothing is loaded.

    model        looked for in
    `tiny`       <weights>/whisper-tiny, then the local Hugging Face cache as openai/whisper-tiny
    `org/name`   <weights>/name, then the local Hugging Face cache
    a folder     there

The network is never asked. A checkpoint is known by its digest: every small file in full, and of the weights the size,
the header (names, shapes, types) and 12 KiB of every tensor, from its beginning, middle and end. Training moves every
tensor, so another checkpoint is another digest, though 3 GB are not read. Flipped bits deep inside a tensor go unseen
here: who fears them puts a `SHA256SUMS` into the folder, which is compared in full whenever the model is loaded.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from schemas.errors import InvalidInput, Unavailable

SIZE = re.compile(r"(tiny|base|small|medium)(\.en)?|large(-v[123])?|large-v3-turbo|turbo")
"""Names of openai's checkpoints."""

HUB_ID = re.compile(r"[A-Za-z0-9][\w.\-]*/[A-Za-z0-9][\w.\-]*")

NEEDED = ("config.json", "generation_config.json", "preprocessor_config.json")
TOKENIZER = (("tokenizer.json",), ("vocab.json", "merges.txt"))
"""One of these sets."""

SMALL = (
    *NEEDED, "tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "normalizer.json", "model.safetensors.index.json",
)  # fmt: skip
"""Files that go into the digest whole, where they are there."""

SUMS = "SHA256SUMS"
SAMPLE_BYTES = 4096
LONGEST_HEADER_BYTES = 100_000_000
"""The limit of the safetensors format."""


@dataclass(frozen=True)
class WhisperFiles:
    """A whole Whisper checkpoint on this machine."""

    name: str
    """As results name it: `whisper-tiny`, a hub id, or the folder's own name; never a path."""

    folder: Path
    weights: tuple[Path, ...]
    """Safetensors files, one or all the shards."""

    @cached_property
    def generation(self) -> Mapping[str, Any]:
        """What the checkpoint says of languages, special tokens and alignment."""
        return _json(self.folder / "generation_config.json")

    @property
    def languages(self) -> frozenset[str]:
        """Tags of the languages it writes down."""
        if not self.generation.get("is_multilingual", False):
            return frozenset({"en"})
        return frozenset(token.strip("<|>") for token in self.generation["lang_to_id"])

    @property
    def weights_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.weights)

    def digest(self) -> str:
        """SHA-256 of the checkpoint, as the module says, and of the versions that compute with it.

        Raises:
            Unavailable: a weights file is cut off or damaged.
        """
        whole = hashlib.sha256(f"torch {version('torch')} transformers {version('transformers')}".encode())
        for name in SMALL:
            path = self.folder / name
            if path.is_file():
                whole.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        for path in self.weights:
            whole.update(path.name.encode() + b"\0")
            for part in _samples(path):
                whole.update(part)
        return whole.hexdigest()

    def compare_sums(self) -> None:
        """Reads every file that a `SHA256SUMS` in the folder names, whole; does nothing without one.

        Raises:
            Unavailable: a file is missing or is not what the list says.
        """
        listed = self.folder / SUMS
        for line in listed.read_text().splitlines() if listed.is_file() else ():
            expected, _, name = line.partition(" ")
            path = self.folder / name.strip().lstrip("*")
            if not path.is_file():
                raise Unavailable(f"{self.name}: {path.name!r} stands in {SUMS} and is missing")
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != expected:
                raise Unavailable(f"{self.name}: {path.name!r} has the SHA-256 {found}, {SUMS} says {expected}")


def find_whisper(model: str, weights: Path | None) -> WhisperFiles:
    """The files of a model.

    Args:
        model: size (`tiny`), hub id (`openai/whisper-tiny`) or folder.
        weights: folder of checkpoints, or None.

    Raises:
        InvalidInput: `model` is none of the three.
        Unavailable: it is not on this machine, or not whole; the message says what to do.
    """
    if Path(model).is_dir():
        folder = Path(model)
        return _whole(folder.resolve().name, folder)
    if SIZE.fullmatch(model):
        name, hub_id = f"whisper-{model}", f"openai/whisper-{'large-v3-turbo' if model == 'turbo' else model}"
    elif HUB_ID.fullmatch(model):
        name = hub_id = model
    else:
        raise InvalidInput(
            f"model {model!r} is no folder, no hub id (openai/whisper-tiny) and no size (tiny, base, small, medium, "
            "large-v3, large-v3-turbo)"
        )
    local = weights / hub_id.rpartition("/")[2] if weights is not None else None
    if local is not None and local.is_dir():
        return _whole(name, local)
    cached = _cached(hub_id)
    if cached is not None:
        return _whole(name, cached)
    place = str(local) if local is not None else "a folder of your own, given as the model"
    raise Unavailable(
        f"the weights of {name!r} are not on this machine; put the files of {hub_id} (safetensors, configuration and "
        f"tokenizer) into {place}, or fetch them once with `hf download {hub_id}`"
    )


def _cached(hub_id: str) -> Path | None:
    """The snapshot of a hub id in the local cache."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(hub_id, "config.json")
    return Path(found).parent if isinstance(found, str) else None


def _whole(name: str, folder: Path) -> WhisperFiles:
    """The checkpoint in a folder, once nothing is missing in it."""
    missing = [file for file in NEEDED if not (folder / file).is_file()]
    if not any(all((folder / file).is_file() for file in files) for files in TOKENIZER):
        missing.append("tokenizer.json")
    if missing:
        raise Unavailable(f"{name}: the folder {folder.name!r} lacks {', '.join(missing)}")
    if _json(folder / "config.json").get("model_type") != "whisper":
        raise Unavailable(f"{name}: config.json in {folder.name!r} is not that of a Whisper model")
    files = WhisperFiles(name, folder, tuple(_weights(name, folder)))
    if "no_timestamps_token_id" not in files.generation:
        raise Unavailable(f"{name}: generation_config.json names no timestamps (no_timestamps_token_id is missing)")
    return files


def _weights(name: str, folder: Path) -> Iterator[Path]:
    index = folder / "model.safetensors.index.json"
    shards = sorted(set(_json(index)["weight_map"].values())) if index.is_file() else ["model.safetensors"]
    for shard in shards:
        if not (folder / shard).is_file():
            other = any(folder.glob("pytorch_model*.bin"))
            hint = "; pickled weights (pytorch_model.bin) are not read, convert them" if other else ""
            raise Unavailable(f"{name}: the folder {folder.name!r} lacks {shard}{hint}")
        yield folder / shard


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as exc:
        raise Unavailable(f"{path.name!r} is not valid JSON: {exc}") from exc
    if not isinstance(found, dict):
        raise Unavailable(f"{path.name!r} must hold a JSON object")
    return found


def _samples(path: Path) -> Iterator[bytes]:
    """Header of a safetensors file and parts of each tensor in it; the file must be as long as its header says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else LONGEST_HEADER_BYTES + 1
        header = file.read(length) if length <= LONGEST_HEADER_BYTES else b""
        try:
            ranges = [entry["data_offsets"] for name, entry in json.loads(header).items() if name != "__metadata__"]
            expected = 8 + length + max((end for _, end in ranges), default=0)
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise Unavailable(f"{path.name!r} is not a safetensors file") from exc
        if size != expected:
            raise Unavailable(f"{path.name!r} has {size} bytes, its header says {expected}: fetch it again")
        yield first + header
        for begin, end in sorted(ranges):
            for at in sorted({begin, max(begin, (begin + end - SAMPLE_BYTES) // 2), max(begin, end - SAMPLE_BYTES)}):
                file.seek(8 + length + at)
                yield file.read(min(SAMPLE_BYTES, end - at))
