"""The Administrative Coercion Law and the Administrative Licence Law: every period to the day. The days were counted by hand along
the year's calendar file; make-up working days are marked *.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from rulebook.deadlines import SHANGHAI, Pause
from rulebook.library import Rulebook
from rulebook.model import RulebookError
from tests.rulebook.conftest import Ask, days

COERCION = {
    "CN-COERCION-19": (24, "hour"),
    "CN-COERCION-25a": (30, "day"),
    "CN-COERCION-25b": (30, "day"),
    "CN-COERCION-31": (3, "working_day"),
    "CN-COERCION-32a": (30, "day"),
    "CN-COERCION-32b": (30, "day"),
    "CN-COERCION-39b": (3, "year"),
    "CN-COERCION-51a": (3, "working_day"),
    "CN-COERCION-53": (3, "month"),
    "CN-COERCION-54a": (10, "working_day"),
    "CN-COERCION-56": (15, "day"),
    "CN-COERCION-58": (15, "day"),
}
LICENCE = {
    "CN-LICENCE-32d": (5, "working_day"),
    "CN-LICENCE-42a": (20, "working_day"),
    "CN-LICENCE-42b": (10, "working_day"),
    "CN-LICENCE-42c": (45, "working_day"),
    "CN-LICENCE-42d": (15, "working_day"),
    "CN-LICENCE-43": (20, "working_day"),
    "CN-LICENCE-44": (10, "working_day"),
    "CN-LICENCE-47b": (5, "day"),
    "CN-LICENCE-47c": (20, "working_day"),
    "CN-LICENCE-48a": (7, "working_day"),
    "CN-LICENCE-50": (30, "day"),
    "CN-LICENCE-55": (5, "working_day"),
}
PROFILES = ("national", "weihai-hrss")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("instrument", "expected"),
    [("cn-administrative-coercion-law-2011", COERCION), ("cn-administrative-licence-law-2019", LICENCE)],
)
def test_every_period_of_both_laws_in_its_own_kind_of_day(
    book: Rulebook, instrument: str, expected: dict[str, tuple[int, str]]
) -> None:
    """Coercion Law 69: up to ten days are working days. Licence Law 82: every period of the agency; not the applicant's own."""
    periods = {rule.id: rule.within or rule.before for rule in book.rules_of(instrument)}
    assert {rule_id: (one.amount, one.unit) for rule_id, one in periods.items() if one is not None} == expected


def test_both_laws_bind_the_nation_and_weihai(book: Rulebook) -> None:
    on = day("2021-01-01")
    for profile in PROFILES:
        bound = {rule.id for rule in book.binding(profile, on)}
        assert bound >= set(COERCION) | set(LICENCE)


# --- coercive measures ----------------------------------------------------------------------------------------------


@pytest.mark.rule("CN-COERCION-19")
def test_cn_coercion_19_twenty_four_hours_run_through_the_holiday_to_the_minute(ask: Ask) -> None:
    answer = ask("CN-COERCION-19", at("2026-02-14T22:30:40"))
    assert answer.due.isoformat() == "2026-02-15T22:30:00+08:00"  # the first day of Spring Festival
    assert (answer.unit, answer.counted, answer.provisional) == ("hour", (), False)
    with pytest.raises(RulebookError, match="CN-COERCION-19: 按小时计算的期限须给出时刻"):
        ask("CN-COERCION-19", day("2026-02-14"))


@pytest.mark.rule("CN-COERCION-25a", "CN-COERCION-32a")
@pytest.mark.parametrize("rule", ["CN-COERCION-25a", "CN-COERCION-32a"])
def test_cn_coercion_25_a_seizure_or_freeze_ends_in_the_holiday_and_does_not_roll(ask: Ask, rule: str) -> None:
    answer = ask(rule, day("2025-09-05"))  # 25 days left of September, 5 of October
    assert answer.nominal == answer.day == day("2025-10-05")
    assert answer.due.isoformat() == "2025-10-05T23:59:59+08:00"
    assert not answer.provisional
    duty = ask("WH-MEAS-33a", day("2025-09-05"), profile="weihai-hrss")
    assert (duty.amount, duty.unit, duty.day) == (30, "day", day("2025-10-09")), "a duty of as many days rolls"


