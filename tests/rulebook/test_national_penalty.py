"""The Administrative Penalty Law: every period to the day. The days were counted by hand along the year's calendar file; make-up
working days are marked *.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rulebook.deadlines import Pause
from rulebook.library import Rulebook
from rulebook.model import RulebookError
from tests.rulebook.conftest import Ask, days

LAW = "cn-administrative-penalty-law-2021"

WORKING_DAYS = {
    "CN-PENALTY-48": 3,
    "CN-PENALTY-56": 7,
    "CN-PENALTY-61": 7,
    "CN-PENALTY-64a": 5,
    "CN-PENALTY-64b": 7,
    "CN-PENALTY-71a": 2,
    "CN-PENALTY-71b": 2,
    "CN-PENALTY-71c": 2,
}
CALENDAR = {
    "CN-PENALTY-36": (2, "year"),
    "CN-PENALTY-36a": (5, "year"),
    "CN-PENALTY-60": (90, "day"),
    "CN-PENALTY-67": (15, "day"),
}


def test_art_85_two_three_five_and_seven_days_are_working_days_and_no_other_period_is(book: Rulebook) -> None:
    periods = {rule.id: rule.within or rule.before for rule in book.rules_of(LAW)}
    found = {rule_id: (one.amount, one.unit) for rule_id, one in periods.items() if one is not None}
    assert found == {rule_id: (amount, "working_day") for rule_id, amount in WORKING_DAYS.items()} | CALENDAR


@pytest.mark.rule("CN-PENALTY-71a", "CN-PENALTY-71b", "CN-PENALTY-71c")
@pytest.mark.parametrize(
    ("rule", "start", "counted"),
    [
        # Friday; 4 to 6 April are Qingming. Two calendar days would end on the 7th
        ("CN-PENALTY-71a", "2026-04-03", ["2026-04-07", "2026-04-08"]),
        # Friday before a worked Sunday: 28*, 29
        ("CN-PENALTY-71a", "2024-04-26", ["2024-04-28", "2024-04-29"]),
        # ashore on a Saturday off: 26* (Sunday), 27
        ("CN-PENALTY-71b", "2025-01-25", ["2025-01-26", "2025-01-27"]),
        # received on a worked Sunday, which is day 0: 27 January, then 28 January to 4 February off, 5 February
        ("CN-PENALTY-71c", "2025-01-26", ["2025-01-27", "2025-02-05"]),
    ],
)
def test_cn_penalty_71_fines_collected_on_the_spot_are_handed_in_within_two_working_days(
    ask: Ask, rule: str, start: str, counted: list[str]
) -> None:
    answer = ask(rule, date.fromisoformat(start))
    assert [one.day for one in answer.counted] == days(*counted)
    assert answer.due.isoformat() == f"{counted[-1]}T23:59:59+08:00"


def test_cn_penalty_71_what_was_collected_ashore_and_on_water_starts_differently(ask: Ask, book: Rulebook) -> None:
    assert [basis.rule for basis in ask("CN-PENALTY-71a", date(2026, 4, 3)).bases] == ["CN-PENALTY-71a"]
    assert book.rule("CN-PENALTY-71a").applies_to({"collected_on_water": False})
    assert not book.rule("CN-PENALTY-71a").applies_to({"collected_on_water": True})
    assert any("抵岸" in text for text in ask("CN-PENALTY-71b", date(2026, 4, 3)).conventions)
    assert any("（本系统的理解）" in text for text in ask("CN-PENALTY-71c", date(2026, 4, 3)).conventions)


@pytest.mark.rule("CN-PENALTY-48", "CN-PENALTY-56", "CN-PENALTY-61", "CN-PENALTY-64a", "CN-PENALTY-64b")
@pytest.mark.parametrize(
    ("rule", "start", "last"),
    [
        # Friday: 14* (Saturday), 15 to 17 Mid-Autumn, 18, 19
        ("CN-PENALTY-48", "2024-09-13", "2024-09-19"),
        # Tuesday: 27, 28; 29 September to 6 October off; 7*, 8*, 9, 10, 11
        ("CN-PENALTY-56", "2023-09-26", "2023-10-11"),
        # Friday: 27* (Sunday), 28, 29, 30; 1 to 5 May off; 6, 7, 8
        ("CN-PENALTY-61", "2025-04-25", "2025-05-08"),
        # Thursday: 29; 30 April to 4 May off; 5, 6, 7* (Saturday), 9
        ("CN-PENALTY-64a", "2022-04-28", "2022-05-09"),
        # hearing on Friday the 15th, backwards: 14, 13, 12, 11, 9* (Saturday), 8; 7 to 1 October off; 30 September
        ("CN-PENALTY-64b", "2021-10-15", "2021-09-30"),
    ],
)
def test_periods_in_working_days_pass_over_holidays_and_take_make_up_days(
    ask: Ask, rule: str, start: str, last: str
) -> None:
    answer = ask(rule, date.fromisoformat(start))
    assert (answer.day, len(answer.counted)) == (date.fromisoformat(last), WORKING_DAYS[rule])
    assert answer.in_force


@pytest.mark.rule("CN-PENALTY-60", "CN-PENALTY-67")
@pytest.mark.parametrize(
    ("rule", "start", "nominal", "last"),
    [
        # 23 days of July, 31, 30, and 6 of October, off until the 8th
        ("CN-PENALTY-60", "2025-07-08", "2025-10-06", "2025-10-09"),
        # 12 days left of July, 31, 30, 17: a Friday that is worked
        ("CN-PENALTY-60", "2025-07-19", "2025-10-17", "2025-10-17"),
        # 11 days left of September, 4 of October, off until the 8th
        ("CN-PENALTY-67", "2025-09-19", "2025-10-04", "2025-10-09"),
        # a Saturday off; the Sunday after it is worked
        ("CN-PENALTY-67", "2025-04-11", "2025-04-26", "2025-04-27"),
    ],
)
def test_ninety_and_fifteen_days_are_calendar_days_and_roll(
    ask: Ask, rule: str, start: str, nominal: str, last: str
) -> None:
    answer = ask(rule, date.fromisoformat(start))
    assert (answer.nominal, answer.day, answer.alert_from) == tuple(days(nominal, last, nominal))


@pytest.mark.rule("CN-PENALTY-36a")
def test_cn_penalty_36_the_five_years_never_roll_and_stand_beside_the_two(ask: Ask, book: Rulebook) -> None:
    answer = ask("CN-PENALTY-36a", date(2021, 10, 2))
    assert answer.nominal == answer.day == date(2026, 10, 2)  # in the national holiday
    assert ask("CN-PENALTY-36a", date(2024, 2, 29)).day == date(2029, 2, 28)
    assert not ask("CN-PENALTY-36a", date(2025, 5, 1)).provisional
    assert [basis.rule for basis in answer.bases] == ["CN-PENALTY-36a"], "an act is of one kind or of the other"
    assert ask("CN-PENALTY-36", date(2021, 10, 2)).day == date(2023, 10, 2)
    assert book.rule("CN-PENALTY-36").applies_to({"grave_harm": False})
    assert book.rule("CN-PENALTY-36a").applies_to({"grave_harm": True})


@pytest.mark.parametrize("rule", [*WORKING_DAYS, *CALENDAR])
@pytest.mark.parametrize("profile", ["national", "weihai-hrss"])
def test_the_law_itself_allows_no_extension_and_no_pause(ask: Ask, rule: str, profile: str) -> None:
    start = date(2026, 3, 2)
    with pytest.raises(RulebookError, match="没有规则允许延长"):
        ask(rule, start, profile=profile, extend_on=start)
    with pytest.raises(RulebookError, match=r"没有规则允许暂停|不能暂停"):
        ask(rule, start, profile=profile, pauses=[Pause(start, start + timedelta(days=2))])


@pytest.mark.parametrize("rule", [*WORKING_DAYS, *CALENDAR])
def test_the_law_binds_from_15_july_2021(ask: Ask, rule: str) -> None:
    assert not ask(rule, date(2021, 7, 14)).in_force
    for profile in ("national", "weihai-hrss", "yangquan-hrss"):
        assert ask(rule, date(2021, 7, 15), profile=profile).in_force


@pytest.mark.rule(
    "CN-PENALTY-51", "CN-PENALTY-52", "CN-PENALTY-52a", "CN-PENALTY-57a", "CN-PENALTY-64e", "CN-PENALTY-68"
)
def test_sums_and_lists_are_those_of_the_articles(book: Rulebook) -> None:
    summary = book.rule("CN-PENALTY-51")
    assert (summary.number("fine_of_citizen_at_most"), summary.number("fine_of_organisation_at_most")) == (200, 3000)
    assert book.rule("CN-PENALTY-68").number("fine_at_most") == 100
    assert book.rule("CN-PENALTY-64e").number("representatives_at_most") == 2
    assert len(book.rule("CN-PENALTY-52").items) == 4
    assert len(book.rule("CN-PENALTY-52a").items) == 7
    assert [item.key for item in book.rule("CN-PENALTY-57a").items] == ["penalty", "minor", "unproven", "crime"]


@pytest.mark.parametrize("rule", ["CN-PENALTY-51", "CN-PENALTY-52b", "CN-PENALTY-61b", "CN-PENALTY-72a"])
def test_what_has_no_period_is_refused(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match=f"{rule}: 没有可以计算的期限"):
        ask(rule, date(2026, 3, 2))
