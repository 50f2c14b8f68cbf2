"""The programs of the product: what runs, in which order, with which words.

`docker-compose.yml` starts the same ones; a test compares.
"""

import signal
from collections.abc import Mapping

from launcher.place import CHECKOUT, PYTHON, Home
from launcher.processes import Program

# Started in this order after database and broker, stopped in the reverse one. Everything after `python -m`.
COMMANDS: dict[str, tuple[str, ...]] = {
    "worker": (
        "celery",
        "-q",
        "-A",
        "config",
        "worker",
        "--concurrency",
        "2",
        "--loglevel",
        "WARNING",
        "--without-mingle",
        "--without-gossip",
    ),
    "beat": ("celery", "-q", "-A", "config", "beat", "--loglevel", "WARNING"),
    "web": ("gunicorn", "-c", "config/gunicorn.py", "config.wsgi"),
}

# What replaces them under `make dev`: restart when a source file changes.
RELOADING: dict[str, tuple[str, ...]] = {
    name: ("watchfiles", "--filter", "python", "--sigint-timeout", "10", f"python -m {' '.join(COMMANDS[name])}", ".")
    for name in ("worker", "beat")
}

# Longer than gunicorn's own graceful_timeout; a worker may finish the job in hand.
GRACE = {"worker": 25.0, "beat": 5.0, "web": 12.0}


def programs(home: Home, environment: Mapping[str, str], *, dev: bool = False) -> list[Program]:
    words = dict(COMMANDS)
    if dev:
        words |= RELOADING
        words["web"] = ("runserver",)
    return [_program(name, argv, home, environment, dev=dev) for name, argv in words.items()]


def _program(name: str, argv: tuple[str, ...], home: Home, environment: Mapping[str, str], *, dev: bool) -> Program:
    if argv == ("runserver",):
        order = [str(PYTHON), "manage.py", "runserver", f"{environment['HOST']}:{environment['PORT']}"]
    else:
        order = [str(PYTHON), "-m", *argv]
    if name == "beat" and not dev:
        order += ["--schedule", str(home.beat_schedule), "--pidfile", ""]
    return Program(
        name=name,
        argv=order,
        environment=environment,
        folder=CHECKOUT,
        grace=GRACE[name],
        # watchfiles ends on SIGINT as from a keyboard
        stop_by=signal.SIGINT if argv[0] == "watchfiles" else signal.SIGTERM,
    )
