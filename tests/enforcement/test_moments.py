"""Legal and recorded moments: a late entry counts from the day it happened, a wrong one is corrected and stays visible."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core import calendars
from core.facts import FactRefused
from core.lifecycle import MomentRefused
from core.models import Duty, FactRecord
from enforcement.models import Case
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
