"""Counting against an independent oracle written from the statutes: more than 10,000 cases in each run."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rulebook import library, periods, workdays
from rulebook.deadlines import SHANGHAI, Due, due, due_dates
from rulebook.library import Rulebook
from rulebook.model import Article, Instrument, Period, Profile, Rule, RulebookError
from rulebook.periods import Pause
from tests.rulebook import oracle

CALENDAR = workdays.get()
BOOK = library.get()
PROFILE = Profile("test-profile", "示例局", ("test",))
TEST = Instrument(
    id="test", title="示例办法", short_title="示例办法", issued_by="示例", rank="law", effective_from=date(2020, 1, 1),
    effective_to=None, issued_on=None, annual=False, profile="test-profile", text_entered=True,
    articles=(Article("第一条", "示例。"),), digest="0",
)  # fmt: skip

days = st.dates(date(2020, 1, 1), date(2026, 12, 31))
counts = st.integers(1, 60)
units = st.sampled_from(["working_day", "day", "month", "year"])
kinds = st.sampled_from(["deadline", "right", "limit", "retention"])
pauses_after_start = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 20)), max_size=3)


def length(unit: str, amount: int) -> int:
    """Long enough to cross holidays, short enough for the oracle's years."""
    return {"working_day": amount, "day": amount, "month": 1 + amount % 12, "year": 1}[unit]


def rulebook_with(kind: str, period: Period, extension: int | None = None) -> Rulebook:
    base = {
        "instrument": "test", "article": "第一条", "quote": "示例", "title": "示例", "obligation": "do_it",
        "effective_from": date(2020, 1, 1), "effective_to": None,
    }  # fmt: skip
    rules = [
        Rule(id="T-1", kind=kind, within=period, opens_on=("test.happened",), met_by=("test.done",), **base),
        Rule(id="T-1p", kind="record", allows_pause_of=("T-1",), pause_kinds=("supplement",), **base),
    ]
    if extension is not None:
        rules.append(Rule(id="T-1x", kind="extension", within=Period(extension, period.unit), extends="T-1", **base))
    return Rulebook({"test": TEST}, {rule.id: (rule,) for rule in rules}, {"test-profile": PROFILE})


def asked(book: Rulebook, at: date | datetime, **options: object) -> Due:
    return due("T-1", at, calendar=CALENDAR, rulebook=book, **options)


@settings(max_examples=5000, deadline=None)
@given(start=days, amount=counts, unit=units, kind=kinds, spans=pauses_after_start)
def test_every_end_equals_the_oracle(
    start: date, amount: int, unit: str, kind: str, spans: list[tuple[int, int]]
) -> None:
    pauses = [Pause(first := start + timedelta(days=a), first + timedelta(days=n)) for a, n in spans]
    amount = length(unit, amount)
    answer = asked(rulebook_with(kind, Period(amount, unit)), start, pauses=pauses)
    rolls = kind in ("deadline", "right")
    expected = oracle.last_day(start, amount, unit, rolls, [(pause.start, pause.end) for pause in pauses])
    assert answer.day == expected
    assert answer.due == datetime(expected.year, expected.month, expected.day, 23, 59, 59, tzinfo=SHANGHAI)
    if unit in ("working_day", "day"):
        assert [one.n for one in answer.counted] == list(range(1, amount + 1))


@settings(max_examples=1500, deadline=None)
@given(
    activity=days.filter(lambda day: day > date(2020, 6, 1)),
    amount=counts,
    unit=st.sampled_from(["day", "working_day"]),
)
def test_every_backward_end_equals_the_oracle(activity: date, amount: int, unit: str) -> None:
    end = periods.backward(activity, Period(amount, unit), CALENDAR)
    assert end.last == oracle.day_before(activity, amount, unit)


@settings(max_examples=1500, deadline=None)
@given(start=days, amount=st.integers(1, 40), extra=st.integers(1, 30), unit=units, approved=st.integers(0, 90))
def test_an_extension_equals_one_longer_period_or_is_refused(
    start: date, amount: int, extra: int, unit: str, approved: int
) -> None:
    amount, extra = length(unit, amount), length(unit, extra)
    assume(unit != "month" or amount + extra <= 12)
    assume(unit != "year" or start.year < 2026)
    book = rulebook_with("deadline", Period(amount, unit), extra)
    on = start + timedelta(days=approved)
    if on > oracle.last_day(start, amount, unit, True, []):
        try:
            asked(book, start, extend_on=on)
        except RulebookError as refused:
            assert "届满" in str(refused)  # noqa: PT017 - the other branch must not be taken
        else:
            raise AssertionError("an extension after the end was accepted")
    else:
        assert asked(book, start, extend_on=on).day == oracle.last_day(start, amount + extra, unit, True, [])


