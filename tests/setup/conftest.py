"""A checkout of its own with the real launcher and a miniature product: starts in seconds, touches nothing else."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "bin"))

from launcher import place  # noqa: E402

DECIDED_ELSEWHERE = {*place.known_variables(), "SERVING_DATABASE_URL", "MINGCHA_ENV_FILE", "MAKELEVEL"}
PROGRAMS = ("postgres", "redis-server", "celery -q -A config worker", "celery -q -A config beat", "gunicorn")


def wait_for(condition: Callable[[], object], seconds: float = 20.0, what: str = "") -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@dataclass
class Checkout:
    path: Path
    data: Path
    port: int = field(default_factory=free_port)
    launcher: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in DECIDED_ELSEWHERE}
        chosen = {"MINGCHA_DATA": str(self.data), "PORT": str(self.port), "SECRET_KEY": "of the miniature product"}
        return {**inherited, **chosen, **more}

    def command(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the launcher to its end."""
        order = [sys.executable, str(self.path / "bin" / "mingcha"), *words]
        return subprocess.run(
            order, env=self.environment(**more), capture_output=True, text=True, timeout=60, check=False
        )

    @property
    def said(self) -> str:
        return (self.data.parent / f"said-{self.starts}").read_text()

    def logs(self) -> str:
        """The ends of what its programs wrote, for whoever reads why a test failed."""
        return "\n".join(f"{log.name}:\n{log.read_text(errors='replace')[-8000:]}" for log in self.data.glob("log/*"))

    def start(self, **more: str) -> None:
        """Start `run` and wait until it says that it is up."""
        self.starts += 1
        with (self.data.parent / f"said-{self.starts}").open("wb") as out:
            order = [sys.executable, str(self.path / "bin" / "mingcha"), "run"]
            self.launcher = subprocess.Popen(
                order, env=self.environment(**more), stdout=out, stderr=out, stdin=subprocess.DEVNULL
            )
        end = time.monotonic() + 240
        while "is up" not in self.said:
            assert self.launcher.poll() is None, self.said
            assert time.monotonic() < end, f"not up within 240 s: {self.said}"
            time.sleep(0.05)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        assert self.launcher
        self.launcher.send_signal(by)
        return self.launcher.wait(40)

    def health(self) -> tuple[int, str]:
        """Status and body of /healthz; (0, "") when nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def processes(self) -> dict[int, str]:
        """Everything alive that was started from this checkout or works on its data: number -> command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                folder = Path(os.readlink(entry / "cwd"))
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state != "Z" and (folder.is_relative_to(self.data) or folder == self.path):
                found[int(entry.name)] = words
        return found

    def children(self) -> dict[int, str]:
        """The launcher's own: number -> command line."""
        assert self.launcher
        found = {}
        for number, words in self.processes().items():
            try:
                parent = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == self.launcher.pid:
                found[number] = words
        return found

    def leader(self, program: str) -> int:
        """The number of the launcher's child that runs `program`, which must be there: 0 would mean ourselves to kill()."""
        children = self.children()
        assert any(program in words for words in children.values()), f"{program} does not run: {children}"
        return next(number for number, words in children.items() if program in words)

    def has_replaced(self, program: str, fallen: int) -> bool:
        return any(program in words and number != fallen for number, words in self.children().items())

    def sql(self, text: str) -> str:
        socket_folder = self.data / "run" / "pg"
        order = ["psql", "-XqAt", "-h", str(socket_folder), "-U", "mingcha_owner", "-d", "mingcha", "-c", text]
        return subprocess.run(order, capture_output=True, text=True, check=True).stdout.strip()

    def plant_pid_file(self, number: int) -> None:
        """Leave a postmaster.pid as a power cut does."""
        file = self.data / "postgresql" / "postmaster.pid"
        lines = [
            str(number),
            str(self.data / "postgresql"),
            "1",
            "5432",
            str(self.data / "run" / "pg"),
            "",
            "   1   1",
            "ready",
        ]
        file.write_text("\n".join(lines) + "\n")
        owner = file.parent.stat()
        os.chown(file, owner.st_uid, owner.st_gid)

    def holder(self) -> dict[str, object]:
        return json.loads((self.data / "launcher.lock").read_text())


def lay_out(folder: Path, product: Path) -> Path:
    """The launcher as it is, beside the files of `product` and the packages that are installed already."""
    checkout = folder / "checkout"
    checkout.mkdir()
    for entry in product.iterdir():
        if entry.name not in {"bin", ".venv", ".env", ".git"}:
            (checkout / entry.name).symlink_to(entry)
    for name in ("docker", "requirements.txt", "requirements-dev.txt", ".env.example"):
        if not (checkout / name).exists():
            (checkout / name).symlink_to(REPOSITORY / name)
    shutil.copytree(REPOSITORY / "bin", checkout / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg", "mingcha-installed.json"):
        (checkout / ".venv" / name).symlink_to(REPOSITORY / ".venv" / name)
    return checkout


@contextmanager
def checkout_of(product: Path) -> Iterator[Checkout]:
    """A checkout with a data folder of its own; whatever was started there is ended."""
    # pytest's own folders are closed to the user that PostgreSQL runs as
    folder = Path(tempfile.mkdtemp(prefix="mc-"))
    folder.chmod(0o755)
    made = Checkout(lay_out(folder, product), folder / "data")
    try:
        yield made
    finally:
        if made.launcher and made.launcher.poll() is None:
            made.stop()
        for number in made.processes():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        shutil.rmtree(folder)


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    """The miniature product: starts in seconds."""
    with checkout_of(REPOSITORY / "tests" / "setup" / "miniature") as made:
        yield made
