"""Handing a suspected crime to the police: calendar days that roll and hours that do not. Days counted by hand from the year files of
rulebook/calendars.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest

from rulebook.deadlines import SHANGHAI, Pause
from rulebook.library import Rulebook
from rulebook.model import RulebookError
from tests.rulebook.conftest import Ask, days

THREE_DAYS = ["CN-TRANSFER-5b", "CN-TRANSFER-8", "CN-TRANSFER-9", "CN-TRANSFER-9a", "CN-TRANSFER-9b", "CN-TRANSFER-12"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.rule(*THREE_DAYS)
@pytest.mark.parametrize("rule", THREE_DAYS)
@pytest.mark.parametrize(
    ("zero", "nominal", "last"),
    [
        ("2026-03-02", "2026-03-05", "2026-03-05"),  # a Thursday
        ("2026-03-05", "2026-03-08", "2026-03-09"),  # a Sunday; three working days would be the 10th
        ("2026-04-29", "2026-05-02", "2026-05-06"),  # Labour Day, 1-5 May
        ("2026-09-17", "2026-09-20", "2026-09-20"),  # a Sunday worked for National Day
        ("2025-09-29", "2025-10-02", "2025-10-09"),  # off 1-8 October
        ("2024-02-08", "2024-02-11", "2024-02-18"),  # off 10-17 February; the 18th is a worked Sunday
    ],
)
def test_three_days_are_calendar_days_that_roll(ask: Ask, rule: str, zero: str, nominal: str, last: str) -> None:
    answer = ask(rule, date.fromisoformat(zero))
    assert (answer.nominal, answer.day) == tuple(days(nominal, last))
    assert (answer.amount, answer.unit, answer.alert_from) == (3, "day", answer.nominal)


@pytest.mark.rule("CN-TRANSFER-5c", "CN-TRANSFER-7a")
@pytest.mark.parametrize("rule", ["CN-TRANSFER-5c", "CN-TRANSFER-7a"])
@pytest.mark.parametrize(
    ("approved", "due"),
    [
        ("2026-02-13T16:20:45", "2026-02-14T16:20:00+08:00"),
        ("2026-09-30T17:30:00", "2026-10-01T17:30:00+08:00"),  # into the holiday
        ("2025-12-31T23:59:59", "2026-01-01T23:59:00+08:00"),
    ],
)
def test_twenty_four_hours_run_from_the_minute_and_never_roll(ask: Ask, rule: str, approved: str, due: str) -> None:
    answer = ask(rule, at(approved))
    assert answer.due.isoformat() == due
    assert (answer.amount, answer.unit, answer.provisional) == (24, "hour", False)


@pytest.mark.rule("CN-TRANSFER-5c")
def test_cn_transfer_5c_a_day_without_a_minute_is_refused(ask: Ask) -> None:
    with pytest.raises(RulebookError, match="CN-TRANSFER-5c: 按小时计算的期限须给出时刻"):
        ask("CN-TRANSFER-5c", date(2026, 2, 13))


@pytest.mark.rule("CN-TRANSFER-5b", "CN-TRANSFER-12")
@pytest.mark.parametrize("rule", ["CN-TRANSFER-5b", "CN-TRANSFER-12"])
def test_nothing_pauses_or_lengthens_the_three_days(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match="没有规则允许暂停"):
        ask(rule, date(2026, 3, 2), pauses=[Pause(date(2026, 3, 3), date(2026, 3, 4))])
    with pytest.raises(RulebookError, match="没有规则允许延长"):
        ask(rule, date(2026, 3, 2), extend_on=date(2026, 3, 3))


@pytest.mark.rule("CN-TRANSFER-7", "CN-TRANSFER-7a", "CN-TRANSFER-8", "CN-TRANSFER-9a", "CN-TRANSFER-16")
def test_what_the_police_and_governments_owe_is_not_owed_by_the_bureau(book: Rulebook) -> None:
    rules = book.rules_of("cn-transfer-of-suspected-crimes-2020")
    outside = {rule.id for rule in rules if rule.owed_by == "outside"}
    assert outside == {"CN-TRANSFER-7", "CN-TRANSFER-7a", "CN-TRANSFER-8", "CN-TRANSFER-9a", "CN-TRANSFER-16"}
    assert book.rule("CN-TRANSFER-5b").owed_by == "agency"


@pytest.mark.rule("CN-TRANSFER-9", "CN-TRANSFER-9b")
@pytest.mark.parametrize("rule", ["CN-TRANSFER-9", "CN-TRANSFER-9b"])
def test_asking_again_is_a_right_of_the_bureau(book: Rulebook, rule: str) -> None:
    assert (book.rule(rule).kind, book.rule(rule).owed_by) == ("right", "unit")


@pytest.mark.rule("CN-TRANSFER-3", "CN-TRANSFER-5", "CN-TRANSFER-6", "CN-INSPECTION-18b", "CN-WAGES-41a")
def test_every_law_that_demands_a_transfer_demands_the_same_act(book: Rulebook) -> None:
    same = {rule.id for rule in book.binding("weihai-hrss") if rule.obligation == "transfer_suspected_crime"}
    assert {"CN-TRANSFER-3", "CN-INSPECTION-18b", "CN-WAGES-41a"} <= same
    assert book.rule("CN-TRANSFER-5").threshold == 2
    assert [item.key for item in book.rule("CN-TRANSFER-6").items] == [
        "letter", "report", "items_list", "expertise", "other",
    ]  # fmt: skip


@pytest.mark.rule("CN-TRANSFER-12")
def test_the_revised_text_binds_from_the_day_it_was_published(ask: Ask) -> None:
    assert not ask("CN-TRANSFER-12", date(2020, 8, 6)).in_force
    assert ask("CN-TRANSFER-12", date(2020, 8, 7)).in_force
