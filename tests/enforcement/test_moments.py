"""Legal and recorded moments: a late entry counts from the day it happened, a wrong one is corrected and stays visible."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import calendars
from core.facts import FactRefused
from core.lifecycle import MomentRefused
from core.models import Duty, FactRecord
from enforcement import services, terms
from enforcement.models import Case, InvestigationExtension, MomentCorrection
from enforcement.selectors.course import stages_of
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in


def record_of(case: Case, name: str) -> FactRecord:
    return FactRecord.objects.get(stream=case.stream, name=f"enforcement.{name}")


def duty_of(case: Case, obligation: str) -> Duty:
    return Duty.objects.get(file_stream=case.stream, obligation=obligation)


@pytest.mark.rule("CN-PENALTY-60", "CN-INSPECTION-17a")
def test_cn_penalty_60_filing_opens_ninety_days_to_decide_and_sixty_working_days_to_investigate(bureau: Bureau) -> None:
    case = case_in("investigating", bureau)
    decide, investigate = duty_of(case, "decide_case"), duty_of(case, "close_investigation")
    assert timezone.localdate(decide.due_at) == date(2026, 4, 7)  # nominal 6 April is Qingming
    expected = calendars.current()
    assert expected.working_days_between(date(2026, 1, 6), timezone.localdate(investigate.due_at)) == 60
    case = f.conclude(bureau, f.investigated(bureau, case))
    assert duty_of(case, "close_investigation").met_at == at("2026-01-28 16:00")


@pytest.mark.rule("CN-PENALTY-61", "CN-PENALTY-60", "WH-MEAS-15b")
def test_cn_penalty_61_the_decision_opens_service_and_publication_and_service_opens_payment(bureau: Bureau) -> None:
    case = case_in("served", bureau)
    assert timezone.localdate(duty_of(case, "serve_decision").due_at) == date(2026, 2, 27)
    assert duty_of(case, "serve_decision").met_at == at("2026-02-13 10:00")
    assert timezone.localdate(duty_of(case, "publish_decision").due_at) == date(2026, 2, 27)
    assert duty_of(case, "decide_case").met_at == at("2026-02-11 10:00")
    pay = duty_of(case, "pay_fine")
    assert (timezone.localdate(pay.due_at), pay.owed_by) == (date(2026, 2, 28), "party")


@pytest.mark.rule("WH-MEAS-15b")
def test_wh_meas_15b_a_decision_signed_on_monday_and_entered_on_friday_counts_from_monday(
    bureau: Bureau, client: Client
) -> None:
    case = f.ready_to_decide(bureau, case_in("notified", bureau))
    signed = at("2026-02-09 16:00")
    case = f.decide(bureau, case, happened_at=signed)
    record = record_of(case, "decision_made")
    assert record.happened_at == signed
    assert timezone.localdate(record.recorded_at) == timezone.localdate()
    duty = duty_of(case, "publish_decision")
    assert duty.day_zero == date(2026, 2, 9)
    client.force_login(bureau.lead)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "发生在2026年2月9日（周一）" in page


def reviewed_and_decided(bureau: Bureau) -> Case:
    """A major decision of 11 February on a text that legal affairs agreed to on the 9th."""
    case = f.draft(
        bureau,
        f.answer(bureau, case_in("notified", bureau)),
        added_grounds=["public_interest"],
        grounds_reason="社会影响较大",
    )
    case = f.review(bureau, case, happened_at=at("2026-02-09 16:00"))
    return f.decide(bureau, case)


def test_a_step_is_not_taken_in_the_future_nor_before_the_one_it_follows(bureau: Bureau) -> None:
    case = case_in("concluded", bureau)
    with pytest.raises(MomentRefused, match="不能晚于现在"):
        f.notify(bureau, case, happened_at=timezone.now() + timedelta(minutes=5))
    with pytest.raises(MomentRefused, match="不能早于上一步（2026年1月28日16:00）"):
        f.notify(bureau, case, happened_at=at("2026-01-28 15:59"))
    assert Case.objects.get(pk=case.pk).state == "concluded"


def test_acts_of_one_state_may_be_entered_in_any_order_but_not_before_the_state_began(bureau: Bureau) -> None:
    case = f.evidence(bureau, case_in("investigating", bureau))
    earlier = {"started_at": at("2026-01-08 09:00"), "ended_at": at("2026-01-08 10:00")}
    case = f.evidence(bureau, case, **earlier)
    assert [act.started_at for act in case.acts.all()] == [at("2026-01-08 09:00"), at("2026-01-14 09:02")]
    assert case.last_step_at == at("2026-01-14 10:41")
    with pytest.raises(MomentRefused, match="2026年1月6日10:00"):
        f.evidence(bureau, case, started_at=at("2026-01-05 09:00"), ended_at=at("2026-01-05 10:00"))


def test_a_corrected_moment_moves_duties_and_the_cases_own_days_and_the_old_line_stays(
    bureau: Bureau, client: Client
) -> None:
    case = case_in("decided", bureau)
    wrong = record_of(case, "decision_made")
    f.correct(bureau, case, wrong, at("2026-02-10 10:00"), reason="签发日期录错")
    case.refresh_from_db()
    assert (
        case.decided_at == case.decision.decided_at == case.state_since == case.last_step_at == at("2026-02-10 10:00")
    )
    assert timezone.localdate(duty_of(case, "publish_decision").due_at) == date(2026, 2, 26)
    assert duty_of(case, "decide_case").met_at == at("2026-02-10 10:00")
    wrong.refresh_from_db()
    assert wrong.happened_at == at("2026-02-11 10:00")
    client.force_login(bureau.lead)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "<s>作出行政处罚决定</s>" in page
    assert "签发日期录错（批准人：吴样例）" in page


def test_a_correction_stays_between_the_steps_around_it(bureau: Bureau) -> None:
    case = case_in("served", bureau)
    wrong = record_of(case, "decision_made")
    for moment, message in ((at("2026-01-28 09:00"), "早于前一步骤"), (at("2026-02-14 09:00"), "晚于后一步骤")):
        with pytest.raises(FactRefused, match=message):
            f.correct(bureau, case, wrong, moment, reason="录错")
    assert not FactRecord.objects.filter(corrects=wrong).exists()


def all_moments(case: Case) -> list[Any]:
    case = Case.objects.get(pk=case.pk)
    duties = Duty.objects.filter(file_stream=case.stream).order_by("pk").values_list("pk", "due_at", "met_at")
    return [case.decided_at, case.notified_at, case.state_since, case.last_step_at, case.decision.decided_at, *duties]


@pytest.mark.rule("CN-PENALTY-58", "WH-MEAS-13")
def test_cn_penalty_58_a_decision_is_not_corrected_to_a_day_before_its_review(bureau: Bureau, client: Client) -> None:
    """Decided on the 11th, agreed to on the 9th: the 6th walks around the review, at the request and at the approval."""
    case = reviewed_and_decided(bureau)
    wrong, before = record_of(case, "decision_made"), all_moments(case)
    with pytest.raises(
        FactRefused,
        match="法制审核于2月9日同意，决定不能早于审核（处罚法第五十八条、省监督条例第十三条、监督办法第十三条",
    ):
        f.ask_correction(bureau, case, wrong, at("2026-02-06 16:00"))
    client.force_login(bureau.lead)
    answer = client.post(
        reverse("enforcement:correct", args=[case.pk, wrong.pk]),
        {"happened_at": "2026-02-06T16:00", "reason": "日期录错"},
    )
    assert answer.status_code == 422
    assert "决定不能早于审核" in answer.context["form"].errors["happened_at"][0]
    assert not MomentCorrection.objects.exists()
    assert all_moments(case) == before
    f.correct(bureau, case, wrong, at("2026-02-09 18:00"))
    assert Case.objects.get(pk=case.pk).decided_at == at("2026-02-09 18:00")


@pytest.mark.rule("CN-PENALTY-58")
def test_cn_penalty_58_the_review_may_have_moved_before_the_approval(bureau: Bureau) -> None:
    case = reviewed_and_decided(bureau)
    request = f.ask_correction(bureau, case, record_of(case, "decision_made"), at("2026-02-09 18:00"))
    Case.objects.filter(pk=case.pk).update(review_agreed_at=at("2026-02-10 09:00"))
    before = all_moments(case)
    with pytest.raises(FactRefused, match="法制审核于2月10日同意"):
        f.approve_correction(bureau, request)
    assert all_moments(case) == before
    assert MomentCorrection.objects.get().state == "requested"


def test_a_correction_refused_leaves_nothing_and_what_hangs_on_it_stays(bureau: Bureau) -> None:
    """What rests on a corrected moment is asked as well: neither side of a pair passes the other."""
    case = reviewed_and_decided(bureau)
    before, lines = all_moments(case), FactRecord.objects.count()
    for name, moment, words in (
        ("decision_made", "2026-02-03 09:59", "早于前一步骤（拟制处罚决定"),
        ("decision_drafted", "2026-02-10 09:00", "法制审核同意（.*）不能早于拟稿"),
        ("decision_drafted", "2026-02-11 10:01", "晚于后一步骤（作出行政处罚决定"),
        ("rights_answered", "2026-01-29 09:00", "早于前一步骤（告知拟处罚内容和权利|不能早于告知"),
        ("rights_notified", "2026-02-05 09:00", "当事人答复（.*）不能早于告知|晚于后一步骤"),
        ("rights_notified", "2026-01-28 15:00", "早于前一步骤（调查终结"),
        ("evidence_taken", "2026-01-29 10:00", "晚于后一步骤（调查终结"),
        ("evidence_taken", "2026-01-05 10:00", "早于前一步骤（立案"),
    ):
        record = FactRecord.objects.filter(stream=case.stream, name=f"enforcement.{name}").order_by("pk").last()
        assert record is not None
        with pytest.raises(FactRefused, match=words):
            f.ask_correction(bureau, case, record, at(moment))
    assert all_moments(case) == before
    assert FactRecord.objects.count() == lines


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64a_silence_is_waited_for_whichever_moment_is_corrected(bureau: Bureau) -> None:
    """No answer came, the hearing's five days ran out, then it was decided: neither the notice nor the decision moves into them."""
    case = case_in("notified", bureau)
    case = f.draft(bureau, case, happened_at=at("2026-02-10 09:00"))
    case = f.decide(bureau, f.review(bureau, case, happened_at=at("2026-02-10 10:00")))
    assert not case.notice.answers.exists()
    ends = terms.answer_period_ends(case, case.notice.served_at)
    assert ends is not None
    assert ends < case.decided_at
    with pytest.raises(FactRefused, match="24:00前不能决定"):
        f.ask_correction(bureau, case, record_of(case, "rights_notified"), at("2026-02-09 09:00"))