@settings(max_examples=1000, deadline=None)
@given(start=days, first=counts, second=counts)
def test_counting_in_two_goes_is_counting_in_one(start: date, first: int, second: int) -> None:
    halfway = CALENDAR.nth_working_day(start, first)
    assert CALENDAR.nth_working_day(halfway, second) == CALENDAR.nth_working_day(start, first + second)
    assert CALENDAR.working_days_between(start, halfway) == first
    assert CALENDAR.nth_working_day_before(CALENDAR.nth_working_day(halfway, 1), first + 1) <= halfway


@settings(max_examples=800, deadline=None)
@given(start=days, amount=counts, unit=units)
def test_one_more_is_never_earlier_and_a_rolled_end_is_worked(start: date, amount: int, unit: str) -> None:
    amount = length(unit, amount)
    shorter = periods.forward(start, Period(amount, unit), CALENDAR, rolls=True)
    longer = periods.forward(start, Period(amount + 1, unit), CALENDAR, rolls=True)
    assert longer.nominal > shorter.nominal
    assert longer.last >= shorter.last >= shorter.nominal
    assert CALENDAR.is_working(shorter.last)
    assert periods.forward(start, Period(amount, unit), CALENDAR, rolls=False).last == shorter.nominal


@settings(max_examples=500, deadline=None)
@given(start=days, later=st.integers(0, 40), amount=counts, unit=units, pause=st.integers(0, 40))
def test_a_later_start_is_never_due_earlier_and_an_empty_pause_changes_nothing(
    start: date, later: int, amount: int, unit: str, pause: int
) -> None:
    period = Period(length(unit, amount), unit)
    plain = periods.forward(start, period, CALENDAR, rolls=True)
    assert periods.forward(start + timedelta(days=later), period, CALENDAR, rolls=True).last >= plain.last
    day = start + timedelta(days=pause)
    assert periods.forward(start, period, CALENDAR, rolls=True, pauses=[Pause(day, day)]) == plain


@settings(max_examples=300, deadline=None)
@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001 - the zone is given below
    hours=st.integers(1, 72),
)
def test_hours_equal_the_oracle(moment: datetime, hours: int) -> None:
    at = moment.replace(tzinfo=SHANGHAI)
    answer = asked(rulebook_with("deadline", Period(hours, "hour")), at)
    assert answer.due == oracle.hours_on(at.replace(second=0, microsecond=0), hours)


def in_hours(rule: Rule) -> bool:
    """Whether a rule counts from the minute, not from a day."""
    return rule.within is not None and rule.within.unit == "hour"


@settings(max_examples=400, deadline=None)
@given(
    starts=st.lists(days, min_size=1, max_size=20),
    rule=st.sampled_from([rule for rule in BOOK.rules if rule.is_clock and not in_hours(rule)]),
)
def test_bulk_counting_equals_single_counting(starts: list[date], rule: Rule) -> None:
    expected = [due(rule, start, calendar=CALENDAR, rulebook=BOOK).day for start in starts]
    assert due_dates(rule, starts, CALENDAR) == expected


@settings(max_examples=400, deadline=None)
@given(start=days, rule=st.sampled_from([r for r in BOOK.rules if r.is_clock or r.is_periodic]))
def test_every_rule_explains_itself_without_contradiction(start: date, rule: Rule) -> None:
    at = datetime.combine(start, time(10, 30), SHANGHAI) if in_hours(rule) else start
    answer = due(rule, at, calendar=CALENDAR, rulebook=BOOK)
    between = {day.day for day in answer.strip()}
    assert {one.day for one in answer.counted} <= between | {answer.nominal}
    assert all(one.reason for one in answer.skipped)
    assert answer.bases[0].due == answer.due
    assert answer.alert_from <= answer.day
    assert answer.as_json()["due"].endswith("+08:00")
