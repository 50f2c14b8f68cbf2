"""Resumable uploads: tus 1.0 as a browser speaks it, and the plain form that does the same without a script."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.store import path_of as stored_path
from recording import uploads
from recording.models import Recording, Upload
from tests.enforcement.factories import Bureau, fresh
from tests.recording import samples
from tests.recording.acts import register

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


def begin(browser: Client, act: Any, size: int, name: str = "现场.mp4") -> Any:
    encoded = base64.b64encode(name.encode()).decode()
    return browser.post(
        reverse("recording:uploads", args=[act.pk]),
        headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": f"filename {encoded}"},
    )


def send(browser: Client, address: str, content: bytes, offset: int, content_type: str = PIECE) -> Any:
    return browser.patch(address, content, content_type=content_type, headers={**TUS, "Upload-Offset": str(offset)})


def offset_of(browser: Client, address: str) -> int:
    return int(browser.head(address, headers=TUS)["Upload-Offset"])


def sent(browser: Client, act: Any, content: bytes, name: str = "现场.mp4") -> str:
    """Upload everything in two pieces; returns the token."""
    address = begin(browser, act, len(content), name)["Location"]
    half = len(content) // 2
    assert send(browser, address, content[:half], 0).status_code == 204
    assert send(browser, address, content[half:], half).status_code == 204
    return address.rstrip("/").rpartition("/")[2]


def made(act: Any) -> dict[str, str]:
    return {"started_at": "2026-01-14T09:02", "made_at": "2026-01-14T09:31"}


def test_a_recording_sent_in_pieces_is_handed_in_with_its_own_digest(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    browser = desk(bureau.lead)
    content = samples.video(tmp_path / "a.mp4").read_bytes()
    token = sent(browser, act, content)
    answer = browser.post(reverse("recording:upload", args=[act.pk]), {"upload": token, **made(act)})
    recording = Recording.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == recording.get_absolute_url()
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert recording.sm3 == hashlib.new("sm3", content).hexdigest()
    assert recording.file is not None
    assert recording.file.name == "现场.mp4"
    assert stored_path(recording.sha256).read_bytes() == content
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_finished_upload_leaves_no_second_copy(act: Any, bureau: Bureau, desk: Any, tmp_path: Path) -> None:
    browser = desk(bureau.lead)
    token = sent(browser, act, samples.video(tmp_path / "a.mp4").read_bytes())
    browser.post(reverse("recording:upload", args=[act.pk]), {"upload": token, **made(act)})
    assert list(uploads.folder().iterdir()) == []
    assert stored_path(Recording.objects.get().sha256).stat().st_nlink == 1


def test_the_plain_form_does_the_same_without_a_script(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    content = samples.video(tmp_path / "a.mp4").read_bytes()
    file = SimpleUploadedFile("现场.mp4", content, content_type="video/mp4")
    answer = desk(bureau.lead).post(reverse("recording:upload", args=[act.pk]), {"file": file, **made(act)})
    assert answer.status_code == 302
    assert Recording.objects.get().sha256 == hashlib.sha256(content).hexdigest()


def test_the_file_of_a_registered_recording_meets_its_duty(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    recording = register(bureau, act)
    browser = desk(bureau.lead)
    token = sent(browser, act, samples.video(tmp_path / "a.mp4").read_bytes())
    assert browser.post(recording.step_url("store"), {"upload": token}).status_code == 302
    recording.refresh_from_db()
    assert recording.state == "stored"
    again = browser.get(recording.step_url("store"), follow=True)
    assert "不得替换" in again.content.decode()


def test_what_arrived_before_the_line_broke_is_kept_and_goes_on(
    bureau: Bureau, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.http import UnreadablePostError

    person = fresh(bureau.lead)
    content = bytes(range(256)) * 8192
    upload = uploads.begin(act=act, by=person, name="a.mp4", size=len(content))
    monkeypatch.setattr(uploads, "CHUNK", 100_000)
    served: list[bytes] = [content[:100_000], content[100_000:150_000]]

    def broken(length: int) -> bytes:
        if not served:
            raise UnreadablePostError("the line is gone")
        return served.pop(0)

    uploads.append(upload.token, by=person, offset=0, length=len(content), read=broken)
    upload.refresh_from_db()
    assert upload.offset == 150_000
    rest = iter([content[150_000:]])
    uploads.append(
        upload.token, by=person, offset=150_000, length=len(content) - 150_000, read=lambda length: next(rest, b"")
    )
    assert uploads.path_of(upload).read_bytes() == content


def test_bytes_beyond_what_the_row_says_are_cut_off_by_the_next_piece(bureau: Bureau, act: Any, desk: Any) -> None:
    browser = desk(bureau.lead)
    address = begin(browser, act, 10)["Location"]
    send(browser, address, b"01234", 0)
    upload = Upload.objects.get()
    with uploads.path_of(upload).open("ab") as waiting:
        waiting.write(b"written by a server that was killed before it said so")
    assert send(browser, address, b"56789", 5).status_code == 204
    assert uploads.path_of(upload).read_bytes() == b"0123456789"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda browser, address: send(browser, address, b"x", 4), 409),
        (lambda browser, address: send(browser, address, b"x" * 11, 0), 413),
        (lambda browser, address: send(browser, address, b"x", 0, "application/json"), 415),
        (
            lambda browser, address: browser.patch(address, b"x", content_type=PIECE, headers={"Upload-Offset": "0"}),
            412,
        ),
        (
            lambda browser, address: browser.patch(
                address, b"x", content_type=PIECE, headers={**TUS, "Upload-Offset": "-1"}
            ),
            400,
        ),
        (lambda browser, address: browser.get(address, headers=TUS), 405),
    ],
)
def test_a_piece_out_of_order_is_refused_and_changes_nothing(
    bureau: Bureau, act: Any, desk: Any, change: Callable[[Client, str], Any], status: int
) -> None:
    browser = desk(bureau.lead)
    address = begin(browser, act, 10)["Location"]
    assert change(browser, address).status_code == status
    assert offset_of(browser, address) == 0


def test_an_upload_is_its_officials_alone(bureau: Bureau, act: Any, desk: Any) -> None:
    address = begin(desk(bureau.lead), act, 10)["Location"]
    for other in (bureau.co, bureau.head, bureau.stranger):
        browser = desk(other)
        assert browser.head(address, headers=TUS).status_code == 404
        assert send(browser, address, b"x", 0).status_code == 404
        assert browser.delete(address, headers=TUS).status_code == 404
    assert send(desk(bureau.lead), address, b"x", 0).status_code == 204


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("auditor", 404), ("clerk", 403), ("head", 403)])
def test_only_the_officers_of_the_case_may_begin(bureau: Bureau, act: Any, desk: Any, who: str, status: int) -> None:
    assert begin(desk(bureau.all[who]), act, 10).status_code == status
    assert not Upload.objects.exists()


def test_a_token_of_another_act_or_half_an_upload_is_refused_at_the_form(
    bureau: Bureau, case: Any, act: Any, desk: Any
) -> None:
    from tests.enforcement.factories import at, evidence

    evidence(bureau, case, started_at=at("2026-01-20 09:00"), ended_at=at("2026-01-20 10:00"))
    other = case.acts.exclude(pk=act.pk).get()
    browser = desk(bureau.lead)
    token = sent(browser, other, b"0123456789")
    half = begin(browser, act, 10)["Location"].rstrip("/").rpartition("/")[2]
    for wrong in (token, half, "x" * 32):
        answer = browser.post(reverse("recording:upload", args=[act.pk]), {"upload": wrong, **made(act)})
        assert answer.status_code == 422
        assert "upload" in answer.context["form"].errors
    assert not Recording.objects.exists()


def test_a_refused_form_keeps_the_upload_so_that_nothing_is_sent_twice(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    browser = desk(bureau.lead)
    token = sent(browser, act, samples.video(tmp_path / "a.mp4").read_bytes())
    address = reverse("recording:upload", args=[act.pk])
    answer = browser.post(address, {"upload": token, "started_at": "2026-01-14T09:02", "made_at": "2026-01-14T08:00"})
    assert answer.status_code == 422
    assert "不需要再传一次" in answer.content.decode()
    assert token in answer.content.decode()
    assert browser.post(address, {"upload": token, **made(act)}).status_code == 302


def test_a_form_without_a_file_is_refused_at_the_field(bureau: Bureau, act: Any, desk: Any) -> None:
    answer = desk(bureau.lead).post(reverse("recording:upload", args=[act.pk]), made(act))
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"] == ["请选择录像文件"]


def test_an_empty_file_is_taken_in_both_ways(bureau: Bureau, act: Any, desk: Any) -> None:
    browser = desk(bureau.lead)
    token = begin(browser, act, 0)["Location"].rstrip("/").rpartition("/")[2]
    address = reverse("recording:upload", args=[act.pk])
    assert browser.post(address, {"upload": token, **made(act)}).status_code == 302
    assert browser.post(address, {"file": SimpleUploadedFile("a.mp4", b""), **made(act)}).status_code == 302
    assert set(Recording.objects.values_list("size", flat=True)) == {0}


def test_too_large_is_said_before_anything_is_sent(bureau: Bureau, act: Any, desk: Any, settings: Any) -> None:
    settings.RECORDING_MAX_SIZE = 2 * 1024**3
    answer = begin(desk(bureau.lead), act, 2 * 1024**3 + 1)
    assert answer.status_code == 413
    assert "超过上限（2 GB）" in answer.content.decode()


def test_too_large_a_plain_form_is_refused_in_words(bureau: Bureau, act: Any, desk: Any, settings: Any) -> None:
    settings.RECORDING_MAX_SIZE = 1024
    file = SimpleUploadedFile("a.mp4", b"x" * (1024 * 1024 + 8192))
    answer = desk(bureau.lead).post(reverse("recording:upload", args=[act.pk]), {"file": file, **made(act)})
    assert answer.status_code == 413
    assert "超过上限" in answer.content.decode()
    assert not Recording.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\x00b\r\nSet-Cookie: x.mp4", "‮4pm.exe", "很长" * 300 + ".mp4", ""]
)
def test_a_hostile_name_is_only_a_name(bureau: Bureau, act: Any, desk: Any, name: str) -> None:
    browser = desk(bureau.lead)
    token = sent(browser, act, b"0123456789", name)
    assert browser.post(reverse("recording:upload", args=[act.pk]), {"upload": token, **made(act)}).status_code == 302
    kept = Recording.objects.select_related("file").get().file
    assert kept is not None
    assert not set(kept.name) & set("/\\\x00\r\n‮")
    assert 0 < len(kept.name) <= 255


def test_the_form_keeps_its_protection_against_forgery(bureau: Bureau, act: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bureau.lead, backend="agency.backends.OfficialBackend")
    file = SimpleUploadedFile("a.mp4", b"x")
    assert browser.post(reverse("recording:upload", args=[act.pk]), {"file": file, **made(act)}).status_code == 403
    assert begin(browser, act, 10).status_code == 403
    assert not Upload.objects.exists()
    assert not Recording.objects.exists()


def test_an_upload_can_be_cancelled(bureau: Bureau, act: Any, desk: Any) -> None:
    browser = desk(bureau.lead)
    address = begin(browser, act, 10)["Location"]
    send(browser, address, b"01234", 0)
    assert browser.delete(address, headers=TUS).status_code == 204
    assert browser.head(address, headers=TUS).status_code == 404
    assert list(uploads.folder().iterdir()) == []


def test_what_nobody_finished_is_forgotten_after_two_days(bureau: Bureau, act: Any, desk: Any) -> None:
    browser = desk(bureau.lead)
    address = begin(browser, act, 10)["Location"]
    send(browser, address, b"01234", 0)
    (uploads.folder() / "without-a-row").write_bytes(b"x")
    assert uploads.forget_expired(timezone.now()) == 0
    assert offset_of(browser, address) == 5
    later = timezone.now() + timedelta(hours=49)
    assert uploads.forget_expired(later) == 1
    assert browser.head(address, headers=TUS).status_code == 404
    uploads.forget_expired(later)
    assert list(uploads.folder().iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_pieces_at_once_one_is_taken_and_the_other_told(act: Any, bureau: Bureau) -> None:
    from django.db import connection

    person = fresh(bureau.lead)
    upload = uploads.begin(act=act, by=person, name="a.mp4", size=8)
    inside, go_on = threading.Event(), threading.Event()
    answers: dict[str, Any] = {}

    def slow_read(length: int) -> bytes:
        inside.set()
        go_on.wait(10)
        return b"first!!!"[:length]

    def first() -> None:
        try:
            answers["first"] = uploads.append(upload.token, by=person, offset=0, length=8, read=slow_read).offset
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(uploads.UploadRefused) as refused:
        uploads.append(upload.token, by=person, offset=0, length=8, read=lambda length: b"second!!"[:length])
    go_on.set()
    thread.join(10)
    assert refused.value.status == 423
    assert answers["first"] == 8
    assert uploads.path_of(upload).read_bytes() == b"first!!!"


def test_a_slow_line_holds_no_thread_for_ever(bureau: Bureau, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person = fresh(bureau.lead)
    upload = uploads.begin(act=act, by=person, name="a.mp4", size=100)
    clock = iter([0.0, *(10.0 * n for n in range(1, 50))])
    monkeypatch.setattr("recording.uploads.time.monotonic", lambda: next(clock))
    uploads.append(upload.token, by=person, offset=0, length=100, read=lambda length: b"x")
    upload.refresh_from_db()
    assert upload.offset == 4