@pytest.mark.rule("CN-COERCION-25b", "CN-COERCION-32b")
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("rule", ["CN-COERCION-25a", "CN-COERCION-32a"])
def test_cn_coercion_25_thirty_more_days_only_if_approved_before_the_end(ask: Ask, rule: str, profile: str) -> None:
    start = day("2025-09-05")
    # sixty days: 25 of September, 31, 4 of November
    for approved in (day("2025-10-05"), at("2025-10-05T23:59:59"), start):
        assert ask(rule, start, profile=profile, extend_on=approved).day == day("2025-11-04")
    for too_late in (day("2025-10-06"), at("2025-10-06T00:00:00")):
        with pytest.raises(RulebookError, match=f"{rule}: 期限已于2025-10-05届满"):
            ask(rule, start, profile=profile, extend_on=too_late)


def test_cn_coercion_25_the_extension_ends_on_a_saturday_and_does_not_roll(ask: Ask) -> None:
    # 29 days left of March, 30, 1: the first of May; a day later is Saturday 2 May
    answer = ask("CN-COERCION-25a", day("2026-03-03"), extend_on=day("2026-04-01"))
    assert answer.nominal == answer.day == day("2026-05-02")


@pytest.mark.rule("CN-COERCION-25d")
def test_cn_coercion_25_the_days_of_an_appraisal_do_not_count(ask: Ask) -> None:
    start, appraisal = day("2026-03-02"), Pause(day("2026-03-10"), day("2026-03-20"), "appraisal")
    assert ask("CN-COERCION-25a", start).day == day("2026-04-01")
    answer = ask("CN-COERCION-25a", start, pauses=[appraisal])  # ten days, 11 to 20 March, are left out
    assert answer.day == answer.nominal == day("2026-04-11")  # a Saturday
    assert [one.day.day for one in answer.skipped] == list(range(11, 21))
    extended = ask("CN-COERCION-25a", start, pauses=[appraisal], extend_on=day("2026-04-11"))
    assert extended.day == day("2026-05-11")  # seventy days: 29 of March, 30, 11
    with pytest.raises(RulebookError, match="期限已于2026-04-11届满"):
        ask("CN-COERCION-25a", start, pauses=[appraisal], extend_on=day("2026-04-12"))
    with pytest.raises(RulebookError, match="不允许以expert_review为由暂停"):
        ask("CN-COERCION-25a", start, pauses=[Pause(appraisal.start, appraisal.end, "expert_review")])


@pytest.mark.parametrize("rule", ["CN-COERCION-32a", "CN-COERCION-31", "CN-COERCION-54a", "CN-COERCION-53"])
def test_cn_coercion_25_no_other_period_pauses(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match="没有规则允许暂停"):
        ask(rule, day("2026-03-02"), pauses=[Pause(day("2026-03-03"), day("2026-03-05"))])


@pytest.mark.rule("CN-COERCION-31", "CN-COERCION-51a", "CN-COERCION-54a")
@pytest.mark.parametrize(
    ("rule", "start", "last", "make_up"),
    [
        # frozen on Tuesday; 1 to 8 October off; 9, 10, 11* (Saturday)
        ("CN-COERCION-31", "2025-09-30", "2025-10-11", ["2025-10-11"]),
        # performed on Tuesday the 12th, backwards: 11, 9* (Saturday), 8
        ("CN-COERCION-51a", "2026-05-12", "2026-05-08", ["2026-05-09"]),
        # served on Monday: 10, 11, 12, 13, 14*; 15 to 23 off; 24, 25, 26, 27, 28*
        ("CN-COERCION-54a", "2026-02-09", "2026-02-28", ["2026-02-14", "2026-02-28"]),
    ],
)
def test_art_69_up_to_ten_days_are_working_days(ask: Ask, rule: str, start: str, last: str, make_up: list[str]) -> None:
    answer = ask(rule, day(start))
    assert answer.day == day(last)
    assert [one.day for one in answer.counted if one.make_up] == days(*make_up)
    assert len(answer.counted) == COERCION[rule][0]


@pytest.mark.rule("CN-COERCION-53", "CN-COERCION-56", "CN-COERCION-58")
@pytest.mark.parametrize(
    ("rule", "start", "nominal", "last"),
    [
        ("CN-COERCION-53", "2025-07-03", "2025-10-03", "2025-10-09"),  # in the national holiday
        ("CN-COERCION-53", "2025-11-30", "2026-02-28", "2026-02-28"),  # no 30 February; the 28th is worked
        ("CN-COERCION-56", "2025-09-22", "2025-10-07", "2025-10-09"),
        ("CN-COERCION-58", "2025-09-22", "2025-10-07", "2025-10-09"),
    ],
)
def test_the_agencys_rights_before_the_court_roll(ask: Ask, rule: str, start: str, nominal: str, last: str) -> None:
    answer = ask(rule, day(start))
    assert (answer.nominal, answer.day, answer.rule.kind) == (day(nominal), day(last), "right")


