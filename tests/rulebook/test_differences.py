"""Where the five documents disagree: every agency gets its own answer, and the strictest profile all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import pytest

from rulebook import deadlines
from rulebook.deadlines import SHANGHAI
from rulebook.library import Rulebook
from rulebook.model import Rule
from rulebook.workdays import Calendar
from tests.rulebook.conftest import Ask

WEIHAI, YANGQUAN, SHIZUISHAN, LIAOYUAN = "weihai-hrss", "yangquan-hrss", "shizuishan-hrss", "liaoyuan-hrss"
STRICTEST = "strictest"
DAY = date(2026, 2, 11)
PENALTY = {"act_kind": "penalty"}
LICENCE = {"act_kind": "licence"}
DECIDED, SERVED = "enforcement.decision_made", "enforcement.decision_served"


def opened(book: Rulebook, fact: str, fields: Mapping[str, object], profile: str, obligation: str) -> set[str]:
    """The rules of a profile that a fact opens for one act."""
    rules = book.rules_for(fact, fields, profile, DAY)
    return {rule.id for rule in rules if rule.obligation == obligation}


def listed(book: Rulebook, guard: str, profile: str) -> set[str]:
    """What the rules that make a guard binding list."""
    return {item.key for rule in book.gates(guard, profile, DAY) for item in rule.items}


def due(book: Rulebook, calendar: Calendar, rule_id: str, at: date | datetime, profile: str) -> datetime:
    return deadlines.due(rule_id, at, calendar=calendar, rulebook=book, profile=profile).due


def end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=SHANGHAI)


def bound(book: Rulebook, profile: str) -> dict[str, Rule]:
    return {rule.id: rule for rule in book.binding(profile, DAY)}


# --- publication ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "on_decision", "on_service"),
    [
        (WEIHAI, {"WH-MEAS-15b", "WH-PLAN-2b"}, set()),
        (SHIZUISHAN, {"SZS-4-2b"}, set()),
        (YANGQUAN, set(), {"YQ-DISC-10a"}),
        (LIAOYUAN, set(), set()),
        (STRICTEST, {"WH-MEAS-15b", "WH-PLAN-2b", "SZS-4-2b"}, {"YQ-DISC-10a"}),
    ],
)
def test_the_period_of_disclosure_starts_when_the_decision_is_made_or_takes_effect(
    book: Rulebook, profile: str, on_decision: set[str], on_service: set[str]
) -> None:
    assert opened(book, DECIDED, PENALTY, profile, "publish_decision") == on_decision
    assert opened(book, SERVED, PENALTY, profile, "publish_decision") == on_service


@pytest.mark.parametrize(
    ("profile", "fields", "rules"),
    [
        (WEIHAI, LICENCE, {"WH-MEAS-15b"}),
        (SHIZUISHAN, LICENCE, {"SZS-4-2b"}),
        (YANGQUAN, LICENCE, set()),
        (YANGQUAN, {"act_kind": "treatment"}, {"YQ-DISC-10a"}),
        (WEIHAI, {"act_kind": "treatment"}, set()),
        (STRICTEST, LICENCE, {"WH-MEAS-15b", "SZS-4-2b"}),
        (STRICTEST, PENALTY, {"WH-MEAS-15b", "WH-PLAN-2b", "SZS-4-2b", "YQ-DISC-10a"}),
    ],
)
def test_what_is_due_in_seven_working_days_differs(
    book: Rulebook, calendar: Calendar, profile: str, fields: Mapping[str, object], rules: set[str]
) -> None:
    found = {
        name
        for fact in (DECIDED, SERVED)
        for name in opened(book, fact, fields, profile, "publish_decision")
        # 12, 14 (worked), 24-27 February: seven working days after the 11th, over the Spring Festival.
        if due(book, calendar, name, DAY, profile) == end_of(date(2026, 2, 27))
    }
    assert found == rules


def test_two_rules_for_one_act_make_one_obligation_with_all_its_bases(book: Rulebook, ask: Ask) -> None:
    answer = ask("WH-MEAS-15b", DAY, profile=STRICTEST)
    assert {basis.rule for basis in answer.bases} == {"WH-MEAS-15b", "WH-PLAN-2b", "SZS-4-2b"}


@pytest.mark.parametrize(
    ("profile", "grounds"),
    [
        (SHIZUISHAN, {"changed", "revoked", "unlawful", "void", "remade"}),
        (WEIHAI, {"changed", "revoked", "unlawful", "void"}),
        (STRICTEST, {"changed", "revoked", "unlawful", "void", "remade"}),
    ],
)
def test_the_grounds_of_withdrawing_a_published_decision_are_the_union(
    book: Rulebook, calendar: Calendar, profile: str, grounds: set[str]
) -> None:
    found = {
        ground: opened(book, "enforcement.decision_revoked", {"ground": ground}, profile, "withdraw_publication")
        for ground in ("changed", "revoked", "unlawful", "void", "remade", "something_else")
    }
    assert {ground for ground, rules in found.items() if rules} == grounds
    for name in set().union(*found.values()):
        # 12, 13 and Saturday the 14th, which is worked.
        assert due(book, calendar, name, DAY, profile) == end_of(date(2026, 2, 14)), name


# --- annual reports ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_id", "profile", "day"),
    [
        ("SZS-4-3a", SHIZUISHAN, date(2026, 1, 5)),
        ("SZS-4-3b", SHIZUISHAN, date(2026, 1, 25)),
        ("WH-MEAS-19a", WEIHAI, date(2026, 1, 20)),
        ("WH-PLAN-9", WEIHAI, date(2026, 1, 30)),
    ],
)
def test_the_annual_report_has_a_day_of_its_own_in_each_document(
    book: Rulebook, calendar: Calendar, rule_id: str, profile: str, day: date
) -> None:
    assert due(book, calendar, rule_id, date(2026, 6, 1), profile) == end_of(day)
    assert due(book, calendar, rule_id, date(2026, 6, 1), STRICTEST) == end_of(day)


def test_under_all_of_them_they_stay_duties_of_their_own(book: Rulebook) -> None:
    days = {
        rule.id: (str(rule.fixed), rule.obligation)
        for rule in bound(book, STRICTEST).values()
        if rule.id in ("SZS-4-3a", "SZS-4-3b", "WH-MEAS-19a", "WH-PLAN-9")
    }
    assert sorted(day for day, _ in days.values()) == ["01-05", "01-20", "01-25", "01-30"]
    assert len({obligation for _, obligation in days.values()}) == 4


# --- recording --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_id", "profile", "last"),
    [
        ("YQ-REC-11a", YANGQUAN, date(2027, 2, 11)),
        ("LY-REC-37a", LIAOYUAN, date(2026, 8, 11)),
    ],
)
def test_ordinary_recordings_are_kept_a_year_or_six_months_and_the_end_never_rolls(
    book: Rulebook, calendar: Calendar, rule_id: str, profile: str, last: date
) -> None:
    assert due(book, calendar, rule_id, DAY, profile) == end_of(last)
    # 16 August 2025 is a Saturday: what must be kept is not kept longer for that.
    assert due(book, calendar, "LY-REC-37a", date(2025, 2, 16), LIAOYUAN) == end_of(date(2025, 8, 16))


def test_of_two_retentions_the_longer_wins_and_weihai_says_nothing(book: Rulebook, ask: Ask) -> None:
    both = [ask(rule_id, DAY, profile=STRICTEST) for rule_id in ("LY-REC-37a", "YQ-REC-11a")]
    assert deadlines.governing(both).rule.id == "YQ-REC-11a"
    assert deadlines.governing(both[::-1]).rule.id == "YQ-REC-11a"
    keeping = [rule for rule in bound(book, WEIHAI).values() if rule.kind == "retention" and rule.within]
    assert not [rule.id for rule in keeping if rule.obligation == "keep_recording"]


@pytest.mark.parametrize(
    ("rule_id", "profile", "end"),
    [
        # Friday 26 April 2024; Sunday the 28th is worked.
        ("WH-MEAS-17a", WEIHAI, datetime(2024, 4, 29, 23, 59, 59, tzinfo=SHANGHAI)),
        ("LY-REC-36a", LIAOYUAN, datetime(2024, 4, 26, 23, 59, 59, tzinfo=SHANGHAI)),
        ("LY-REC-36b", LIAOYUAN, datetime(2024, 4, 29, 23, 59, 59, tzinfo=SHANGHAI)),
        ("LY-REC-36c", LIAOYUAN, datetime(2024, 4, 27, 18, 30, tzinfo=SHANGHAI)),
    ],
)
def test_a_recording_is_handed_in_as_each_document_says(
    book: Rulebook, calendar: Calendar, rule_id: str, profile: str, end: datetime
) -> None:
    made = datetime(2024, 4, 26, 18, 30, tzinfo=SHANGHAI)
    assert due(book, calendar, rule_id, made, profile) == end


def test_when_a_recording_is_owed_differs(book: Rulebook) -> None:
    owed = {
        profile: {name for name in ("LY-REC-15a", "YQ-REC-8a", "SZS-7-2a", "SZS-7-2b", "WH-MEAS-16a") if name in bound(book, profile)}
        for profile in (WEIHAI, YANGQUAN, SHIZUISHAN, LIAOYUAN, STRICTEST)
    }  # fmt: skip
    assert owed == {
        WEIHAI: {"WH-MEAS-16a"},
        YANGQUAN: {"YQ-REC-8a"},
        SHIZUISHAN: {"SZS-7-2a", "SZS-7-2b"},
        LIAOYUAN: {"LY-REC-15a"},
        STRICTEST: {"WH-MEAS-16a", "YQ-REC-8a", "SZS-7-2a", "SZS-7-2b", "LY-REC-15a"},
    }
    assert book.rule("SZS-7-2b").kind == "gate"
    assert "seizure" in {item.key for item in book.rule("SZS-7-2b").items}


def test_who_approves_access_stands_in_the_rule(book: Rulebook) -> None:
    assert (book.rule("LY-REC-42").approver, book.rule("LY-REC-39").approver) == ("leader", "leader")
    assert "WH-PLAN-6.4a" in bound(book, WEIHAI)
    assert book.rule("WH-PLAN-6.4a").approver == ""


def test_long_term_is_no_number_of_years_and_nothing_disposes_by_itself(book: Rulebook) -> None:
    for name, profile in (("YQ-REC-12", YANGQUAN), ("LY-REC-38", LIAOYUAN)):
        rule = bound(book, profile)[name]
        assert (rule.kind, rule.within, rule.obligation) == ("retention", None, "keep_recording_long_term")


# --- legal review -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "results"),
    [
        (YANGQUAN, {"agree", "correct", "refuse"}),
        (SHIZUISHAN, {"agree", "correct"}),
        (WEIHAI, {"agree", "correct", "refuse"}),
        (STRICTEST, {"agree", "correct", "refuse"}),
    ],
)
def test_a_review_has_the_results_that_the_documents_know(book: Rulebook, profile: str, results: set[str]) -> None:
    assert listed(book, "opinion_follows_points", profile) == results
    assert book.gates("legal_review_agreed", profile, DAY)


def test_what_is_major_is_money_and_kind_here_and_five_triggers_there(book: Rulebook) -> None:
    assert "ordinary_procedure" in listed(book, "major_decision", WEIHAI)
    assert listed(book, "major_decision", SHIZUISHAN) == {
        "public_interest",
        "social_impact",
        "major_rights",
        "after_hearing",
        "complex",
    }
    assert listed(book, "major_penalty", YANGQUAN) >= {"citizen_fined", "organisation_fined", "licence_revoked"}
    assert dict(book.rule("YQ-LR-9").numbers) == {"citizen_yuan": 5_000, "organisation_yuan": 20_000}
    assert not listed(book, "major_penalty", WEIHAI)
    assert listed(book, "major_decision", STRICTEST) >= listed(book, "major_decision", WEIHAI)
    assert listed(book, "major_penalty", STRICTEST) == listed(book, "major_penalty", YANGQUAN)


def test_the_points_of_review_are_the_union(book: Rulebook) -> None:
    yangquan, shizuishan = (listed(book, "review_points_answered", each) for each in (YANGQUAN, SHIZUISHAN))
    assert (shizuishan - yangquan, yangquan - shizuishan) == ({"authority"}, {"other"})
    assert listed(book, "review_points_answered", STRICTEST) == yangquan | shizuishan


@pytest.mark.parametrize(
    ("rule_id", "profile", "at", "approved", "plain", "extended"),
    [
        # 12, 13, 14 (worked), 24-27, 28 (worked), 2 and 3 March; ten more end on the 17th.
        ("YQ-LR-14a", YANGQUAN, DAY, date(2026, 2, 27), date(2026, 3, 3), date(2026, 3, 17)),
        # Two months after 11 February 2026 is a Saturday; three months later a Monday.
        ("WH-MEAS-39a", WEIHAI, DAY, date(2026, 4, 1), date(2026, 4, 13), date(2026, 5, 11)),
    ],
)
def test_extensions_are_those_of_each_document(
    book: Rulebook, ask: Ask, rule_id: str, profile: str, at: date, approved: date, plain: date, extended: date
) -> None:
    assert ask(rule_id, at, profile=profile).day == plain
    assert ask(rule_id, at, profile=profile, extend_on=approved).day == extended


def test_the_decision_says_the_union_of_what_law_and_document_list(book: Rulebook) -> None:
    law, liaoyuan = book.rule("CN-PENALTY-59"), book.rule("LY-REC-26")
    assert listed(book, "decision_complete", LIAOYUAN) == {item.key for rule in (law, liaoyuan) for item in rule.items}
    assert {item.key for item in liaoyuan.items} - {item.key for item in law.items}


# --- whom they bind ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule_id", ["WH-MEAS-22", "WH-MEAS-23a", "WH-MEAS-23b", "WH-MEAS-32b", "WH-MEAS-39a", "WH-MEAS-41", "WH-MEAS-43"]
)
def test_what_the_measures_demand_of_the_supervising_authority_is_owed_by_it(book: Rulebook, rule_id: str) -> None:
    assert book.rule(rule_id).owed_by == "outside"
    assert book.profile(WEIHAI).outside_bodies


def test_an_objection_does_not_suspend_the_thirty_days_to_correct(book: Rulebook) -> None:
    assert not book.pauses_of("WH-MEAS-33a", WEIHAI)
    assert not book.pauses_of("WH-MEAS-33a", STRICTEST)
