"""Answering with part of a file, as players ask for it (RFC 9110, section 14): one range, or the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK: Final = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})\Z")


def range_answer(source: BinaryIO, *, size: int, asked: str, content_type: str) -> HttpResponseBase:
    """200 with the whole, 206 with the range asked for, 416 for one outside. Several ranges at once are answered with the whole."""
    span = _span(asked, size)
    if span == ():
        source.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = span or (0, size - 1)
    answer = StreamingHttpResponse(
        _Piecewise(source, first, last - first + 1), status=206 if span else 200, content_type=content_type
    )
    answer["Content-Length"] = str(last - first + 1)
    answer["Accept-Ranges"] = "bytes"
    if span:
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


def _span(asked: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """First and last byte; None for no (usable) range, an empty tuple for one that cannot be satisfied."""
    found = _RANGE.match(asked.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        length = int(found[2])
        return (max(size - length, 0), size - 1) if length and size else ()
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if first >= size:
        return ()
    return (first, last) if first <= last else None


class _Piecewise:
    """`length` bytes from `first`, in pieces. Closed by the server, also when the reader hangs up."""

    def __init__(self, source: BinaryIO, first: int, length: int) -> None:
        self._source, self._left = source, length
        source.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._source.read(min(CHUNK, self._left)) if self._left > 0 else b""
        if not piece:
            self.close()
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._source.close()
