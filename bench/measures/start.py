"""11: from the command to the first answer, and the memory of a web worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import monotonic

from bench.figures import Figure
from bench.servers import Browser, gunicorn
from bench.stage import Stage

STARTS = 5
MIB = 1024


def measure(stage: Stage) -> Iterator[Figure]:
    """The public site's first page is the first answer; memory is the proportional set size (PSS) after a hundred pages."""
    took, memory = [], 0.0
    for _ in range(STARTS):
        started = monotonic()
        with gunicorn("config.wsgi:application", stage.database.environment) as port:
            page = Browser(port).get("/")
            took.append(monotonic() - started)
            if "</html>" not in page:
                yield Figure("11", "start to first answer, seconds", "a clock", None, 3, 1.5, void="no page")
                return
            visitor = Browser(port)
            for _ in range(100):
                visitor.get("/")
            memory = max(memory, _largest_worker(port))
    yield Figure("11", "start to first answer, seconds", "a clock", median(took), 3, 1.5, min(took), max(took), STARTS)
    yield Figure("11", "memory of a web worker, MB", "PSS", memory, 150, 100)


def _largest_worker(port: int) -> float:
    """The largest of gunicorn's workers: the processes that hold the port and have a parent that holds it."""
    mine = [
        pid for pid in Path("/proc").glob("[0-9]*") if f"PORT={port}".encode() in _read(pid / "environ").split(b"\0")
    ]
    parents = {pid.name for pid in mine}
    workers = [pid for pid in mine if re.search(rb"PPid:\t(\d+)", _read(pid / "status")) and
               re.search(rb"PPid:\t(\d+)", _read(pid / "status"))[1].decode() in parents]  # type: ignore[index]  # fmt: skip
    sizes = [re.search(rb"^Pss:\s+(\d+) kB", _read(pid / "smaps_rollup"), re.M) for pid in workers]
    return max((int(size[1]) / MIB for size in sizes if size), default=0.0)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
