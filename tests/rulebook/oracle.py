"""A second, slow counting engine written from the statutes, one day at a time, sharing no code and no data with the
first.

Working days of 2020-2026 come from another transcription of the State Council's notices (chinese_calendar); of 2027
and 2028 from the holidays
listed here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache

import chinese_calendar

ONE = timedelta(days=1)
STATUTORY = {
    *(date(2027, *day) for day in [(1, 1), (2, 5), (2, 6), (2, 7), (2, 8), (4, 5), (5, 1), (5, 2), (6, 9), (9, 15)]),
    *(date(2027, 10, day) for day in (1, 2, 3)),
    *(date(2028, *day) for day in [(1, 1), (1, 25), (1, 26), (1, 27), (1, 28), (4, 4), (5, 1), (5, 2), (5, 28)]),
    *(date(2028, 10, day) for day in (1, 2, 3)),
}


@cache
def works(day: date) -> bool:
    if day.year < 2027:
        return bool(chinese_calendar.is_workday(day))
    assert day.year < 2029, "the oracle knows no holidays beyond 2028"
    return day.weekday() < 5 and day not in STATUTORY


def left_out(day: date, pauses: list[tuple[date, date]]) -> bool:
    """Asked on P, received on R: P counts, P+1 to R do not."""
    return any(asked < day <= received for asked, received in pauses)


def last_day(zero: date, amount: int, unit: str, rolls: bool, pauses: list[tuple[date, date]]) -> date:
    """Civil Code 201-203: day 0 is not counted; months end on the corresponding day; a last day off moves on."""
    if unit == "working_day":
        return walk(zero, amount, pauses, only_working=True)
    if unit == "day":
        end = walk(zero, amount, pauses, only_working=False)
    else:
        months = amount * (12 if unit == "year" else 1)
        end = walk(zero, (corresponding_day(zero, months) - zero).days, pauses, only_working=False)
    while rolls and not works(end):
        end += ONE
    return end


def walk(zero: date, amount: int, pauses: list[tuple[date, date]], only_working: bool) -> date:
    day, n = zero, 0
    while n < amount:
        day += ONE
        if not left_out(day, pauses) and (works(day) or not only_working):
            n += 1
    return day


def corresponding_day(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


def day_before(activity: date, amount: int, unit: str) -> date:
    """Backwards, so that a day off makes it earlier, never later."""
    day = activity
    for _ in range(amount):
        day -= ONE
        while unit == "working_day" and not works(day):
            day -= ONE
    while not works(day):
        day -= ONE
    return day


def hours_on(moment: datetime, hours: int) -> datetime:
    for _ in range(hours * 60):
        moment += timedelta(minutes=1)
    return moment
