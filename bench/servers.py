"""Databases and web servers of a run: made for it, gone with it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import psycopg2

CHECKOUT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0


class BenchDatabase:
    """A database of the run's own on the server that DATABASE_URL names, owned by the owner and served by the serving role."""

    def __init__(self, name: str, environment: dict[str, str]) -> None:
        self.name = name
        owner = urlsplit(environment.get("MIGRATE_DATABASE_URL") or environment["DATABASE_URL"])
        self.host = unquote(parse_qs(owner.query).get("host", [owner.hostname or ""])[0])
        # A URL's host loses its capitals when parsed; a socket folder does not.
        if owner.netloc.rpartition("@")[2] and not owner.query:
            self.host = unquote(owner.netloc.rpartition("@")[2].partition(":")[0])
        self.owner = owner.username or "mingcha_owner"
        self.port = owner.port
        self.password = owner.password
        self.serving = environment.get("SERVING_ROLE", "mingcha_app")
        self.environment = {
            **environment,
            "DATABASE_URL": self._url(self.serving),
            "MIGRATE_DATABASE_URL": self._url(self.owner),
            "MINGCHA_ENV_FILE": os.devnull,
        }

    def _url(self, role: str) -> str:
        password = f":{self.password}" if self.password else ""
        port = f":{self.port}" if self.port else ""
        return f"postgres://{role}{password}@{self.host.replace('/', '%2F')}{port}/{self.name}"

    def connect(self, database: str = "", *, role: str = "") -> psycopg2.extensions.connection:
        """A connection that commits each statement by itself."""
        line = psycopg2.connect(
            host=self.host,
            port=self.port,
            user=role or self.owner,
            password=self.password,
            dbname=database or self.name,
        )
        line.autocommit = True
        return line

    def make(self) -> None:
        """Make it new and migrate it."""
        self.drop()
        self._on_server(f'CREATE DATABASE "{self.name}"')
        self.manage("migrate", "-v", "0", as_owner=True)

    def drop(self) -> None:
        self._on_server(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _on_server(self, statement: str) -> None:
        line = self.connect("postgres")
        with line.cursor() as cursor:
            cursor.execute(statement)
        line.close()

    def manage(self, *words: str, as_owner: bool = False) -> None:
        environment = self.environment
        if as_owner:
            environment = environment | {"DATABASE_URL": environment["MIGRATE_DATABASE_URL"]}
        subprocess.run([sys.executable, "manage.py", *words], cwd=CHECKOUT, env=environment, check=True)

    def script(self, file: Path) -> None:
        """Run a file of SQL as the owner, statement by statement."""
        text = re.sub(r"--[^\n]*", "", file.read_text(encoding="utf-8"))
        line = self.connect()
        with line.cursor() as cursor:
            for statement in filter(str.strip, text.split(";")):
                cursor.execute(statement)
        line.close()

    def tidy(self) -> None:
        """What autovacuum does within minutes of a load; waiting for it would measure chance."""
        line = self.connect()
        with line.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        line.close()


@contextmanager
def gunicorn(application: str, environment: dict[str, str]) -> Iterator[int]:
    """The application under the product's own gunicorn settings; gives the port on loopback."""
    port = _free_port()
    words = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", application]
    with tempfile.TemporaryFile() as said:
        settings = environment | {"HOST": "127.0.0.1", "PORT": str(port)}
        process = subprocess.Popen(words, cwd=CHECKOUT, env=settings, stdout=said, stderr=said)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    raise RuntimeError(f"{application} does not start:\n{said.read().decode()}")
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as line:
        line.settimeout(0.2)
        return line.connect_ex(("127.0.0.1", port)) == 0


class Browser:
    """One visitor on one kept-alive connection, with cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def get(self, path: str) -> str:
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, str]) -> str:
        form = {**form, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        return self._ask("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, username: str, password: str) -> None:
        """By the door, as a person does."""
        self.get("/desk/login/")
        self.post("/desk/login/", {"username": username, "password": password})
        if "sessionid" not in self.cookies:
            raise RuntimeError(f"{username} was not let in")

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> str:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **(headers or {})}
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # The server lets an idle line go after some seconds.
            self.line.close()
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return text
