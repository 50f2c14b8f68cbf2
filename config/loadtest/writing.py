"""Writing the volume: batches of cases through the ordinary tables, then open duties up to a number."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from config.loadtest import statements
from config.loadtest.bureau import NAME, PROFILE, Bureau
from config.loadtest.course import COURSE, GROUNDS, HAPPENINGS, SHARES, duties_opened, meetings
from core import calendars, law, ledger, registry
from core.models import Duty, explanations
from core.store import keep
from enforcement.violations import catalogue
from rulebook.model import Item

# The chain locks a stream for each file it appends to, and a server holds some thousands of locks.
CASES_AT_ONCE: Final = 1_000
DUTIES_AT_ONCE: Final = 100_000
# What was opened longer ago than this has ended.
LONGEST_PERIOD: Final = 130
VIOLATIONS: Final = 5
# Of the further duties one in fifty is near or overdue, as a sweep finds them in a bureau that works.
NEAR_ONE_IN: Final = 50
OVERDUE_DAYS: Final = 10
SOON_DAYS: Final = 7


def write_cases(bureau: Bureau, cases: int, *, today: date, say: Callable[[str], None]) -> None:
    """Write the cases with everything they have, then seal their lines."""
    counted = Counted(bureau.sections[0].unit)
    _tell_the_course(bureau, today)
    beside = {"package": _package(), **_film()}
    for first in range(1, cases + 1, CASES_AT_ONCE):
        last = min(first + CASES_AT_ONCE - 1, cases)
        named: dict[str, Any] = {
            "first": first, "last": last, "today": today, "agency": NAME, "leader": bureau.leader, "publisher": bureau.publisher,
            "legal": bureau.legal, "reviewer": bureau.reviewer, **beside,
        }  # fmt: skip
        # Statement by statement: the room of replaced row versions is used again, and the locks are let go.
        with connection.cursor() as cursor:
            for statement in statements.BEGIN:
                cursor.execute(statement, named)
            cursor.execute(statements.DAYS)
            counted.add(cursor.fetchall())
            for statement in statements.FILL:
                cursor.execute(statement, named)
        if last % 10_000 == 0 or last == cases:
            say(f"{last:,} cases")
    ledger.seal(timezone.now())


def write_open_duties(total: int, *, section: int, today: date, say: Callable[[str], None]) -> None:
    """Open further duties on the cases written before, until so many are open. Few of them are near or overdue."""
    missing = total - Duty.objects.open().count()
    counted = Counted(section)
    counted.add(
        (number, today - timedelta(days=back)) for number in range(len(COURSE)) for back in range(LONGEST_PERIOD)
    )
    with connection.cursor() as cursor:
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
    _copy("section", ((no, s.unit, _array(s.staff), s.head, s.device) for no, s in enumerate(bureau.sections)))
    low = 0
    shares: list[tuple[Any, ...]] = []
    for s in SHARES:
        shares.append(
            (low, low + s.percent, s.facts, _array(s.path), s.ending, s.last_day, s.ends_after, s.length, s.is_over)
        )
        low += s.percent
    _copy("share", shares)
    _copy(
        "course",
        (
            (no, h.name, h.label, h.day, json.dumps(h.payload), h.by, h.place, h.ending, no % 10)
            for no, h in HAPPENINGS.items()
        ),
    )
    _copy("ground", ((ending, *words) for ending, words in GROUNDS.items()))
    _copy("point", ((no, item.key, item.label) for no, item in enumerate(_items("review_points_answered"))))
    _copy("meeting", sorted(set(meetings(PROFILE, today))))
    _copy(
        "violation",
        (
            (no, v.key, v.title)
            for no, v in enumerate([v for v in catalogue().values() if v.is_punishable][:VIOLATIONS])
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE section, share, course, ground, point, meeting, violation")


def _items(guard: str) -> list[Item]:
    """What the rules behind a guard list, each once; a label that several rules give is the first one's."""
    found: dict[str, Item] = {}
    for rule in law.rulebook().rules:
        if rule.guard == guard and law.rulebook().binds(rule.id, PROFILE):
            found |= {item.key: item for item in rule.items if item.key not in found}
    return list(found.values())


def _package() -> str:
    """A package in which nothing is missing."""
    items = _items("review_package_complete")
    return json.dumps(
        {item.key: {"label": item.label, "present": True, "note": ""} for item in items}, ensure_ascii=False
    )


def _film() -> dict[str, Any]:
    """The one file that all recordings are of, so that reading it again finds its bytes."""
    kept = keep(io.BytesIO("压力测试录像".encode()), name="现场检查录像.mp4", by=None, content_type="video/mp4")
    return {"file": kept.pk, "sha256": kept.sha256, "sm3": kept.sm3, "size": kept.size}


class Counted:
    """The table of what the rulebook owes for a fact on a day; each is asked once."""

    def __init__(self, section: int) -> None:
        self.section = section
        self.known: set[tuple[int, date]] = set()
        with connection.cursor() as cursor:
            cursor.execute(statements.TABLES)

    def add(self, asked: Iterable[tuple[int, date]]) -> None:
        """Ask for these facts (by number) on these days, where that was not done before."""
        fresh = sorted(set(asked) - self.known)
        self.known.update(fresh)
        with transaction.atomic(), calendars.kept():
            _copy("counted", (row for number, day in fresh for row in self._rows(number, day)))
        if fresh:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE counted")

    def _rows(self, number: int, day: date) -> Iterator[tuple[Any, ...]]:
        owner_of = registry.agency().owner_of
        for duty in duties_opened(number, day, unit=self.section, profile=PROFILE):
            yield (
                number, day, duty.obligation, duty.title, duty.kind, duty.owed_by,
                # 0 stands for the case's own section.
                0 if duty.owner_unit_id == self.section else owner_of(duty.owed_by, self.section),
                duty.rule_id, json.dumps(duty.bases, ensure_ascii=False), duty.adopted, duty.provisional,
                duty.deadline_precedes_rule, explanations.keep(duty.explanation),
                duty.day_zero, duty.nominal_day, duty.due_at.isoformat(), duty.alert_from,
            )  # fmt: skip


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(str(value) for value in values) + "}"


def _copy(table: str, rows: Iterable[Iterable[Any]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(["\\N" if value is None else value for value in row] for row in rows)
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN WITH (FORMAT csv, NULL '\\N')", text)
