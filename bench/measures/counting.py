"""5c: due dates in bulk: the rate of counting days, and a million due dates of a rule in one process."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median
from time import perf_counter

from bench.figures import Figure, rate
from bench.harness import Runner, race
from bench.stage import Stage

TERM = 7
# Whose period is just so many working days.
RULE = "WH-MEAS-15b"
CALLS = 20_000
RUNS = 5
MOST_SECONDS = 2


def measure(stage: Stage) -> Iterator[Figure]:
    """The calendar's own counting against a bare bisect over a sorted list of working days."""
    from rulebook import deadlines, library, workdays

    calendar = workdays.get()
    first, last = date(2020, 1, 1), date(2027, 12, 31)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    working = [day for day in every if calendar.is_working(day)]
    some = random.Random(6962)
    days = [first + timedelta(days=some.randrange(365 * 7)) for _ in range(min(CALLS, stage.size.dues))]

    def walked(day: date) -> date:
        left = TERM
        while left:
            day += timedelta(days=1)
            left -= calendar.is_working(day)
        return day

    expected = [walked(day) for day in days]

    def product() -> list[date]:
        return [calendar.nth_working_day(day, TERM) for day in days]

    def bare() -> list[date]:
        return [working[bisect_left(working, day + timedelta(days=1)) + TERM - 1] for day in days]

    def same(found: list[date]) -> str:
        return "" if found == expected else "other due days than walking the calendar gives"

    run = race(
        [Runner("product", product, same), Runner("bisect", bare, same)], floor="bisect", rounds=stage.size.rounds
    )
    yield rate(
        "5c",
        f"due days in bulk, {len(days):,} a round",
        "rate of a Python bisect",
        run,
        "product",
        "bisect",
        must=0.2,
        aim=1,
    )
    rule = library.get().rule(RULE)
    many = (days * (stage.size.dues // len(days) + 1))[: stage.size.dues]
    taken = []
    for _ in range(RUNS):
        started = perf_counter()
        dues = deadlines.due_dates(rule, many, calendar)
        taken.append(perf_counter() - started)
    wrong = len(dues) != len(many) or dues[: len(days)] != expected
    yield Figure(
        "5c'", f"seconds for {len(many):,} due dates of {RULE} in one process", "a number of seconds",
        None if wrong else median(taken), MOST_SECONDS, MOST_SECONDS / 2, min(taken), max(taken), RUNS,
        void="other due days than walking the calendar gives" if wrong else "",
    )  # fmt: skip
