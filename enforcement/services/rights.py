"""The party is told, and answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from core import duties
from core import facts as core_facts
from core.models import Duty
from enforcement import documents, facts, numbering
from enforcement.models import Case, CaseDocument, CaseState, Hearing, RightsAnswer, RightsNotice
from enforcement.penalty_text import penalty_text
from enforcement.procedure import PENALTY

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agency.models import Official


@transaction.atomic
def notify_rights(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    facts_found: str,
    reasons: str,
    basis: str,
    penalties: Sequence[str],
    fine: Decimal | None,
    base: Decimal | None,
    penalty_details: str,
    hearing_offered: bool,
    recipient: str,
) -> Case:
    """Tell the party the proposed penalty, facts, reasons, basis and its rights (Penalty Law 44, 63)."""
    key = "notify" if case.state == CaseState.CONCLUDED else "notify_again"
    content = {
        "penalties": penalties,
        "fine": fine,
        "facts": facts_found,
        "reasons": reasons,
        "basis": basis,
        "hearing_offered": hearing_offered,
    }
    case = PENALTY.move(
        case,
        key,
        by=by,
        happened_at=happened_at,
        content=content,
        changes={"notified_at": case.notified_at or happened_at},
    )
    notice = RightsNotice.objects.create(
        case=case,
        number=numbering.give("notice", happened_at),
        penalties=list(penalties),
        fine=fine,
        base=base,
        proposed=penalty_text(penalties, fine, penalty_details),
        facts=facts_found,
        reasons=reasons,
        basis=basis,
        hearing_offered=hearing_offered,
        served_at=happened_at,
        recipient=recipient,
        served_by=by,
    )
    if key == "notify_again":
        end_hearing_period(case, at=happened_at, reason=f"已重新告知（{notice.number}），原告知不再适用")
    fact = facts.RightsNotified.of(case, notice=notice.pk, hearing_offered=hearing_offered, has_fine=fine is not None)
    core_facts.record(fact, happened_at=happened_at, by=by)
    documents.order(case, CaseDocument.Kind.NOTICE, row=notice.pk, number=notice.number, at=happened_at, by=by)
    return case


def end_hearing_period(case: Case, *, at: datetime, reason: str) -> None:
    """Stop counting the time to ask for a hearing, with the reason. What was over by then stays as it ended."""
    running = Duty.objects.open().of_anchor(case.stream).filter(obligation="request_hearing", due_at__gte=at)
    duties.void(running, reason=reason, at=at)


@transaction.atomic
def record_rights_answer(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    kind: str,
    content: str,
    review: str,
    is_adopted: bool | None,
    file: UploadedFile | None,
) -> Case:
    """Record what the party answered; a statement together with its review (Penalty Law 45, 62).

    Asking for a hearing exercises that right, an explicit waiver gives it up; a statement leaves its time running.
    """
    case = PENALTY.move(case, "answer_rights", by=by, happened_at=happened_at)
    notice = case.notice
    answer = RightsAnswer(
        notice=notice,
        kind=kind,
        answered_at=happened_at,
        content=content,
        review=review,
        is_adopted=is_adopted,
        recorded_by=by,
    )
    if file is not None:
        answer.file = documents.attach(
            case,
            CaseDocument.Kind.ANSWER,
            title=f"当事人书面材料（{answer.get_kind_display()}）",
            upload=file,
            at=happened_at,
            by=by,
        )
    answer.save()
    core_facts.record(
        facts.RightsAnswered.of(case, notice=notice.pk, answer=answer.pk, kind=kind), happened_at=happened_at, by=by
    )
    if kind == RightsAnswer.Kind.WAIVED:
        end_hearing_period(case, at=happened_at, reason="当事人明确放弃听证")
    return case


@transaction.atomic
def record_hearing(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    called_at: datetime,
    place: str,
    presider: Official,
    record: str,
    file: UploadedFile | None,
) -> Case:
    """Record the hearing that the party asked for (Penalty Law 63, 64)."""
    case = PENALTY.move(case, "record_hearing", by=by, happened_at=happened_at, content={"called_at": called_at})
    hearing = Hearing(
        case=case, called_at=called_at, held_at=happened_at, place=place, presider=presider, record=record
    )
    if file is not None:
        hearing.file = documents.attach(
            case, CaseDocument.Kind.HEARING, title="听证笔录", upload=file, at=happened_at, by=by
        )
    hearing.save()
    core_facts.record(facts.HearingHeld.of(case, hearing=hearing.pk), happened_at=happened_at, by=by)
    return case
