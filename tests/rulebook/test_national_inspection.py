"""Labour inspection, wages of migrant workers and archives: their periods, and that none was invented. Days counted by hand from the
year files of rulebook/calendars; a make-up day is marked *.
"""

from __future__ import annotations

from datetime import date

import pytest

from rulebook.deadlines import Pause
from rulebook.library import Rulebook
from rulebook.model import RulebookError
from tests.rulebook.conftest import Ask


@pytest.mark.rule("CN-INSPECTION-17a", "CN-INSPECTION-17b")
def test_cn_inspection_17_sixty_working_days_and_thirty_more_by_the_leader(ask: Ask, book: Rulebook) -> None:
    filed = date(2026, 7, 13)
    # to Sep 18 every Monday to Friday: 49; Sep 20*: 50; 21-24: 54; 25-27 off; 28-30: 57; Oct 1-7 off; 8, 9, 10*: 60
    assert ask("CN-INSPECTION-17a", filed).day == date(2026, 10, 10)
    # then Oct 12 to Nov 20, six weeks of five days: 30
    assert ask("CN-INSPECTION-17a", filed, extend_on=date(2026, 10, 10)).day == date(2026, 11, 20)
    with pytest.raises(RulebookError, match="届满"):
        ask("CN-INSPECTION-17a", filed, extend_on=date(2026, 10, 11))
    with pytest.raises(RulebookError, match="没有规则允许暂停"):
        ask("CN-INSPECTION-17a", filed, pauses=[Pause(date(2026, 7, 14), date(2026, 7, 15))])
    assert book.rule("CN-INSPECTION-17b").approver == "leader"


@pytest.mark.parametrize(
    ("instrument", "clocks"),
    [
        ("cn-labour-security-inspection-2004", {"CN-INSPECTION-17a", "CN-INSPECTION-20"}),
        ("cn-migrant-workers-wages-2019", set()),
        ("cn-archives-law-2020", {"CN-ARCHIVES-27"}),
    ],
)
def test_only_what_the_text_counts_is_counted(book: Rulebook, instrument: str, clocks: set[str]) -> None:
    rules = book.rules_of(instrument)
    assert {rule.id for rule in rules if rule.is_clock} == clocks
    assert not any(rule.is_periodic for rule in rules)


@pytest.mark.rule("CN-ARCHIVES-27")
@pytest.mark.parametrize(("made", "opened"), [("2001-10-05", "2026-10-05"), ("2000-02-29", "2025-02-28")])
def test_cn_archives_27_twenty_five_years_do_not_roll(ask: Ask, made: str, opened: str) -> None:
    answer = ask("CN-ARCHIVES-27", date.fromisoformat(made))
    assert answer.day == answer.nominal == date.fromisoformat(opened)  # 5 October is in the holiday
    assert answer.rule.owed_by == "outside"


@pytest.mark.rule("CN-WAGES-54", "CN-WAGES-55", "CN-WAGES-56", "CN-WAGES-57", "CN-INSPECTION-30a")
def test_a_fine_for_disobedience_needs_an_order_first_in_every_regulation(book: Rulebook) -> None:
    same = {rule.id for rule in book.binding("national") if rule.obligation == "order_before_fine"}
    assert same >= {"CN-WAGES-54", "CN-WAGES-55", "CN-WAGES-56", "CN-WAGES-57", "CN-INSPECTION-30a"}


@pytest.mark.rule("CN-WAGES-54", "CN-WAGES-54a", "CN-WAGES-55", "CN-WAGES-56", "CN-WAGES-57", "CN-INSPECTION-26a")
@pytest.mark.parametrize(
    ("rule", "least", "most"),
    [
        ("CN-WAGES-54", 20000, 50000),
        ("CN-WAGES-54a", 10000, 30000),
        ("CN-WAGES-55", 50000, 100000),
        ("CN-WAGES-56", 50000, 100000),
        ("CN-WAGES-57", 50000, 100000),
        ("CN-INSPECTION-26a", 50, 100),
    ],
)
def test_ranges_not_enforced_yet_are_stated(book: Rulebook, rule: str, least: int, most: int) -> None:
    assert [number for _, number in book.rule(rule).numbers] == [least, most]


@pytest.mark.rule("CN-ARCHIVES-12", "CN-INSPECTION-22", "CN-INSPECTION-22a", "CN-WAGES-47", "CN-WAGES-47a")
@pytest.mark.parametrize(
    ("obligation", "ids"),
    [
        ("make_archive_policy", {"CN-ARCHIVES-12", "WH-MEAS-18", "WH-PLAN-8"}),
        ("publish_major_violation", {"CN-INSPECTION-22", "CN-WAGES-47a"}),
        ("keep_integrity_file", {"CN-INSPECTION-22a", "CN-WAGES-47"}),
    ],
)
def test_one_act_demanded_twice_is_one_obligation(book: Rulebook, obligation: str, ids: set[str]) -> None:
    assert {rule.id for rule in book.binding("weihai-hrss") if rule.obligation == obligation} == ids
