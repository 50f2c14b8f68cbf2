"""The working-day calendar in use: the rulebook's files, overlaid by the notices entered in this installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from core.models import CalendarVersion, CalendarYear
from rulebook import workdays
from rulebook.workdays import Calendar, Notice

if TYPE_CHECKING:
    from agency.models import Official

_cached: tuple[int, Calendar] | None = None
_kept: ContextVar[Calendar | None] = ContextVar("kept_calendar", default=None)


def current() -> Calendar:
    """The calendar as of now. One indexed read tells whether another process entered a notice since."""
    global _cached
    if (kept := _kept.get()) is not None:
        return kept
    number = CalendarVersion.objects.values_list("number", flat=True).first() or 0
    if number == 0:
        return workdays.get()
    if _cached is None or _cached[0] != number:
        entered = CalendarYear.objects.order_by("year")
        _cached = (number, workdays.get().with_notices(*(workdays.parse_notice(row.text, str(row)) for row in entered)))
    return _cached[1]


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


@transaction.atomic
def enter_notice(text: str, *, by: Official | None = None) -> Notice:
    """Enter (or replace) one year's notice, given as the TOML of `rulebook/calendars`.

    Raises RulebookError naming what is wrong. Open duties are recounted by `core.duties.recompute_for_calendar`, not here.
    """
    notice = workdays.parse_notice(text, "放假安排")
    CalendarYear.objects.update_or_create(
        year=notice.year, defaults={"notice": notice.citation, "text": text, "entered_by": by}
    )
    CalendarVersion.objects.get_or_create(defaults={"number": 0})
    CalendarVersion.objects.update(number=F("number") + 1)
    return notice
