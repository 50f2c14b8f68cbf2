"""The conventions of counting, one by one, on the rules that need them. Times are Asia/Shanghai."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from rulebook import workdays
from rulebook.deadlines import SHANGHAI, Pause, due, due_dates
from rulebook.library import Rulebook, load
from rulebook.model import RulebookError
from rulebook.workdays import Calendar, parse_notice
from tests.rulebook.conftest import FIVE, INSTRUMENT, RULE, Ask, days


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# --- the worked examples -------------------------------------------------------------------------------------------


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b")
def test_wh_meas_15b_decided_before_spring_festival_is_due_on_the_seventh_working_day(ask: Ask) -> None:
    answer = ask("WH-MEAS-15b", date(2026, 2, 11))
    assert answer.due.isoformat() == "2026-02-27T23:59:59+08:00"
    expected = days("2026-02-12", "2026-02-13", "2026-02-14", "2026-02-24", "2026-02-25", "2026-02-26", "2026-02-27")
    assert [(one.day, one.n) for one in answer.counted] == list(zip(expected, range(1, 8), strict=True))
    assert [one.day for one in answer.counted if one.make_up] == days("2026-02-14")
    assert [one.day.day for one in answer.skipped] == list(range(15, 24))
    assert {one.reason for one in answer.skipped} == {"春节"}


@pytest.mark.rule("WH-MEAS-17a", "WH-PLAN-6.3a", "WH-PLAN-6.3b")
@pytest.mark.parametrize("rule", ["WH-MEAS-17a", "WH-PLAN-6.3a", "WH-PLAN-6.3b"])
def test_wh_meas_17a_a_make_up_sunday_counts(ask: Ask, rule: str) -> None:
    answer = ask(rule, date(2024, 4, 26))
    assert answer.day == date(2024, 4, 29)
    assert [one.day for one in answer.counted] == days("2024-04-28", "2024-04-29")


@pytest.mark.rule("WH-MEAS-33a")
def test_wh_meas_33a_thirty_calendar_days_roll_over_the_national_holiday(ask: Ask) -> None:
    answer = ask("WH-MEAS-33a", date(2025, 9, 5))
    assert (answer.nominal, answer.day, answer.alert_from) == tuple(days("2025-10-05", "2025-10-09", "2025-10-05"))
    assert [one.day.day for one in answer.skipped] == [5, 6, 7, 8]
    assert len(answer.counted) == 30


# --- 1 to 7 --------------------------------------------------------------------------------------------------------


def test_1_day_zero_is_the_shanghai_date_of_the_moment(ask: Ask) -> None:
    late_in_utc = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # already 3 March in Shanghai
    assert ask("WH-MEAS-15b", late_in_utc).day_zero == date(2026, 3, 3)
    assert ask("WH-MEAS-15b", at("2026-03-03T00:00:01")).due == ask("WH-MEAS-15b", at("2026-03-03T23:59:59")).due


def test_1_day_zero_is_not_counted_though_it_is_a_working_day(ask: Ask) -> None:
    assert ask("WH-MEAS-17a", date(2026, 3, 2)).counted[0].day == date(2026, 3, 3)


def test_1_a_moment_without_a_zone_is_refused(ask: Ask) -> None:
    with pytest.raises(RulebookError, match="时区"):
        ask("WH-MEAS-15b", datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001 - that is the point


def test_3_working_days_never_roll(ask: Ask, calendar: Calendar) -> None:
    for n in range(400):
        answer = ask("WH-MEAS-15b", date(2025, 1, 1) + timedelta(days=n))
        assert answer.nominal == answer.day == answer.alert_from
        assert calendar.is_working(answer.day)


@pytest.mark.rule("CN-PENALTY-67")
def test_4_a_calendar_period_may_end_on_a_make_up_saturday(ask: Ask) -> None:
    answer = ask("CN-PENALTY-67", date(2026, 2, 13))
    assert answer.day == answer.nominal == date(2026, 2, 28)
    assert answer.skipped == ()


@pytest.mark.rule("WH-MEAS-39a")
@pytest.mark.parametrize(
    ("start", "nominal", "last"),
    [
        ("2025-12-31", "2026-02-28", "2026-02-28"),  # no 31 February; the 28th is worked
        ("2023-12-31", "2024-02-29", "2024-02-29"),
        ("2025-08-05", "2025-10-05", "2025-10-09"),
        ("2026-01-15", "2026-03-15", "2026-03-16"),
    ],
)
def test_5_months_end_on_the_same_day_number_then_roll(ask: Ask, start: str, nominal: str, last: str) -> None:
    answer = ask("WH-MEAS-39a", date.fromisoformat(start))
    assert (answer.nominal, answer.day) == tuple(days(nominal, last))


@pytest.fixture
def hourly(shelf) -> Rulebook:
    rule = RULE.replace('{ amount = 7, unit = "working_day" }', '{ amount = 24, unit = "hour" }')
    return load(shelf(rule=rule))


def test_6_hours_run_from_the_minute_through_holidays_without_rolling(hourly: Rulebook, calendar: Calendar) -> None:
    answer = due("T-1", at("2026-02-14T10:15:42"), calendar=calendar, rulebook=hourly)
    assert answer.due.isoformat() == "2026-02-15T10:15:00+08:00"
    assert (answer.unit, answer.amount, answer.counted, answer.provisional) == ("hour", 24, (), False)
    same = due("T-1", datetime(2026, 2, 14, 2, 15, 42, tzinfo=UTC), calendar=calendar, rulebook=hourly)
    assert same.due == answer.due


def test_6_a_date_alone_is_refused_for_hours(hourly: Rulebook, calendar: Calendar) -> None:
    with pytest.raises(RulebookError, match="T-1: 按小时计算的期限须给出时刻"):
        due("T-1", date(2026, 2, 14), calendar=calendar, rulebook=hourly)


@pytest.mark.rule("WH-PLAN-3a", "WH-PLAN-5a", "WH-PLAN-9", "WH-MEAS-8b", "WH-MEAS-19a")
@pytest.mark.parametrize(
    ("rule", "day", "alert"),
    [
        ("WH-PLAN-3a", "2026-01-31", "2026-01-30"),  # a Saturday
        ("WH-PLAN-5a", "2026-01-31", "2026-01-30"),
        ("WH-MEAS-8b", "2026-01-31", "2026-01-30"),
        ("WH-PLAN-9", "2026-01-30", "2026-01-30"),
        ("WH-MEAS-19a", "2026-01-20", "2026-01-20"),
        ("WH-PLAN-3a", "2025-01-31", "2025-01-27"),  # in the middle of Spring Festival
    ],
)
def test_7_a_date_of_the_year_is_included_and_alerts_on_the_working_day_before(
    ask: Ask, rule: str, day: str, alert: str
) -> None:
    last = date.fromisoformat(day)
    for asked in (date(last.year, 1, 1), last, date(last.year, 12, 31)):
        answer = ask(rule, asked)
        assert (answer.day, answer.nominal, answer.alert_from) == (last, last, date.fromisoformat(alert))
        assert answer.unit == "fixed_date"
        assert "包括当日" in answer.conventions[0]


# --- 8 to 13 -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("WH-PLAN-4a")
@pytest.mark.parametrize(
    ("activity", "nominal", "last"),
    [("2026-03-11", "2026-03-06", "2026-03-06"), ("2026-10-08", "2026-10-03", "2026-09-30")],
)
def test_8_backwards_moves_earlier_and_shows_the_window(ask: Ask, activity: str, nominal: str, last: str) -> None:
    answer = ask("WH-PLAN-4a", date.fromisoformat(activity))
    assert (answer.nominal, answer.day) == tuple(days(nominal, last))
    assert answer.alert_from == answer.day
    assert [one.n for one in answer.counted] == [1, 2, 3, 4, 5]
    assert answer.counted[-1].day == answer.nominal
    (other,) = answer.others
    activity_day = date.fromisoformat(activity)
    assert other.window == (activity_day - timedelta(days=5), activity_day - timedelta(days=1))


@pytest.mark.rule("YQ-LR-14a", "YQ-LR-14c")
def test_9_the_day_of_asking_counts_and_the_days_to_receipt_do_not(ask: Ask) -> None:
    pause = Pause(date(2026, 3, 3), date(2026, 3, 5), "supplement")
    answer = ask("YQ-LR-14a", date(2026, 3, 2), profile="weihai-hrss", pauses=[pause])
    assert answer.counted[0].day == date(2026, 3, 3)
    assert answer.counted[1].day == date(2026, 3, 6)
    assert [(one.day.day, one.reason) for one in answer.skipped[:2]] == [(4, "暂停"), (5, "暂停")]
    assert answer.day == date(2026, 3, 18)
    assert ask("YQ-LR-14a", date(2026, 3, 2)).day == date(2026, 3, 16)
    assert any("次日起" in text for text in answer.conventions)


def test_9_a_day_in_two_pauses_is_left_out_once(ask: Ask) -> None:
    twice = [Pause(date(2026, 3, 3), date(2026, 3, 6)), Pause(date(2026, 3, 4), date(2026, 3, 5))]
    assert (
        ask("YQ-LR-14a", date(2026, 3, 2), pauses=twice).day == ask("YQ-LR-14a", date(2026, 3, 2), pauses=twice[:1]).day
    )


@pytest.mark.parametrize(
    ("pause", "reason"),
    [
        (Pause(date(2026, 3, 5), date(2026, 3, 3)), "止日2026-03-03早于起日2026-03-05"),
        (Pause(date(2026, 3, 1), date(2026, 3, 3)), "早于起算日"),
        (Pause(date(2026, 3, 3), date(2026, 3, 4), "holiday"), "不允许以holiday为由暂停"),
    ],
)
def test_9_impossible_pauses_are_refused(ask: Ask, pause: Pause, reason: str) -> None:
    with pytest.raises(RulebookError, match=reason):
        ask("YQ-LR-14a", date(2026, 3, 2), pauses=[pause])


@pytest.mark.rule("YQ-LR-14b", "CN-INSPECTION-17b", "WH-MEAS-39b")
@pytest.mark.parametrize(
    ("rule", "start", "plain", "extended"),
    [
        ("YQ-LR-14a", "2026-03-02", "2026-03-16", "2026-03-30"),
        ("CN-INSPECTION-17a", "2026-03-02", "2026-05-28", "2026-07-10"),
        ("WH-MEAS-39a", "2026-03-02", "2026-05-06", "2026-06-02"),
    ],
)
def test_10_an_extension_lengthens_the_total_from_day_zero(
    ask: Ask, rule: str, start: str, plain: str, extended: str
) -> None:
    begun = date.fromisoformat(start)
    assert ask(rule, begun).day == date.fromisoformat(plain)
    on_the_last_day = ask(rule, begun, extend_on=date.fromisoformat(plain))
    assert on_the_last_day.day == date.fromisoformat(extended)
    assert on_the_last_day.extended_on == date.fromisoformat(plain)
    with pytest.raises(RulebookError, match=f"{rule}: .*届满"):
        ask(rule, begun, extend_on=date.fromisoformat(plain) + timedelta(days=1))


def test_10_an_extension_may_come_after_the_plain_end_when_pauses_moved_it(ask: Ask) -> None:
    pause = Pause(date(2026, 3, 3), date(2026, 3, 5))
    answer = ask("YQ-LR-14a", date(2026, 3, 2), pauses=[pause], extend_on=date(2026, 3, 18))
    assert answer.day == date(2026, 4, 1)
    assert len(answer.counted) == 20


def test_10_the_last_second_is_in_time_and_the_next_is_not(ask: Ask) -> None:
    for moment in ("2026-03-16T23:59:59", "2026-03-16T23:59:59.999"):
        assert ask("YQ-LR-14a", date(2026, 3, 2), extend_on=at(moment)).extended_on == date(2026, 3, 16)
    with pytest.raises(RulebookError, match="届满"):
        ask("YQ-LR-14a", date(2026, 3, 2), extend_on=at("2026-03-17T00:00:00"))


def test_10_no_extension_without_a_rule_and_none_before_it_began(ask: Ask) -> None:
    with pytest.raises(RulebookError, match="没有规则允许延长"):
        ask("WH-MEAS-15b", date(2026, 3, 2), extend_on=date(2026, 3, 3))
    with pytest.raises(RulebookError, match="早于起算日"):
        ask("YQ-LR-14a", date(2026, 3, 2), extend_on=date(2026, 3, 1))


@pytest.mark.rule("CN-PENALTY-48", "CN-PENALTY-61", "CN-PENALTY-64a", "CN-PENALTY-56", "CN-PENALTY-60", "CN-PENALTY-67")
@pytest.mark.parametrize(
    ("rule", "amount", "unit"),
    [
        ("CN-PENALTY-48", 3, "working_day"),
        ("CN-PENALTY-56", 7, "working_day"),
        ("CN-PENALTY-60", 90, "day"),
        ("CN-PENALTY-61", 7, "working_day"),
        ("CN-PENALTY-64a", 5, "working_day"),
        ("CN-PENALTY-64b", 7, "working_day"),
        ("CN-PENALTY-67", 15, "day"),
        ("CN-INSPECTION-17a", 60, "working_day"),
        *((rule, 20, "day") for rule in ("WH-MEAS-9", "WH-MEAS-10b", "WH-MEAS-12b")),
        *((rule, 30, "day") for rule in ("WH-MEAS-33a", "WH-MEAS-42b", "WH-MEAS-43")),
        ("WH-MEAS-15b", 7, "working_day"),
        ("WH-MEAS-15c", 20, "working_day"),
        ("WH-MEAS-17a", 2, "working_day"),
        ("WH-MEAS-32a", 5, "working_day"),
        ("WH-MEAS-32b", 10, "working_day"),
    ],
)
def test_12_each_statute_keeps_its_own_kind_of_day(ask: Ask, rule: str, amount: int, unit: str) -> None:
    answer = ask(rule, date(2026, 3, 2))
    assert (answer.amount, answer.unit) == (amount, unit)


@pytest.mark.rule("CN-PENALTY-60", "CN-INSPECTION-17a")
def test_12_the_ninety_days_and_the_sixty_working_days_run_side_by_side(ask: Ask) -> None:
    assert ask("CN-PENALTY-60", date(2026, 1, 5)).day == date(2026, 4, 7)  # nominal 5 April, Qingming
    assert ask("CN-INSPECTION-17a", date(2026, 1, 5)).day == date(2026, 4, 3)


def test_13_a_period_that_reaches_a_year_without_notice_is_provisional(ask: Ask, calendar: Calendar) -> None:
    assert not ask("WH-MEAS-15b", date(2026, 12, 21)).provisional
    reaching = ask("WH-MEAS-15b", date(2026, 12, 28))
    assert reaching.provisional
    assert reaching.day == date(2027, 1, 7)
    assert ask("WH-MEAS-33a", date(2026, 12, 10)).provisional  # day 30 is 9 January 2027
    assert ask("WH-PLAN-3a", date(2027, 6, 1)).provisional
    notice = parse_notice(
        'year = 2027\ntitle = "示例"\n[[holiday]]\nname = "元旦"'
        "\nfrom = 2026-12-31\nto = 2027-01-03\nworked = [2027-01-09]"
    )
    entered = ask("WH-MEAS-15b", date(2026, 12, 28), calendar=calendar.with_notices(notice))
    assert not entered.provisional
    assert entered.day == date(2027, 1, 8)
    assert entered.calendar_digest != reaching.calendar_digest


# --- 14 to 19 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "year", "state", "in_force"),
    [
        ("WH-PLAN-3a", 2022, "deadline_precedes_rule", True),
        ("WH-PLAN-9", 2022, "deadline_precedes_rule", True),
        ("WH-PLAN-3a", 2021, "deadline_precedes_rule", False),
        ("WH-PLAN-3a", 2023, "open", True),
        ("WH-PLAN-3a", 2026, "open", True),
        ("WH-MEAS-8b", 2020, "deadline_precedes_rule", False),
        ("WH-MEAS-8b", 2021, "open", True),
    ],
)
def test_14_a_date_that_passed_before_its_rule_is_not_late(
    ask: Ask, rule: str, year: int, state: str, in_force: bool
) -> None:
    for month in (1, 6, 12):
        answer = ask(rule, date(year, month, 15))
        assert (answer.state, answer.in_force) == (state, in_force)


@pytest.mark.rule("CN-PENALTY-64b")
def test_15_working_days_before_a_hearing(ask: Ask) -> None:
    answer = ask("CN-PENALTY-64b", date(2026, 2, 28))
    assert answer.day == date(2026, 2, 12)
    assert [one.n for one in answer.counted] == [1, 2, 3, 4, 5, 6, 7]
    assert answer.counted[0].day == date(2026, 2, 27)
    assert answer.others == ()


@pytest.mark.rule("CN-PENALTY-36", "CN-INSPECTION-20")
@pytest.mark.parametrize("rule", ["CN-PENALTY-36", "CN-INSPECTION-20"])
def test_16_17_a_limitation_in_years_never_rolls(ask: Ask, rule: str) -> None:
    answer = ask(rule, date(2023, 10, 5))
    assert answer.day == answer.nominal == date(2025, 10, 5)  # in the national holiday
    assert ask(rule, date(2024, 2, 29)).day == date(2026, 2, 28)
    assert not ask(rule, date(2026, 10, 5)).provisional  # no notice can move it


def test_17_a_right_rolls(shelf, calendar: Calendar) -> None:
    rule = RULE.replace('kind = "deadline"', 'kind = "right"').replace("working_day", "day").replace("= 7", "= 30")
    rule += 'owed_by = "party"\n'
    answer = due("T-1", date(2025, 9, 5), calendar=calendar, rulebook=load(shelf(rule=rule)))
    assert answer.day == date(2025, 10, 9)


@pytest.mark.rule("YQ-LR-14c")
def test_19_no_pause_without_a_rule_of_the_profile(ask: Ask) -> None:
    pause = Pause(date(2026, 3, 3), date(2026, 3, 5))
    with pytest.raises(RulebookError, match="WH-MEAS-15b: weihai-hrss 没有规则允许暂停"):
        ask("WH-MEAS-15b", date(2026, 3, 2), pauses=[pause])
    with pytest.raises(RulebookError, match="YQ-LR-14a: national 没有规则允许暂停"):
        ask("YQ-LR-14a", date(2026, 3, 2), profile="national", pauses=[pause])


def test_19_neither_hours_nor_dates_pause(ask: Ask, hourly: Rulebook, calendar: Calendar) -> None:
    pause = Pause(date(2026, 3, 3), date(2026, 3, 5))
    with pytest.raises(RulebookError, match="不能暂停"):
        ask("WH-PLAN-3a", date(2026, 3, 2), pauses=[pause])
    with pytest.raises(RulebookError, match="不能暂停"):
        due("T-1", at("2026-03-02T10:00"), calendar=calendar, rulebook=hourly, pauses=[pause])


# --- what else a deadline says -------------------------------------------------------------------------------------


def test_one_duty_shows_every_binding_basis_and_the_date_each_gives(ask: Ask) -> None:
    answer = ask("WH-MEAS-15b", date(2026, 2, 11))
    assert [(basis.rule, basis.due) for basis in answer.bases] == [
        ("WH-MEAS-15b", answer.due),
        ("WH-PLAN-2b", answer.due),
    ]
    assert [basis.rule for basis in ask("WH-PLAN-2b", date(2026, 2, 11)).bases] == ["WH-PLAN-2b", "WH-MEAS-15b"]


@pytest.mark.parametrize(
    ("first", "more", "elsewhere"),
    [("WH-MEAS-15c", ["CN-INFO-26", "WH-PLAN-2c"], ["YQ-DISC-10b"]), ("WH-MEAS-9", ["WH-PLAN-1a"], [])],
)
def test_bases_are_shown_for_rules_not_enforced_yet(
    ask: Ask, first: str, more: list[str], elsewhere: list[str]
) -> None:
    answer = ask(first, date(2026, 3, 2))
    assert [basis.rule for basis in answer.bases] == [first, *more]
    assert [other.rule for other in answer.others] == elsewhere


def test_a_rule_about_other_acts_is_no_basis(shelf, calendar: Calendar) -> None:
    penalty = RULE + 'when = { act_kind = ["penalty"] }\n'
    licence = RULE.replace("T-1", "T-2").replace("= 7,", "= 3,") + 'when = { act_kind = ["licence"] }\n'
    either = RULE.replace("T-1", "T-3").replace("= 7,", "= 5,") + 'when = { act_kind = ["penalty", "licence"] }\n'
    book = load(shelf(rule=penalty + licence + either))
    answer = due("T-1", date(2026, 3, 2), calendar=calendar, rulebook=book)
    assert [(basis.rule, basis.due.date()) for basis in answer.bases] == [
        ("T-1", date(2026, 3, 11)),
        ("T-3", date(2026, 3, 9)),
    ]
    assert answer.others == ()


def test_outside_its_validity_a_rule_is_computed_and_marked(ask: Ask) -> None:
    answer = ask("WH-MEAS-15b", date(2020, 6, 1))
    assert not answer.in_force
    assert answer.day == date(2020, 6, 10)
    assert [basis.rule for basis in answer.bases] == ["WH-MEAS-15b"]
    assert not ask("CN-PENALTY-61", date(2021, 7, 14)).in_force
    assert ask("CN-PENALTY-61", date(2021, 7, 15)).in_force
    assert not ask("WH-MEAS-15b", date(2026, 6, 1), profile="yangquan-hrss").in_force


@pytest.mark.rule("YQ-LR-14a")
def test_a_rule_adopted_by_reference_says_so(ask: Ask) -> None:
    here = ask("YQ-LR-14a", date(2026, 3, 2), profile="weihai-hrss")
    assert here.adopted
    assert here.in_force
    assert here.bases[0].adopted
    at_home = ask("YQ-LR-14a", date(2026, 3, 2))
    assert (at_home.profile, at_home.adopted) == ("yangquan-hrss", False)


def test_another_agencys_rule_of_the_same_act_is_shown_and_not_used(ask: Ask) -> None:
    answer = ask("WH-PLAN-2b", date(2026, 2, 11), profile="yangquan-hrss")
    others = [(one.rule, one.reason, one.due) for one in answer.others if one.rule.startswith(FIVE)]
    assert others == [
        ("SZS-4-2b", "不适用于本机关，仅供对照", answer.due),
        ("WH-MEAS-15b", "不适用于本机关，仅供对照", answer.due),
        ("YQ-DISC-10a", "起算的事实不同", None),
    ]


def test_periods_end_with_the_quarter_or_year(shelf, ask: Ask, calendar: Calendar) -> None:
    yearly = ask("WH-MEAS-23a", date(2023, 5, 5))
    assert (yearly.day, yearly.alert_from, yearly.unit, yearly.amount) == (
        date(2023, 12, 31),
        date(2023, 12, 29),
        "year",
        1,
    )
    rule = RULE.replace('kind = "deadline"', 'kind = "period"\neach = "quarter"\nnil_allowed = true')
    rule = rule.replace('opens_on = "test.happened"\n', "").replace(
        'within = { amount = 7, unit = "working_day" }\n', ""
    )
    book = load(shelf(rule=rule))
    ends = {due("T-1", date(2026, month, 10), calendar=calendar, rulebook=book).day for month in range(1, 13)}
    assert sorted(ends) == days("2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31")


@pytest.mark.parametrize("rule", ["WH-MEAS-13", "WH-MEAS-18", "YQ-LR-14b", "YQ-LR-14c"])
def test_a_rule_without_a_period_is_refused(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match=f"{rule}: 没有可以计算的期限"):
        ask(rule, date(2026, 3, 2))


def test_unknown_names_are_refused(ask: Ask) -> None:
    with pytest.raises(RulebookError, match="没有规则 WH-MEAS-99"):
        ask("WH-MEAS-99", date(2026, 3, 2))
    with pytest.raises(RulebookError, match="没有规则档案 nowhere"):
        ask("WH-MEAS-15b", date(2026, 3, 2), profile="nowhere")


def test_the_strip_draws_every_day_once(ask: Ask) -> None:
    strip = ask("WH-MEAS-15b", date(2026, 2, 11)).strip()
    assert [day.day for day in strip] == [date(2026, 2, 11) + timedelta(days=n) for n in range(17)]
    assert (strip[0].is_zero, strip[0].n, strip[0].label) == (True, None, "")
    assert (strip[3].n, strip[3].label) == (3, "班")
    assert (strip[4].n, strip[4].label) == (None, "春节")
    assert (strip[-1].n, strip[-1].is_due) == (7, True)
    backwards = ask("WH-PLAN-4a", date(2026, 10, 8)).strip()
    assert backwards[0].is_due
    assert backwards[-1].is_zero
    assert ask("WH-MEAS-39a", date(2026, 3, 2)).strip() == ()


def test_bulk_due_dates_equal_single_ones_and_are_fast(book: Rulebook, calendar: Calendar) -> None:
    import time

    rule = book.rule("WH-MEAS-15b")
    some = [date(2021, 1, 1) + timedelta(days=n) for n in range(2000)]
    assert due_dates(rule, some, calendar) == [due(rule, day, calendar=calendar, rulebook=book).day for day in some]
    many = [some[n % 2000] for n in range(1_000_000)]
    begun = time.process_time()
    assert len(due_dates(rule, many, calendar)) == 1_000_000
    assert time.process_time() - begun < 2


def test_an_amendment_does_not_rewrite_the_past(shelf, calendar: Calendar) -> None:
    old = RULE.replace('title = "示例期限"', 'title = "示例期限"\neffective_to = 2024-12-31')
    new = RULE.replace('title = "示例期限"', 'title = "示例期限"\neffective_from = 2025-01-01').replace("= 7,", "= 5,")
    book = load(shelf(instrument=INSTRUMENT, rule=old + new))
    assert due("T-1", date(2024, 12, 31), calendar=calendar, rulebook=book).amount == 7
    assert due("T-1", date(2025, 1, 1), calendar=calendar, rulebook=book).amount == 5
    assert [rule.within.amount for rule in book.rules_for("test.happened", {}, "test-profile", date(2024, 6, 1))] == [7]
    assert [rule.within.amount for rule in book.rules_for("test.happened", {}, "test-profile", date(2026, 6, 1))] == [5]


def test_the_json_has_exactly_the_promised_fields(ask: Ask) -> None:
    answer = ask("YQ-LR-14a", date(2026, 3, 2), pauses=[Pause(date(2026, 3, 3), date(2026, 3, 5))]).as_json()
    assert list(answer) == [
        "rule", "profile", "instrument", "article", "quote", "bases", "day_zero", "unit", "amount", "counted",
        "skipped", "pauses", "extended_on", "nominal", "due", "alert_from", "calendar", "provisional", "adopted",
        "in_force", "state", "others",
    ]  # fmt: skip
    assert json.loads(json.dumps(answer)) == answer
    assert answer["pauses"] == [["2026-03-03", "2026-03-05"]]
    assert answer["skipped"][0] == {"day": "2026-03-04", "reason": "暂停"}
    assert answer["calendar"] == {"id": "cn-2020-2026", "digest": workdays.get().digest}
