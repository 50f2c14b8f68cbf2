"""Service, payment, closing, and endings without a penalty."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core import facts as core_facts
from enforcement import documents, facts
from enforcement.execution import payment_duty
from enforcement.models import Case, CaseDocument, Payment, Service
from enforcement.procedure import PENALTY
from enforcement.services.execution import end_compulsion
from enforcement.services.rights import end_hearing_period

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agency.models import Official


@transaction.atomic
def serve_decision(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    method: str,
    recipient: str,
    place: str,
    consent_signed: bool,
    receipt: UploadedFile | None,
) -> Case:
    """Serve the decision; the party's fifteen days to pay start (Penalty Law 61, 67)."""
    case = PENALTY.move(case, "serve", by=by, happened_at=happened_at, changes={"served_at": happened_at})
    service = Service(
        case=case,
        method=method,
        served_at=happened_at,
        recipient=recipient,
        place=place,
        consent_signed=consent_signed,
        served_by=by,
    )
    if receipt is not None:
        service.receipt = documents.attach(
            case, CaseDocument.Kind.SIGNED_RECEIPT, title="签收的送达回证", upload=receipt, at=happened_at, by=by
        )
    service.save()
    fact = facts.DecisionServed.of(case, act_kind=case.act_kind, method=method, has_fine=case.decision.fine is not None)
    core_facts.record(fact, happened_at=happened_at, by=by)
    documents.order(case, CaseDocument.Kind.RECEIPT, row=service.pk, number=case.decision.number, at=happened_at, by=by)
    return case


@transaction.atomic
def impose_surcharge(*, case: Case, by: Official, happened_at: datetime) -> Case:
    """Add to the fine for every day after the period of payment; how much, the rule says (Penalty Law 72)."""
    duty = payment_duty(case)
    since = timezone.localdate(duty.due_at) + timedelta(days=1) if duty else timezone.localdate(happened_at)
    case = PENALTY.move(case, "impose_surcharge", by=by, happened_at=happened_at, changes={"surcharge_since": since})
    core_facts.record(facts.SurchargeImposed.of(case, since=since.isoformat()), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def record_payment(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    amount: Decimal,
    surcharge: Decimal,
    receipt_number: str,
    receipt: UploadedFile | None,
) -> Case:
    """Record that the fine was paid in full at the bank (Penalty Law 67)."""
    case = PENALTY.move(case, "pay", by=by, happened_at=happened_at, changes={"performed_at": happened_at})
    payment = Payment(
        case=case,
        amount=amount,
        surcharge=surcharge,
        paid_at=happened_at,
        receipt_number=receipt_number,
        recorded_by=by,
    )
    if receipt is not None:
        payment.receipt = documents.attach(
            case, CaseDocument.Kind.PAYMENT, title="缴款凭证", upload=receipt, at=happened_at, by=by
        )
    payment.save()
    core_facts.record(facts.FinePaid.of(case, payment=payment.pk), happened_at=happened_at, by=by)
    end_compulsion(case, at=happened_at, reason="罚款已经缴清")
    return case


@transaction.atomic
def record_performance(*, case: Case, by: Official, happened_at: datetime, note: str) -> Case:
    """Record that a penalty other than a fine was carried out."""
    case = PENALTY.move(
        case, "perform", by=by, happened_at=happened_at, changes={"performed_at": happened_at, "performance_note": note}
    )
    core_facts.record(facts.PenaltyPerformed.of(case), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def close_case(*, case: Case, by: Official, happened_at: datetime, reason: str) -> Case:
    """Close the performed case."""
    case = PENALTY.move(
        case,
        "close",
        by=by,
        happened_at=happened_at,
        changes={"ended_at": happened_at, "end_ground": "performed", "end_reason": reason},
    )
    core_facts.record(facts.CaseClosed.of(case, outcome="performed"), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def dismiss_case(*, case: Case, by: Official, happened_at: datetime, ground: str, reason: str) -> Case:
    """End the case without a penalty (Penalty Law 57, inspection regulation 18)."""
    case = PENALTY.move(
        case,
        "dismiss",
        by=by,
        happened_at=happened_at,
        changes={"ended_at": happened_at, "end_ground": ground, "end_reason": reason},
    )
    core_facts.record(facts.CaseClosed.of(case, outcome="dismissed", ground=ground), happened_at=happened_at, by=by)
    end_hearing_period(case, at=happened_at, reason="案件已终结，不再给予处罚")
    return case
