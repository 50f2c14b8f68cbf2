"""Writing the volume: batches of cases through the ordinary tables, then open duties up to a number."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from config.loadtest import statements
from config.loadtest.bureau import NAME, PROFILE, Bureau
from config.loadtest.course import COURSE, SHARES, duties_opened, meetings
from core import ledger, registry
from core.models import Duty
from enforcement.violations import catalogue

# The chain locks a stream for each file it appends to, and a server holds some thousands of locks.
CASES_AT_ONCE: Final = 1_000
DUTIES_AT_ONCE: Final = 100_000
# Cases reach back so far; the longest course comes on top.
DAYS_BACK: Final = 1_010 + 80
VIOLATIONS: Final = 5
# Of the further duties one in fifty is near or overdue, as a sweep finds them in a bureau that works.
NEAR_ONE_IN: Final = 50
OVERDUE_DAYS: Final = 10
SOON_DAYS: Final = 7


def write_cases(bureau: Bureau, cases: int, *, today: date, say: Callable[[str], None]) -> None:
    """Write the cases with everything they have, then seal their lines."""
    with connection.cursor() as cursor:
        cursor.execute(statements.TABLES)
    _tell_the_course(bureau, today)
    for first in range(1, cases + 1, CASES_AT_ONCE):
        last = min(first + CASES_AT_ONCE - 1, cases)
        named: dict[str, Any] = {
            "first": first, "last": last, "today": today, "leader": bureau.leader, "publisher": bureau.publisher, "agency": NAME,
        }  # fmt: skip
        # Statement by statement: the room of replaced row versions is used again, and the locks are let go.
        with connection.cursor() as cursor:
            for statement in statements.BATCH:
                cursor.execute(statement, named)
        if last % 10_000 == 0 or last == cases:
            say(f"{last:,} cases")
    ledger.seal(timezone.now())


def write_open_duties(total: int, *, section: int, today: date, say: Callable[[str], None]) -> None:
    """Open further duties on the cases written before, until so many are open. Few of them are near or overdue."""
    missing = total - Duty.objects.open().count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.counted')")
        if cursor.fetchone()[0] is None:
            cursor.execute(statements.TABLES)
            _count_duties(section, today)
        now = timezone.now()
        cursor.execute(
            statements.OWED, {"from": now - timedelta(days=OVERDUE_DAYS), "soon": now + timedelta(days=SOON_DAYS)}
        )
        cursor.execute("SELECT count(*) FILTER (WHERE is_near), count(*) FILTER (WHERE NOT is_near) FROM owed")
        near, far = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM enforcement_case")
        named = {"cases": cursor.fetchone()[0], "near": near, "far": far, "near_one_in": NEAR_ONE_IN}
        for first in range(0, missing, DUTIES_AT_ONCE):
            last = min(first + DUTIES_AT_ONCE, missing) - 1
            cursor.execute(statements.MORE_DUTIES, {**named, "first": first, "last": last})
            say(f"{total - missing + last + 1:,} open duties")


def _tell_the_course(bureau: Bureau, today: date) -> None:
    _copy("section", ((no, s.unit, _array(s.staff), s.head) for no, s in enumerate(bureau.sections)))
    low = 0
    shares = []
    for share, facts, path in SHARES:
        shares.append((low, low + share, facts, _array(path)))
        low += share
    _copy("share", shares)
    _copy("course", ((no, h.name, h.label, h.day, json.dumps(h.payload)) for no, h in enumerate(COURSE)))
    _copy("meeting", sorted(set(meetings(PROFILE, today))))
    _copy("violation", ((no, v.key, v.title) for no, v in enumerate(list(catalogue().values())[:VIOLATIONS])))
    _count_duties(bureau.sections[0].unit, today)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE section, share, course, meeting, violation")


def _count_duties(section: int, today: date) -> None:
    """What the rulebook owes for each fact on each day."""
    owner_of = registry.agency().owner_of
    with transaction.atomic():
        _copy(
            "counted",
            (
                (
                    happening.name, day, duty.obligation, duty.title, duty.kind, duty.owed_by,
                    # 0 stands for the case's own section.
                    0 if duty.owner_unit_id == section else owner_of(duty.owed_by, section),
                    duty.rule_id, json.dumps(duty.bases, ensure_ascii=False), duty.adopted, duty.provisional,
                    duty.deadline_precedes_rule, duty.calendar_id, json.dumps(duty.explanation, ensure_ascii=False),
                    duty.day_zero, duty.nominal_day, duty.due_at.isoformat(), duty.alert_from,
                )
                for happening, day, duty in duties_opened(today - timedelta(days=DAYS_BACK), today, unit=section, profile=PROFILE)
            ),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON counted (fact, day)")
        cursor.execute("ANALYZE counted")


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(str(value) for value in values) + "}"


def _copy(table: str, rows: Iterable[Iterable[Any]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(["\\N" if value is None else value for value in row] for row in rows)
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN WITH (FORMAT csv, NULL '\\N')", text)
