"""The working-day calendar in use: the rulebook's files, overlaid by the notices entered in this installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core import together
from core.models import CalendarVersion, CalendarYear
from core.together import Part
from rulebook import workdays
from rulebook.workdays import Calendar

_VERSION: Final = Part(CalendarVersion, "true")
_cached: tuple[int, Calendar] | None = None
_kept: ContextVar[Calendar | None] = ContextVar("kept_calendar", default=None)


def version() -> int:
    """The latest change of the calendar; 0 while only the files are in use."""
    [rows] = together.read((_VERSION,), {})
    return rows[0].number if rows else 0


def lock_version() -> CalendarVersion:
    """The version's row, locked until the transaction ends: the calendar is changed by one at a time."""
    CalendarVersion.objects.get_or_create(defaults={"number": 0})
    return CalendarVersion.objects.select_for_update().get()


def current() -> Calendar:
    """The calendar as of now. One indexed read tells whether another process entered a notice since."""
    global _cached
    if (kept := _kept.get()) is not None:
        return kept
    number = version()
    if number == 0:
        return workdays.get()
    if _cached is None or _cached[0] != number:
        _cached = (number, of_rows(CalendarYear.objects.in_force()))
    return _cached[1]


def of_rows(rows: Iterable[CalendarYear]) -> Calendar:
    """The calendar of the files, overlaid by these notices."""
    ordered = sorted(rows, key=lambda row: row.year)
    return workdays.get().with_notices(*(workdays.parse_notice(row.text, str(row)) for row in ordered))


def without(row: CalendarYear) -> Calendar:
    """The calendar as it would be had this notice never been entered."""
    rows = [each for each in CalendarYear.objects.in_force() if each.pk != row.pk]
    return of_rows([*rows, row.replaces] if row.replaces else rows)


@contextmanager
def kept() -> Iterator[Calendar]:
    """Ask once for all that is counted inside: many duties at a time read one calendar."""
    calendar = current()
    token = _kept.set(calendar)
    try:
        yield calendar
    finally:
        _kept.reset(token)


def seen() -> Calendar:
    """The calendar this process saw last, without asking again: for words on a page (班, 剩余3个工作日), never for a due moment."""
    return _cached[1] if _cached else workdays.get()


@dataclass(frozen=True, slots=True)
class Difference:
    """How two calendars differ about one year, into whose notice the last days of the year before may fall.

    `first` to `last` are the days a period must touch to be counted otherwise; `differing` those that count in one and not in the other.
    """

    first: date
    last: date
    differing: tuple[date, ...]


def difference(year: int, before: Calendar, after: Calendar) -> Difference:
    days = [
        date(year - 1, 12, 1) + timedelta(days=n) for n in range((date(year, 12, 31) - date(year - 1, 12, 1)).days + 1)
    ]
    named = [day for day in days if before.reason(day) != after.reason(day)]
    return Difference(
        first=min([date(year, 1, 1), *named[:1]]),
        last=days[-1],
        differing=tuple(day for day in named if before.is_working(day) != after.is_working(day)),
    )
