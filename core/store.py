"""Files by digest: written once, flushed to disk, read-only ever after."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.core.files.base import File

from core.models import StoredFile

if TYPE_CHECKING:
    from agency.models import Official

CHUNK = 1024 * 1024


class StoreFull(OSError):
    """There is no room for the file; nothing of it was kept."""


def path_of(sha256: str) -> Path:
    """Where the bytes with this digest stand."""
    return Path(settings.STORE_DIR) / sha256[:2] / sha256[2:4] / sha256


def clean_name(name: str) -> str:
    """The file's own name without any path, control characters or excess length."""
    bare = PurePath(name.replace("\\", "/")).name
    bare = "".join(c for c in bare if c.isprintable()).strip() or "未命名"
    stem, dot, suffix = bare.rpartition(".")
    if dot and len(suffix) <= 10:
        return f"{stem[: 240 - len(suffix)]}.{suffix}"
    return bare[:240]


class _Read:
    """What was read of a file so far: its digests, its size, and then its row."""

    def __init__(self) -> None:
        self._sha256, self._sm3, self._size = hashlib.sha256(), hashlib.new("sm3"), 0

    def take(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._sm3.update(chunk)
        self._size += len(chunk)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def row(self, *, name: str, by: Official | None, content_type: str) -> StoredFile:
        return StoredFile.objects.create(
            sha256=self.sha256,
            sm3=self._sm3.hexdigest(),
            size=self._size,
            name=clean_name(name),
            content_type=content_type[:100],
            kept_by=by,
        )


def keep(
    source: File[Any] | BinaryIO | Iterable[bytes], *, name: str, by: Official | None, content_type: str = ""
) -> StoredFile:
    """Stream a file into the store and return its row.

    All or nothing: a full disk raises StoreFull and leaves no part behind. The same bytes are stored once, with a row for each hand-in.
    """
    root = Path(settings.STORE_DIR)
    incoming = root / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o750)
    temporary = incoming / secrets.token_hex(16)
    read = _Read()
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440), "wb") as target:
            for chunk in _chunks(source):
                read.take(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        final = path_of(read.sha256)
        with held(alone=False):
            final.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            if final.exists():
                temporary.unlink()
                os.utime(final)
            else:
                temporary.rename(final)
                _sync_directory(final.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(error.errno, "存储空间不足，文件没有保存，请联系系统管理员") from error
        raise
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return read.row(name=name, by=by, content_type=content_type)


def adopt(source: Path, *, name: str, by: Official | None, content_type: str = "") -> StoredFile:
    """Take a finished file on the store's own disk into the store and return its row; nothing is copied.

    The file stays under its old name too, read-only, so that a caller whose transaction fails has lost nothing; unlink it after the commit.
    """
    read = _Read()
    with source.open("rb") as content:
        while chunk := content.read(CHUNK):
            read.take(chunk)
        os.fsync(content.fileno())
    final = path_of(read.sha256)
    with held(alone=False):
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        if not final.exists():
            source.chmod(0o440)
            os.link(source, final)
            _sync_directory(final.parent)
        os.utime(final)
    return read.row(name=name, by=by, content_type=content_type)


@contextmanager
def held(*, alone: bool) -> Iterator[None]:
    """Hold the store while a file is put in its place or cleaned away, so that none is cleaned that is being handed in again.

    Whoever puts one in its place makes it young: its row may not be committed yet.
    """
    root = Path(settings.STORE_DIR)
    root.mkdir(parents=True, exist_ok=True, mode=0o750)
    descriptor = os.open(root / ".held", os.O_RDWR | os.O_CREAT, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def open_stored(stored: StoredFile) -> BufferedReader:
    """The bytes of a stored file, for reading. Raises FileNotFoundError when the medium lost them."""
    return path_of(stored.sha256).open("rb")


def is_intact(stored: StoredFile) -> bool:
    """Whether the bytes on the medium still have the digest they were received with."""
    try:
        with open_stored(stored) as source:
            return hashlib.file_digest(source, "sha256").hexdigest() == stored.sha256
    except FileNotFoundError:
        return False


def _chunks(source: File[Any] | BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(source, File):
        yield from source.chunks(CHUNK)
    elif hasattr(source, "read"):
        while chunk := source.read(CHUNK):
            yield chunk
    else:
        yield from source


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