def test_the_row_of_a_draft_follows_its_correction(bureau: Bureau) -> None:
    case = f.ready_to_decide(bureau, case_in("notified", bureau))
    moment = case.draft.drafted_at - timedelta(minutes=5)
    f.correct(bureau, case, record_of(case, "decision_drafted"), moment)
    assert Case.objects.get(pk=case.pk).draft.drafted_at == moment


def test_a_verification_stays_after_its_order_and_evidence_is_taken_with_certificates_of_the_day(
    bureau: Bureau,
) -> None:
    case = f.verify_correction(bureau, f.order_correction(bureau, case_in("investigating", bureau)))
    for name, moment in (("correction_ordered", "2026-01-22 09:01"), ("correction_verified", "2026-01-14 14:59")):
        with pytest.raises(FactRefused, match=r"核查改正情况（.*）不能早于责令改正"):
            f.ask_correction(bureau, case, record_of(case, name), at(moment))
    case = f.evidence(bureau, case)
    bureau.lead.certificates.update(valid_from=date(2026, 1, 10))
    with pytest.raises(FactRefused, match="没有当日有效的执法证件（"):
        f.ask_correction(bureau, case, record_of(case, "evidence_taken"), at("2026-01-09 10:41"))


@pytest.mark.parametrize(
    ("name", "moment", "rows"),
    [
        ("source_registered", "2025-12-23 09:00", lambda case: [case.registered_at, case.source.received_at]),
        ("case_filed", "2026-01-07 09:00", lambda case: [case.filed_at]),
        ("investigation_closed", "2026-01-27 09:00", lambda case: [case.concluded_at, case.conclusion.concluded_at]),
        ("rights_notified", "2026-01-30 09:00", lambda case: [case.notified_at, case.notice.served_at]),
        ("rights_answered", "2026-02-03 09:00", lambda case: [case.notice.answers.get().answered_at]),
        ("decision_served", "2026-02-12 09:00", lambda case: [case.served_at, case.service.served_at]),
        ("fine_paid", "2026-02-26 09:00", lambda case: [case.performed_at, case.payment.paid_at]),
    ],
)
def test_every_row_that_repeats_a_moment_follows_its_correction(bureau: Bureau, name: str, moment: str, rows) -> None:  # type: ignore[no-untyped-def]
    case = case_in("performed", bureau)
    f.correct(bureau, case, record_of(case, name), at(moment), reason="录错")
    assert rows(Case.objects.get(pk=case.pk)) == [at(moment)] * len(rows(case))


