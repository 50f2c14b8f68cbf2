"""The instruments as entered: every rule of the documents of Weihai and Yangquan, with exactly its words; nothing
beyond the few words that carry it.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from rulebook.library import Rulebook
from tests.rulebook.conftest import FIVE

with (Path(__file__).parent / "quotes.csv").open(encoding="utf-8") as file:
    QUOTES = {row["id"]: row["quote"] for row in csv.DictReader(file)}

FACTS = {
    "enforcement.case_filed", "enforcement.investigation_closed", "enforcement.rights_notified",
    "enforcement.decision_made", "enforcement.decision_served", "enforcement.fine_paid", "enforcement.case_closed",
    "enforcement.decision_revoked", "recording.made", "recording.stored", "recording.indexed",
    "recording.work_ended", "recording.returned", "recording.handed_over",
    "legalreview.package_accepted", "legalreview.opinion_issued", "disclosure.published", "disclosure.withdrawn",
    "supervision.plan_item_reported", "enforcement.rights_answered", "enforcement.evidence_taken",
    "enforcement.preservation_settled", "enforcement.source_registered", "enforcement.act_ended", "enforcement.act_discovered",
    "enforcement.urgently_started", "enforcement.performance_demanded", "enforcement.remedies_ended", "enforcement.court_asked",
}  # fmt: skip
GUARDS = {
    "two_certified_officers", "source_registered", "initiation_reasoned", "evidence_recorded", "written_conclusion",
    "rights_text_complete", "rights_answered_or_waived", "legal_review_agreed", "review_package_complete",
    "review_points_answered", "opinion_follows_points", "decision_complete", "collective_discussion",
    "recordings_explained", "recordings_stored", "exclusion_reasoned", "original_recording_immutable", "major_decision",
    "submitted_for_review", "hearing_over", "payment_overdue", "hearing_called_in_time",
    "preservation_approved", "order_disobeyed", "hearing_offered", "correction_verified", "major_penalty",
    "enforcement_announced", "redaction_complete", "whole_process_recorded", "discovered_in_time", "pursued_in_time",
    "demanded_before_court", "court_asked_in_time", "urgent_start_known",
}  # fmt: skip
CONSTRAINTS = {
    "recording_elements", "recording_access_approved", "recordings_never_disposed", "fine_within_range",
    "settled_by_result", "performance_recorded",
    "certificates_shown", "electronic_service_consented", "hearing_presided_by_another", "added_fine_capped",
    "publication_reviewed", "reviewed_by_the_legal_office", "reviewer_without_interest", "opinion_in_the_online_course",
}  # fmt: skip


def test_the_table_of_quotes_is_whole() -> None:
    assert sum(name.startswith("WH-PLAN-") for name in QUOTES) == 31
    assert sum(name.startswith("WH-MEAS-") for name in QUOTES) == 53
    assert sum(name.startswith("YQ-DISC-") for name in QUOTES) == 16
    assert sum(name.startswith("YQ-REC-") for name in QUOTES) == 15
    assert sum(name.startswith("YQ-LR-") for name in QUOTES) == 19


@pytest.mark.parametrize("rule_id", QUOTES)
def test_every_rule_is_there_with_exactly_its_words(book: Rulebook, rule_id: str) -> None:
    assert book.rule(rule_id).quote == QUOTES[rule_id]


def test_no_rule_of_weihai_or_yangquan_was_invented(book: Rulebook) -> None:
    assert {rule.id for rule in book.rules if rule.id.startswith(("WH-", "YQ-"))} == set(QUOTES)


def test_the_measures_have_all_their_articles_in_order(book: Rulebook) -> None:
    articles = book.instrument("weihai-2020-supervision-measures").articles
    assert len(articles) == 47
    assert (articles[0].number, articles[14].number, articles[46].number) == ("第一条", "第十五条", "第四十七条")
    sections = [article.number for article in book.instrument("weihai-hrss-2022-supervision-plan").articles]
    assert sections == [
        "（一）",
        "（二）",
        "（三）",
        "（四）",
        "（五）",
        "（六）",
        "（七）",
        "（八）",
        "（九）",
        "末段",
    ]


def test_a_rule_of_the_measures_stands_in_the_article_its_id_names(book: Rulebook) -> None:
    articles = [article.number for article in book.instrument("weihai-2020-supervision-measures").articles]
    for rule in book.rules_of("weihai-2020-supervision-measures"):
        number = re.match(r"WH-MEAS-(\d+)", rule.id)
        assert number is not None
        assert rule.article == articles[int(number[1]) - 1]


def test_no_statute_stands_in_the_repository(book: Rulebook) -> None:
    for rule in book.rules:
        assert len(rule.quote) <= 40, rule.id
    for instrument in book.instruments:
        for article in instrument.articles:
            assert 5 < len(article.summary) <= 90, (instrument.id, article.number)


def test_facts_guards_and_constraints_are_those_the_code_knows(book: Rulebook) -> None:
    assert book.facts_named() == FACTS
    assert book.guards_named() == GUARDS
    assert book.constraints_named() == CONSTRAINTS


def test_what_is_not_enforced_yet_opens_and_refuses_nothing(book: Rulebook) -> None:
    later = [rule for rule in book.rules if not rule.is_enforced]
    assert later
    assert not any(rule.opens_on or rule.met_by or rule.guards or rule.constraints for rule in later)


def test_what_the_measures_demand_of_the_authority_is_not_owed_by_the_bureau(book: Rulebook) -> None:
    outside = {rule.id for rule in book.rules if rule.owed_by == "outside"}
    assert {"WH-MEAS-22", "WH-MEAS-23a", "WH-MEAS-32b", "WH-MEAS-39a", "WH-MEAS-41", "WH-MEAS-43"} <= outside
    assert not {"WH-MEAS-8b", "WH-MEAS-19a", "WH-MEAS-33a", "WH-MEAS-42b"} & outside
    assert book.profile("weihai-hrss").outside_bodies == ("市行政执法监督机构",)


def test_coinciding_duties_share_one_obligation(book: Rulebook) -> None:
    same = {
        "publish_decision": {"WH-MEAS-15b", "WH-PLAN-2b", "CN-PENALTY-48a", "CN-LICENCE-40", "SZS-4-2b", "YQ-DISC-10a"},
        "store_recording": {"WH-MEAS-17a", "WH-PLAN-6.3a", "LY-REC-36b", "LY-REC-36c"},
        "legal_review_before_decision": {
            "WH-MEAS-13",
            "WH-PLAN-7b",
            "CN-PENALTY-58",
            "SD-SUPERVISION-13",
            "SZS-13-2",
            "YQ-LR-5",
        },
        "report_annual_cases": {"WH-PLAN-9"},
        "written_annual_report": {"WH-MEAS-19a"},
    }
    for obligation, ids in same.items():
        found = {rule.id for rule in book.rules if rule.obligation == obligation}
        assert {name for name in found if name.startswith(FIVE)} == ids


@pytest.mark.rule("YQ-LR-11", "WH-MEAS-14b")
def test_points_and_grounds_are_listed_in_full(book: Rulebook) -> None:
    assert len(book.rule("YQ-LR-11").items) == 7
    assert len(book.rule("YQ-LR-10").items) == 5
    assert [item.key for item in book.rule("YQ-LR-12").items] == ["agree", "correct", "refuse"]
    assert len(book.rule("WH-MEAS-14b").items) == 7
    assert len(book.rule("CN-PENALTY-59").items) == 7
