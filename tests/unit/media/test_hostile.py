"""Files that lie, break or attack: each is refused with a plain reason, quickly, and reads nothing but itself."""

import struct
import time
import zlib

import pytest

from pipelines.media.clip import ClipReader
from pipelines.media.image import read_image
from pipelines.media.limits import MediaLimits
from pipelines.media.probe import probe
from pipelines.media.sniff import sniff
from pipelines.media.sound import read_audio
from schemas.errors import MediaUnreadable
from schemas.timing import EditRate

SECRET = "the-secret-that-no-error-and-no-picture-may-hold"

PLAYLISTS = {
    "hls": ("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{secret}\n#EXT-X-ENDLIST\n", "HLS playlist"),
    "hls with byte order mark": ("\ufeff#EXTM3U\n#EXTINF:5,\nfile://{secret}\n", "HLS playlist"),
    "hls after blank lines": ("\n \n#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/x.ts\n", "HLS playlist"),
    "ffconcat": ("ffconcat version 1.0\nfile '{secret}'\n", "concat script"),
    "sdp": ("v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "SDP"),
    "dash": ('<?xml version="1.0"?><MPD><Period><BaseURL>file://{secret}</BaseURL></Period></MPD>', "DASH"),
    "svg": ('<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{secret}"/></svg>', "SVG"),
    "svg with prolog": ('<?xml version="1.0"?>\n<!-- x -->\n<svg><image href="{secret}"/></svg>', "SVG"),
    "html": ("<html><body>{secret}</body></html>", "XML or HTML"),
    "text": ("Once upon a time there was a lamp.\n", "text"),
    "pdf": ("%PDF-1.7\n", "PDF"),
    "zip": ("PK\x03\x04....", "ZIP"),
    "gif": ("GIF89a....", "GIF"),
    "nonsense": ("\x00\x01\x02\x03 nothing", "unknown"),
}


@pytest.mark.parametrize("name", ["clip.mp4", "clip.m3u8", "photo.png", "sound.wav"])
@pytest.mark.parametrize("case", PLAYLISTS, ids=lambda case: case.replace(" ", "-"))
def test_hostile_text_under_any_name_is_refused_by_what_it_is(tmp_path, case, name):
    content, reason = PLAYLISTS[case]
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    path = tmp_path / name
    path.write_bytes(content.format(secret=secret).encode())
    for read in (probe, read_image, read_audio, lambda file: ClipReader(file, EditRate())):
        with pytest.raises(MediaUnreadable, match=reason) as refused:
            read(path)
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize(("content", "reason"), [(b"", "is empty"), (b"\x00", "unknown"), (b"\xff", "unknown")])
def test_hostile_file_of_no_or_one_byte_is_refused(tmp_path, content, reason):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(MediaUnreadable, match=reason):
        probe(tmp_path / "a.mp4")


def test_hostile_path_that_is_no_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing.mp4", tmp_path / "http:"):
        with pytest.raises(MediaUnreadable, match="is not a file"):
            probe(path)


def test_hostile_name_that_reads_like_a_protocol_is_taken_as_a_name(tiny, monkeypatch):
    made = tiny.segment("a.mp4", 5, 60)
    made.rename(tiny.folder / "concat:b|c.mp4")
    monkeypatch.chdir(tiny.folder)
    assert probe(made.with_name("concat:b|c.mp4").relative_to(tiny.folder)).width_px == 64


def png(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def test_hostile_picture_that_claims_to_be_huge_is_refused_by_its_header(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png(30_000, 30_000, b"\0" * 1000))
    for read in (probe, read_image):
        started = time.perf_counter()
        with pytest.raises(MediaUnreadable, match="claims 30000 x 30000 pixels"):
            read(path)
        assert time.perf_counter() - started < 1


def test_hostile_jpeg_that_claims_to_be_huge_is_refused_by_its_header(tmp_path):
    path = tmp_path / "bomb.jpg"
    path.write_bytes(
        b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 40_000, 50_000) + b"\x03" * 40
    )
    with pytest.raises(MediaUnreadable, match="claims 50000 x 40000 pixels"):
        probe(path)


def test_hostile_picture_without_pixels_is_damaged(tmp_path):
    path = tmp_path / "empty.png"
    path.write_bytes(png(64, 64, b""))
    with pytest.raises(MediaUnreadable, match="damaged"):
        read_image(path)


def test_hostile_video_above_the_pixel_limit_is_refused(tiny):
    path = tiny.segment("a.mp4", 3, 60)
    small = MediaLimits(video_pixels=64 * 36 - 1)
    with pytest.raises(MediaUnreadable), ClipReader(path, EditRate(), limits=small) as clip:
        clip.frame_at(0)


LIMITS = {
    "bytes": (MediaLimits(file_bytes=100), "bytes, more than 100"),
    "duration": (MediaLimits(duration_s=0.5), "lasts 1 s"),
    "streams": (MediaLimits(streams=2), "streams"),
    "channels": (MediaLimits(channels=1), "2 channels"),
}


@pytest.mark.parametrize("case", LIMITS)
def test_hostile_file_beyond_a_limit_says_which(film, case):
    limits, reason = LIMITS[case]
    with pytest.raises(MediaUnreadable, match=reason):
        probe(film, limits=limits)


def test_hostile_clip_of_too_many_frames_is_refused(film):
    with pytest.raises(MediaUnreadable, match="more than 10 frames"):
        ClipReader(film, EditRate(), limits=MediaLimits(video_frames=10))


def test_hostile_sound_that_is_too_long_is_refused(film):
    with pytest.raises(MediaUnreadable, match="sounds longer"):
        read_audio(film, limits=MediaLimits(audio_duration_s=0.5))


def read_whole(path):
    """Everything that a stage would read of it."""
    read_audio(path)
    with ClipReader(path, EditRate(), at_end="hold") as clip:
        return [clip.frame_at(tick) for tick in range(24)]


@pytest.mark.parametrize("kept", [8, 20, 33, 300, 1000, 3000, 0.5, 0.8, 0.95])
def test_hostile_film_cut_off_anywhere_ends_in_a_plain_error_or_in_pictures(film, tmp_path, kept):
    """The index comes first, so that a file cut late still opens; what is missing then is an error too."""
    whole = film.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: int(kept if kept >= 1 else kept * len(whole))])
    with pytest.raises(MediaUnreadable):
        read_whole(path)


