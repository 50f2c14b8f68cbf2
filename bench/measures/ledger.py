"""8, 8b: verifying the ledger, and appending to it with four writers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import count

import psycopg2

from bench.figures import Figure, rate
from bench.harness import Runner, race
from bench.stage import Stage

WRITERS = 4
LINES_EACH = 25
BODY = '{"by":1,"fact":"bench.appended","happened_at":"2026-01-01T09:00:00+08:00","payload":{"n":1},"unit":1}'
FLOOR_TABLE = """
DROP TABLE IF EXISTS floor_line;
CREATE TABLE floor_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text, seq bigint, body text, prev_hash text, hash text,
    recorded_at timestamptz DEFAULT now()
)
"""


def measure(stage: Stage) -> Iterator[Figure]:
    """Both against SQL and sha256 alone."""
    yield from _verify(stage)
    yield from _append(stage)


def _verify(stage: Stage) -> Iterator[Figure]:
    from core import ledger
    from core.models import LedgerEntry

    line = stage.database.connect(role=stage.database.serving)
    line.autocommit = False
    lines = LedgerEntry.objects.count()

    def bare() -> int:
        seen = 0
        with line.cursor(name="floor") as cursor:
            cursor.itersize = 5_000
            cursor.execute("SELECT stream, seq, body, prev_hash, hash FROM core_ledgerentry ORDER BY stream, seq")
            for of, seq, body, previous, stored in cursor:
                seen += sha256(f"{previous}\n{of}\n{seq}\n{body}".encode()).hexdigest() == stored
        line.rollback()
        return seen

    run = race(
        [
            Runner("verify", ledger.verify, lambda report: "" if report.ok and report.entries == lines else str(report)),
            Runner("cursor", bare, lambda seen: "" if seen == lines else f"{seen} of {lines} lines"),
        ],
        floor="cursor", rounds=stage.size.rounds_over(lines), warm_ups=1,
    )  # fmt: skip
    line.close()
    yield rate(
        "8",
        f"verify_ledger, {lines:,} lines",
        "rate of a cursor with sha256",
        run,
        "verify",
        "cursor",
        must=0.4,
        aim=0.9,
    )


def _append(stage: Stage) -> Iterator[Figure]:
    with stage.database.connect() as owner, owner.cursor() as cursor:
        cursor.execute(FLOOR_TABLE)
        cursor.execute(f'GRANT SELECT, INSERT ON floor_line TO "{stage.database.serving}"')
    writers = [stage.database.connect(role=stage.database.serving) for _ in range(WRITERS)]
    number = count()

    def at_once(statement: str) -> Callable[[], tuple[str, int]]:
        def work() -> tuple[str, int]:
            name = f"bench:{next(number)}"
            errors: list[BaseException] = []

            def write(line: psycopg2.extensions.connection, which: int) -> None:
                try:
                    with line.cursor() as cursor:
                        for _ in range(LINES_EACH):
                            cursor.execute(statement, [f"{name}-{which}", BODY])
                except BaseException as error:
                    errors.append(error)

            threads = [threading.Thread(target=write, args=(line, which)) for which, line in enumerate(writers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return name, len(errors)

        return work

    def all_there(table: str) -> Callable[[tuple[str, int]], str]:
        def check(done: tuple[str, int]) -> str:
            with writers[0].cursor() as cursor:
                cursor.execute(
                    f"SELECT count(*), count(DISTINCT stream) FROM {table} WHERE stream LIKE %s", [f"{done[0]}-%"]
                )
                found = cursor.fetchone()
            wanted = (WRITERS * LINES_EACH, WRITERS)
            return "" if found == wanted and not done[1] else f"{found} lines and streams instead of {wanted}"

        return check

    run = race(
        [
            Runner("append", at_once("INSERT INTO core_ledgerentry (stream, body) VALUES (%s, %s)"), all_there("core_ledgerentry")),
            Runner("insert", at_once("INSERT INTO floor_line (stream, body) VALUES (%s, %s)"), all_there("floor_line")),
        ],
        floor="insert", rounds=stage.size.rounds,
    )  # fmt: skip
    for line in writers:
        line.close()
    yield rate(
        "8b", f"ledger append, {WRITERS} writers, each line its own transaction", "rate of a bare insert", run, "append", "insert",
        must=0.1, aim=0.3,
    )  # fmt: skip
