"""The buckets of the first screen on any day: a Monday, a Friday, a weekend, the eve of a long holiday, the holiday, a make-up Saturday."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from core.desk import selectors
from core.desk.horizon import horizon
from core.models import Duty
from core.templatetags.mc import duty_list
from tests.alerts.conftest import owe


def at(day: str, clock: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00")


@pytest.mark.parametrize(
    ("today", "next_day", "week", "week_ends"),
    [
        ("2026-11-23", "2026-11-24", "本周", "2026-11-29"),  # Monday
        ("2026-11-20", "2026-11-23", "本周", "2026-11-22"),  # Friday: this week is today
        ("2026-11-21", "2026-11-23", "下周", "2026-11-29"),  # Saturday
        ("2026-11-22", "2026-11-23", "下周", "2026-11-29"),  # Sunday
        ("2026-09-30", "2026-10-08", "本周", "2026-10-04"),  # the eve of the National Day
        ("2026-10-02", "2026-10-08", "下周", "2026-10-11"),  # in the holiday
        ("2026-10-09", "2026-10-10", "本周", "2026-10-11"),  # Friday before a make-up Saturday
        ("2026-10-10", "2026-10-12", "本周", "2026-10-11"),  # the make-up Saturday itself
        ("2026-02-14", "2026-02-24", "本周", "2026-02-15"),  # the last day before the Spring Festival
        ("2026-02-15", "2026-02-24", "节后一周", "2026-03-01"),  # its first Sunday: two weeks lie between
        ("2026-02-20", "2026-02-24", "下周", "2026-03-01"),
    ],
)
def test_the_near_days_of_any_day(today: str, next_day: str, week: str, week_ends: str) -> None:
    near = horizon(at(today))
    assert (near.next_working_day.isoformat(), near.week, near.week_ends.isoformat()) == (next_day, week, week_ends)


def test_a_day_near_midnight_is_that_of_shanghai() -> None:
    """23:30 of Sunday in London is Monday's morning here."""
    assert horizon(datetime.fromisoformat("2026-11-22T23:30:00+00:00")).today == date(2026, 11, 23)


def groups(now: datetime, *dues: str, is_part: bool = False) -> dict[str, tuple[str, list[str]]]:
    rows: list[Any] = [SimpleNamespace(due_at=at(due, "23:59"), state="open", title=due) for due in dues]
    shown: Any = duty_list(rows, now, is_part=is_part)["groups"]
    return {each["title"]: (each["hint"], [row.title for row in each["duties"]]) for each in shown}


def test_on_a_sunday_the_next_working_day_stands_first() -> None:
    assert groups(at("2026-11-22"), "2026-11-23", "2026-11-25", "2026-12-01") == {
        "下一个工作日到期": ("11月23日（周一）", ["2026-11-23"]),
        "下周到期": ("至11月29日（周日）", ["2026-11-25"]),
        "以后到期": ("11月29日以后", ["2026-12-01"]),
    }


def test_before_a_long_holiday_the_first_day_after_it_is_not_hidden_among_later_ones() -> None:
    assert groups(at("2026-09-30"), "2026-10-08", "2026-10-09") == {
        "下一个工作日到期": ("10月8日（周四）", ["2026-10-08"]),
        "以后到期": ("10月8日以后", ["2026-10-09"]),
    }


def test_what_ends_on_a_day_off_is_told_while_somebody_still_works() -> None:
    """The plan names 31 January, in 2026 a Saturday; a named day does not roll (counting 7)."""
    assert groups(at("2026-01-30"), "2026-01-31", "2026-02-02") == {
        "休息日到期": ("不顺延，2月2日上班时已经到期", ["2026-01-31"]),
        "下一个工作日到期": ("2月2日（周一）", ["2026-02-02"]),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("today", ["2026-11-20", "2026-11-22", "2026-11-23", "2026-09-30", "2026-10-02", "2026-02-15"])
def test_filter_and_count_agree_with_the_groups(section: Any, today: str) -> None:
    now = at(today)
    near = horizon(now)
    for offset in range(-2, 20):
        owe(section, at(date.fromordinal(near.today.toordinal() + offset).isoformat(), "23:59"))
    counts = selectors.urgency_counts(Duty.objects.open(), now)
    for key in ("overdue", "today", "next", "week"):
        assert counts[key] == selectors.by_urgency(Duty.objects.open(), key, now).count(), key
    following = selectors.by_urgency(Duty.objects.open(), "next", now)
    assert {near.group_of(duty.due_day) for duty in following} <= {"off", "next"}
    assert counts["next"] == (near.next_working_day - near.today).days
    assert counts["week"] == (near.week_ends - near.today).days + 1
