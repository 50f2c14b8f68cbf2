"""Real processes for the fault tests: a Redis of their own, Celery workers and beats, a mail server that keeps what it gets."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import redis
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    """Ask until it holds; False when it never did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mailbox:
    """Keeps every mail; can refuse for a while."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refuses = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content))
        return "250 kept"

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    def keys(self) -> set[str]:
        return {key for mail in self.mails for key in str(mail["X-Mingcha-Alerts"]).split()}


class RobotServer:
    """Answers as the robots of WeCom and DingTalk do, keeps what they took, and checks DingTalk's signature by its documentation."""

    def __init__(self, *, secret: str = "", token: str = "") -> None:
        self.secret, self.token = secret, token
        self.taken: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.answer: tuple[int, bytes] | None = None
        self.redirects_to = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append(self.path)
                if outer.redirects_to:
                    self.send_response(302)
                    self.send_header("Location", outer.redirects_to)
                    self.end_headers()
                    return
                status, text = outer.answer or (200, json.dumps(outer._take(self.path, json.loads(body))).encode())
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _take(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        given = dict(parse_qsl(urlsplit(path).query))
        if self.secret:
            text = f"{given.get('timestamp')}\n{self.secret}".encode()
            wanted = base64.b64encode(hmac.digest(self.secret.encode(), text, "sha256")).decode()
            fresh = abs(time.time() * 1000 - int(given.get("timestamp", "0"))) < 3_600_000
            if given.get("sign") != wanted or not fresh or given.get("access_token") != self.token:
                return {"errcode": 310000, "errmsg": "sign not match"}
        elif given != {"key": self.token}:
            return {"errcode": 93000, "errmsg": f"invalid webhook url {given}"}
        if body.get("msgtype") != "markdown":
            return {"errcode": 40008, "errmsg": "invalid message type"}
        self.taken.append(body)
        return {"errcode": 0, "errmsg": "ok"}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Servers:
    """What one fault test runs. Everything it started is gone when it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mailbox = Mailbox()
        self.mail_port = free_port()
        self._mail = Controller(self.mailbox, hostname="127.0.0.1", port=self.mail_port)
        self._mail.start()
        self.socket = folder / "redis.sock"
        self.redis: subprocess.Popen[bytes] | None = None
        self.processes: list[subprocess.Popen[bytes]] = []
        self.start_redis()

    # --- Redis ---

    def start_redis(self) -> None:
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder)]
        self.redis = subprocess.Popen([*command, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL)
        assert wait_until(self._pings, 10)

    def _pings(self) -> bool:
        client = self.client()
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1)

    def flush_redis(self) -> None:
        client = self.client()
        client.flushall()
        client.close()

    def stop_redis(self) -> None:
        assert self.redis is not None
        self.redis.kill()
        self.redis.wait()

    # --- Celery ---

    def environment(self, **more: str) -> dict[str, str]:
        database = connection.settings_dict
        host = quote(str(database["HOST"]), safe="")
        login = quote(str(database["USER"]), safe="") + (
            f":{quote(str(database['PASSWORD']), safe='')}" if database["PASSWORD"] else ""
        )
        port = f":{database['PORT']}" if database["PORT"] else ""
        role = quote(f"-c role={settings.SERVING_ROLE}")
        return os.environ | {
            "SECRET_KEY": "faults",
            "DATABASE_URL": f"postgres://{login}@{host}{port}/{database['NAME']}?options={role}",
            "REDIS_URL": f"unix://{self.socket}",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MINGCHA_ENV_FILE": os.devnull,
            **more,
        }

    def _celery(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        number = len(self.processes)
        with (self.folder / f"celery-{number}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config.celery", *arguments],
                cwd=ROOT,
                env=self.environment(**environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def worker(self, concurrency: int = 1) -> subprocess.Popen[bytes]:
        name = f"w{len(self.processes)}@test"
        return self._celery("worker", "-c", str(concurrency), "-n", name, "--without-gossip", "--without-mingle")

    def beat(self, every: float = 1.0) -> subprocess.Popen[bytes]:
        schedule = self.folder / f"beat-{len(self.processes)}"
        return self._celery("beat", "-s", str(schedule), SWEEP_SECONDS=str(every))

    def send_sweep(self, times: int = 1) -> None:
        """Put the same task into the queue, as beat does."""
        from celery import Celery

        app = Celery("sender", broker=f"redis+socket://{self.socket}")
        for _ in range(times):
            app.send_task("core.tasks.sweep")
        app.close()

    def run(self, *arguments: str, seconds: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        """A Python command in the product's environment."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A Python command in the product's environment, not waited for."""
        with (self.folder / f"celery-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT, env=self.environment(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in sorted(self.folder.glob("celery-*.log")))

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        """kill -9 of the worker with its children, as when the power goes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @staticmethod
    def kill_child(process: subprocess.Popen[bytes]) -> bool:
        """kill -9 of one child that does the work; the worker itself lives."""
        children: list[str] = []
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            for child in children:
                os.kill(int(child), signal.SIGKILL)
        return bool(children)

    def close(self) -> None:
        for process in self.processes:
            self.kill(process)
        if self.redis is not None and self.redis.poll() is None:
            self.redis.send_signal(signal.SIGCONT)
            self.redis.kill()
            self.redis.wait()
        self._mail.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
