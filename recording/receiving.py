"""Receiving large files: the resumable way (tus 1.0, core protocol with creation, expiration and termination) and the plain form."""

from __future__ import annotations

import base64
import binascii
import errno
import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from core.views import OfficialRequest, reads_on_get
from recording import selectors, uploads
from recording.models import Upload
from recording.permissions import may_hand_in_for
from recording.uploads import UploadRefused

P = ParamSpec("P")
View = Callable[Concatenate[OfficialRequest, P], HttpResponseBase]

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"


# --- resumable ----------------------------------------------------------------------------------------------


def _tus(view: View[P]) -> View[P]:
    """The headers every answer has, and refusals in words."""

    @functools.wraps(view)
    def wrapped(request: OfficialRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        answer: HttpResponseBase
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            answer = HttpResponse(status=412, headers={"Tus-Version": VERSION})
        else:
            try:
                answer = view(request, *args, **kwargs)
            except UploadRefused as refused:
                answer = HttpResponse(str(refused), status=refused.status, content_type="text/plain; charset=utf-8")
        answer["Tus-Resumable"] = VERSION
        answer["Cache-Control"] = "no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    return wrapped


@require_http_methods(["POST", "OPTIONS"])
@_tus
def create(request: OfficialRequest, act_pk: int) -> HttpResponseBase:
    """Announce an upload for an act; answers with its address."""
    if request.method == "OPTIONS":
        return HttpResponse(
            status=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": "creation,expiration,termination",
                "Tus-Max-Size": str(settings.RECORDING_MAX_SIZE),
            },
        )
    act = selectors.visible_act(request.user, act_pk)
    permit = may_hand_in_for(request.user, act.case)
    if not permit:
        raise UploadRefused(403, permit.reason)
    size = _whole(request.headers.get("Upload-Length"))
    upload = uploads.begin(act=act, by=request.user, name=_name(request.headers.get("Upload-Metadata", "")), size=size)
    answer = _state(upload, 201)
    answer["Location"] = reverse("recording:piece", args=[upload.token])
    return answer


@require_http_methods(["HEAD", "PATCH", "DELETE"])
@reads_on_get
@_tus
def piece(request: OfficialRequest, token: str) -> HttpResponseBase:
    """HEAD: how much arrived. PATCH: more of it. DELETE: forget it."""
    if request.method == "HEAD":
        return _state(uploads.find(token, by=request.user), 200)
    if request.method == "DELETE":
        uploads.cancel(token, by=request.user)
        return HttpResponse(status=204)
    if request.content_type != PIECE:
        raise UploadRefused(415, f"应为 {PIECE}")
    upload = uploads.append(
        token,
        by=request.user,
        offset=_whole(request.headers.get("Upload-Offset")),
        length=_whole(request.headers.get("Content-Length")),
        read=request.read,
    )
    return _state(upload, 204)


def _state(upload: Upload, status: int) -> HttpResponse:
    return HttpResponse(
        status=status,
        headers={
            "Upload-Offset": str(upload.offset),
            "Upload-Length": str(upload.size),
            "Upload-Expires": http_date(upload.expires_at.timestamp()),
        },
    )


def _whole(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise UploadRefused(400, "长度或者位置不是数字")
    return int(text)


def _name(metadata: str) -> str:
    """The file's name from tus metadata: pairs of key and Base64."""
    for pair in metadata.split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError) as broken:
                raise UploadRefused(400, "文件名不可读") from broken
    return ""


# --- the plain form -----------------------------------------------------------------------------------------


class _OnDisk(TemporaryFileUploadHandler):
    """Every file goes to disk at once. A full disk or too large a file ends the upload with a sentence instead of an error."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if (
            self.request is not None
            and int(self.request.META.get("CONTENT_LENGTH") or 0) > settings.RECORDING_MAX_SIZE + 1024 * 1024
        ):
            self._stop(413, f"文件超过上限（{settings.RECORDING_MAX_SIZE // 1024**3} GB），请联系系统管理员")
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            self._full(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._full(error)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        try:
            return super().file_complete(file_size)
        except OSError as error:
            self._full(error)
        return None

    def _full(self, error: OSError) -> None:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise error
        self._stop(507, "存储空间不足，文件没有保存，请联系系统管理员")

    def _stop(self, status: int, message: str) -> None:
        self.request.upload_refused = UploadRefused(status, message)  # type: ignore[union-attr]
        raise StopUpload(connection_reset=False)


def takes_large_files(view: View[P]) -> View[P]:
    """Set up before anything reads the form: the check of the form's token would read the whole of it."""
    checked = csrf_protect(view)

    @functools.wraps(view)
    def wrapped(request: OfficialRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method == "POST":
            request.upload_handlers = [_OnDisk(request)]
        answer: HttpResponseBase = checked(request, *args, **kwargs)
        return answer

    return csrf_exempt(wrapped)


def refusal_of(request: OfficialRequest) -> UploadRefused | None:
    """Why the plain form's file was not taken in, if it was not."""
    found: UploadRefused | None = getattr(request, "upload_refused", None)
    return found
