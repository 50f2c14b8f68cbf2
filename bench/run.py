"""`make bench`: make a database, fill it, measure, write docs/performance.md. Exit code 1 when a figure misses its must or is void.

`--quick` shows in about a minute that everything works, and writes nothing; `--only sweep,cases` measures some; `--cases N` other volumes.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.figures import Figure
from bench.report import PAGE, SIGNS, as_text
from bench.servers import CHECKOUT, BenchDatabase
from bench.stage import FULL, QUICK, Size, Stage

# In this order: pages before the duties of the sweep lie on the cases, the ledger before appending to it, the calendar after the sweep.
MEASURES = ("counting", "cases", "duties", "search", "ledger", "sweep", "calendar", "start")


def main(words: list[str]) -> int:
    chosen, size, wanted = asked(words)
    started, load = time.monotonic(), os.getloadavg()[0]

    def say(text: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {text}", flush=True)

    scratch = tempfile.mkdtemp(prefix="mingcha-bench-")
    environment = dict(os.environ) | {
        "STATIC_ROOT": f"{scratch}/static",
        "STORE_DIR": f"{scratch}/store",
        "DEBUG": "0",
        "DEMO": "0",
    }
    database = BenchDatabase(chosen.database, environment)
    stage = Stage(size, database, say)
    figures: list[Figure] = []
    try:
        if not (chosen.keep and _is_there(database)):
            say(f"database {database.name}")
            database.make()
            say(f"{size.cases:,} cases")
            database.manage("loadtest_data", "--cases", str(size.cases))
            database.script(CHECKOUT / "bench" / "floor" / "tables.sql")
            database.tidy()
        database.manage("collectstatic", "--noinput", "-v", "0")
        _connect(database)
        for name in MEASURES:
            if name in wanted:
                if name in ("sweep", "calendar"):
                    _open_duties(stage)
                say(name)
                figures += _told(importlib.import_module(f"bench.measures.{name}").measure(stage), say)
        postgres = _version()
    finally:
        _disconnect()
        if not chosen.keep:
            database.drop()
        shutil.rmtree(scratch, ignore_errors=True)
    if is_whole(size, wanted):
        text = as_text(
            figures, size, postgres=postgres, loads=(load, os.getloadavg()[0]), seconds=time.monotonic() - started
        )
        PAGE.write_text(text, encoding="utf-8")
        say(f"wrote {PAGE.relative_to(CHECKOUT)}")
    return int(any(figure.verdict in ("missed", "void") for figure in figures))


def asked(words: Sequence[str]) -> tuple[argparse.Namespace, Size, list[str]]:
    """What the command line asks for: its words, how much, and which measures."""
    parser = argparse.ArgumentParser(prog="bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small run that shows that everything works")
    parser.add_argument("--only", default=",".join(MEASURES), help=f"some of {','.join(MEASURES)}")
    parser.add_argument("--cases", type=int, help="how many cases")
    parser.add_argument("--open-duties", type=int, help="how many open duties")
    parser.add_argument("--rounds", type=int, help="how many rounds")
    parser.add_argument(
        "--database", default="mingcha_bench", help="the database that is made for the run and dropped after it"
    )
    parser.add_argument("--keep", action="store_true", help="leave the database, and take it as it is when it is there")
    chosen = parser.parse_args(words)
    wanted = chosen.only.split(",")
    if unknown := set(wanted) - set(MEASURES):
        parser.error(f"no such measures: {', '.join(sorted(unknown))}")
    size = QUICK if chosen.quick else FULL
    given = {name: value for name in ("cases", "open_duties", "rounds") if (value := getattr(chosen, name))}
    size = replace(size, **given, **({"name": "partial"} if given and not chosen.quick else {}))
    return chosen, size, wanted


def is_whole(size: Size, wanted: Sequence[str]) -> bool:
    """Whether a run measured everything at full size: only such a one writes the page."""
    return size == FULL and tuple(wanted) == MEASURES


def _told(figures: Iterable[Figure], say: object) -> list[Figure]:
    told = []
    for figure in figures:
        found = figure.void or f"{figure.value:.2f}  (must {figure.must:g}, aim {figure.aim:g}) {figure.note}"
        say(f"{figure.number:>3} {figure.what}: {found}  [{SIGNS[figure.verdict].strip('*')}]")  # type: ignore[operator]
        told.append(figure)
    return told


def _is_there(database: BenchDatabase) -> bool:
    line = database.connect("postgres")
    with line.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [database.name])
        return bool(cursor.fetchone()[0])


def _connect(database: BenchDatabase) -> None:
    """This process works as the serving role from here on, like the servers it starts."""
    os.environ.update(database.environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()


def _disconnect() -> None:
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()


def _open_duties(stage: Stage) -> None:
    from core.models import Duty

    if Duty.objects.open().count() >= stage.size.open_duties:
        return
    stage.say(f"{stage.size.open_duties:,} open duties")
    stage.database.manage("loadtest_data", "--open-duties", str(stage.size.open_duties))
    stage.database.tidy()


def _version() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0].split()[0])


if __name__ == "__main__":
    Path.cwd().samefile(CHECKOUT) or os.chdir(CHECKOUT)
    sys.exit(main(sys.argv[1:]))
