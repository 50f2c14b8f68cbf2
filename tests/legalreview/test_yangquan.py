"""Legal review in an agency of Yangquan: major by money and kind, three kinds of opinion, ten working days of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agency.models import Role
from core.access import NotPermitted
from core.lifecycle import StepRefused
from core.models import Duty
from enforcement import services as enforcement
from enforcement.forms.decisions import DraftForm
from enforcement.models import Case, CaseState
from legalreview import services
from legalreview.models import Opinion, Review, ReviewState
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in, fresh, make_bureau, official
from tests.legalreview.steps import accept, answer_points, issue, package, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="yangquan-hrss")


def drafted_with(bureau: Bureau, *, source: dict[str, Any] | None = None, **draft: Any) -> Case:
    case = f.answer(bureau, case_in(CaseState.NOTIFIED, bureau, **(source or {})))
    return f.draft(bureau, case, **draft)


@pytest.fixture
def drafted(bureau: Bureau) -> Case:
    """A fine of 20,000 yuan for a firm: major by its sum."""
    return drafted_with(bureau)


def cited(refused: pytest.ExceptionInfo[StepRefused]) -> set[str]:
    return {citation.rule_id for demand in refused.value.demands for citation in demand.citations}


def grounds(case: Case) -> list[tuple[str, str]]:
    return [(ground["key"], ground["rule"]) for ground in case.major_grounds]


CITIZEN = {"party_name": "钱示例", "category": "natural_person", "credit_code": "", "legal_representative": ""}
SHOP = {"party_name": "示例饭店", "category": "self_employed"}
FIRM: dict[str, str] = {}
BY_SUM = {"organisation": ("organisation_fined", "YQ-LR-9"), "citizen": ("citizen_fined", "YQ-LR-9")}


# --- what is major -----------------------------------------------------------------------------------------------


@pytest.mark.rule("YQ-LR-9")
@pytest.mark.parametrize(
    ("source", "fine", "found"),
    [
        (FIRM, "19999.99", []),
        (FIRM, "20000", [BY_SUM["organisation"]]),
        (CITIZEN, "4999.99", []),
        (CITIZEN, "5000", [BY_SUM["citizen"]]),
        (SHOP, "4999.99", []),
        (SHOP, "5000", [BY_SUM["citizen"]]),
    ],
)
def test_yq_lr_9_a_fine_is_major_from_its_sum_on_which_is_included(
    bureau: Bureau, source: dict[str, str], fine: str, found: list[tuple[str, str]]
) -> None:
    case = drafted_with(bureau, source=source, fine=Decimal(fine))
    assert grounds(case) == found
    assert case.is_major is bool(found)


@pytest.mark.rule("YQ-LR-9")
def test_yq_lr_9_taking_a_licence_away_is_major_without_any_sum(bureau: Bureau) -> None:
    case = drafted_with(bureau, penalties=["revocation"], fine=None)
    assert grounds(case) == [("licence_revoked", "YQ-LR-9")]


@pytest.mark.rule("YQ-LR-8")
def test_yq_lr_8_a_complex_case_is_major_and_an_official_adds_what_only_people_see(bureau: Bureau) -> None:
    case = f.investigated(bureau, case_in(CaseState.INVESTIGATING, bureau))
    case = f.conclude(bureau, case, is_complex=True, complex_reason="涉及多个法律关系")
    assert ("complex", "YQ-LR-8") in grounds(case)
    case = f.answer(bureau, f.notify(bureau, case))
    case = f.draft(bureau, case, fine=Decimal(2000), added_grounds=["social_impact"], grounds_reason="群体性讨薪")
    assert ("social_impact", "YQ-LR-8") in grounds(case)
    assert {ground["reason"] for ground in case.major_grounds if ground["key"] == "social_impact"} == {"群体性讨薪"}


@pytest.mark.rule("YQ-LR-8", "YQ-LR-9")
def test_yq_lr_9_the_form_offers_what_the_system_does_not_see_by_itself(bureau: Bureau) -> None:
    case = f.answer(bureau, case_in(CaseState.NOTIFIED, bureau))
    field = DraftForm(None, obj=case, by=bureau.lead).fields["added_grounds"]
    offered = [key for key, _ in field.choices]  # type: ignore[attr-defined]
    assert {"grave", "social_impact", "business_stopped", "other_lawful"} <= set(offered)
    assert not {"complex", "licence_revoked", "citizen_fined", "organisation_fined"} & set(offered)
    assert "拟对公民处五千元以上罚款" in str(field.help_text)
    assert "普通程序" not in str(field.help_text)


@pytest.mark.rule("YQ-LR-9", "WH-MEAS-14b")
def test_yq_lr_9_a_light_penalty_needs_no_review_in_yangquan_and_does_in_weihai(bureau: Bureau) -> None:
    case = drafted_with(bureau, fine=Decimal(5000))
    assert not case.is_major
    assert f.decide(bureau, case).state == CaseState.DECIDED


@pytest.mark.rule("WH-MEAS-14b")
def test_wh_meas_14b_the_same_penalty_in_weihai_is_major(db: None) -> None:
    weihai = make_bureau()
    case = drafted_with(weihai, fine=Decimal(5000))
    assert grounds(case) == [("ordinary_procedure", "WH-MEAS-14b")]
    with pytest.raises(StepRefused, match="未经法制审核"):
        f.decide(weihai, case)


@pytest.mark.rule("YQ-LR-9")
def test_yq_lr_9_a_major_penalty_that_is_not_on_record_as_major_is_not_decided(bureau: Bureau, drafted: Case) -> None:
    Case.objects.filter(pk=drafted.pk).update(is_major=False, major_grounds=[])
    with pytest.raises(StepRefused, match="案件没有列为重大执法决定") as refused:
        f.decide(bureau, Case.objects.get(pk=drafted.pk))
    assert cited(refused) == {"YQ-LR-9"}
    assert Case.objects.get(pk=drafted.pk).state == CaseState.NOTIFIED


@pytest.mark.rule("YQ-LR-8")
def test_yq_lr_8_a_complex_case_that_is_not_on_record_as_major_is_not_decided(bureau: Bureau) -> None:
    case = drafted_with(bureau, fine=Decimal(2000))
    Case.objects.filter(pk=case.pk).update(is_complex=True)
    with pytest.raises(StepRefused) as refused:
        f.decide(bureau, Case.objects.get(pk=case.pk))
    unrecorded = [each for each in refused.value.demands if each.text == "案件没有列为重大执法决定"]
    assert [citation.rule_id for each in unrecorded for citation in each.citations] == ["YQ-LR-8"]


# --- no decision without an agreed review ------------------------------------------------------------------------


@pytest.mark.rule("YQ-LR-5")
def test_yq_lr_5_no_major_decision_without_review(bureau: Bureau, drafted: Case) -> None:
    with pytest.raises(StepRefused, match="未经法制审核，不得作出决定") as refused:
        f.decide(bureau, drafted)
    assert cited(refused) == {"CN-PENALTY-58", "YQ-LR-5"}


@pytest.mark.rule("YQ-LR-5", "YQ-LR-12")
@pytest.mark.parametrize(
    ("opinion", "is_grave"), [(Opinion.CORRECT, False), (Opinion.REFUSE, True)], ids=["correct", "refuse"]
)
def test_yq_lr_5_12_of_the_three_opinions_only_agreement_lets_the_decision_be_made(
    bureau: Bureau, drafted: Case, opinion: str, is_grave: bool
) -> None:
    problem = ("problem", is_grave, "示例问题")
    review = answer_points(bureau, accept(bureau, submit(bureau, drafted)), procedure=problem)
    with pytest.raises(StepRefused, match="不能出具同意的意见") as refused:
        issue(bureau, review)
    assert cited(refused) == {"YQ-LR-12"}
    issue(bureau, review, opinion=opinion, opinion_text="程序有问题（示例）")
    with pytest.raises(StepRefused, match="法制审核没有通过，不得作出决定"):
        f.decide(bureau, Case.objects.get(pk=drafted.pk))
    again = f.draft(bureau, Case.objects.get(pk=drafted.pk), happened_at=at("2026-02-05 09:00"), fine=Decimal(20001))
    agreed = submit(bureau, again, happened_at=at("2026-02-05 10:00"))
    issue(bureau, answer_points(bureau, accept(bureau, agreed)))
    case = Case.objects.get(pk=drafted.pk)
    assert case.review_agreed_at is not None
    assert case.review_text_digest == case.draft.text_digest


@pytest.mark.rule("YQ-LR-10", "YQ-LR-11")
def test_yq_lr_10_11_the_package_is_whole_and_every_point_answered(bureau: Bureau, drafted: Case) -> None:
    review = submit(bureau, drafted, package=package(drafted, draft=False))
    with pytest.raises(StepRefused, match="送审材料缺少“决定书代拟稿”") as refused:
        accept(bureau, review)
    assert cited(refused) == {"YQ-LR-10"}
    services.return_package(review=review, by=bureau.reviewer, happened_at=at("2026-02-03 17:00"), remarks="请补")
    review = accept(bureau, submit(bureau, drafted, happened_at=at("2026-02-04 09:00")))
    with pytest.raises(StepRefused, match="还有7个审核要点没有回答") as refused:
        issue(bureau, review)
    assert "YQ-LR-11" in cited(refused)


@pytest.mark.rule("YQ-LR-6")
def test_yq_lr_6_a_review_names_its_legal_office_and_nobody_else_receives_it(bureau: Bureau, drafted: Case) -> None:
    review = submit(bureau, drafted)
    assert review.legal_unit == bureau.legal
    elsewhere = official("郑样例", Role.LEGAL_REVIEWER, bureau.other_section)
    for person in (bureau.head, bureau.leader, bureau.stranger, elsewhere):
        with pytest.raises(NotPermitted, match="由法制审核人员办理"):
            accept(bureau, review, by=fresh(person))
    assert Review.objects.get(pk=review.pk).reviewer is None
    assert accept(bureau, review).reviewer == bureau.reviewer


@pytest.mark.rule("YQ-LR-7b")
def test_yq_lr_7b_an_interested_reviewer_steps_back_and_nobody_reviews_what_they_submitted(
    bureau: Bureau, drafted: Case
) -> None:
    review = submit(bureau, drafted)
    with pytest.raises(NotPermitted, match="应当回避") as refused:
        accept(bureau, review, no_conflict=False)
    assert refused.value.permit.citation is not None
    assert refused.value.permit.citation.rule_id == "YQ-LR-7b"
    assert Review.objects.get(pk=review.pk).state == ReviewState.SUBMITTED
    with pytest.raises(IntegrityError, match="nobody_reviews_what_they_submitted"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(reviewer=bureau.lead)


@pytest.mark.rule("YQ-LR-13b")
def test_yq_lr_13b_an_answered_review_has_its_opinion_in_the_course_itself(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted))
    with pytest.raises(IntegrityError, match="an_answered_review_has_its_opinion"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(state=ReviewState.ANSWERED)
    review = answer_points(bureau, review)
    # Whoever else has an opinion does not enter it: it is the reviewer's own step of the course.
    with pytest.raises(NotPermitted):
        issue(bureau, review, by=fresh(bureau.leader))
    review = issue(bureau, review)
    assert (review.opinion, review.reviewer) == (Opinion.AGREE, bureau.reviewer)
    with pytest.raises(IntegrityError, match="不能从"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(state=ReviewState.REVIEWING)


@pytest.mark.rule("YQ-LR-15c", "CN-PENALTY-57")
def test_yq_lr_15c_what_the_law_wants_discussed_is_discussed_before_the_decision(bureau: Bureau) -> None:
    case = f.investigated(bureau, case_in(CaseState.INVESTIGATING, bureau))
    case = f.conclude(bureau, case, is_complex=True, complex_reason="涉及多个法律关系")
    case = f.ready_to_decide(bureau, f.notify(bureau, case))
    with pytest.raises(StepRefused, match="还没有集体讨论") as refused:
        f.decide(bureau, case)
    assert cited(refused) == {"CN-PENALTY-57", "YQ-LR-15c"}
    case = enforcement.record_discussion(
        case=case,
        by=bureau.leader,
        happened_at=at("2026-02-10 09:00"),
        participants="周范本等",
        opinions="同意",
        conclusion="同意处罚建议",
        file=None,
    )
    assert f.decide(bureau, case).state == CaseState.DECIDED


# --- the clock ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("YQ-LR-14a", "YQ-LR-14b", "YQ-LR-14c")
def test_yq_lr_14_the_ten_working_days_bind_of_themselves_pause_and_grow_once(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted), happened_at=at("2026-03-02 09:00"))
    duty = Duty.objects.get(obligation="legal_review")
    # 3-6④ 9-13⑨ 16⑩
    assert (duty.rule_id, duty.adopted, duty.due_at) == ("YQ-LR-14a", False, at("2026-03-16 23:59:59"))
    with pytest.raises(NotPermitted, match="由机关负责人批准") as refused:
        services.extend_review(review=review, by=bureau.reviewer, happened_at=at("2026-03-03 09:00"), reason="复杂")
    assert refused.value.permit.citation is not None
    assert (refused.value.permit.citation.rule_id, refused.value.permit.citation.adopted) == ("YQ-LR-14b", False)
    review = services.extend_review(review=review, by=bureau.leader, happened_at=at("2026-03-03 09:00"), reason="复杂")
    # ten more: 17-20⑭ 23-27⑲ 30⑳
    assert Duty.objects.get(pk=duty.pk).due_at == at("2026-03-30 23:59:59")
    review = services.pause_clock(
        review=review, by=bureau.reviewer, happened_at=at("2026-03-10 09:00"), kind="expert_argument", remarks="论证"
    )
    services.resume_clock(review=review, by=bureau.reviewer, happened_at=at("2026-03-12 09:00"))
    # 11 and 12 do not count: 31 March⑲, 1 April⑳
    assert Duty.objects.get(pk=duty.pk).due_at == at("2026-04-01 23:59:59")
