"""5d: a notice that touches most open duties, entered: every one of them counted anew, beside one UPDATE of the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from bench.figures import Figure, ratio
from bench.harness import Runner, race
from bench.servers import CHECKOUT
from bench.stage import Stage

SECONDS = 60
# Days: a year's notice comes in November, for January on.
AHEAD = 40
# Each takes most of a minute; the first shows that the answers are right, the last that they still are.
ROUNDS = 3
# Of the open duties; a notice that changes few shows nothing.
LEAST_WRITTEN = 0.1
COUNTED = "explained_by_id IN (SELECT id FROM core_explanation WHERE calendar_digest = %s) AND met_at IS NULL AND voided_at IS NULL"


def measure(stage: Stage) -> Iterator[Figure]:
    """Two invented notices replace each other, round by round. As one who waits for the whole would do it: batch after batch, each
    in a transaction of its own."""
    from django.utils import timezone

    from core import calendars, noticing
    from core.models import CalendarChange
    from rulebook import notices

    first, second = (notices.read(text) for text in _texts(timezone.localdate()))
    year = first.notice.year
    batches: list[float] = []

    def enter() -> CalendarChange:
        held = calendars.current().notice(year)
        other = second if held is not None and held.digest == first.notice.digest else first
        started = perf_counter()
        change = noticing.enter(other)
        batches.append(perf_counter() - started)
        while change.finished_at is None:
            started = perf_counter()
            change = noticing.recount_next(change.pk)
            batches.append(perf_counter() - started)
        return change

    owner = stage.database.connect()

    def ask(sql: str, *given: Any) -> Any:
        with owner.cursor() as cursor:
            cursor.execute(sql, given)
            return cursor.fetchone()[0]

    # The first comes upon whatever was counted before; from then on each writes what it finds otherwise than the other left it.
    enter()
    moved = enter().moved
    written = ask(f"SELECT count(*) FROM core_duty WHERE {COUNTED}", calendars.current().digest)
    many = ask("SELECT count(*) FROM core_duty WHERE met_at IS NULL AND voided_at IS NULL")
    if written < LEAST_WRITTEN * many:
        void = f"the notice changes {written:,} of {many:,} open duties"
        yield Figure("5d", "a calendar amended", "one UPDATE of the same rows", None, 5, 2, void=void)
        owner.close()
        return
    stage.database.script(CHECKOUT / "bench" / "floor" / "calendar.sql")

    def update() -> int:
        with owner.cursor() as cursor:
            cursor.execute(
                "UPDATE floor_duty d SET rule_id = c.rule_id, title = c.title, adopted = c.adopted, provisional = c.provisional,"
                " deadline_precedes_rule = c.deadline_precedes_rule, day_zero = c.day_zero,"
                " nominal_day = c.nominal_day, due_at = c.due_at, alert_from = c.alert_from, explained_by_id = c.explained_by_id,"
                " bases = c.bases FROM floor_counted c WHERE c.place = d.place"
            )
            return int(cursor.rowcount)

    def tidy(table: str) -> None:
        # Outside the clock: what autovacuum does between two notices.
        with owner.cursor() as cursor:
            cursor.execute(f"VACUUM {table}")

    def is_right(change: CalendarChange) -> str:
        if change.moved != moved or not moved:
            return f"{change.moved:,} duties moved instead of {moved:,}"
        return _against_an_oracle(calendars.current(), since=change.touched_from)

    run = race(
        [
            Runner("product", enter, is_right, before=lambda: tidy("core_duty")),
            Runner("update", update, lambda rows: "" if rows == written else f"{rows} rows", before=lambda: tidy("floor_duty")),
        ],
        floor="update", rounds=ROUNDS, warm_ups=0,
    )  # fmt: skip
    owner.close()
    note = f"{written:,} of {many:,} open duties written anew"
    yield ratio(
        "5d", "a calendar amended, duties counted anew", "one UPDATE of the same rows", run, "product", "update",
        must=5, aim=2, note=note,
    )  # fmt: skip
    if not run.void:
        yield Figure(
            "5d'", "seconds until every duty is counted anew", "a number of seconds", run.times["product"].typical, SECONDS, SECONDS / 2,
            rounds=ROUNDS, note=f"{note}; {len(batches)} transactions, the longest {max(batches):.2f} s",
        )  # fmt: skip


def _texts(today: date) -> tuple[str, str]:
    """Two notices for the year in which the day AHEAD of today lies, one day off after it in one, another in the other.

    As with a true one: what begins before that day and ends after it is touched.
    """
    from core import calendars

    calendar = calendars.current()
    year = (today + timedelta(days=AHEAD)).year
    held = calendar.notice(year)
    days = [today + timedelta(days=AHEAD + more) for more in range(20)]
    free = [day for day in days if day.year == year and calendar.is_working(day)]
    kept = "".join(
        f'[[holiday]]\nname = "{day} {name}"\nfrom = {day}\nto = {day}\n' for day, name in (held.off if held else ())
    )
    worked = ", ".join(str(day) for day in (held.worked if held else ()))
    first, second = (
        f'year = {year}\ntitle = "示例通知"\nnumber = "示例〔{year}〕{number}号"\n{kept}'
        f'[[holiday]]\nname = "示例"\nfrom = {day}\nto = {day}\nworked = [{worked}]\n'
        for number, day in enumerate(free[:2], start=1)
    )
    return first, second


def _against_an_oracle(calendar: Any, since: date) -> str:
    """Walks the days of everything that is open, counted in working days and ends after that day, and says what differs."""
    from django.db import connection

    from core import law

    amounts = {
        rule.id: rule.within.amount
        for rule in law.rulebook().rules
        if rule.within is not None and rule.within.unit == "working_day" and rule.kind == "deadline"
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT rule_id, day_zero, (due_at AT TIME ZONE 'Asia/Shanghai')::date FROM core_duty"
            " WHERE rule_id = ANY (%s) AND extended_on IS NULL AND pauses = '[]' AND met_at IS NULL AND voided_at IS NULL"
            " AND (due_at AT TIME ZONE 'Asia/Shanghai')::date >= %s",
            [list(amounts), since],
        )
        rows = cursor.fetchall()
    for rule, day, due in rows:
        left, at = amounts[rule], day
        while left:
            at += timedelta(days=1)
            left -= calendar.is_working(at)
        if at != due:
            return f"{rule} from {day}: due {due}, but walking the calendar gives {at}"
    return "" if rows else "nothing counted in working days was touched"
