"""The information regulation: twenty working days, what pauses and lengthens them and what begins them anew. Days counted by hand
from the year files of rulebook/calendars; a make-up day is marked *.
"""

from __future__ import annotations

from datetime import date

import pytest

from rulebook.deadlines import Pause
from rulebook.library import Rulebook
from rulebook.model import RulebookError
from tests.rulebook.conftest import Ask, days

REGULATION = "cn-government-information-regulation-2019"


@pytest.mark.rule("CN-INFO-33")
@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Feb 12, 13, 14*: 3; 15-23 off; 24-28*: 8; Mar 2-6: 13; 9-13: 18; 16, 17: 20
        ("2026-02-11", "2026-03-17"),
        # Sep 19: 1; 22-26: 6; 28*, 29, 30: 9; Oct 1-8 off; 9, 10, 11*: 12; 13-17: 17; 20-22: 20
        ("2025-09-18", "2025-10-22"),
        # Feb 1, 2: 2; 4*: 3; 5-9: 8; 10-17 off; 18*: 9; 19-23: 14; 26-29, Mar 1: 19; 4: 20
        ("2024-01-31", "2024-03-04"),
    ],
)
def test_cn_info_33_an_application_is_answered_in_twenty_working_days(ask: Ask, received: str, due: str) -> None:
    answer = ask("CN-INFO-33", date.fromisoformat(received))
    assert answer.day == answer.nominal == date.fromisoformat(due)
    assert (answer.amount, answer.unit, len(answer.counted)) == (20, "working_day", 20)
    assert answer.profile == "national"


@pytest.mark.rule("CN-INFO-33a")
def test_cn_info_33a_lengthened_once_by_at_most_twenty_more_in_time(ask: Ask, book: Rulebook) -> None:
    received, last = date(2026, 2, 11), date(2026, 3, 17)
    # after Mar 17: 18-20: 3; 23-27: 8; 30, 31, Apr 1-3: 13; 4-6 off; 7-10: 17; 13-15: 20
    assert ask("CN-INFO-33", received, extend_on=last).day == date(2026, 4, 15)
    with pytest.raises(RulebookError, match=r"CN-INFO-33: .*届满"):
        ask("CN-INFO-33", received, extend_on=date(2026, 3, 18))
    assert book.rule("CN-INFO-33a").approver == "information_office_head"


@pytest.mark.rule("CN-INFO-33b")
@pytest.mark.parametrize("kind", ["third_party", "other_agency"])
def test_cn_info_33b_asking_third_parties_or_other_agencies_pauses_the_answer(ask: Ask, kind: str) -> None:
    asked = Pause(date(2026, 2, 25), date(2026, 3, 6), kind)
    answer = ask("CN-INFO-33", date(2026, 2, 11), pauses=[asked])
    # Feb 12, 13, 14*, 24, 25: 5; 26 to Mar 6 paused; Mar 9-13: 10; 16-20: 15; 23-27: 20
    assert answer.day == date(2026, 3, 27)
    assert [one.day for one in answer.counted[4:6]] == days("2026-02-25", "2026-03-09")
    paused = [one.day for one in answer.skipped if one.reason == "暂停"]
    assert (paused[0], paused[-1], len(paused)) == (date(2026, 2, 26), date(2026, 3, 6), 9)


@pytest.mark.rule("CN-INFO-33a", "CN-INFO-33b")
def test_cn_info_33_pause_and_extension_together(ask: Ask) -> None:
    asked = Pause(date(2026, 2, 25), date(2026, 3, 6), "third_party")
    # twenty more after Mar 27: 30, 31, Apr 1-3: 5; 4-6 off; 7-10: 9; 13-17: 14; 20-24: 19; 27: 20
    answer = ask("CN-INFO-33", date(2026, 2, 11), pauses=[asked], extend_on=date(2026, 3, 20))
    assert answer.day == date(2026, 4, 27)
    assert len(answer.counted) == 40


@pytest.mark.rule("CN-INFO-33b")
def test_cn_info_33b_nothing_else_pauses_it(ask: Ask) -> None:
    supplement = Pause(date(2026, 3, 3), date(2026, 3, 6), "supplement")
    with pytest.raises(RulebookError, match="CN-INFO-33: 不允许以supplement为由暂停"):
        ask("CN-INFO-33", date(2026, 3, 2), pauses=[supplement])


@pytest.mark.rule("CN-INFO-26", "CN-INFO-30", "CN-INFO-32a", "CN-INFO-34")
@pytest.mark.parametrize("rule", ["CN-INFO-26", "CN-INFO-30", "CN-INFO-32a", "CN-INFO-34"])
def test_the_other_periods_of_the_regulation_neither_pause_nor_lengthen(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match=f"{rule}: national 没有规则允许暂停"):
        ask(rule, date(2026, 3, 2), pauses=[Pause(date(2026, 3, 3), date(2026, 3, 4), "third_party")])
    with pytest.raises(RulebookError, match=f"{rule}: national 没有规则允许延长"):
        ask(rule, date(2026, 3, 2), extend_on=date(2026, 3, 3))


