"""The supervision regulation of Shandong beside the measures of Weihai: one duty with two bases, for bureaus of Shandong only. Days
counted by hand from the year files of rulebook/calendars.
"""

from __future__ import annotations

from datetime import date

import pytest

from rulebook.deadlines import Pause
from rulebook.library import Rulebook
from rulebook.model import RulebookError
from tests.rulebook.conftest import Ask, days

REGULATION = "sd-enforcement-supervision-2014"


@pytest.mark.rule("SD-SUPERVISION-28", "SD-SUPERVISION-29", "SD-SUPERVISION-17")
@pytest.mark.parametrize("rule", ["SD-SUPERVISION-17", "SD-SUPERVISION-28", "SD-SUPERVISION-29"])
@pytest.mark.parametrize(
    ("zero", "nominal", "last"),
    [
        ("2025-09-05", "2025-10-05", "2025-10-09"),  # off 1-8 October
        ("2026-01-15", "2026-02-14", "2026-02-14"),  # a Saturday worked for Spring Festival
        ("2026-01-01", "2026-01-31", "2026-02-02"),  # a Saturday off
        ("2024-04-02", "2024-05-02", "2024-05-06"),  # off 1-5 May
    ],
)
def test_thirty_days_are_calendar_days_that_roll(ask: Ask, rule: str, zero: str, nominal: str, last: str) -> None:
    answer = ask(rule, date.fromisoformat(zero))
    assert (answer.nominal, answer.day) == tuple(days(nominal, last))
    assert (answer.amount, answer.unit, answer.profile) == (30, "day", "weihai-hrss")


@pytest.mark.rule("SD-SUPERVISION-28", "SD-SUPERVISION-29", "WH-MEAS-33a", "WH-MEAS-42b")
@pytest.mark.parametrize(
    ("province", "city"), [("SD-SUPERVISION-28", "WH-MEAS-33a"), ("SD-SUPERVISION-29", "WH-MEAS-42b")]
)
def test_the_duties_of_province_and_city_are_one_with_two_bases(ask: Ask, province: str, city: str) -> None:
    for asked in (province, city):
        answer = ask(asked, date(2025, 9, 5))
        assert {basis.rule: basis.due.date() for basis in answer.bases} == dict.fromkeys(
            (province, city), date(2025, 10, 9)
        )


@pytest.mark.rule("SD-SUPERVISION-28", "SD-SUPERVISION-29")
@pytest.mark.parametrize("rule", ["SD-SUPERVISION-28", "SD-SUPERVISION-29"])
def test_an_objection_neither_pauses_nor_lengthens_the_thirty_days(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match="没有规则允许暂停"):
        ask(rule, date(2025, 9, 5), pauses=[Pause(date(2025, 9, 8), date(2025, 9, 12))])
    with pytest.raises(RulebookError, match="没有规则允许延长"):
        ask(rule, date(2025, 9, 5), extend_on=date(2025, 9, 8))


@pytest.mark.rule("SD-SUPERVISION-20", "WH-MEAS-22")
def test_the_yearly_plan_of_supervision_is_the_authoritys(ask: Ask) -> None:
    answer = ask("SD-SUPERVISION-20", date(2026, 3, 2))
    assert (answer.day, answer.rule.owed_by) == (date(2026, 12, 31), "outside")
    assert {basis.rule for basis in answer.bases} == {"SD-SUPERVISION-20", "WH-MEAS-22"}


def test_it_binds_bureaus_of_shandong_only(book: Rulebook, ask: Ask) -> None:
    bound = {profile.id for profile in book.profiles if REGULATION in profile.instruments}
    assert bound - {"strictest"} == {"weihai-hrss"}
    order = book.profile("weihai-hrss").instruments
    assert order.index("cn-enforcement-supervision-2026") < order.index(REGULATION)
    assert order.index(REGULATION) < order.index("weihai-2020-supervision-measures")
    assert not ask("SD-SUPERVISION-28", date(2026, 3, 2), profile="national").in_force


def test_what_it_demands_of_the_bureau_and_of_the_authority(book: Rulebook) -> None:
    rules = book.rules_of(REGULATION)
    ours = {rule.id.removeprefix("SD-SUPERVISION-") for rule in rules if rule.owed_by != "outside"}
    assert ours == {
        "10", "10a", "11", "12", "13", "14", "15", "17", "18", "22a", "24", "28", "29", "31", "33", "38",
    }  # fmt: skip
    articles = [article.number for article in book.instrument(REGULATION).articles]
    assert (len(articles), articles[27], articles[41]) == (42, "第二十八条", "第四十二条")


@pytest.mark.rule("SD-SUPERVISION-17", "SD-SUPERVISION-29a", "SD-SUPERVISION-32")
@pytest.mark.parametrize(
    ("rule", "number"),
    [
        ("SD-SUPERVISION-17", 7), ("SD-SUPERVISION-23", 6), ("SD-SUPERVISION-29a", 4), ("SD-SUPERVISION-31a", 4),
        ("SD-SUPERVISION-32", 6), ("SD-SUPERVISION-33a", 4), ("SD-SUPERVISION-34", 4),
    ],
)  # fmt: skip
def test_lists_of_the_regulation_are_whole(book: Rulebook, rule: str, number: int) -> None:
    assert len(book.rule(rule).items) == number