def revoked_after_closing(bureau: Bureau) -> Case:
    return services.revoke_decision(
        case=case_in("closed", bureau),
        by=bureau.leader,
        happened_at=at("2026-04-20 10:00"),
        ground="revoked",
        reason="复议决定撤销（示例）",
    )


def test_a_closed_case_keeps_how_it_was_closed_when_its_decision_is_revoked(bureau: Bureau, client: Client) -> None:
    closed = case_in("closed", bureau)
    case = services.revoke_decision(
        case=closed,
        by=bureau.leader,
        happened_at=at("2026-04-20 10:00"),
        ground="revoked",
        reason="复议决定撤销（示例）",
    )
    assert (case.ended_at, case.end_ground, case.end_reason) == (closed.ended_at, "performed", closed.end_reason)
    assert (case.revoked_at, case.revoke_reason) == (at("2026-04-20 10:00"), "复议决定撤销（示例）")
    stages = [(stage.label, stage.on) for stage in stages_of(case, [])][-2:]
    assert stages == [("结案", closed.ended_at), ("决定已撤销", at("2026-04-20 10:00"))]
    client.force_login(bureau.lead)
    page = client.get(case.get_absolute_url()).content.decode()
    assert page.index("复议决定撤销（示例）") < page.index(closed.end_reason)


