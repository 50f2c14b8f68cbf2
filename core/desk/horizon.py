"""What lies near: today, the next working day, and the week that an official plans by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from core import calendars

WEEK_NAMES = ("本周", "下周")
# No holiday is longer than two weeks; whichever week it ends in is the one after it.
AFTER_A_HOLIDAY = "节后一周"


@dataclass(frozen=True, slots=True)
class Horizon:
    """The near days as they stand on one day.

    `next_working_day` lies after today, a make-up weekend counts. `week_ends` is the Sunday of the first week, from today on, in which
    somebody still works: on a Saturday or in a holiday that is another week than today's, and `week` calls it by its name.
    """

    today: date
    next_working_day: date
    week: str
    week_ends: date

    def group_of(self, due: date) -> str:
        """Where a duty belongs that ends on a day from tomorrow on: off (before anybody works again), next, week or later."""
        if due < self.next_working_day:
            return "off"
        if due == self.next_working_day:
            return "next"
        return "week" if due <= self.week_ends else "later"


def horizon(now: datetime) -> Horizon:
    """The near days at a moment, by the calendar that the page reads."""
    calendar, today = calendars.seen(), timezone.localdate(now)
    first = calendar.next_working_day(today)
    week_ends, sunday = _sunday_of(first), _sunday_of(today)
    ahead = (week_ends - sunday).days // 7
    return Horizon(
        today=today,
        next_working_day=calendar.nth_working_day(today, 1),
        week=WEEK_NAMES[ahead] if ahead < len(WEEK_NAMES) else AFTER_A_HOLIDAY,
        week_ends=week_ends,
    )


def _sunday_of(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())
