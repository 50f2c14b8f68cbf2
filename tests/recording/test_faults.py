"""Real servers, real kills: a hand-in is all or nothing, and what arrived before the fault goes on after it."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.models import Duty
from core.store import StoreFull, path_of
from recording import services, uploads
from recording.models import Recording, Upload
from tests.enforcement.factories import Bureau, accept, evidence, fresh, make_bureau, new_case, propose
from tests.recording.acts import register
from tests.recording.test_uploads import PIECE, TUS, begin, made, offset_of, send

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.faults


def address_of(database: dict[str, Any]) -> str:
    """The test's database as one address, however the socket's folder was given."""
    host = database["HOST"] or database["OPTIONS"].get("host", "")
    folder = quote(str(host), safe="")
    return f"postgres://{database['USER']}:{database['PASSWORD']}@{folder}:{database['PORT']}/{database['NAME']}"


class Server:
    """The product as gunicorn serves it, on the test's database and store."""

    def __init__(self, store: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": address_of(connection.settings_dict),
            "STORE_DIR": str(store),
            "SECRET_KEY": settings.SECRET_KEY,
            "REDIS_URL": settings.REDIS_URL,
            "DEBUG": "1",
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"],
            cwd=ROOT,
            env=self.environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            # The first answer also loads everything, so that what is timed below is not the start.
            with contextlib.suppress(OSError, http.client.HTTPException):
                line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                line.request("GET", "/healthz")
                if status_of(line):
                    return
            time.sleep(0.1)
        raise AssertionError("the server did not come up")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def patch(self, browser: Client, address: str, offset: int, length: int) -> http.client.HTTPConnection:
        """Begin a piece of `length` bytes and leave it to the caller to send them."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.putrequest("PATCH", address)
        token = "a" * 32
        cookies = {"sessionid": browser.cookies["sessionid"].value, "csrftoken": token}
        headers = {
            **TUS,
            "Content-Type": PIECE,
            "Upload-Offset": str(offset),
            "Content-Length": str(length),
            "X-CSRFToken": token,
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        return line


def status_of(line: http.client.HTTPConnection) -> int:
    with contextlib.closing(line), line.getresponse() as answer:
        answer.read()
        return answer.status


@pytest.fixture
def bureau(transactional_db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def act(bureau: Bureau) -> Any:
    return evidence(bureau, accept(bureau, propose(bureau, new_case(bureau)))).acts.get()


@pytest.fixture
def server(tmp_path: Path, transactional_db: None) -> Iterator[Server]:
    running = Server(tmp_path / "store")
    yield running
    with contextlib.suppress(ProcessLookupError):
        running.kill()


def settled(browser: Client, address: str) -> int:
    """The offset once the killed or cut request has let go of its row."""
    time.sleep(1.0)
    return offset_of(browser, address)


def arrived(browser: Client, address: str) -> int:
    """What is kept of a piece whose line was cut, as soon as the server noticed."""
    deadline = time.monotonic() + 20
    while (offset := offset_of(browser, address)) == 0 and time.monotonic() < deadline:
        time.sleep(0.2)
    return offset


def test_a_server_killed_in_the_middle_of_a_hand_in_loses_nothing_that_it_said_it_had(
    bureau: Bureau, act: Any, desk: Any, server: Server
) -> None:
    browser = desk(bureau.lead)
    content = os.urandom(6 * 1024 * 1024)
    recording = register(bureau, act)
    address = begin(browser, act, len(content))["Location"]
    first = server.patch(browser, address, 0, 2 * 1024 * 1024)
    first.send(content[: 2 * 1024 * 1024])
    assert status_of(first) == 204

    second = server.patch(browser, address, 2 * 1024 * 1024, 4 * 1024 * 1024)
    second.send(content[2 * 1024 * 1024 : 5 * 1024 * 1024])
    time.sleep(0.7)
    server.kill()
    second.close()

    offset = settled(browser, address)
    assert offset == 2 * 1024 * 1024
    assert Duty.objects.get(anchor=recording.stream, obligation="store_recording").is_open
    assert send(browser, address, content[offset:], offset).status_code == 204
    token = Upload.objects.get().token
    assert browser.post(recording.step_url("store"), {"upload": token}).status_code == 302
    stored = Recording.objects.get()
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert path_of(stored.sha256).read_bytes() == content


def test_a_line_cut_at_half_keeps_the_half_and_goes_on(bureau: Bureau, act: Any, desk: Any, server: Server) -> None:
    browser = desk(bureau.lead)
    content = os.urandom(4 * 1024 * 1024)
    address = begin(browser, act, len(content))["Location"]
    line = server.patch(browser, address, 0, len(content))
    line.send(content[: 2 * 1024 * 1024])
    time.sleep(0.5)
    line.close()
    offset = arrived(browser, address)
    assert 0 < offset <= 2 * 1024 * 1024
    rest = server.patch(browser, address, offset, len(content) - offset)
    rest.send(content[offset:])
    assert status_of(rest) == 204
    assert uploads.path_of(Upload.objects.get()).read_bytes() == content


def test_two_pieces_at_once_over_real_lines(bureau: Bureau, act: Any, desk: Any, server: Server) -> None:
    browser = desk(bureau.lead)
    address = begin(browser, act, 1024 * 1024)["Location"]
    first = server.patch(browser, address, 0, 1024 * 1024)
    first.send(b"a" * 1024)
    time.sleep(0.7)
    second = server.patch(browser, address, 0, 1024 * 1024)
    second.send(b"b" * 1024 * 1024)
    assert status_of(second) == 423
    first.send(b"a" * (1024 * 1024 - 1024))
    assert status_of(first) == 204
    assert set(uploads.path_of(Upload.objects.get()).read_bytes()) == {ord("a")}


@pytest.fixture
def small_disk(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A store on a disk of 4 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    settings.STORE_DIR = disk / "store"
    settings.STORE_DIR.mkdir()
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def files(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*") if path.is_file()]


def test_an_upload_that_cannot_fit_is_refused_before_it_begins(
    bureau: Bureau, act: Any, desk: Any, small_disk: Path
) -> None:
    answer = begin(desk(bureau.lead), act, 16 * 1024 * 1024)
    assert answer.status_code == 507
    assert "存储空间不足" in answer.content.decode()


def test_a_disk_that_fills_up_meanwhile_keeps_what_it_said_it_had(
    bureau: Bureau, act: Any, desk: Any, small_disk: Path
) -> None:
    browser = desk(bureau.lead)
    address = begin(browser, act, 3 * 1024 * 1024)["Location"]
    assert send(browser, address, b"x" * 1024 * 1024, 0).status_code == 204
    other = small_disk / "other"
    other.write_bytes(b"y" * 2 * 1024 * 1024)
    answer = send(browser, address, b"x" * 2 * 1024 * 1024, 1024 * 1024)
    assert answer.status_code == 507
    assert "存储空间不足" in answer.content.decode()
    assert offset_of(browser, address) == 1024 * 1024
    other.unlink()
    assert send(browser, address, b"x" * 2 * 1024 * 1024, 1024 * 1024).status_code == 204


def test_a_full_disk_keeps_nothing_of_a_plain_hand_in(bureau: Bureau, act: Any, desk: Any, small_disk: Path) -> None:
    recording = register(bureau, act)
    file = SimpleUploadedFile("a.mp4", os.urandom(6 * 1024 * 1024))
    with pytest.raises(StoreFull, match="存储空间不足"):
        services.store_recording(recording=recording, by=fresh(bureau.lead), file=file)
    assert files(small_disk) == []
    answer = desk(bureau.lead).post(
        reverse("recording:upload", args=[act.pk]),
        {**made(act), "file": SimpleUploadedFile("a.mp4", os.urandom(6 * 1024 * 1024))},
    )
    assert answer.status_code == 507
    assert "存储空间不足" in answer.content.decode()
    assert files(small_disk) == []
    assert Recording.objects.get().state == "made"


def test_a_full_temporary_folder_is_said_in_words(
    bureau: Bureau, act: Any, desk: Any, small_disk: Path, tmp_path: Path, settings: Any
) -> None:
    settings.STORE_DIR = tmp_path / "store"
    settings.FILE_UPLOAD_TEMP_DIR = str(small_disk)
    file = SimpleUploadedFile("a.mp4", os.urandom(8 * 1024 * 1024))
    answer = desk(bureau.lead).post(reverse("recording:upload", args=[act.pk]), {**made(act), "file": file})
    assert answer.status_code == 507
    assert "存储空间不足" in answer.content.decode()
    assert answer.context["form"]["made_at"].value() == "2026-01-14T09:31"
    assert not Recording.objects.exists()
