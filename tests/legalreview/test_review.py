"""No major decision without an agreed review of exactly its text; the clock of ten working days; nobody reviews own work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agency.models import Official
from core import duties, jobs
from core.access import NotPermitted
from core.duties import DutyRefused
from core.lifecycle import MomentRefused, StepNotOpen, StepRefused
from core.models import Duty, FactRecord, Grant
from core.store import open_stored
from enforcement import services as enforcement
from enforcement.models import Case
from legalreview import services
from legalreview.models import Review, ReviewState
from legalreview.procedure import REVIEW
from legalreview.services import SubmissionRefused
from tests.enforcement.factories import Bureau, at, decide, draft, fresh
from tests.legalreview.steps import accept, answer_points, issue, package, points, submit

pytestmark = pytest.mark.django_db


def demands(refused: pytest.ExceptionInfo[StepRefused]) -> list[str]:
    return [demand.text for demand in refused.value.demands]


def cited(refused: pytest.ExceptionInfo[StepRefused]) -> set[str]:
    return {citation.rule_id for demand in refused.value.demands for citation in demand.citations}


@pytest.mark.rule("WH-MEAS-13", "WH-PLAN-7b", "CN-PENALTY-58")
def test_wh_meas_13_a_major_decision_without_review_is_refused_with_every_article(
    bureau: Bureau, drafted: Case
) -> None:
    with pytest.raises(StepRefused) as refused:
        decide(bureau, drafted)
    assert {"WH-MEAS-13", "WH-PLAN-7b", "CN-PENALTY-58"} <= cited(refused)
    assert Case.objects.get(pk=drafted.pk).state == "notified"
    assert not FactRecord.objects.filter(name="enforcement.decision_made").exists()


def test_the_flow_from_submission_to_an_agreed_decision(bureau: Bureau, drafted: Case) -> None:
    review = issue(bureau, answer_points(bureau, accept(bureau, submit(bureau, drafted))))

    assert review.state == ReviewState.ANSWERED
    case = Case.objects.get(pk=drafted.pk)
    assert case.review_result == Case.AGREED
    assert case.review_text_digest == case.draft.text_digest
    assert decide(bureau, case).state == "decided"


@pytest.mark.rule("YQ-LR-14a")
def test_yq_lr_14a_the_ten_working_days_start_with_the_complete_package_and_end_with_the_opinion(
    bureau: Bureau, drafted: Case
) -> None:
    review = submit(bureau, drafted)
    assert not Duty.objects.filter(obligation="legal_review").exists()

    review = accept(bureau, review, happened_at=at("2026-02-04 09:00"))
    duty = Duty.objects.get(obligation="legal_review")
    # 5-6, 9-14 (Saturday the 14th is worked), then after the festival 24-25
    assert duty.due_at == at("2026-02-25 23:59:59")
    assert duty.adopted
    assert duty.owner_unit == bureau.legal
    assert duty.file_stream == drafted.stream

    issue(bureau, answer_points(bureau, review))
    duty.refresh_from_db()
    assert duty.met_at is not None


@pytest.mark.rule("YQ-LR-10")
def test_yq_lr_10_an_incomplete_package_is_not_accepted_and_no_clock_starts(bureau: Bureau, drafted: Case) -> None:
    review = submit(bureau, drafted, package=package(drafted, basis_and_evidence=False))
    with pytest.raises(StepRefused) as refused:
        accept(bureau, review)
    assert demands(refused) == ["送审材料缺少“法律依据和证据资料”"]
    assert cited(refused) == {"YQ-LR-10"}
    assert Review.objects.get(pk=review.pk).state == ReviewState.SUBMITTED
    assert not Duty.objects.filter(obligation="legal_review").exists()


@pytest.mark.rule("WH-PLAN-7a")
def test_wh_plan_7a_a_submission_without_evidence_is_not_accepted(bureau: Bureau, drafted: Case) -> None:
    bare = draft(bureau, drafted, evidence=" ", happened_at=at("2026-02-03 11:00"))
    review = submit(bureau, bare)
    with pytest.raises(StepRefused) as refused:
        accept(bureau, review)
    assert "送审缺少：相关证据" in demands(refused)
    assert "WH-PLAN-7a" in cited(refused)
    assert Review.objects.get(pk=review.pk).reviewer is None


def test_a_returned_package_comes_back_in_a_second_round(bureau: Bureau, drafted: Case) -> None:
    first = submit(bureau, drafted, package=package(drafted, basis_and_evidence=False))
    services.return_package(
        review=first, by=bureau.reviewer, happened_at=at("2026-02-04 09:00"), remarks="请补充工资台账"
    )
    second = submit(bureau, drafted, happened_at=at("2026-02-05 09:00"))
    assert (second.round, second.state) == (2, ReviewState.SUBMITTED)
    assert Review.objects.get(pk=first.pk).remarks == "请补充工资台账"
    assert accept(bureau, second).state == ReviewState.REVIEWING


def test_a_package_returned_after_acceptance_voids_its_clock_with_the_reason(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted))
    services.return_package(review=review, by=bureau.reviewer, happened_at=at("2026-02-05 09:00"), remarks="证据不足")
    duty = Duty.objects.get(obligation="legal_review")
    assert duty.voided_at == at("2026-02-05 09:00")
    assert "退回补正" in duty.void_reason


@pytest.mark.rule("YQ-LR-11")
def test_yq_lr_11_an_unanswered_point_blocks_the_opinion_and_is_named(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted))
    rows = [row | ({"answer": ""} if row["key"] == "suspected_crime" else {}) for row in points(review)]
    review = services.answer_points(review=review, by=bureau.reviewer, happened_at=review.last_step_at, points=rows)
    with pytest.raises(StepRefused) as refused:
        issue(bureau, review)
    assert demands(refused) == ["还有1个审核要点没有回答：是否涉嫌犯罪、需要移送"]
    assert cited(refused) == {"YQ-LR-11"}
    assert Case.objects.get(pk=drafted.pk).review_result == ""


@pytest.mark.rule("YQ-LR-12")
@pytest.mark.parametrize(
    ("answer", "opinion", "message"),
    [
        (("problem", True, "没有处罚权"), "agree", "不能出具同意的意见"),
        (("problem", True, "没有处罚权"), "correct", "应当提出不予作出决定的意见"),
        (("problem", False, "表述不规范"), "agree", "不能出具同意的意见"),
        (("problem", False, "表述不规范"), "refuse", "应当提出纠正的意见"),
        (("sound", False, ""), "correct", "各审核要点均没有问题"),
    ],
)
def test_yq_lr_12_an_opinion_that_does_not_follow_the_points_is_refused(
    bureau: Bureau, drafted: Case, answer: tuple[str, bool, str], opinion: str, message: str
) -> None:
    review = answer_points(bureau, accept(bureau, submit(bureau, drafted)), subject=answer)
    with pytest.raises(StepRefused) as refused:
        issue(bureau, review, opinion)
    assert message in demands(refused)[0]
    assert Review.objects.get(pk=review.pk).opinion == ""
    assert Case.objects.get(pk=drafted.pk).review_result == ""


@pytest.mark.parametrize(("grave", "opinion"), [(False, "correct"), (True, "refuse")])
def test_anything_but_agree_blocks_the_decision(bureau: Bureau, drafted: Case, grave: bool, opinion: str) -> None:
    review = answer_points(bureau, accept(bureau, submit(bureau, drafted)), subject=("problem", grave, "说明"))
    issue(bureau, review, opinion, opinion_text="请改正")
    with pytest.raises(StepRefused) as refused:
        decide(bureau, Case.objects.get(pk=drafted.pk))
    assert "WH-MEAS-13" in cited(refused)


def test_a_draft_changed_after_the_agreement_needs_a_new_review(bureau: Bureau, drafted: Case) -> None:
    issue(bureau, answer_points(bureau, accept(bureau, submit(bureau, drafted))))
    changed = draft(
        bureau, Case.objects.get(pk=drafted.pk), happened_at=at("2026-02-10 09:00"), discretion_reason="另有理由"
    )
    with pytest.raises(StepRefused) as refused:
        decide(bureau, changed)
    assert "WH-MEAS-13" in cited(refused)
    assert submit(bureau, changed, happened_at=at("2026-02-10 10:00")).round == 2


def test_a_draft_changed_during_the_review_cannot_be_agreed_to(bureau: Bureau, drafted: Case) -> None:
    review = answer_points(bureau, accept(bureau, submit(bureau, drafted)))
    draft(bureau, Case.objects.get(pk=drafted.pk), happened_at=at("2026-02-04 09:00"), discretion_reason="另有理由")
    with pytest.raises(StepRefused) as refused:
        issue(bureau, review)
    assert demands(refused) == ["承办人已经修改草案，应当退回并重新送审新的草案"]


def test_a_case_dismissed_during_its_review_needs_no_opinion(bureau: Bureau, drafted: Case) -> None:
    review = answer_points(bureau, accept(bureau, submit(bureau, drafted)))
    enforcement.dismiss_case(
        case=drafted, by=bureau.leader, happened_at=at("2026-02-05 10:00"), ground="unproven", reason="示例理由"
    )
    with pytest.raises(StepNotOpen, match="已退回补正"):
        issue(bureau, review)
    assert Review.objects.get(pk=review.pk).opinion == ""


@pytest.mark.rule("YQ-LR-14c")
def test_yq_lr_14c_supplementing_stops_the_clock_and_starts_it_again(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted), happened_at=at("2026-03-02 09:00"))
    review = services.pause_clock(
        review=review, by=bureau.reviewer, happened_at=at("2026-03-04 09:00"), kind="supplement", remarks="请补名册"
    )
    assert Duty.objects.get(obligation="legal_review").state == "paused"
    services.resume_clock(review=review, by=bureau.reviewer, happened_at=at("2026-03-06 09:00"))
    assert Duty.objects.get(obligation="legal_review").due_at == at("2026-03-18 23:59:59")


@pytest.mark.rule("YQ-LR-14c")
@pytest.mark.parametrize(("asked_at", "extended"), [("2026-03-13 16:00", False), ("2026-03-18 09:00", True)])
def test_yq_lr_14c_while_a_day_is_left_the_clock_may_be_stopped(
    bureau: Bureau, drafted: Case, asked_at: str, extended: bool
) -> None:
    review = accept(bureau, submit(bureau, drafted), happened_at=at("2026-03-02 09:00"))
    if extended:
        review = services.extend_review(
            review=review, by=bureau.leader, happened_at=at("2026-03-10 09:00"), reason="案情复杂"
        )
    services.pause_clock(
        review=review, by=bureau.reviewer, happened_at=at(asked_at), kind="supplement", remarks="请补名册"
    )
    assert Duty.objects.get(obligation="legal_review").state == "paused"


@pytest.mark.rule("YQ-LR-14c")
@pytest.mark.parametrize(
    ("asked_at", "what_is_left"),
    [("2026-03-16 09:00", "；届满前还可以报请批准延长"), ("2026-03-18 09:00", "")],
    ids=["on the last day", "overdue"],
)
def test_yq_lr_14c_a_clock_that_has_run_out_is_not_stopped_and_stays_red(
    bureau: Bureau, drafted: Case, asked_at: str, what_is_left: str
) -> None:
    review = accept(bureau, submit(bureau, drafted), happened_at=at("2026-03-02 09:00"))
    with pytest.raises(StepRefused) as refused:
        services.pause_clock(
            review=review, by=bureau.reviewer, happened_at=at(asked_at), kind="supplement", remarks="请补名册"
        )
    assert demands(refused) == ["审核期限到3月16日届满，提出要求的当日也计入期限，不能再暂停" + what_is_left]
    duty = Duty.objects.get(obligation="legal_review")
    assert Review.objects.get(pk=review.pk).state == ReviewState.REVIEWING
    assert duty.state_at(at("2026-03-18 10:00")) == "overdue"
    with pytest.raises(DutyRefused, match="期限已经届满，不能再暂停"):
        duties.pause(duty, kind="supplement", from_day=at(asked_at).date())


@pytest.mark.rule("YQ-LR-14b")
def test_yq_lr_14b_the_leader_extends_once_and_the_reviewer_never(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted), happened_at=at("2026-03-02 09:00"))
    with pytest.raises(NotPermitted, match="由机关负责人批准"):
        services.extend_review(review=review, by=bureau.reviewer, happened_at=at("2026-03-10 09:00"), reason="案情复杂")
    assert Duty.objects.get(obligation="legal_review").due_at == at("2026-03-16 23:59:59")

    review = services.extend_review(
        review=review, by=bureau.leader, happened_at=at("2026-03-10 09:00"), reason="案情复杂"
    )
    assert Duty.objects.get(obligation="legal_review").due_at == at("2026-03-30 23:59:59")
    with pytest.raises(StepRefused) as refused:
        services.extend_review(review=review, by=bureau.leader, happened_at=at("2026-03-11 09:00"), reason="再延")
    assert demands(refused) == ["审核期限已经延长过一次"]


def test_yq_lr_14b_after_the_due_day_it_is_refused(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted), happened_at=at("2026-03-02 09:00"))
    with pytest.raises(StepRefused) as refused:
        services.extend_review(review=review, by=bureau.leader, happened_at=at("2026-03-17 09:00"), reason="案情复杂")
    assert demands(refused) == ["审核期限已经届满，不能再延长"]
    assert Duty.objects.get(obligation="legal_review").due_at == at("2026-03-16 23:59:59")


class TestWho:
    def test_the_officer_of_the_case_cannot_review_it_even_as_a_reviewer(self, bureau: Bureau, drafted: Case) -> None:
        from agency.models import Appointment, Role
        from tests.enforcement.factories import FORMER

        Appointment.objects.create(official=bureau.co, role=Role.LEGAL_REVIEWER, unit=bureau.legal, term=FORMER)
        review = submit(bureau, drafted)
        with pytest.raises(NotPermitted, match="不得审核自己承办的案件"):
            accept(bureau, review, by=fresh(bureau.co))
        assert Review.objects.get(pk=review.pk).state == ReviewState.SUBMITTED

    def test_only_the_reviewer_who_accepted_gives_the_opinion(
        self, bureau: Bureau, drafted: Case, second_reviewer: Official
    ) -> None:
        review = answer_points(bureau, accept(bureau, submit(bureau, drafted)))
        with pytest.raises(NotPermitted, match="由接收材料的审核人员办理"):
            issue(bureau, review, by=second_reviewer)
        assert Review.objects.get(pk=review.pk).opinion == ""

    def test_a_reviewer_with_an_interest_steps_back(self, bureau: Bureau, drafted: Case) -> None:
        review = submit(bureau, drafted)
        with pytest.raises(NotPermitted, match="应当回避"):
            accept(bureau, review, no_conflict=False)

    def test_a_stranger_cannot_submit_it(self, bureau: Bureau, drafted: Case) -> None:
        with pytest.raises(NotPermitted, match="由本案承办人送审"):
            submit(bureau, drafted, by=bureau.stranger)
        assert not Review.objects.exists()

    def test_the_submission_opens_the_case_to_the_legal_office_and_the_opinion_closes_it(
        self, bureau: Bureau, drafted: Case
    ) -> None:
        def sees() -> bool:
            return Case.objects.visible_to(fresh(bureau.reviewer)).filter(pk=drafted.pk).exists()

        assert not sees()
        review = submit(bureau, drafted)
        assert sees()
        issue(bureau, answer_points(bureau, accept(bureau, review)))
        assert not sees()
        assert Grant.objects.get(act="legal_review").to_at is not None

    def test_another_section_sees_no_review(self, bureau: Bureau, drafted: Case) -> None:
        review = submit(bureau, drafted)
        assert not Review.objects.visible_to(fresh(bureau.stranger)).exists()
        assert Review.objects.visible_to(fresh(bureau.reviewer)).get() == review
        assert Review.objects.visible_to(fresh(bureau.lead)).get() == review


class TestSubmission:
    def test_one_open_round_at_a_time(self, bureau: Bureau, drafted: Case) -> None:
        submit(bureau, drafted)
        with pytest.raises(SubmissionRefused, match="上一次送审还没有办结"):
            submit(bureau, drafted)
        assert Review.objects.count() == 1

    def test_an_agreed_text_is_not_reviewed_twice(self, bureau: Bureau, drafted: Case) -> None:
        issue(bureau, answer_points(bureau, accept(bureau, submit(bureau, drafted))))
        with pytest.raises(SubmissionRefused, match="已经法制审核同意"):
            submit(bureau, Case.objects.get(pk=drafted.pk), happened_at=at("2026-02-05 10:00"))

    def test_it_cannot_come_before_its_draft(self, bureau: Bureau, drafted: Case) -> None:
        with pytest.raises(MomentRefused, match="送审时间不能早于拟稿时间"):
            submit(bureau, drafted, happened_at=at("2026-02-02 10:00"))
        assert not Review.objects.exists()


class TestDatabase:
    def test_the_trigger_repeats_exactly_the_edges_of_the_table(self, bureau: Bureau, drafted: Case) -> None:
        review = submit(bureau, drafted)
        allowed = REVIEW.edges()
        for target in ReviewState.values:
            if (ReviewState.SUBMITTED, target) in allowed or target == ReviewState.SUBMITTED:
                continue
            with pytest.raises(IntegrityError, match="不能从"), transaction.atomic():
                Review.objects.filter(pk=review.pk).update(state=target)
        assert Review.objects.get(pk=review.pk).state == ReviewState.SUBMITTED

    def test_the_function_in_the_database_is_the_one_the_table_makes(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'legalreview_review_state_edges'")
            (stands,) = cursor.fetchone()
        assert stands.strip() in REVIEW.edge_trigger_sql("legalreview_review")

    def test_a_late_second_step_is_told_where_the_review_stands(
        self, bureau: Bureau, drafted: Case, second_reviewer: Official
    ) -> None:
        review = submit(bureau, drafted)
        accept(bureau, review)
        with pytest.raises(StepNotOpen, match="审核中"):
            accept(bureau, review, by=second_reviewer)
        assert Review.objects.get(pk=review.pk).reviewer == bureau.reviewer


def test_the_opinion_becomes_a_document_that_names_points_and_digest(bureau: Bureau, drafted: Case) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    review = issue(bureau, answer_points(bureau, accept(bureau, submit(bureau, drafted))))
    jobs.drain(50)
    review.refresh_from_db()
    assert review.document is not None
    with open_stored(review.document) as source:
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(source.read())).pages)
    plain = "".join(text.split())
    for part in ("重大行政执法决定法制审核意见书", "审核意见：同意", "执法程序合法", "赵样本", review.text_digest[:20]):
        assert part in plain


def test_each_form_gives_exactly_what_its_service_takes(bureau: Bureau, drafted: Case) -> None:
    import inspect

    from legalreview.forms import SubmitForm

    review = submit(bureau, drafted)
    for step in REVIEW.steps:
        taken = set(inspect.signature(getattr(services, step.service.rpartition(".")[2])).parameters) - {"review", "by"}
        form: Any = step.form_class(None, obj=review, by=bureau.reviewer)
        given = set(form.service_keys()) if hasattr(form, "service_keys") else set(form.fields)
        assert given == taken, step.key
    assert set(SubmitForm(None, obj=drafted, by=bureau.lead).service_keys()) == {
        "happened_at",
        "explanation",
        "package",
    }


def test_a_step_before_its_predecessor_is_refused_at_its_moment(bureau: Bureau, drafted: Case) -> None:
    review = submit(bureau, drafted)
    with pytest.raises(MomentRefused, match="不能早于上一步"):
        accept(bureau, review, happened_at=review.submitted_at - timedelta(minutes=1))


def test_what_one_reviewer_accepted_another_cannot_give_back(
    bureau: Bureau, drafted: Case, second_reviewer: Official
) -> None:
    review = accept(bureau, submit(bureau, drafted))
    with pytest.raises(NotPermitted, match="由接收材料的审核人员办理"):
        services.return_package(
            review=review, by=second_reviewer, happened_at=at("2026-02-05 09:00"), remarks="证据不足"
        )
    assert Review.objects.get(pk=review.pk).state == ReviewState.REVIEWING


@pytest.mark.parametrize("waiting_for_material", [False, True])
def test_a_case_that_ends_takes_its_open_review_and_its_clock_with_it(
    bureau: Bureau, drafted: Case, waiting_for_material: bool
) -> None:
    review = accept(bureau, submit(bureau, drafted))
    if waiting_for_material:
        services.pause_clock(
            review=review, by=bureau.reviewer, happened_at=at("2026-02-04 09:00"), kind="supplement", remarks="请补名册"
        )
    enforcement.dismiss_case(
        case=drafted, by=bureau.leader, happened_at=at("2026-02-05 09:00"), ground="corrected", reason="已足额支付"
    )
    ended = Review.objects.get(pk=review.pk)
    assert ended.state == ReviewState.RETURNED
    assert "不再需要审核意见" in ended.remarks
    assert Duty.objects.get(obligation="legal_review").state == "voided"
    assert Grant.objects.get(act="legal_review").to_at is not None
