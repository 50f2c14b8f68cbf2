"""Uploads under way: where their bytes wait, how they grow, and how a finished one becomes a stored file.

The row's offset alone says how much arrived. Bytes beyond it (a server killed between writing and saying so) are cut off by the next piece.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.http import UnreadablePostError
from django.utils import timezone

from core import store
from core.lifecycle import ActRefused
from recording.models import Upload

if TYPE_CHECKING:
    from agency.models import Official
    from core.models import StoredFile

CHUNK = 1024 * 1024
# A slow line sends several pieces; none holds a thread of the web server longer.
LONGEST_PIECE = 45.0


class UploadRefused(ActRefused):
    """An upload that cannot go on. `status` is the answer tus 1.0 gives; the message is Chinese."""

    field = "file"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def path_of(upload: Upload) -> Path:
    return folder() / upload.token


def folder() -> Path:
    return Path(settings.STORE_DIR) / "incoming" / "uploads"


def begin(*, act: Any, by: Official, name: str, size: int) -> Upload:
    """Announce an upload. Refuses what is larger than allowed, or than the disk has room for."""
    if size > settings.RECORDING_MAX_SIZE:
        raise UploadRefused(413, f"文件超过上限（{settings.RECORDING_MAX_SIZE // 1024**3} GB），请联系系统管理员")
    folder().mkdir(parents=True, exist_ok=True, mode=0o750)
    room = os.statvfs(folder())
    if size > room.f_bavail * room.f_frsize:
        raise UploadRefused(507, "存储空间不足，文件没有保存，请联系系统管理员")
    return Upload.objects.create(
        official=by, act=act, name=store.clean_name(name), size=size, expires_at=timezone.now() + Upload.LIFE
    )


@transaction.atomic
def append(token: str, *, by: Official, offset: int, length: int, read: Callable[[int], bytes]) -> Upload:
    """Add one piece of `length` bytes at `offset`. What arrived before the line broke is kept; nobody else adds meanwhile.

    Raises UploadRefused: 404 unknown or expired, 409 for another offset, 423 while another piece is coming in, 413 for more than
    was announced, 507 for a full disk.
    """
    upload = _lock(token, by)
    if upload.offset != offset:
        raise UploadRefused(409, "续传位置与已收到的不一致")
    if length > upload.size - offset:
        raise UploadRefused(413, "收到的内容比声明的长")
    upload.offset = offset + _write(path_of(upload), offset, length, read)
    upload.expires_at = timezone.now() + Upload.LIFE
    upload.save(update_fields=["offset", "expires_at"])
    return upload


def find(token: str, *, by: Official) -> Upload:
    """The upload, or a refusal with 404: another official's answers like an absent one."""
    upload = Upload.objects.of(by).filter(token=token, expires_at__gt=timezone.now()).first()
    if upload is None:
        raise UploadRefused(404, "上传不存在或者已经过期")
    return upload


def _lock(token: str, by: Official) -> Upload:
    try:
        upload = Upload.objects.of(by).select_for_update(nowait=True, of=("self",)).filter(token=token).first()
    except OperationalError as busy:
        raise UploadRefused(423, "同一文件正在从另一处上传") from busy
    if upload is None or upload.expires_at <= timezone.now():
        raise UploadRefused(404, "上传不存在或者已经过期")
    return upload


def _write(path: Path, offset: int, length: int, read: Callable[[int], bytes]) -> int:
    """Put up to `length` bytes at the offset, flush them to disk, and say how many came before the line broke."""
    written = 0
    until = time.monotonic() + LONGEST_PIECE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        os.ftruncate(descriptor, offset)
        os.lseek(descriptor, offset, os.SEEK_SET)
        while written < length and time.monotonic() < until:
            try:
                chunk = read(min(CHUNK, length - written))
            except UnreadablePostError:
                break
            if not chunk:
                break
            written += _write_all(descriptor, chunk)
        os.fsync(descriptor)
    except OSError as error:
        os.ftruncate(descriptor, offset)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UploadRefused(507, "存储空间不足，这一部分没有保存，请联系系统管理员") from error
        raise
    finally:
        os.close(descriptor)
    return written


def _write_all(descriptor: int, chunk: bytes) -> int:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
    return len(chunk)


def cancel(token: str, *, by: Official) -> None:
    """Forget an upload and its bytes."""
    with transaction.atomic():
        upload = _lock(token, by)
        upload.delete()
        path_of(upload).unlink(missing_ok=True)


def take(token: str, *, by: Official, act_id: int) -> StoredFile:
    """Make a finished upload a stored file, inside the caller's transaction; when that fails, the upload is still there.

    Raises UploadRefused when it is not this official's, not for this act, or not complete.
    """
    upload = _lock(token, by)
    if upload.act_id != act_id:
        raise UploadRefused(404, "上传不存在或者已经过期")
    path = path_of(upload)
    if not upload.is_complete:
        raise UploadRefused(409, "文件还没有传完")
    if upload.size == 0:
        path.touch(mode=0o640)
    stored = store.adopt(path, name=upload.name, by=by)
    upload.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return stored


def forget_expired(now: datetime) -> int:
    """Remove what nobody finished: rows past their time, and bytes without a row."""
    with transaction.atomic():
        rows = list(Upload.objects.expired(now).select_for_update(skip_locked=True))
        Upload.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if not folder().is_dir():
        return len(rows)
    known = set(Upload.objects.values_list("token", flat=True))
    oldest = now.timestamp() - Upload.LIFE.total_seconds()
    for path in folder().iterdir():
        if path.name not in known and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
    return len(rows)