@pytest.mark.rule("CN-COERCION-39b")
def test_cn_coercion_39_three_years_of_suspension_never_roll(ask: Ask) -> None:
    answer = ask("CN-COERCION-39b", day("2022-10-03"))
    assert answer.nominal == answer.day == day("2025-10-03")


@pytest.mark.rule(
    "CN-COERCION-24a", "CN-COERCION-31a", "CN-COERCION-35a", "CN-COERCION-37a", "CN-COERCION-46", "CN-COERCION-55"
)
def test_the_lists_of_the_coercion_law_are_whole(book: Rulebook) -> None:
    for rule_id, size in (("24a", 5), ("28", 5), ("31a", 5), ("33", 5), ("35a", 4), ("37a", 5), ("39", 4), ("55", 5)):
        assert len(book.rule(f"CN-COERCION-{rule_id}").items) == size, rule_id
    assert book.rule("CN-COERCION-46").number("more_than_days") == 30
    assert book.rule("CN-COERCION-18b").threshold == 2


# --- licences -------------------------------------------------------------------------------------------------------


@pytest.mark.rule(
    "CN-LICENCE-32d", "CN-LICENCE-42a", "CN-LICENCE-42c", "CN-LICENCE-43", "CN-LICENCE-44", "CN-LICENCE-47c",
    "CN-LICENCE-48a", "CN-LICENCE-55",
)  # fmt: skip
@pytest.mark.parametrize(
    ("rule", "start", "last"),
    [
        # Wednesday: 23, 24, 26* (Sunday), 27; 28 January to 4 February off; 5 February
        ("CN-LICENCE-32d", "2025-01-22", "2025-02-05"),
        ("CN-LICENCE-55", "2025-01-22", "2025-02-05"),
        # Thursday: 12, 15-19 (6), 22-26 (11), 28* (12), 29, 30 (14); 1 to 8 October off; 9, 10, 11* (17), 13, 14, 15
        ("CN-LICENCE-42a", "2025-09-11", "2025-10-15"),
        ("CN-LICENCE-43", "2025-09-11", "2025-10-15"),
        # twenty as before, 16, 17 (22), 20-24 (27), 27-31 (32), 3-7 November (37), 10-14 (42), 17, 18, 19
        ("CN-LICENCE-42c", "2025-09-11", "2025-11-19"),
        # Monday: 10, 11, 12, 13, 14*; 15 to 23 off; 24, 25, 26, 27, 28*
        ("CN-LICENCE-44", "2026-02-09", "2026-02-28"),
        # Monday: 3-6 (4), 9-13 (9), 16-20 (14), 23-27 (19), 30
        ("CN-LICENCE-47c", "2026-03-02", "2026-03-30"),
        # hearing on Friday the 15th, backwards: 14, 13, 12, 11, 9* (Saturday), 8; 7 to 1 October off; 30 September
        ("CN-LICENCE-48a", "2021-10-15", "2021-09-30"),
    ],
)
def test_art_82_the_agencys_periods_are_working_days(ask: Ask, rule: str, start: str, last: str) -> None:
    answer = ask(rule, day(start))
    assert answer.day == answer.nominal == day(last)
    assert len(answer.counted) == LICENCE[rule][0]


@pytest.mark.rule("CN-LICENCE-42b", "CN-LICENCE-42d")
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("rule", "plain", "extended"),
    [
        # 16, 17 (2), 20-24 (7), 27, 28, 29
        ("CN-LICENCE-42a", "2025-10-15", "2025-10-29"),
        # 20, 21 (2), 24-28 (7), 1-5 December (12), 8, 9, 10
        ("CN-LICENCE-42c", "2025-11-19", "2025-12-10"),
    ],
)
def test_cn_licence_42_the_decision_is_put_off_once_and_before_the_end_only(
    ask: Ask, rule: str, plain: str, extended: str, profile: str
) -> None:
    start = day("2025-09-11")
    assert ask(rule, start, profile=profile, extend_on=day(plain)).day == day(extended)
    with pytest.raises(RulebookError, match=f"{rule}: 期限已于{plain}届满"):
        ask(rule, start, profile=profile, extend_on=day(plain) + timedelta(days=1))


def test_cn_licence_42_a_joint_licence_is_another_case(ask: Ask, book: Rulebook) -> None:
    assert [basis.rule for basis in ask("CN-LICENCE-42a", day("2025-09-11")).bases] == ["CN-LICENCE-42a"]
    assert book.rule("CN-LICENCE-42c").applies_to({"joint": True})
    assert not book.rule("CN-LICENCE-42c").applies_to({"joint": False})
    assert {rule.approver for rule in book.extensions_of("CN-LICENCE-42a", "national")} == {"leader"}
    assert {rule.approver for rule in book.extensions_of("CN-LICENCE-42c", "national")} == {"government_head"}


