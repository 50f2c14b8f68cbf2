"""The recording system of Liaoyuan: every rule with exactly its words, its periods to the day, and what its profile
answers where the documents disagree. Days are counted by hand from the State Council's notices.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from rulebook import cli, library
from rulebook.deadlines import SHANGHAI, Pause, due
from rulebook.library import Rulebook
from rulebook.model import Period, RulebookError
from rulebook.workdays import Calendar
from tests.rulebook.conftest import RULE, Ask, days

LIAOYUAN, RECORDING = "liaoyuan-hrss", "liaoyuan-hrss-2021-recording"
DIGITS = "零一二三四五六七八九"

with (Path(__file__).parent / "quotes-liaoyuan.csv").open(encoding="utf-8") as file:
    QUOTES = {row["id"]: row["quote"] for row in csv.DictReader(file)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones or not tens else "")


# --- the words ------------------------------------------------------------------------------------------------------


def test_the_fifty_five_rules_are_there_and_no_other(book: Rulebook) -> None:
    assert len(QUOTES) == 55
    assert {rule.id for rule in book.rules_of(RECORDING)} == set(QUOTES)
    assert not [rule.id for rule in book.rules if rule.id.startswith("LY-") and rule.instrument != RECORDING]


@pytest.mark.parametrize("rule_id", QUOTES)
def test_every_rule_has_exactly_its_words_and_stands_in_the_article_its_id_names(book: Rulebook, rule_id: str) -> None:
    rule = book.rule(rule_id)
    number = re.match(r"LY-REC-(\d+)", rule_id)
    assert number is not None
    assert (rule.quote, rule.article) == (QUOTES[rule_id], f"第{numeral(int(number[1]))}条")


def test_the_articles_are_all_there_in_order(book: Rulebook) -> None:
    numbers = [article.number for article in book.instrument(RECORDING).articles]
    assert numbers == [f"第{numeral(n)}条" for n in range(1, 52)]


def test_a_citation_names_the_document_in_full(book: Rulebook) -> None:
    cited = book.cite("LY-REC-36b", LIAOYUAN)
    assert cited.text == "《辽源市人力资源和社会保障局行政执法全过程记录制度》第三十六条"
    assert (cited.short, cited.quote, cited.adopted) == ("辽源全过程记录制度第三十六条", "不得自行保管", False)


# --- the profile ----------------------------------------------------------------------------------------------------


def test_liaoyuan_is_bound_by_national_law_and_its_own_document_and_adopts_nothing(book: Rulebook) -> None:
    profile = book.profile(LIAOYUAN)
    assert profile.instruments[-1] == RECORDING
    assert all(name.startswith("cn-") for name in profile.instruments[:-1])
    assert (profile.adopts, profile.continues, profile.outside_bodies) == ((), (), ())
    assert book.default_profile(book.rule("LY-REC-36b")).id == LIAOYUAN
    assert not any(book.binds(rule, LIAOYUAN) for rule in ("WH-MEAS-17a", "WH-PLAN-6.3b", "YQ-LR-14a"))
    assert book.binds("CN-PENALTY-61", LIAOYUAN)


def test_its_rules_bind_from_the_day_they_were_issued(ask: Ask) -> None:
    assert ask("LY-REC-36b", date(2021, 6, 29)).in_force
    assert not ask("LY-REC-36b", date(2021, 6, 28)).in_force
    assert not ask("LY-REC-36b", date(2024, 4, 26), profile="weihai-hrss").in_force


def test_a_decision_in_liaoyuan_opens_what_national_law_opens(book: Rulebook) -> None:
    made = {"act_kind": "penalty", "is_major": False, "has_fine": True}
    opened = book.rules_for("enforcement.decision_made", made, LIAOYUAN, date(2026, 2, 11))
    assert "CN-PENALTY-61" in {rule.id for rule in opened}
    assert all(rule.instrument.startswith("cn-") for rule in opened)


# --- a recording is handed in: the same day, within 2 working days, 24 hours after the return ------------------------


@pytest.mark.rule("LY-REC-36a")
@pytest.mark.parametrize("day", ["2024-04-26", "2024-04-27", "2026-02-17", "2022-12-31"])
def test_ly_rec_36a_what_was_recorded_is_saved_by_the_end_of_that_day_worked_or_not(ask: Ask, day: str) -> None:
    """A Friday, a Saturday off, the first day of the Spring Festival, the last day of a year."""
    answer = ask("LY-REC-36a", date.fromisoformat(day))
    assert answer.due.isoformat() == f"{day}T23:59:59+08:00"
    assert (answer.counted, answer.skipped, answer.amount, answer.unit) == ((), (), 0, "day")
    assert answer.nominal == answer.alert_from == answer.day_zero == date.fromisoformat(day)
    assert "“每天工作结束后及时”按当天24时以前计算" in answer.conventions


@pytest.mark.rule("LY-REC-36a")
def test_ly_rec_36a_the_day_is_that_of_shanghai_and_no_notice_can_move_it(ask: Ask) -> None:
    assert ask("LY-REC-36a", datetime.fromisoformat("2026-01-14T23:30:00+00:00")).day == date(2026, 1, 15)
    assert not ask("LY-REC-36a", date(2027, 1, 4)).provisional
    assert ask("LY-REC-36b", date(2027, 1, 4)).provisional


@pytest.mark.rule("LY-REC-36b")
@pytest.mark.parametrize(
    ("made", "counted"),
    [
        # Sunday the 28th is worked for the first of May
        ("2024-04-26", ("2024-04-28", "2024-04-29")),
        # off from the 1st to the 7th; Saturday the 9th is worked
        ("2021-09-30", ("2021-10-08", "2021-10-09")),
        # Saturday the 14th is worked, then the Spring Festival to the 23rd
        ("2026-02-13", ("2026-02-14", "2026-02-24")),
        # made on a Saturday off
        ("2026-01-17", ("2026-01-19", "2026-01-20")),
    ],
)
def test_ly_rec_36b_two_working_days_from_the_making(ask: Ask, made: str, counted: tuple[str, str]) -> None:
    answer = ask("LY-REC-36b", date.fromisoformat(made))
    assert [one.day for one in answer.counted] == days(*counted)
    assert answer.due.isoformat() == f"{counted[1]}T23:59:59+08:00"
    assert [basis.rule for basis in answer.bases] == ["LY-REC-36b"]
    assert "没有写明自何时起算，自录制完成之日起算" in answer.conventions


@pytest.mark.rule("LY-REC-36c")
def test_ly_rec_36c_twenty_four_hours_run_from_the_minute_of_the_return_through_the_holiday(ask: Ask) -> None:
    answer = ask("LY-REC-36c", at("2026-02-16T22:15:40"))
    assert answer.due.isoformat() == "2026-02-17T22:15:00+08:00"
    with pytest.raises(RulebookError, match="LY-REC-36c: 按小时计算的期限须给出时刻"):
        ask("LY-REC-36c", date(2026, 2, 16))


@pytest.mark.rule("LY-REC-36a", "LY-REC-36b", "LY-REC-36c")
def test_ly_rec_36_the_three_times_are_three_duties_and_weihais_stands_beside_them_for_comparison(
    book: Rulebook, ask: Ask
) -> None:
    assert book.rule("LY-REC-36a").obligation != book.rule("LY-REC-36b").obligation
    others = {other.rule: (other.due, other.reason) for other in ask("LY-REC-36b", date(2024, 4, 26)).others}
    assert others["LY-REC-36c"] == (None, "起算的事实不同")
    assert others["WH-MEAS-17a"] == (at("2024-04-29T23:59:59"), "不适用于本机关，仅供对照")


# --- the other periods ----------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-13b")
def test_ly_rec_13b_an_urgent_start_is_reported_within_twenty_four_hours(ask: Ask) -> None:
    assert ask("LY-REC-13b", at("2024-02-28T23:59:59")).due.isoformat() == "2024-02-29T23:59:00+08:00"


@pytest.mark.rule("LY-REC-35a", "LY-REC-35c")
@pytest.mark.parametrize("rule", ["LY-REC-35a", "LY-REC-35c"])
@pytest.mark.parametrize(
    ("performed", "nominal", "last"),
    [
        # 25 days of September and 5 of October; off from the 1st to the 8th
        ("2025-09-05", "2025-10-05", "2025-10-09"),
        # 16 days of January and 14 of February: a Saturday that is worked, so it does not roll
        ("2026-01-15", "2026-02-14", "2026-02-14"),
        # 11 and 19: in the Spring Festival, which ends on the 23rd
        ("2026-01-20", "2026-02-19", "2026-02-24"),
    ],
)
def test_ly_rec_35_thirty_calendar_days_to_archive_and_to_file_with_legal_affairs(
    ask: Ask, rule: str, performed: str, nominal: str, last: str
) -> None:
    answer = ask(rule, date.fromisoformat(performed))
    assert (answer.nominal, answer.day, answer.alert_from) == tuple(days(nominal, last, nominal))
    assert len(answer.counted) == 30


@pytest.mark.rule("LY-REC-37a")
@pytest.mark.parametrize(
    ("made", "until"),
    [
        ("2026-01-14", "2026-07-14"),
        # there is no 31 February; the 28th is a Sunday, and a retention never rolls
        ("2026-08-31", "2027-02-28"),
        ("2025-04-01", "2025-10-01"),
    ],
)
def test_ly_rec_37a_ordinary_recordings_are_kept_six_months(ask: Ask, made: str, until: str) -> None:
    answer = ask("LY-REC-37a", date.fromisoformat(made))
    assert answer.due.isoformat() == f"{until}T23:59:59+08:00"
    assert not answer.skipped


@pytest.mark.parametrize(
    "rule", sorted(set(QUOTES) - {f"LY-REC-{n}" for n in ("13b", "35a", "35c", "36a", "36b", "36c", "37a")})
)
def test_no_other_rule_names_a_period(ask: Ask, rule: str) -> None:
    with pytest.raises(RulebookError, match=f"{rule}: 没有可以计算的期限"):
        ask(rule, date(2026, 1, 14))


# --- where the documents disagree -----------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-42", "LY-REC-39")
def test_ly_rec_42_the_leader_in_charge_approves_access_and_weihai_leaves_open_who_does(book: Rulebook) -> None:
    on = date(2026, 1, 14)
    assert [rule.id for rule in book.held_by("recording_access_approved", LIAOYUAN, on)] == ["LY-REC-42"]
    assert [rule.approver for rule in book.held_by("recording_access_approved", LIAOYUAN, on)] == ["leader"]
    assert [rule.approver for rule in book.held_by("recording_access_approved", "weihai-hrss", on)] == [""]
    assert book.rule("LY-REC-39").approver == "leader"


@pytest.mark.rule("LY-REC-7", "LY-REC-15a", "LY-REC-15b")
def test_ly_rec_15_recording_is_owed_always_and_less_of_it_with_a_reason(book: Rulebook) -> None:
    assert book.rule("LY-REC-15a").when == ()
    assert [item.key for item in book.rule("LY-REC-15b").items] == ["reason", "key_stages", "document"]
    assert len(book.rule("LY-REC-7").items) == 7


@pytest.mark.rule("LY-REC-26")
def test_ly_rec_26_its_eight_items_stand_beside_those_of_the_law(book: Rulebook) -> None:
    assert len(book.rule("LY-REC-26").items) == 8
    demanded = book.gates("decision_complete", LIAOYUAN, date(2026, 2, 11))
    assert {rule.id for rule in demanded} >= {"CN-PENALTY-59", "LY-REC-26"}
    union = {item.key for rule in demanded for item in rule.items}
    assert {"party", "kind_and_basis", "seal", "agency_and_date", "basis", "content", "seal_and_date"} <= union


@pytest.mark.rule("LY-REC-37a", "LY-REC-37b", "LY-REC-38")
def test_ly_rec_38_long_term_is_a_retention_without_a_number_and_evidence_is_kept_with_its_file(
    book: Rulebook,
) -> None:
    for rule_id in ("LY-REC-37b", "LY-REC-38"):
        rule = book.rule(rule_id)
        assert (rule.kind, rule.within) == ("retention", None)
    assert len(book.rule("LY-REC-38").items) == 4
    assert book.rule("LY-REC-38").note.startswith("长期保存不是永久保存")


@pytest.mark.rule("LY-REC-48")
def test_ly_rec_48_six_kinds_of_misuse_are_forbidden(book: Rulebook) -> None:
    rule = book.rule("LY-REC-48")
    assert (rule.kind, len(rule.items)) == ("prohibition", 6)


# --- the command line, and the same day as a period -----------------------------------------------------------------


def test_the_command_line_says_that_the_day_itself_is_the_last(book: Rulebook) -> None:
    said = cli.describe_deadline(cli.find_deadline("LY-REC-36a", "2024-04-27"))
    assert said.startswith("2024年4月27日（周六）23:59:59止　当天存储或者移交记录\n")
    assert "起算　　2024年4月27日（周六），当天24时截止" in said
    assert "不计入" not in said
    assert "计入　　" not in said


def test_the_command_line_says_from_which_minute_hours_are_counted() -> None:
    said = cli.describe_deadline(cli.find_deadline("LY-REC-36c", "2024-04-27T16:05"))
    assert said.startswith("2024年4月28日（周日）16:05:00止")
    assert "起算　　2024年4月27日（周六）16:05\n" in said


@pytest.mark.parametrize(
    ("period", "field"),
    [
        ('within = { amount = 0, unit = "working_day" }', "within"),
        ('within = { amount = 0, unit = "hour" }', "within"),
        ('within = { amount = 0, unit = "month" }', "within"),
        ('before = { amount = 0, unit = "day" }', "before"),
    ],
)
def test_only_a_period_of_days_ahead_can_be_none(shelf: Callable[..., Path], period: str, field: str) -> None:
    wrong = RULE.replace('within = { amount = 7, unit = "working_day" }', period)
    with pytest.raises(RulebookError, match=rf"measures\.toml: T-1: {field} 的期限不可能：0"):
        library.load(shelf(rule=wrong))


def test_what_is_owed_the_same_day_cannot_pause(shelf: Callable[..., Path], calendar: Calendar) -> None:
    pausing = """
[[rule]]
id = "T-2"
article = "第一条"
quote = "期间不计入"
title = "不计期间"
kind = "record"
obligation = "pause_it"
allows_pause_of = ["T-1"]
pause_kinds = ["supplement"]
"""
    # The files cannot say so; what is tried with another period can.
    book = library.load(shelf(rule=RULE + pausing)).with_period("T-1", Period(0, "day"))
    pause = Pause(date(2026, 1, 14), date(2026, 1, 16))
    assert due("T-1", date(2026, 1, 14), calendar=calendar, rulebook=book).day == date(2026, 1, 14)
    with pytest.raises(RulebookError, match="T-1: 这一期限不能暂停"):
        due("T-1", date(2026, 1, 14), calendar=calendar, rulebook=book, pauses=[pause])