@pytest.mark.parametrize("closed", [True, False])
def test_the_moment_of_a_revocation_is_corrected_without_that_of_closing(bureau: Bureau, closed: bool) -> None:
    case = revoked_after_closing(bureau) if closed else case_in("revoked", bureau)
    ended_at = case.ended_at
    f.correct(bureau, case, record_of(case, "decision_revoked"), at("2026-04-21 10:00"), reason="录错")
    case = Case.objects.get(pk=case.pk)
    assert case.revoked_at == at("2026-04-21 10:00")
    assert case.ended_at == (ended_at if closed else case.revoked_at)


@pytest.mark.rule("CN-INSPECTION-17b")
def test_the_day_of_an_extension_is_corrected_and_never_to_one_after_the_period(bureau: Bureau) -> None:
    case = services.extend_investigation(
        case=case_in("investigating", bureau),
        by=bureau.leader,
        happened_at=at("2026-04-03 16:00"),
        reason="涉案人员多，需要逐人核对工资",
    )
    extended = record_of(case, "investigation_extended")
    f.correct(bureau, case, extended, at("2026-04-02 16:00"), reason="录错")
    duty = duty_of(case, "close_investigation")
    assert (duty.extended_on, duty.due_at) == (date(2026, 4, 2), at("2026-05-21 23:59:59"))
    assert duty.explanation["extended_on"] == "2026-04-02"
    assert InvestigationExtension.objects.get(case=case).approved_at == at("2026-04-02 16:00")
    with pytest.raises(FactRefused, match=r"^期限已于2026-04-07届满"):
        f.correct(bureau, case, extended, at("2026-04-08 16:00"), reason="录错")
    assert duty_of(case, "close_investigation").extended_on == date(2026, 4, 2)


def test_the_length_of_an_act_stays_when_its_end_is_corrected(bureau: Bureau) -> None:
    case = f.evidence(bureau, case_in("investigating", bureau))
    f.correct(bureau, case, record_of(case, "evidence_taken"), at("2026-01-15 10:41"), reason="日期录错")
    act = case.acts.get()
    assert (act.started_at, act.ended_at) == (at("2026-01-15 09:02"), at("2026-01-15 10:41"))


@pytest.mark.rule("CN-PENALTY-60", "CN-INSPECTION-17a")
def test_a_dismissed_case_owes_no_decision_any_more(bureau: Bureau) -> None:
    case = case_in("dismissed", bureau)
    assert (
        not Duty.objects.open()
        .filter(file_stream=case.stream, obligation__in=["decide_case", "close_investigation"])
        .exists()
    )