@pytest.mark.rule("CN-INFO-30", "CN-INFO-30a")
def test_cn_info_30_a_supplement_is_asked_for_in_seven_working_days_and_begins_the_answer_anew(ask: Ask) -> None:
    # Mar 3-6: 4; 9-11: 7
    assert ask("CN-INFO-30", date(2026, 3, 2)).day == date(2026, 3, 11)
    # Apr 27*: 1; 28-30: 4; May 1-5 off; 6-8: 7
    assert ask("CN-INFO-30", date(2025, 4, 25)).day == date(2025, 5, 8)
    # supplemented on Mar 20; 23-27: 5; 30, 31, Apr 1-3: 10; 4-6 off; 7-10: 14; 13-17: 19; 20: 20
    assert ask("CN-INFO-33", date(2026, 3, 20)).day == date(2026, 4, 20)


@pytest.mark.rule("CN-INFO-32a", "CN-INFO-34")
@pytest.mark.parametrize(("rule", "owner"), [("CN-INFO-32a", "party"), ("CN-INFO-34", "unit")])
def test_who_is_asked_answers_in_fifteen_working_days(ask: Ask, rule: str, owner: str) -> None:
    answer = ask(rule, date(2026, 4, 24))
    # Apr 27-30: 4; May 1-5 off; 6-8, 9*: 8; 11-15: 13; 18, 19: 15
    assert answer.day == date(2026, 5, 19)
    assert [one.day for one in answer.counted if one.make_up] == days("2026-05-09")
    assert answer.rule.owed_by == owner


@pytest.mark.rule("CN-INFO-31a")
@pytest.mark.parametrize("day", ["2026-03-02", "2026-10-01"])  # a Monday; in the holiday
def test_cn_info_31a_a_letter_without_receipt_is_confirmed_the_same_day(ask: Ask, day: str) -> None:
    answer = ask("CN-INFO-31a", date.fromisoformat(day))
    assert answer.due.isoformat() == f"{day}T23:59:59+08:00"
    assert answer.nominal == answer.day_zero


@pytest.mark.rule("CN-INFO-26")
def test_cn_info_26_what_is_public_is_published_in_twenty_working_days(ask: Ask) -> None:
    # Sep 18-22: 5; 25-28: 9; 29 to Oct 6 off; 7*, 8*: 11; 9-13: 16; 16-19: 20
    assert ask("CN-INFO-26", date(2023, 9, 15)).day == date(2023, 10, 19)


@pytest.mark.rule("CN-INFO-26", "WH-MEAS-15c", "WH-PLAN-2c")
def test_cn_info_26_is_one_duty_with_the_bases_of_weihai(ask: Ask) -> None:
    answer = ask("CN-INFO-26", date(2026, 3, 2), profile="weihai-hrss")
    assert {basis.rule: basis.due.date() for basis in answer.bases} == dict.fromkeys(
        ["CN-INFO-26", "WH-MEAS-15c", "WH-PLAN-2c"], date(2026, 3, 30)
    )
    assert [basis.rule for basis in ask("CN-INFO-26", date(2026, 3, 2)).bases] == ["CN-INFO-26"]


@pytest.mark.rule("CN-INFO-49", "CN-INFO-49a")
@pytest.mark.parametrize(
    ("rule", "day", "alert"),
    [
        ("CN-INFO-49", "2026-01-31", "2026-01-30"),  # a Saturday
        ("CN-INFO-49", "2025-01-31", "2025-01-27"),  # in Spring Festival, from the 28th
        ("CN-INFO-49", "2024-01-31", "2024-01-31"),
        ("CN-INFO-49a", "2024-03-31", "2024-03-29"),  # a Sunday
    ],
)
def test_cn_info_49_the_yearly_reports_are_due_on_their_day_and_do_not_roll(
    ask: Ask, rule: str, day: str, alert: str
) -> None:
    answer = ask(rule, date(int(day[:4]), 6, 1))
    assert (answer.day, answer.alert_from) == tuple(days(day, alert))
    assert answer.state == "open"


@pytest.mark.rule("CN-INFO-49")
def test_cn_info_49_the_report_of_the_year_the_regulation_came_is_not_late(ask: Ask) -> None:
    assert ask("CN-INFO-49", date(2019, 6, 1)).state == "deadline_precedes_rule"
    assert ask("CN-INFO-33", date(2019, 5, 15)).in_force
    assert not ask("CN-INFO-33", date(2019, 5, 14)).in_force


@pytest.mark.rule("CN-INFO-41", "CN-INFO-18", "CN-INFO-35")
@pytest.mark.parametrize("rule", ["CN-INFO-41", "CN-INFO-18", "CN-INFO-35"])
def test_where_the_regulation_names_no_period_none_was_invented(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match=f"{rule}: 没有可以计算的期限"):
        ask(rule, date(2026, 3, 2))


@pytest.mark.rule("CN-INFO-20", "CN-INFO-31", "CN-INFO-36", "CN-INFO-50")
@pytest.mark.parametrize(
    ("rule", "number"), [("CN-INFO-20", 15), ("CN-INFO-31", 4), ("CN-INFO-36", 7), ("CN-INFO-50", 5)]
)
def test_lists_of_the_regulation_are_whole(book: Rulebook, rule: str, number: int) -> None:
    assert len(book.rule(rule).items) == number


@pytest.mark.rule("CN-INFO-47", "CN-INFO-48", "CN-INFO-49a")
def test_what_binds_the_authority_of_information_work_is_not_owed_by_the_bureau(book: Rulebook) -> None:
    outside = {rule.id for rule in book.rules_of(REGULATION) if rule.owed_by == "outside"}
    assert outside == {"CN-INFO-47", "CN-INFO-48", "CN-INFO-49a"}