@pytest.mark.parametrize("rule", ["CN-LICENCE-32d", "CN-LICENCE-43", "CN-LICENCE-44", "CN-LICENCE-47c"])
def test_cn_licence_42_nothing_else_is_extended(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match="没有规则允许延长"):
        ask(rule, day("2026-03-02"), extend_on=day("2026-03-03"))


@pytest.mark.rule("CN-LICENCE-45")
@pytest.mark.parametrize("rule", ["CN-LICENCE-42a", "CN-LICENCE-43"])
def test_cn_licence_45_the_time_of_an_expert_review_does_not_count(ask: Ask, rule: str) -> None:
    """3-6 (4), 9, 10 (6), left out 11 to 20, 23-27 (11), 30, 31, 1-3 April (16), 4 to 6 Qingming, 7, 8, 9, 10."""
    start, review = day("2026-03-02"), Pause(day("2026-03-10"), day("2026-03-20"), "expert_review")
    assert ask(rule, start).day == day("2026-03-30")
    answer = ask(rule, start, pauses=[review])
    assert answer.day == day("2026-04-10")
    assert {one.day for one in answer.skipped if one.reason == "暂停"} == {
        day("2026-03-10") + timedelta(days=n) for n in range(1, 11)
    }
    with pytest.raises(RulebookError, match="不允许以supplement为由暂停"):
        ask(rule, start, pauses=[Pause(review.start, review.end, "supplement")])


@pytest.mark.parametrize("rule", ["CN-LICENCE-32d", "CN-LICENCE-44", "CN-LICENCE-47c"])
def test_cn_licence_45_only_the_decision_waits(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match="没有规则允许暂停"):
        ask(rule, day("2026-03-02"), pauses=[Pause(day("2026-03-03"), day("2026-03-05"))])


@pytest.mark.rule("CN-LICENCE-47b")
@pytest.mark.parametrize(
    ("start", "nominal", "last"),
    [
        ("2026-04-03", "2026-04-08", "2026-04-08"),  # five working days would end on the 13th
        ("2025-09-29", "2025-10-04", "2025-10-09"),
    ],
)
def test_cn_licence_47_the_applicants_five_days_are_calendar_days(
    ask: Ask, start: str, nominal: str, last: str
) -> None:
    answer = ask("CN-LICENCE-47b", day(start))
    assert (answer.nominal, answer.day, answer.rule.owed_by) == (day(nominal), day(last), "party")
    assert any("（本系统的理解）" in text for text in answer.conventions)


@pytest.mark.rule("CN-LICENCE-50")
@pytest.mark.parametrize(
    ("expires", "nominal", "last"),
    [
        ("2026-06-30", "2026-05-31", "2026-05-29"),  # a Sunday: Friday before it
        ("2026-03-30", "2026-02-28", "2026-02-28"),  # a Saturday that is worked
        ("2025-11-04", "2025-10-05", "2025-09-30"),  # in the national holiday
    ],
)
def test_cn_licence_50_renewal_is_asked_for_thirty_calendar_days_before_the_end(
    ask: Ask, expires: str, nominal: str, last: str
) -> None:
    answer = ask("CN-LICENCE-50", day(expires))
    assert (answer.nominal, answer.day) == (day(nominal), day(last))
    assert len(answer.counted) == 30
    assert any("（本系统的理解）" in text for text in answer.conventions)
    assert answer.others == (), "“三十日前” has no second reading as a window"


@pytest.mark.rule("CN-LICENCE-30", "CN-LICENCE-54", "CN-LICENCE-69", "CN-LICENCE-70")
def test_the_lists_of_the_licence_law_are_whole(book: Rulebook) -> None:
    for rule_id, size in (("30", 8), ("45", 8), ("54", 4), ("69", 5), ("70", 6)):
        assert len(book.rule(f"CN-LICENCE-{rule_id}").items) == size, rule_id
    assert [item.key for item in book.rule("CN-LICENCE-45").items] == list(book.rule("CN-LICENCE-45").pause_kinds)
    assert book.rule("CN-LICENCE-34b").threshold == 2


@pytest.mark.parametrize("rule", ["CN-COERCION-27", "CN-COERCION-43", "CN-LICENCE-37", "CN-LICENCE-50a"])
def test_what_has_no_period_of_its_own_is_refused(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match=f"{rule}: 没有可以计算的期限"):
        ask(rule, day("2026-03-02"))
