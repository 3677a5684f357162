"""One utterance of espeak-ng, identical on every call: spoken by a child that is forked for it and then ends.

espeak-ng keeps state between utterances, so that in one process the sound changes on every call. The parent therefore
only initialises the library; each utterance runs in a fork of that untouched state, with the random seed set. The
child calls ctypes, `os.write` and `os._exit` and nothing else: it holds a copy of whatever locks other threads held.

    parent   fork ---- read frame ----------- waitpid
    child       `---- speak -> write frame -> _exit        frame = header | PCM int16 | events
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import struct
import threading
import time
from dataclasses import dataclass

from actors.voices.delivery import Delivery
from actors.voices.natives import EspeakFiles
from schemas.errors import Unavailable

LIMIT_S = 30.0
"""Longest that an utterance may take; 4,000 characters take 0.3 s."""

OUTPUT_SYNCHRONOUS = 2  # mode 1 hangs forked children
INIT_PHONEME_EVENTS, INIT_IPA, INIT_DONT_EXIT = 1, 2, 0x8000
RATE, PITCH, RANGE = 1, 3, 4
CHARS_UTF8 = 1
EVENT_END, EVENT_WORD, EVENT_PHONEME = 0, 1, 7

HEADER = struct.Struct("<iII")
"""espeak-ng status, bytes of PCM, number of events."""

EVENT = struct.Struct("<iiii8s")
"""Type, position (1-based character of the text), length, sample, phoneme in UTF-8 padded with zeros."""

_LOCK = threading.Lock()
"""Held while the library is initialised and while a child is forked: no child may copy a half-made state."""

_LIBRARIES: dict[EspeakFiles, ctypes.CDLL] = {}
"""Initialised libraries of this process. espeak-ng has global state: it is initialised once and never again."""


class _NativeEvent(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_ubyte * 8),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_NativeEvent))


@dataclass(frozen=True)
class Event:
    """A word or a phoneme that begins at `sample`."""

    type: int
    """EVENT_WORD or EVENT_PHONEME."""

    position: int
    """Words: index of the first character in the text."""

    length: int
    sample: int
    phoneme: str
    """Phonemes: IPA; empty for a pause."""


@dataclass(frozen=True)
class Utterance:
    """Sound and events as espeak-ng gives them: int16 mono bytes in native order."""

    pcm: bytes
    events: tuple[Event, ...]


def initialise(files: EspeakFiles) -> tuple[ctypes.CDLL, int]:
    """The library ready to speak, and its sample rate in Hz.

    Raises:
        Unavailable: the library cannot be loaded or refuses its data.
    """
    with _LOCK:
        library = _LIBRARIES.get(files)
        if library is None:
            try:
                library = ctypes.CDLL(str(files.library))
            except OSError as exc:
                raise Unavailable(f"espeak-ng cannot be loaded from {str(files.library)!r}: {exc}") from exc
            options = INIT_PHONEME_EVENTS | INIT_IPA | INIT_DONT_EXIT
            if library.espeak_Initialize(OUTPUT_SYNCHRONOUS, 0, os.fsencode(files.data), options) <= 0:
                raise Unavailable(f"espeak-ng refuses its data in {str(files.data)!r}")
            library.espeak_SetSynthCallback.argtypes = [_CALLBACK]
            _LIBRARIES[files] = library
        return library, int(library.espeak_ng_GetSampleRate())


def speak(library: ctypes.CDLL, text: str, voice: str, delivery: Delivery) -> Utterance:
    """`text` spoken by a fresh child; the same arguments give the same bytes in any process.

    Raises:
        Unavailable: the child died, refused the voice, or took more than LIMIT_S.
    """
    encoded = text.encode() + b"\0"
    collecting = gc.isenabled()
    gc.disable()  # a collection in the child could run finalisers of the parent's objects
    try:
        with _LOCK:
            read_end, write_end = os.pipe()
            pid = os.fork()
        if pid == 0:
            _child(library, encoded, voice.encode(), delivery, write_end)
    finally:
        if collecting:
            gc.enable()
    os.close(write_end)
    try:
        status, pcm, packed = _read_frame(read_end, time.monotonic() + LIMIT_S)
    except (EOFError, TimeoutError) as exc:
        raise Unavailable(f"espeak-ng did not speak {text[:60]!r} with voice {voice!r}: {exc}") from exc
    finally:
        os.close(read_end)
        _end(pid)
    if status != 0:
        raise Unavailable(f"espeak-ng refused voice {voice!r} with status {status}")
    return Utterance(pcm, tuple(_event(*fields) for fields in EVENT.iter_unpack(packed)))


def _event(kind: int, position: int, length: int, sample: int, phoneme: bytes) -> Event:
    # espeak-ng cuts long names at 8 bytes, possibly inside a character
    return Event(kind, position - 1, length, sample, phoneme.rstrip(b"\0").decode(errors="ignore"))


def _child(library: ctypes.CDLL, text: bytes, voice: bytes, delivery: Delivery, write_end: int) -> None:
    """Speaks, writes one frame, and never returns."""
    exit_status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sound: list[bytes] = []
        events: list[bytes] = []

        def receive(wave: ctypes._Pointer[ctypes.c_short], count: int, native: ctypes._Pointer[_NativeEvent]) -> int:
            if wave and count > 0:
                sound.append(ctypes.string_at(wave, 2 * count))
            index = 0
            while native[index].type != EVENT_END:
                one = native[index]
                if one.type in (EVENT_WORD, EVENT_PHONEME):
                    name = bytes(one.id).split(b"\0")[0] if one.type == EVENT_PHONEME else b""
                    events.append(EVENT.pack(one.type, one.text_position, one.length, one.sample, name))
                index += 1
            return 0

        callback = _CALLBACK(receive)
        library.espeak_ng_SetRandSeed(1)
        library.espeak_SetSynthCallback(callback)
        status = library.espeak_SetVoiceByName(voice)
        for parameter, value in (
            (RATE, delivery.rate_wpm),
            (PITCH, delivery.pitch),
            (RANGE, delivery.pitch_range),
        ):
            status = status or library.espeak_SetParameter(parameter, value, 0)
        size = ctypes.c_size_t(len(text))
        status = status or library.espeak_Synth(text, size, 0, 1, 0, CHARS_UTF8, None, None)
        pcm = b"".join(sound)
        frame = memoryview(HEADER.pack(status, len(pcm), len(events)) + pcm + b"".join(events))
        while frame:
            frame = frame[os.write(write_end, frame) :]
        exit_status = 0
    finally:
        os._exit(exit_status)


def _read_frame(read_end: int, deadline_s: float) -> tuple[int, bytes, bytes]:
    status, pcm_bytes, event_count = HEADER.unpack(_read(read_end, HEADER.size, deadline_s))
    pcm = _read(read_end, pcm_bytes, deadline_s)
    return status, pcm, _read(read_end, event_count * EVENT.size, deadline_s)


def _read(read_end: int, size: int, deadline_s: float) -> bytes:
    """Exactly `size` bytes. The frame's length is known, so that no other process's copy of the pipe delays the end."""
    parts: list[bytes] = []
    poll = select.poll()  # select.select fails on descriptors from 1024 up
    poll.register(read_end, select.POLLIN)
    missing = size
    while missing:
        if not poll.poll(1000 * max(0.0, deadline_s - time.monotonic())):
            raise TimeoutError(f"no answer in {LIMIT_S:g} s")
        part = os.read(read_end, min(missing, 1 << 20))
        if not part:
            raise EOFError("its process died")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _end(pid: int) -> None:
    """Ends the child, which has written its frame or will not, and takes its status from the kernel."""
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        return  # a host that ignores SIGCHLD has already reaped it
