"""What the pages of the working-day calendar show: the years, their holidays, what changed them and what moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core import law, registry
from core.models import CalendarChange, CalendarMove, CalendarYear, Duty
from core.models.calendars import CalendarMoveQuerySet
from core.recounting import Moving
from rulebook.workdays import MAKE_UP, WEEKEND, Calendar, Notice

if TYPE_CHECKING:
    from agency.models import Official

OUTSIDE = "当事人或者外部单位"
MOST_URGENT_FIRST = ("urgent_at", "pk")


@dataclass(frozen=True, slots=True)
class Year:
    """One year of the calendar in use: its notice, and who entered it (None: it came with the product, or there is none yet)."""

    year: int
    notice: Notice | None
    entered: CalendarYear | None

    @property
    def is_provisional(self) -> bool:
        return self.notice is None


def years(calendar: Calendar, today: date) -> list[Year]:
    """Every year with a notice, this year and the next; the latest first."""
    entered = {row.year: row for row in CalendarYear.objects.in_force().select_related("entered_by")}
    shown = sorted({*calendar.covers, today.year, today.year + 1}, reverse=True)
    return [Year(year, calendar.notice(year), entered.get(year)) for year in shown]


def missing(calendar: Calendar, today: date) -> int | None:
    """The nearest year without a notice, this one or the next."""
    return next((year for year in (today.year, today.year + 1) if calendar.is_provisional(year)), None)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off in a row, under one name."""

    name: str
    first: date
    last: date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


def holidays_of(notice: Notice) -> list[Holiday]:
    return _in_rows(notice.off)


def statutory_holidays(calendar: Calendar, year: int) -> list[Holiday]:
    """What a year without a notice is counted with, beside the weekends."""
    days = (date(year, 1, 1) + timedelta(days=n) for n in range((date(year, 12, 31) - date(year, 1, 1)).days + 1))
    return _in_rows((day, name) for day in days if (name := calendar.reason(day)) not in ("", WEEKEND, MAKE_UP))


def _in_rows(named: Iterable[tuple[date, str]]) -> list[Holiday]:
    found: list[Holiday] = []
    for day, name in named:
        if found and found[-1].name == name and day - found[-1].last == timedelta(days=1):
            found[-1] = Holiday(name, found[-1].first, day)
        else:
            found.append(Holiday(name, day, day))
    return found


def entered_for(year: int) -> CalendarYear | None:
    """The entered notice that is in force for a year."""
    return CalendarYear.objects.in_force().select_related("entered_by").filter(year=year).first()


def changes_of(year: int) -> list[CalendarChange]:
    """What was entered and undone for a year, the latest first."""
    return list(CalendarChange.objects.filter(year=year).select_related("by", "notice").order_by("-pk"))


# --- what moved -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """A line of the list: a duty and its two ends. `is_open_to_reader`: the file may be named and linked."""

    duty: Duty
    old: datetime
    new: datetime
    is_open_to_reader: bool

    @property
    def is_earlier(self) -> bool:
        return self.new < self.old


def foreseen_rows(rows: Iterable[Moving], reader: Official) -> list[Moved]:
    return _closed([(each.duty, each.old, each.new) for each in rows], reader)


def moved_rows(rows: Iterable[CalendarMove], reader: Official) -> list[Moved]:
    return _closed([(each.duty, each.old_due, each.new_due) for each in rows], reader)


def _closed(rows: list[tuple[Duty, datetime, datetime]], reader: Official) -> list[Moved]:
    """Who keeps the calendar sees that a duty moves, not whose file it is."""
    asked = Duty.objects.filter(pk__in=[duty.pk for duty, _, _ in rows])
    seen = set(asked.visible_to(reader).values_list("pk", flat=True)) if rows else set()
    return [Moved(duty, old, new, duty.pk in seen) for duty, old, new in rows]


def moves_shown_to(change: CalendarChange, reader: Official, *, mine: bool) -> CalendarMoveQuerySet:
    """All moves for those who keep the calendar, those of files they see for others; `mine`: of what the reader answers for."""
    moves: Any = CalendarMove.objects.filter(change=change).select_related("duty", "owner_unit")
    if mine:
        agency = registry.agency()
        owing = set(
            CalendarMove.objects.filter(change=change).order_by().values_list("owner_unit", flat=True).distinct()
        )
        found = moves.of_units([unit for unit in owing if unit and reader.pk in agency.recipients_of(unit)])
    elif registry.agency().may_keep_calendar(reader):
        found = moves
    else:
        found = moves.visible_to(reader)
    result: CalendarMoveQuerySet = found
    return result


HEAD = ("期限", "依据", "规则", "承担单位", "案卷", "原来到期", "改为", "变化")


def moves_as_rows(parts: Iterable[list[tuple[int, datetime, datetime]]], reader: Official) -> Iterator[tuple[str, ...]]:
    """The whole list for a spreadsheet, its head first; files are named only where the reader sees them, as on the page."""
    yield HEAD
    for part in parts:
        held = Duty.objects.filter(pk__in=[pk for pk, _, _ in part])
        seen = set(held.visible_to(reader).values_list("pk", flat=True))
        known = held.select_related("owner_unit").in_bulk()
        for pk, old, new in part:
            if (duty := known.get(pk)) is None:
                continue  # gone since it was listed
            yield (
                duty.title,
                law.cite(duty.rule_id, duty.unit_id).text,
                duty.rule_id,
                duty.owner_unit.short_name if duty.owner_unit else OUTSIDE,
                duty.subject_title if pk in seen else "",
                _in_a_cell(old),
                _in_a_cell(new),
                "提前" if new < old else "推后",
            )


def _in_a_cell(end: datetime) -> str:
    """The day; with the minute where the period ends within it."""
    local = timezone.localtime(end)
    return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (23, 59) else f"{local:%Y-%m-%d %H:%M}"


def names_of(units: Iterable[int | None]) -> dict[int | None, str]:
    """What lists call these units; None is nobody inside the agency."""
    model: Any = Duty._meta.get_field("owner_unit").related_model
    known = model.objects.in_bulk([unit for unit in units if unit is not None])
    return {None: OUTSIDE, **{pk: unit.short_name for pk, unit in known.items()}}
