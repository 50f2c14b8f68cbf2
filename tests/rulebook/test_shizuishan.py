"""The implementation plan of Shizuishan: every rule with its words, its periods to the day, and where it differs from the other documents.

Days were counted by hand from the notices under rulebook/calendars; a make-up working day is marked *.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from rulebook.library import Rulebook
from tests.rulebook.conftest import Ask, days

PLAN = "shizuishan-hrss-2019-implementation-plan"
PROFILE = "shizuishan-hrss"

with (Path(__file__).parent / "quotes-shizuishan.csv").open(encoding="utf-8") as file:
    QUOTES = {row["id"]: row["quote"] for row in csv.DictReader(file)}

NOW = {
    "SZS-1-2", "SZS-1-3a", "SZS-3-1", "SZS-4-1", "SZS-4-2b", "SZS-4-2c", "SZS-4-3a", "SZS-4-3b", "SZS-6-2", "SZS-12-2", "SZS-13-1", "SZS-13-2",
}  # fmt: skip


# --- the text ------------------------------------------------------------------------------------------------------


def test_the_plan_has_its_forty_one_rules_with_exactly_their_words(book: Rulebook) -> None:
    assert len(QUOTES) == 41
    assert {rule.id: rule.quote for rule in book.rules_of(PLAN)} == QUOTES
    assert not [rule.id for rule in book.rules if rule.id.startswith("SZS-") and rule.instrument != PLAN]


def test_a_rule_stands_in_the_point_its_id_names(book: Rulebook) -> None:
    for rule in book.rules_of(PLAN):
        task, point = re.fullmatch(r"SZS-(\d+)(?:-(\d))?[a-c]?", rule.id).groups()  # type: ignore[union-attr]
        if int(task) > 16:  # 31, 32, 34: the points of the third part
            expected = f"三（{'〇一二三四'[int(task) % 10]}）"
        elif task == "14":
            expected = "第14项"
        else:
            expected = f"第{task}项（{point or 1}）"
        assert rule.article == expected, rule.id


def test_every_point_of_the_plan_is_listed_in_order(book: Rulebook) -> None:
    numbers = [article.number for article in book.instrument(PLAN).articles]
    points = {1: 3, 2: 4, 3: 3, 4: 3, 5: 1, 6: 2, 7: 3, 8: 3, 9: 2, 10: 1, 11: 2, 12: 2, 13: 2, 14: 0, 15: 1, 16: 1}
    tasks = [
        number
        for task, last in points.items()
        for number in ([f"第{task}项（{point}）" for point in range(1, last + 1)] or [f"第{task}项"])
    ]
    assert numbers == ["一（一）", "一（二）", *tasks, "三（一）", "三（二）", "三（三）", "三（四）"]


def test_a_rule_is_cited_by_its_task_and_point(book: Rulebook) -> None:
    citation = book.cite("SZS-4-2b", PROFILE)
    assert citation.short == "石嘴山实施方案第4项（2）"
    assert citation.text.endswith("实施方案》第4项（2）")
    assert not citation.adopted


# --- the profile ---------------------------------------------------------------------------------------------------


def test_the_profile_is_bound_by_national_law_and_its_own_plan_alone(book: Rulebook) -> None:
    profile = book.profile(PROFILE)
    assert profile.instruments[-1] == PLAN
    others = set(profile.instruments) - {PLAN}
    assert set(book.profile("national").instruments) <= others
    assert all(name.startswith("cn-") for name in others)
    # The plan refers to measures of the city and the region that are not at hand, and to nothing of another city.
    assert profile.adopts == profile.continues == ()
    assert profile.outside_bodies == ("市司法局",)
    assert book.default_profile(book.rule("SZS-14")) == profile


def test_the_plan_binds_no_other_city(book: Rulebook) -> None:
    for other in ("weihai-hrss", "yangquan-hrss", "national"):
        assert not any(book.binds(rule_id, other) for rule_id in QUOTES)
    assert not any(rule.id.startswith(("WH-", "YQ-", "LY-")) for rule in book.binding(PROFILE))


def test_the_plan_is_in_force_from_the_day_it_was_issued(book: Rulebook) -> None:
    rule = book.rule("SZS-12-2")
    assert not book.in_force(rule, date(2019, 9, 5), PROFILE)
    assert book.in_force(rule, date(2019, 9, 6), PROFILE)
    assert book.in_force(rule, date(2026, 12, 31), PROFILE)


def test_what_code_holds_today_is_enforced_and_nothing_else(book: Rulebook) -> None:
    assert {rule.id for rule in book.rules_of(PLAN) if rule.is_enforced} == NOW


# --- publication ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("SZS-4-2b")
@pytest.mark.parametrize(
    ("decided", "last"),
    [
        ("2026-02-11", "2026-02-27"),  # 12, 13, 14*, off 15-23, 24, 25, 26, 27
        ("2021-09-24", "2021-10-09"),  # 26*, 27, 28, 29, 30, off 1-7, 8, 9*
        ("2025-04-25", "2025-05-08"),  # 27*, 28, 29, 30, off 1-5, 6, 7, 8
        ("2023-01-20", "2023-02-03"),  # Friday; off 21-27, 28*, 29*, 30, 31, 1, 2, 3
    ],
)
def test_szs_4_2b_a_penalty_is_published_within_seven_working_days_of_the_decision(
    ask: Ask, decided: str, last: str
) -> None:
    answer = ask("SZS-4-2b", date.fromisoformat(decided))
    assert answer.day == answer.nominal == date.fromisoformat(last)
    assert (answer.profile, answer.in_force, len(answer.counted)) == (PROFILE, True, 7)


@pytest.mark.parametrize(
    ("decided", "last"),
    [
        # 12, 13, 14*, off 15-23, 24-27 (7), 28* (8), 2-6 March (13), 9-13 (18), 16, 17
        ("2026-02-11", "2026-03-17"),
        # 24, 26*, 27-30 (6), off 1-7 October, 8, 9* (8), 11-15 (13), 18-22 (18), 25, 26
        ("2021-09-23", "2021-10-26"),
    ],
)
def test_szs_4_2a_any_other_decision_within_twenty_working_days(ask: Ask, decided: str, last: str) -> None:
    answer = ask("SZS-4-2a", date.fromisoformat(decided))
    assert answer.day == date.fromisoformat(last)
    assert len(answer.counted) == 20


@pytest.mark.rule("SZS-4-2b")
def test_szs_4_2b_speaks_of_licences_and_penalties_and_opens_with_the_decision_itself(book: Rulebook) -> None:
    on, fact = date(2026, 2, 11), "enforcement.decision_made"
    for kind in ("penalty", "licence"):
        opened = book.rules_for(fact, {"act_kind": kind, "has_fine": True}, PROFILE, on)
        assert [rule.id for rule in opened if rule.id.startswith("SZS-")] == ["SZS-4-2b"]
    assert not [rule for rule in book.rules_for(fact, {"act_kind": "coercion"}, PROFILE, on) if rule.instrument == PLAN]
    assert not [
        rule for rule in book.rules_for("enforcement.decision_served", {}, PROFILE, on) if rule.instrument == PLAN
    ]


@pytest.mark.rule("SZS-4-2c")
def test_szs_4_2c_a_withdrawal_takes_the_three_working_days_of_the_law_and_says_so(ask: Ask) -> None:
    """Revoked on Friday: 28* (Sunday), 29, 30 April, before the holiday of 1-5 May."""
    answer = ask("SZS-4-2c", date(2024, 4, 26))
    assert [one.day for one in answer.counted] == days("2024-04-28", "2024-04-29", "2024-04-30")
    assert "方案只说及时，没有定日数；按行政处罚法第四十八条的三日（工作日）计算" in answer.conventions
    assert [basis.rule for basis in answer.bases] == ["SZS-4-2c", "CN-PENALTY-48"]


@pytest.mark.rule("SZS-4-2c", "CN-PENALTY-48")
@pytest.mark.parametrize(
    ("ground", "opened"),
    [
        ("revoked", {"SZS-4-2c", "CN-PENALTY-48"}),
        ("unlawful", {"SZS-4-2c", "CN-PENALTY-48"}),
        ("remade", {"SZS-4-2c"}),
        ("changed", {"CN-PENALTY-48"}),
        ("void", {"CN-PENALTY-48"}),
    ],
)
def test_szs_4_2c_the_grounds_of_withdrawal_are_those_of_the_plan_and_of_the_law_together(
    book: Rulebook, ground: str, opened: set[str]
) -> None:
    rules = book.rules_for("enforcement.decision_revoked", {"ground": ground}, PROFILE, date(2026, 3, 20))
    assert {rule.id for rule in rules if rule.obligation == "withdraw_publication"} == opened


# --- the annual report ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "year", "last", "alert"),
    [
        ("SZS-4-3a", 2026, "2026-01-05", "2026-01-05"),  # Monday
        ("SZS-4-3a", 2025, "2025-01-05", "2025-01-03"),  # Sunday; nothing rolls, warned on Friday
        ("SZS-4-3b", 2026, "2026-01-25", "2026-01-23"),  # Sunday
        ("SZS-4-3b", 2025, "2025-01-25", "2025-01-24"),  # Saturday; only Sunday the 26th is worked
        ("SZS-4-3b", 2023, "2023-01-25", "2023-01-20"),  # in the holiday of 21-27
    ],
)
def test_szs_4_3_the_days_of_the_annual_report_are_included_and_never_roll(
    ask: Ask, rule: str, year: int, last: str, alert: str
) -> None:
    answer = ask(rule, date(year, 1, 1))
    assert (answer.day, answer.alert_from) == tuple(days(last, alert))
    assert answer.in_force


def test_szs_4_3_inside_by_5_january_and_in_public_by_the_25th_are_two_duties(book: Rulebook) -> None:
    inside, public = book.rule("SZS-4-3a"), book.rule("SZS-4-3b")
    assert (str(inside.fixed), inside.owed_by, str(public.fixed), public.owed_by) == (
        "01-05",
        "unit",
        "01-25",
        "agency",
    )
    assert len({inside.obligation, public.obligation}) == 2
    # Weihai's are others again, and none of them is due in Shizuishan.
    theirs = {rule.obligation for rule in book.binding("weihai-hrss") if rule.fixed is not None}
    assert not {inside.obligation, public.obligation} & theirs


# --- legal review --------------------------------------------------------------------------------------------------


@pytest.mark.rule("SZS-12-2")
def test_szs_12_2_five_triggers_make_a_decision_major_and_the_ordinary_procedure_is_none(book: Rulebook) -> None:
    own = [item.key for item in book.rule("SZS-12-2").items]
    assert own == ["public_interest", "social_impact", "major_rights", "after_hearing", "complex"]
    bound = {item.key for rule in book.gates("major_decision", PROFILE, date(2026, 2, 1), {}) for item in rule.items}
    assert bound == set(own)
    assert "ordinary_procedure" in {item.key for item in book.rule("WH-MEAS-14b").items}


@pytest.mark.rule("SZS-13-1")
def test_szs_13_1_seven_points_with_the_one_on_authority(book: Rulebook) -> None:
    points = [item.key for item in book.rule("SZS-13-1").items]
    assert len(points) == 7
    yangquan = {item.key for item in book.rule("YQ-LR-11").items}
    assert set(points) - yangquan == {"authority"}
    assert yangquan - set(points) == {"other"}


@pytest.mark.rule("SZS-13-2")
def test_szs_13_2_there_are_two_results_where_others_have_three(book: Rulebook) -> None:
    on = date(2026, 2, 1)
    results = {
        profile: [item.label for rule in book.gates("opinion_follows_points", profile, on, {}) for item in rule.items]
        for profile in (PROFILE, "weihai-hrss")
    }
    assert results == {PROFILE: ["同意", "存在问题"], "weihai-hrss": ["同意", "纠正", "不予作出行政执法决定"]}


def test_szs_14_the_plan_names_no_period_of_review_so_that_none_runs(book: Rulebook) -> None:
    on = date(2026, 2, 1)
    assert book.rules_for("legalreview.package_accepted", {}, PROFILE, on) == ()
    assert "legal_review" not in {rule.obligation for rule in book.binding(PROFILE)}


# --- recording -----------------------------------------------------------------------------------------------------


def test_szs_7_2_text_may_suffice_but_never_for_seizure_and_the_like(book: Rulebook) -> None:
    exempt, always, depends = (book.rule(f"SZS-7-2{letter}") for letter in "abc")
    assert (exempt.kind, always.kind, depends.kind) == ("record", "gate", "record")
    assert {item.key for item in always.items} == {"seizure", "demolition", "other_grave"}
    assert {item.key for item in depends.items} == {"on_site", "evidence", "hearing", "left_service", "public_service"}
    assert not {item.key for item in always.items} & {item.key for item in depends.items}
    assert "SZS-7-2a" in always.note


def test_the_plan_names_no_period_of_keeping_and_none_of_handing_in(book: Rulebook) -> None:
    own = book.rules_of(PLAN)
    assert not [rule.id for rule in own if rule.kind == "retention"]
    assert {rule.id for rule in own if rule.within is not None} == {"SZS-4-2a", "SZS-4-2b", "SZS-4-2c"}
    assert not [rule.id for rule in book.rules_for("recording.made", {}, PROFILE, date(2026, 2, 1))]