@pytest.mark.parametrize("seed", range(12))
def test_hostile_film_with_bytes_overwritten_ends_in_a_plain_error_or_in_pictures(film, tmp_path, seed):
    content = bytearray(film.read_bytes())
    step = 37 + 11 * seed
    for at in range(8 + seed, len(content), step * 4):
        content[at] = (content[at] * 31 + seed) & 0xFF
    path = tmp_path / "noise.mp4"
    path.write_bytes(content)
    try:
        assert len(read_whole(path)) == 24
    except MediaUnreadable as refused:
        assert "noise.mp4" in str(refused)


@pytest.mark.parametrize("keep", [44, 45, 60])
def test_hostile_wav_with_next_to_no_samples_is_damaged_or_short(tiny, keep):
    path = tiny.wav("a.wav", tiny.tone(480))
    path.write_bytes(path.read_bytes()[:keep])
    try:
        samples, _ = read_audio(path)
        assert len(samples) <= (keep - 44) // 4
    except MediaUnreadable as refused:
        assert "damaged" in str(refused)


def test_hostile_media_named_otherwise_is_known_by_its_bytes(film, tmp_path):
    disguised = tmp_path / "holiday.png"
    disguised.write_bytes(film.read_bytes())
    assert sniff(disguised).name == "mp4"
    with pytest.raises(MediaUnreadable, match="is mp4, not an image"):
        read_image(disguised)
