"""Days in weeks with what falls due on them, for the strip of the first screen and the month of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rulebook.workdays import Calendar

STRIP_WEEKS = 5


@dataclass(frozen=True, slots=True)
class Day:
    """One day: its number (with the month where one begins), 班 or 休, how many duties end on it, how many of them are late."""

    day: date
    label: str
    note: str
    due: int
    late: int
    css: str


def weeks(
    first: date, count: int, *, today: date, calendar: Calendar, due: Mapping[date, tuple[int, int]]
) -> list[list[Day]]:
    """`count` weeks from the Monday of the week of `first`. `due`: day -> (duties that end on it, how many of them are late)."""
    monday = first - timedelta(days=first.weekday())
    days = [monday + timedelta(days=n) for n in range(count * 7)]
    return [
        [_day(day, is_first=day == monday, today=today, calendar=calendar, due=due) for day in days[n : n + 7]]
        for n in range(0, len(days), 7)
    ]


def weeks_of_month(year: int, month: int) -> tuple[date, int]:
    """The first day of a month and how many weeks it touches."""
    first = date(year, month, 1)
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return first, (first.weekday() + last.day + 6) // 7


def _day(day: date, *, is_first: bool, today: date, calendar: Calendar, due: Mapping[date, tuple[int, int]]) -> Day:
    works = calendar.is_working(day)
    reason = calendar.reason(day)
    make_up = calendar.is_make_up(day)
    count, late = due.get(day, (0, 0))
    marks = [
        "make" if make_up else "" if works else "off",
        "past" if day < today else "",
        "today" if day == today else "",
    ]
    marks.append("late" if late else "")
    note = "班" if make_up else "休" if not works and reason != "周末" else ""
    label = f"{day.month}/{day.day}" if is_first or day.day == 1 else str(day.day)
    return Day(day, label, note, count, late, " ".join(filter(None, marks)))
