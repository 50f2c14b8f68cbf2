"""Where a period ends: pure counting from one day to another, without instruments or profiles.

Working days never roll; calendar days, months and years end on a nominal day that duties and rights move on to a
working day (counting 3-5, 16).
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rulebook.model import Each, Period, Rule, RulebookError
from rulebook.workdays import Calendar

_MONTHS: dict[Each, int] = {"quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Pause:
    """A span that is not counted: `start` (material asked for) still counts, the days after it up to `end` (received)
    do not (counting 9).
    """

    start: date
    end: date
    kind: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The nominal last day of a period, and the day on which it ends after moving to a working day."""

    nominal: date
    last: date


def forward(day_zero: date, period: Period, calendar: Calendar, *, rolls: bool, pauses: Iterable[Pause] = ()) -> End:
    """The end of a period counted forward from a day that is not itself counted; what is owed the same day ends with
    it. Hours are not counted in days: refused.
    """
    if period.is_same_day:
        return End(day_zero, day_zero)
    spans = merged(pauses)
    if period.unit == "working_day":
        last = _stretched(
            lambda extra: calendar.nth_working_day(day_zero, period.amount + extra),
            lambda end: sum(
                calendar.working_days_between(max(first, day_zero), min(last, end))
                for first, last in spans
                if first < end
            ),
        )
        return End(last, last)
    first_end = full_after(day_zero, period)
    nominal = _stretched(
        lambda extra: first_end + timedelta(days=extra),
        lambda end: sum((min(last, end) - max(first, day_zero)).days for first, last in spans if first < end),
    )
    return End(nominal, calendar.next_working_day(nominal) if rolls else nominal)


def backward(day_zero: date, period: Period, calendar: Calendar) -> End:
    """The last day on which an act "N days before" is still in time; off a working day it moves earlier (counting 8,
    15).
    """
    if period.unit == "working_day":
        last = calendar.nth_working_day_before(day_zero, period.amount)
        return End(last, last)
    nominal = day_zero - timedelta(days=period.amount)
    return End(nominal, calendar.previous_working_day(nominal))


def closing_day(each: Each, day: date) -> date:
    """The last day of the quarter, half or whole year that holds a day."""
    month = opening_day(each, day).month + _MONTHS[each] - 1
    return date(day.year, month, gregorian.monthrange(day.year, month)[1])


def opening_day(each: Each, day: date) -> date:
    """The first day of the quarter, half or whole year that holds a day."""
    return date(day.year, (day.month - 1) // _MONTHS[each] * _MONTHS[each] + 1, 1)


def in_year(each: Each, year: int) -> tuple[date, ...]:
    """The first days of the quarters or halves of a year, or of the year."""
    return tuple(date(year, month, 1) for month in range(1, 13, _MONTHS[each]))


def key_of(each: Each, day: date) -> str:
    """2026Q3, 2026H2 or 2026: the short name of the quarter, half or whole year that holds a day."""
    number = (day.month - 1) // _MONTHS[each] + 1
    return f"{day.year}" + {"quarter": f"Q{number}", "half_year": f"H{number}", "year": ""}[each]


def name_of(each: Each, day: date) -> str:
    """2026年第3季度, 2026年下半年 or 2026年度: the same, for people."""
    number = (day.month - 1) // _MONTHS[each] + 1
    return (
        f"{day.year}年" + {"quarter": f"第{number}季度", "half_year": "_上下"[number % 3] + "半年", "year": "度"}[each]
    )


def end_of(rule: Rule, day_zero: date, calendar: Calendar) -> End:
    """The end a rule gives for a day, without pause or extension; hours and rules without a period are refused."""
    if rule.fixed is not None:
        day = date(day_zero.year, rule.fixed.month, rule.fixed.day)
        return End(day, day)
    if rule.each is not None:
        # “次月10日前”: that day is included and never rolls, like every named date (counting 7)
        day = closing_day(rule.each, day_zero) + timedelta(days=rule.by_day or 0)
        return End(day, day)
    if rule.before is not None:
        return backward(day_zero, rule.before, calendar)
    if rule.within is not None:
        return forward(day_zero, rule.within, calendar, rolls=rule.rolls)
    raise RulebookError(f"{rule.id}: 没有期限")


def due_dates(rule: Rule, days: Sequence[date], calendar: Calendar) -> list[date]:
    """The last day for very many starting days, in their order; each distinct day is counted once."""
    known = {day: end_of(rule, day, calendar).last for day in set(days)}
    return [known[day] for day in days]


def merged(pauses: Iterable[Pause]) -> tuple[tuple[date, date], ...]:
    """Pauses as disjoint spans in order, so that a day in two of them is left out once."""
    spans: list[tuple[date, date]] = []
    for pause in sorted(pauses, key=lambda one: (one.start, one.end)):
        if spans and pause.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], pause.end))
        else:
            spans.append((pause.start, pause.end))
    return tuple(spans)


def is_paused(day: date, spans: Iterable[tuple[date, date]]) -> bool:
    """Whether a day is left out by a pause: its first day still counts."""
    return any(first < day <= last for first, last in spans)


def full_after(day_zero: date, period: Period) -> date:
    """The day on which so many days, months or years after day 0 are full, working day or not; other units are
    refused.
    """
    match period.unit:
        case "day":
            return day_zero + timedelta(days=period.amount)
        case "month":
            return _months_on(day_zero, period.amount)
        case "year":
            return _months_on(day_zero, 12 * period.amount)
    raise RulebookError(f"{period.unit} 不按日计算")


def _months_on(day: date, months: int) -> date:
    """The same day number months on, or that month's last day where there is none (Civil Code 202)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        raise RulebookError(f"{day}起{months}个月超出历法范围")
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _stretched(end_after: Callable[[int], date], left_out: Callable[[date], int]) -> date:
    """The first day by which as many days as needed have passed, those left out on the way not among them."""
    extra = 0
    while True:
        end = end_after(extra)
        needed = left_out(end)
        if needed == extra:
            return end
        extra = needed
