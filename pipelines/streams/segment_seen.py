"""What was seen of a segment, as one block of bytes: its signals, where a detector looked, and the pieces of faces.

The bytes are safetensors: arrays by name, in an order that depends on nothing else, and nothing in them can run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from actors.visual.signals import SIGNALS, Infer, SignalTrack, Thumb, joined
from pipelines.analysis.face_tracks import FacePiece
from pipelines.analysis.tracklets import Tracklet
from schemas.errors import Defect


@dataclass(frozen=True)
class SegmentSeen:
    """Consecutive frames, N of them: of a stretch, of a segment, or of a film."""

    track: SignalTrack
    """Timestamps and signals of the N frames."""

    damaged: NDArray[np.bool_]
    """bool (N,): frames at which the decoder had to guess."""

    looks: NDArray[np.int64]
    """int64 (M,): positions at which a detector looked, ascending."""

    pieces: tuple[FacePiece, ...]
    """Faces; positions count from the first of the N frames."""

    @classmethod
    def of(
        cls, track: SignalTrack, damaged: NDArray[np.bool_], looks: NDArray[np.int64], found: Sequence[Tracklet]
    ) -> Self:
        """What was seen of one stretch."""
        pieces = tuple(
            FacePiece(one.first, np.array(one.boxes, np.float32), np.array(one.scores, np.float32)) for one in found
        )
        return cls(track, damaged, looks, pieces)

    @classmethod
    def joined(cls, parts: Sequence[Self], infer: Infer) -> Self:
        """Consecutive parts as one; where they meet, `infer` of a visual engine measures the pair.

        Raises:
            Defect: no parts, or out of order.
        """
        track = joined([part.track for part in parts], infer)
        starts = np.cumsum([0, *(len(part.track) for part in parts)])[:-1].tolist()
        return cls(
            track=track,
            damaged=np.concatenate([part.damaged for part in parts]),
            looks=np.concatenate([part.looks + start for part, start in zip(parts, starts, strict=True)]),
            pieces=tuple(
                FacePiece(piece.first + start, piece.boxes, piece.scores)
                for part, start in zip(parts, starts, strict=True)
                for piece in part.pieces
            ),
        )

    def to_bytes(self) -> bytes:
        """The same values, the same bytes."""
        lengths = [len(piece.boxes) for piece in self.pieces]
        return save(
            {
                "pts": self.track.pts,
                "signals": np.frombuffer(self.track.signals.tobytes(), np.uint8).reshape(-1, SIGNALS.itemsize),
                "first": self.track.first.pixels,
                "last": self.track.last.pixels,
                "damaged": self.damaged,
                "looks": self.looks.astype(np.int64),
                "piece_firsts": np.array([piece.first for piece in self.pieces], np.int64),
                "piece_lengths": np.array(lengths, np.int64),
                "boxes": np.concatenate([np.zeros((0, 4), np.float32), *(piece.boxes for piece in self.pieces)]),
                "scores": np.concatenate([np.zeros(0, np.float32), *(piece.scores for piece in self.pieces)]),
            }
        )

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """What `to_bytes` gave.

        Raises:
            Defect: it is something else.
        """
        try:
            arrays = load(raw)
            signals = np.frombuffer(arrays["signals"].tobytes(), SIGNALS)
            ends = np.cumsum(arrays["piece_lengths"])
            starts = ends - arrays["piece_lengths"]
            return cls(
                track=SignalTrack(arrays["pts"], signals, Thumb(arrays["first"]), Thumb(arrays["last"])),
                damaged=arrays["damaged"],
                looks=arrays["looks"],
                pieces=tuple(
                    FacePiece(int(first), arrays["boxes"][start:end], arrays["scores"][start:end])
                    for first, start, end in zip(arrays["piece_firsts"], starts, ends, strict=True)
                ),
            )
        except (SafetensorError, KeyError, ValueError) as exc:
            raise Defect(f"these {len(raw)} bytes are not what was seen of a segment: {exc}") from exc
