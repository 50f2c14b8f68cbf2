"""What an earlier launcher of the same home left behind: found in /proc, stopped before anything new starts."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from launcher.console import Refusal, progress
from launcher.place import Home
from launcher.processes import MARK

PROC = Path("/proc")


@dataclass(frozen=True)
class Leftover:
    pid: int
    kind: str  # "postgres", "redis-server" or "program"

    def is_alive(self) -> bool:
        return is_running(self.pid)


def is_running(pid: int) -> bool:
    """A zombie does not run: it only waits for a parent that may never ask."""
    try:
        state = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


def found(home: Home) -> Iterator[Leftover]:
    """Servers whose working folder is in this home, and programs with its mark; never a person's shell or editor."""
    mark = f"{MARK}={home.path}".encode()
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            name = (entry / "comm").read_text(errors="replace").strip()
            if name in {"postgres", "redis-server"}:
                folder = Path(os.readlink(entry / "cwd"))
                if folder.is_relative_to(home.path):
                    yield Leftover(int(entry.name), name)
            elif mark in (entry / "environ").read_bytes().split(b"\0"):
                yield Leftover(int(entry.name), "program")
        except OSError:
            continue


def clear(home: Home) -> None:
    """Stop every leftover: programs, then Redis, then PostgreSQL, which is never killed with SIGKILL.

    Refuses when PostgreSQL does not end: starting a second one on its files would ruin them.
    """
    left = [one for one in found(home) if one.is_alive()]
    if left:
        progress(f"An earlier start ended without cleaning up; stopping what it left 清理上次遗留的进程: {len(left)}")
    _end([one for one in left if one.kind == "program"], signal.SIGTERM, 8, then=signal.SIGKILL)
    _end([one for one in left if one.kind == "redis-server"], signal.SIGTERM, 10, then=signal.SIGKILL)
    databases = [one for one in left if one.kind == "postgres"]
    if databases:
        first = postmaster(home)
        chiefs = [one for one in databases if one.pid == first]
        _end(chiefs, signal.SIGINT, 30, then=signal.SIGQUIT)
        # Back ends without a postmaster leave by themselves at their next look.
        if not _gone(databases, 10):
            _end(databases, signal.SIGQUIT, 5, then=signal.SIGQUIT)
        if not _gone(databases, 5):
            raise Refusal(
                f"An earlier PostgreSQL of {home.cluster} does not end (process {databases[0].pid}); look at it first."
            )


def postmaster(home: Home) -> int | None:
    """The process number in postmaster.pid."""
    try:
        return int((home.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def drop_stale_pid_file(home: Home, *, patience: float = 10.0, pause: Callable[[float], None] = time.sleep) -> None:
    """Remove postmaster.pid only when it is proven that no process works on the cluster.

    After a power cut its number may belong to somebody else, and PostgreSQL would then refuse to start. A process that
    does work there is waited for `patience` seconds, and never overruled.
    """
    file = home.cluster / "postmaster.pid"
    end = time.monotonic() + patience
    while file.exists():
        workers = [one for one in found(home) if one.kind == "postgres" and one.is_alive()]
        if not workers:
            file.unlink(missing_ok=True)
            return
        if time.monotonic() > end:
            return
        pause(0.2)


def _end(those: list[Leftover], by: signal.Signals, seconds: float, *, then: signal.Signals) -> None:
    for number, wait in ((by, seconds), (then, 5.0)):
        for one in those:
            if one.is_alive():
                try:
                    os.kill(one.pid, number)
                except ProcessLookupError:
                    continue
        if _gone(those, wait):
            return


def _gone(those: list[Leftover], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while any(one.is_alive() for one in those):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
