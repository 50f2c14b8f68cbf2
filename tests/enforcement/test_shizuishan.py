"""A penalty of a bureau that works under the plan of Shizuishan: its own clocks, gates and articles, and none of another city."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core import law
from core.lifecycle import StepRefused
from core.models import Duty
from core.registry import WaitingStep, waiting_for
from enforcement import major, services
from enforcement.forms import investigation
from enforcement.forms.decisions import RevokeForm
from enforcement.models import Case
from tests.enforcement import elsewhere
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, CertificateFactory, at, case_in, fresh, make_bureau, record_of

pytestmark = pytest.mark.django_db

REVIEW = {"SZS-12-2", "SZS-13-2", "CN-PENALTY-58"}


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="shizuishan-hrss")


@pytest.fixture
def notified(bureau: Bureau) -> Case:
    return case_in("notified", bureau)


@contextmanager
def refused(text: str, articles: set[str]) -> Iterator[None]:
    """The step is refused with this demand under exactly these articles."""
    with pytest.raises(StepRefused) as told:
        yield
    cited = {demand.text: {citation.rule_id for citation in demand.citations} for demand in told.value.demands}
    assert cited.get(text) == articles


def grounds(case: Case) -> set[tuple[str, str]]:
    return {(ground["key"], ground["rule"]) for ground in case.major_grounds}


# --- what is major -------------------------------------------------------------------------------------------------


@pytest.mark.rule("SZS-12-2")
def test_szs_12_2_an_ordinary_penalty_without_a_trigger_is_decided_without_review(
    bureau: Bureau, notified: Case
) -> None:
    case = f.draft(bureau, f.answer(bureau, notified))
    assert (case.is_major, case.major_grounds, case.review_result) == (False, [], "")
    assert f.decide(bureau, case).state == "decided"


@pytest.mark.rule("SZS-12-2", "SZS-13-2")
@pytest.mark.parametrize("ground", ["public_interest", "social_impact", "major_rights"])
def test_szs_12_2_a_trigger_that_an_official_adds_makes_it_major_and_no_decision_goes_without_review(
    bureau: Bureau, notified: Case, ground: str
) -> None:
    case = f.draft(bureau, f.answer(bureau, notified), added_grounds=[ground], grounds_reason="群体性讨薪")
    assert case.is_major
    assert (ground, "SZS-12-2") in grounds(case)
    with refused("未经法制审核，不得作出决定", REVIEW):
        f.decide(bureau, case)
    assert f.decide(bureau, f.review(bureau, case)).state == "decided"


@pytest.mark.rule("SZS-12-2")
def test_szs_12_2_a_complex_case_is_major_by_itself(bureau: Bureau) -> None:
    case = f.investigated(bureau, case_in("investigating", bureau))
    assert not case.is_major
    case = f.conclude(bureau, case, is_complex=True, complex_reason="涉及多个法律关系")
    assert grounds(case) == {("complex", "SZS-12-2"), ("complex", "CN-PENALTY-58")}
    case = f.draft(bureau, f.answer(bureau, f.notify(bureau, case)))
    with refused("未经法制审核，不得作出决定", REVIEW):
        f.decide(bureau, case)


@pytest.mark.rule("SZS-12-2")
def test_szs_12_2_a_case_after_a_hearing_is_major_by_itself(bureau: Bureau) -> None:
    case = f.notify(bureau, case_in("concluded", bureau), hearing_offered=True)
    case = f.answer(bureau, case, kind="hearing", content="要求听证")
    case = services.record_hearing(
        case=case,
        by=bureau.lead,
        happened_at=at("2026-02-28 09:00"),
        called_at=at("2026-02-12 09:00"),
        place="示例会议室",
        presider=bureau.stranger,
        record="双方质证",
        file=None,
    )
    case = f.draft(bureau, case, happened_at=at("2026-03-02 09:00"))
    assert ("after_hearing", "SZS-12-2") in grounds(case)
    with refused("未经法制审核，不得作出决定", REVIEW):
        f.decide(bureau, case, happened_at=at("2026-03-03 09:00"))


@pytest.mark.rule("SZS-12-2")
def test_szs_12_2_a_trigger_that_came_after_the_draft_is_not_passed_over(bureau: Bureau, notified: Case) -> None:
    case = f.draft(bureau, f.answer(bureau, notified))
    Case.objects.filter(pk=case.pk).update(is_complex=True)
    case.refresh_from_db()
    with refused("案件没有列为重大执法决定", {"SZS-12-2"}):
        f.decide(bureau, case)


@pytest.mark.rule("SZS-12-2")
def test_szs_12_2_an_official_is_offered_the_triggers_that_a_file_does_not_show(bureau: Bureau, notified: Case) -> None:
    offered = dict(major.ground_choices(notified, at("2026-02-03 10:00")))
    assert {"public_interest", "social_impact", "major_rights"} <= set(offered)
    assert not {"complex", "after_hearing", "ordinary_procedure", "agree", "correct"} & set(offered)


# --- the decision and what follows ---------------------------------------------------------------------------------


@pytest.mark.rule("SZS-6-2")
@pytest.mark.parametrize("missing", ["discretion_tier", "discretion_reason"])
def test_szs_6_2_no_decision_without_its_discretion_explained(bureau: Bureau, notified: Case, missing: str) -> None:
    case = f.draft(bureau, f.answer(bureau, notified), **{missing: " "})
    with pytest.raises(StepRefused, match="处罚决定书缺：裁量基准适用情况和理由") as told:
        f.decide(bureau, case)
    assert "SZS-6-2" in {citation.rule_id for citation in told.value.demands[0].citations}
    case = f.draft(bureau, case, happened_at=at("2026-02-04 09:00"))
    assert f.decide(bureau, case).state == "decided"


@pytest.mark.rule("SZS-4-2b")
def test_szs_4_2b_a_decided_penalty_is_to_be_published_within_seven_working_days_of_the_decision(
    bureau: Bureau,
) -> None:
    """Decided on 11 February: 12, 13, 14 (worked), then after the festival 24, 25, 26, 27."""
    case = case_in("decided", bureau)
    duty = Duty.objects.get(anchor=case.stream, obligation="publish_decision")
    assert (duty.due_at, duty.owner_unit) == (at("2026-02-27 23:59:59"), bureau.section)
    assert "SZS-4-2b" in {basis["rule"] for basis in duty.bases}
    assert not [basis["rule"] for basis in duty.bases if not basis["rule"].startswith(("SZS-", "CN-"))]
    # It runs from the decision; serving it moves nothing.
    f.serve(bureau, case)
    assert Duty.objects.get(pk=duty.pk).due_at == duty.due_at


@pytest.mark.rule("SZS-4-2c", "CN-PENALTY-48")
@pytest.mark.parametrize(
    ("ground", "bases"),
    [
        ("unlawful", {"SZS-4-2c", "CN-PENALTY-48"}),
        ("remade", {"SZS-4-2c"}),
        ("void", {"CN-PENALTY-48"}),
    ],
)
def test_szs_4_2c_each_ground_opens_one_duty_to_withdraw_under_the_articles_that_name_it(
    bureau: Bureau, ground: str, bases: set[str]
) -> None:
    """On Friday 20 March: 23, 24, 25."""
    case = services.revoke_decision(
        case=case_in("served", bureau),
        by=bureau.leader,
        happened_at=at("2026-03-20 10:00"),
        ground=ground,
        reason="示例",
    )
    duty = Duty.objects.get(anchor=case.stream, obligation="withdraw_publication")
    assert {basis["rule"] for basis in duty.bases} == bases
    assert duty.due_at == at("2026-03-25 23:59:59")


@pytest.mark.rule("SZS-4-2c")
@pytest.mark.parametrize(("profile", "more"), [("shizuishan-hrss", {"remade": "被要求重新作出"}), ("weihai-hrss", {})])
def test_szs_4_2c_only_an_agency_whose_rules_name_remaking_is_offered_it(
    db: None, profile: str, more: dict[str, str]
) -> None:
    bureau = make_bureau(profile=profile)
    form = RevokeForm(None, obj=case_in("served", bureau), by=bureau.leader)
    assert dict(form.fields["ground"].choices) == RevokeForm.GROUNDS | more


# --- evidence ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("SZS-3-1")
def test_szs_3_1_evidence_is_taken_by_officers_with_a_certificate_valid_on_the_day(bureau: Bureau) -> None:
    case = case_in("investigating", bureau)
    CertificateFactory(official=bureau.clerk, valid_from=date(2023, 1, 1), valid_to=date(2026, 1, 13))
    with pytest.raises(StepRefused) as told:
        f.evidence(bureau, case, officers=[bureau.lead, bureau.clerk])
    (demand,) = told.value.demands
    assert "孙试用没有当日有效的执法证件" in demand.text
    assert {"SZS-3-1", "CN-PENALTY-42"} <= {citation.rule_id for citation in demand.citations}


@pytest.mark.rule("SZS-3-1")
def test_szs_3_1_an_act_at_which_no_certificate_was_shown_is_not_taken_down(bureau: Bureau) -> None:
    case = case_in("investigating", bureau)
    form = investigation.EvidenceForm({"place": "示例路100号"}, obj=case, by=bureau.lead)
    assert "certificates_shown" in form.errors
    with pytest.raises(IntegrityError, match="certificates_are_shown"), transaction.atomic():
        f.evidence(bureau, case, certificates_shown=False)
    assert not Case.objects.get(pk=case.pk).acts.exists()


# --- no article of another city ------------------------------------------------------------------------------------


def test_an_act_that_code_names_by_a_rule_is_cited_as_the_units_own_law_has_it(bureau: Bureau) -> None:
    def cited(rule_id: str) -> str:
        citation = law.cite_act(rule_id, bureau.section.pk)
        return citation.rule_id if citation else ""

    assert cited("CN-PENALTY-57") == "CN-PENALTY-57"
    published = law.rule_of_act("WH-MEAS-15b", bureau.section.pk)
    assert published is not None
    assert (published.obligation, published.id[:3] in ("SZS", "CN-")) == ("publish_decision", True)
    assert (cited("WH-MEAS-15a"), cited("WH-PLAN-7a")) == ("SZS-4-1", "SZS-12-2")
    # No rule here demands the same act; one makes the same check binding.
    assert cited("YQ-LR-12") == "SZS-13-2"
    assert cited("WH-PLAN-6.4a") == cited("YQ-LR-14b") == ""
    assert law.short_of_act("WH-PLAN-6.4a", bureau.section.pk) == ""
    assert law.short_of_act("", bureau.section.pk) == ""


def test_where_the_named_rule_binds_it_is_the_one_cited(db: None) -> None:
    bureau = make_bureau()
    for rule_id in ("WH-MEAS-15b", "YQ-LR-12", "WH-PLAN-6.4a"):
        assert law.cite_act(rule_id, bureau.section.pk) == law.cite(rule_id, bureau.section.pk)
    assert law.cite("YQ-LR-12", bureau.section.pk).adopted


@pytest.mark.parametrize("state", ["registered", "investigating", "notified", "decided", "closed", "revoked"])
def test_the_pages_of_a_case_name_no_rule_of_another_city(bureau: Bureau, client: Client, state: str) -> None:
    case = case_in(state, bureau)
    if state == "notified":
        case = f.draft(bureau, f.answer(bureau, case), added_grounds=["social_impact"], grounds_reason="群体性讨薪")
    for official in (bureau.lead, bureau.head, bureau.leader, bureau.reviewer):
        client.force_login(fresh(official))
        for page in (case.get_absolute_url(), "/desk/"):
            answer = client.get(page)
            if answer.status_code == 404:  # legal affairs see no case that was not submitted to them
                continue
            assert answer.status_code == 200
            html = answer.content.decode()
            assert not elsewhere.named(html), (official.name, page)


def test_what_waits_for_an_official_is_told_without_an_article_of_another_city(bureau: Bureau) -> None:
    case_in("decided", bureau)
    f.draft(
        bureau, f.answer(bureau, case_in("notified", bureau)), added_grounds=["social_impact"], grounds_reason="群体"
    )
    steps: list[WaitingStep] = [step for official in bureau.all.values() for step in waiting_for(fresh(official))]
    assert steps
    assert not [step for step in steps if elsewhere.named(step.article)]
    assert "石嘴山实施方案第12项（2）" in {step.article for step in steps if step.label == "送法制审核"}
    assert record_of(Case.objects.filter(state="decided").get(), "decision_made").payload["is_major"] is False
