"""Small recordings made on the spot: sound ones, and every way in which a file can be wrong."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import av

WIDTH, HEIGHT, RATE = 64, 48, 10


def video(
    path: Path,
    *,
    seconds: float = 3.0,
    gap_after: float | None = None,
    gap: float = 0.0,
    created: str = "2026-02-02T01:12:00Z",
    front: bool = False,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Path:
    """An MPEG-4 video whose picture changes; with `gap_after` its time stamps jump by `gap` seconds. `front` puts the index before the pictures."""
    options = {"movflags": "+faststart"} if front else {}
    with av.open(str(path), "w", options=options) as out:
        out.metadata["creation_time"] = created
        stream = out.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = *size, "yuv420p", RATE
        for number in range(round(seconds * RATE)):
            frame = av.VideoFrame(*size, "yuv420p")
            for index, plane in enumerate(frame.planes):
                plane.update(bytes((number * 7 + index * 40 + i) % 251 for i in range(plane.buffer_size)))
            jump = round(gap * RATE) if gap_after is not None and number >= gap_after * RATE else 0
            frame.pts = number + jump
            for packet in stream.encode(frame):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return path


def cut(path: Path, *, keep: float) -> Path:
    """Keep only the first part of the bytes, as an interrupted copy does."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    return path


def spoil(path: Path) -> Path:
    """Overwrite the middle of the pictures, as a failing card does."""
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    end = content.index(b"moov") if content.index(b"moov") > start else len(content)
    third = (end - start) // 3
    content[start + third : start + 2 * third] = b"\xff" * third
    path.write_bytes(bytes(content))
    return path


def picture(path: Path) -> Path:
    """A PNG of one pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\x00\xff\xff\xff"))
        + chunk(b"IEND", b"")
    )
    return path


def page(path: Path) -> Path:
    """A web page with a script, under whatever name."""
    path.write_bytes(b"<!doctype html><script>alert(document.cookie)</script>" + b" " * 500)
    return path


def playlist(path: Path, target: str) -> Path:
    """A playlist that would make a careless reader open another file or address."""
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n", encoding="utf-8")
    return path
