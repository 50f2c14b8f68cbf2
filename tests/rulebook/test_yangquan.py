"""The three systems of Yangquan as entered: every rule in its article, and every period to the day. Days are counted by hand
from the calendars; a star marks a weekend day that is worked.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from rulebook.deadlines import Pause
from rulebook.library import Rulebook, by_obligation
from rulebook.model import Period, RulebookError
from tests.rulebook.conftest import Ask

DISCLOSURE, RECORDING, REVIEW = (
    "yangquan-hrss-2021-disclosure",
    "yangquan-hrss-2021-recording",
    "yangquan-hrss-2021-legal-review",
)
ON = date(2026, 3, 2)

with (Path(__file__).parent / "quotes.csv").open(encoding="utf-8") as file:
    IDS = [row["id"] for row in csv.DictReader(file) if row["id"].startswith("YQ-")]


@pytest.mark.parametrize(
    ("instrument", "prefix", "articles", "rules"),
    [(DISCLOSURE, "YQ-DISC", 14, 16), (RECORDING, "YQ-REC", 15, 15), (REVIEW, "YQ-LR", 17, 19)],
)
def test_each_system_has_all_its_articles_and_rules_in_the_order_of_its_text(
    book: Rulebook, instrument: str, prefix: str, articles: int, rules: int
) -> None:
    numbers = [article.number for article in book.instrument(instrument).articles]
    assert len(numbers) == articles
    found = book.rules_of(instrument)
    assert sorted(rule.id for rule in found) == sorted(name for name in IDS if name.startswith(prefix))
    assert len(found) == rules
    for rule in found:
        number = re.match(rf"{prefix}-(\d+)", rule.id)
        assert number is not None
        assert rule.article == numbers[int(number[1]) - 1], rule.id
    assert [numbers.index(rule.article) for rule in found] == sorted(numbers.index(rule.article) for rule in found)


def test_the_profile_is_bound_by_all_three_and_adopts_nothing(book: Rulebook) -> None:
    profile = book.profile("yangquan-hrss")
    assert profile.instruments[-3:] == (DISCLOSURE, RECORDING, REVIEW)
    assert profile.adopts == ()
    assert {rule.id for rule in book.binding("yangquan-hrss", ON) if rule.id.startswith("YQ-")} == set(IDS)
    assert not any(rule.id.startswith("WH-") for rule in book.binding("yangquan-hrss"))
    assert book.binding("yangquan-hrss", date(2021, 6, 2)) == tuple(
        rule for rule in book.binding("yangquan-hrss", date(2021, 6, 2)) if not rule.id.startswith("YQ-")
    )


# --- the day on which publication begins to be owed --------------------------------------------------------------


@pytest.mark.rule("YQ-DISC-10a")
@pytest.mark.parametrize(
    ("served", "due"),
    [
        # 14*①, 15-23 spring festival, 24② 25③ 26④ 27⑤ 28*⑥, 2 March⑦
        (date(2026, 2, 13), date(2026, 3, 2)),
        # 29① 30②, 1-7 October national day, 8③ 9*④ 11⑤ 12⑥ 13⑦
        (date(2021, 9, 28), date(2021, 10, 13)),
        # 28*① 29② 30③, 1-5 May labour day, 6④ 7⑤ 8⑥ 9⑦
        (date(2024, 4, 27), date(2024, 5, 9)),
    ],
)
def test_yq_disc_10a_seven_working_days_from_the_day_the_decision_takes_effect(
    ask: Ask, served: date, due: date
) -> None:
    answer = ask("YQ-DISC-10a", served)
    assert (answer.day, answer.nominal, answer.adopted, answer.in_force) == (due, due, False, True)


@pytest.mark.rule("YQ-DISC-10a", "WH-MEAS-15b", "WH-PLAN-2b")
def test_yq_disc_10a_service_starts_the_clock_in_yangquan_and_the_decision_in_weihai(book: Rulebook) -> None:
    def opened(fact: str, act_kind: str, profile: str) -> list[str]:
        rules = book.rules_for(fact, {"act_kind": act_kind, "has_fine": False}, profile, ON)
        found = by_obligation(rules).get("publish_decision", ())
        return [rule.id for rule in found if not rule.id.startswith("CN-")]

    made, served = "enforcement.decision_made", "enforcement.decision_served"
    assert opened(made, "penalty", "yangquan-hrss") == []
    assert opened(served, "penalty", "yangquan-hrss") == ["YQ-DISC-10a"]
    assert opened(served, "treatment", "yangquan-hrss") == ["YQ-DISC-10a"]
    assert opened(served, "licence", "yangquan-hrss") == []
    assert opened(made, "penalty", "weihai-hrss") == ["WH-MEAS-15b", "WH-PLAN-2b"]
    assert opened(served, "penalty", "weihai-hrss") == []


# --- the other periods -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "at", "due"),
    [
        # 15-18④ (20* Sunday)⑤ 21-24⑨, 25-27 off, 28-30⑫, 1-7 October off, 8⑬ 9⑭ 10*⑮ 12-16⑳
        ("YQ-DISC-10b", date(2026, 9, 14), date(2026, 10, 16)),
        # 25① 26② 28*③ 29④ 30⑤, 1-5 May off, 6-10⑩ 11*⑪ 13-17⑯ 20-23⑳
        ("YQ-DISC-8z", date(2024, 4, 24), date(2024, 5, 23)),
        # 19-22④ 25-28⑧, 29 September to 6 October off, 7*⑨ 8*⑩ 9-13⑮ 16-20⑳
        ("YQ-DISC-11", date(2023, 9, 18), date(2023, 10, 20)),
        # the last day of the quarter, whatever day of it is asked for
        ("YQ-DISC-10c", date(2026, 2, 11), date(2026, 3, 31)),
        ("YQ-DISC-10c", date(2021, 9, 30), date(2021, 9, 30)),
        # 31 December 2023 is a Sunday, and a quarter does not grow
        ("YQ-DISC-10c", date(2023, 11, 1), date(2023, 12, 31)),
        # a year, by its last day where there is none; a Saturday stays one
        ("YQ-REC-11a", date(2024, 2, 29), date(2025, 2, 28)),
        ("YQ-REC-11a", date(2025, 1, 24), date(2026, 1, 24)),
        # 21-23③ 26-30⑧, 1-7 October off, 8*⑨ 9*⑩
        ("YQ-LR-14a", date(2022, 9, 20), date(2022, 10, 9)),
    ],
)
def test_every_other_period_ends_on_its_day(ask: Ask, rule: str, at: date, due: date) -> None:
    assert ask(rule, at).day == due


@pytest.mark.rule("YQ-DISC-11", "CN-INFO-33a", "CN-INFO-33b")
@pytest.mark.parametrize("profile", ["yangquan-hrss", "strictest"])
def test_yq_disc_11_is_extended_and_paused_as_the_regulation_it_refers_to(ask: Ask, profile: str) -> None:
    received, asked = date(2026, 2, 11), Pause(date(2026, 2, 25), date(2026, 3, 6), "third_party")
    # 12, 13, 14* (Sat), 24-27⑦ 28*⑧ 2-6⑬ 9-13⑱ 16⑲ 17⑳; twenty more: 18-20㉓ 23-27㉘ 30-3㉝, 4-6 off, 7-10㊲ 13-15㊵
    assert ask("YQ-DISC-11", received, profile=profile).day == date(2026, 3, 17)
    assert ask("YQ-DISC-11", received, profile=profile, extend_on=date(2026, 3, 17)).day == date(2026, 4, 15)
    # 12, 13, 14*, 24, 25⑤; 26 February to 6 March left out; 9-13⑩ 16-20⑮ 23-27⑳
    answer = ask("YQ-DISC-11", received, profile=profile, pauses=[asked])
    assert {basis.rule: basis.due.date() for basis in answer.bases} == {
        "YQ-DISC-11": date(2026, 3, 27),
        "CN-INFO-33": date(2026, 3, 27),
    }
    with pytest.raises(RulebookError, match="不允许以supplement为由暂停"):
        ask("YQ-DISC-11", received, profile=profile, pauses=[Pause(asked.start, asked.end, "supplement")])
    with pytest.raises(RulebookError, match="届满"):
        ask("YQ-DISC-11", received, profile=profile, extend_on=date(2026, 3, 18))


@pytest.mark.rule("YQ-LR-14a", "YQ-LR-14b", "YQ-LR-14c")
def test_yq_lr_14_ten_working_days_once_ten_more_and_three_kinds_of_pause(book: Rulebook, ask: Ask) -> None:
    # 3-6④ 9-13⑨ 16⑩; ten more: 17-20⑭ 23-27⑲ 30⑳
    assert ask("YQ-LR-14a", ON).day == date(2026, 3, 16)
    assert ask("YQ-LR-14a", ON, extend_on=date(2026, 3, 16)).day == date(2026, 3, 30)
    with pytest.raises(RulebookError, match="届满"):
        ask("YQ-LR-14a", ON, extend_on=date(2026, 3, 17))
    (pause,) = book.pauses_of("YQ-LR-14a", "yangquan-hrss")
    assert pause.pause_kinds == ("supplement", "expert_argument", "interpretation")
    (extension,) = book.extensions_of("YQ-LR-14a", "yangquan-hrss")
    assert (extension.within, extension.approver) == (Period(10, "working_day"), "leader")


@pytest.mark.rule("YQ-LR-14a")
def test_yq_lr_14a_binds_yangquan_of_itself_and_weihai_by_reference(ask: Ask) -> None:
    own, adopted = ask("YQ-LR-14a", ON), ask("YQ-LR-14a", ON, profile="weihai-hrss")
    assert (own.profile, own.adopted) == ("yangquan-hrss", False)
    assert (adopted.day, adopted.adopted) == (own.day, True)


# --- what the rules list -----------------------------------------------------------------------------------------


@pytest.mark.rule("YQ-LR-9")
def test_yq_lr_9_the_sums_stand_in_the_rule_and_not_in_the_code(book: Rulebook) -> None:
    rule = book.rule("YQ-LR-9")
    assert (rule.number("citizen_yuan"), rule.number("organisation_yuan")) == (5000, 20000)
    assert len(rule.items) == 5


def test_the_lists_of_the_articles_are_whole(book: Rulebook) -> None:
    counts = {"YQ-DISC-5": 4, "YQ-DISC-8": 7, "YQ-REC-7": 5, "YQ-REC-12": 4, "YQ-REC-14": 6}
    counts |= {"YQ-LR-10": 5, "YQ-LR-11": 7, "YQ-LR-12": 3, "YQ-LR-15b": 3}
    assert {name: len(book.rule(name).items) for name in counts} == counts


@pytest.mark.rule("YQ-REC-11a")
def test_ordinary_recordings_are_kept_a_year_in_yangquan_and_weihai_names_no_term(book: Rulebook) -> None:
    assert book.rule("YQ-REC-11a").within == Period(1, "year")
    kept = [rule for rule in book.binding("weihai-hrss") if rule.obligation == "keep_recording"]
    assert [rule.id for rule in kept if rule.within] == []
    assert book.rule("YQ-REC-12").within is None, "long-term is not for ever, and names no years"


def test_a_recording_is_handed_in_by_no_day_in_yangquan(book: Rulebook) -> None:
    assert book.rules_for("recording.made", {}, "yangquan-hrss", ON) == ()
    assert {rule.obligation for rule in book.rules_for("recording.made", {}, "weihai-hrss", ON)} == {
        "store_recording",
        "index_recording",
    }


def test_what_is_a_reading_of_ours_says_so(book: Rulebook) -> None:
    for name in ("YQ-DISC-8z", "YQ-DISC-10a", "YQ-DISC-10b", "YQ-DISC-11", "YQ-REC-11a", "YQ-LR-9", "YQ-LR-15b"):
        assert "[ours" in book.rule(name).note, name
