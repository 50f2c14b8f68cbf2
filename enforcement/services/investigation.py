"""Evidence, orders to correct, and the end of the investigation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core import duties
from core import facts as core_facts
from enforcement import documents, facts, major, numbering
from enforcement.guards import investigation_duty
from enforcement.models import (
    ActOfficer,
    Case,
    CaseDocument,
    Conclusion,
    CorrectionOrder,
    EvidenceAct,
    InvestigationExtension,
    PreservationRequest,
)
from enforcement.procedure import PENALTY
from enforcement.services.filing import title_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agency.models import Official


@transaction.atomic
def record_evidence_act(
    *,
    case: Case,
    by: Official,
    kind: str,
    started_at: datetime,
    ended_at: datetime,
    place: str,
    officers: Sequence[Official],
    persons: str,
    certificates_shown: bool,
    rights_told: bool,
    preservation: PreservationRequest | None,
    summary: str,
    note: UploadedFile | None,
) -> Case:
    """Record one act of evidence-taking (Penalty Law 42, 55). Refused by name when fewer officers than required held a certificate that day.

    `preservation` is the approval that a registered preservation uses (Penalty Law 56); its act begins no earlier than that.
    """
    content = {
        "kind": kind,
        "officers": officers,
        "started_at": started_at,
        "certificates_shown": certificates_shown,
        "rights_told": rights_told,
        "preservation": preservation,
    }
    case = PENALTY.move(case, "record_evidence", by=by, happened_at=ended_at, content=content)
    act = EvidenceAct(
        case=case,
        kind=kind,
        started_at=started_at,
        ended_at=ended_at,
        place=place,
        persons=persons,
        certificates_shown=certificates_shown,
        rights_told=rights_told,
        preservation=preservation,
        approved_by=preservation.decided_by if preservation else None,
        summary=summary,
    )
    if note is not None:
        title = f"{act.get_kind_display()}材料"
        act.note = documents.attach(case, CaseDocument.Kind.EVIDENCE, title=title, upload=note, at=ended_at, by=by)
    act.save()
    ActOfficer.objects.bulk_create(ActOfficer(act=act, official=officer) for officer in officers)
    fact = facts.EvidenceTaken.of(
        case,
        act=act.pk,
        act_kind=case.act_kind,
        kind=kind,
        officers=tuple(officer.pk for officer in officers),
        anchor=act.anchor,
    )
    core_facts.record(fact, happened_at=ended_at, by=by)
    return case


@transaction.atomic
def exclude_evidence(*, case: Case, by: Official, happened_at: datetime, act: EvidenceAct, reason: str) -> Case:
    """Rest the case no longer on the evidence of one act; the act stays in the file (Penalty Law 46).

    Raises FactRefused when that evidence is excluded already.
    """
    case = PENALTY.move(case, "exclude_evidence", by=by, happened_at=happened_at)
    relied_on = case.acts.relied_on().filter(pk=act.pk)
    if not relied_on.update(excluded_at=happened_at, excluded_reason=reason):
        raise core_facts.FactRefused("这项证据已经排除，或者不属于本案")
    core_facts.record(facts.EvidenceExcluded.of(case, act=act.pk), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def extend_investigation(*, case: Case, by: Official, happened_at: datetime, reason: str) -> Case:
    """Lengthen a complex investigation, once and before its last day (inspection regulation 17)."""
    case = PENALTY.move(case, "extend_investigation", by=by, happened_at=happened_at)
    duty = investigation_duty(case)
    if duty is None:
        raise duties.DutyRefused("本案没有正在计算的调查期限，不能延长")
    rule = duties.extending_rule(duty)
    duties.extend(duty, approved_on=timezone.localdate(happened_at))
    InvestigationExtension.objects.create(case=case, approved_at=happened_at, approved_by=by, reason=reason)
    core_facts.record(facts.InvestigationExtended.of(case, rule=rule.id), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def order_correction(
    *, case: Case, by: Official, happened_at: datetime, content: str, due_on: date, recipient: str
) -> Case:
    """Order the party to correct by a day what it is suspected of (Penalty Law 28, inspection regulation 18)."""
    case = PENALTY.move(case, "order_correction", by=by, happened_at=happened_at)
    order = CorrectionOrder.objects.create(
        case=case,
        number=numbering.give("correction", happened_at),
        issued_at=happened_at,
        content=content,
        due_on=due_on,
        recipient=recipient,
    )
    core_facts.record(
        facts.CorrectionOrdered.of(case, order=order.pk, due_on=due_on.isoformat()), happened_at=happened_at, by=by
    )
    documents.order(case, CaseDocument.Kind.CORRECTION, row=order.pk, number=order.number, at=happened_at, by=by)
    return case


@transaction.atomic
def verify_correction(
    *, case: Case, by: Official, happened_at: datetime, order: CorrectionOrder, result: str, verification: str
) -> Case:
    """Record what the verification of an order found. Raises FactRefused when it was verified already."""
    case = PENALTY.move(case, "verify_correction", by=by, happened_at=happened_at)
    waiting = case.corrections.filter(pk=order.pk, verified_at__isnull=True)
    if not waiting.update(verified_at=happened_at, result=result, verification=verification):
        raise core_facts.FactRefused(f"责令改正（{order.number}）已经核查，或者不属于本案")
    core_facts.record(facts.CorrectionVerified.of(case, order=order.pk, result=result), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def close_investigation(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    violation: str,
    findings: str,
    evidence: str,
    opinion: str,
    is_complex: bool,
    complex_reason: str,
) -> Case:
    """End the investigation with a written conclusion (Penalty Law 57, inspection regulation 17).

    `violation` is what it established: the suspicion, or another act that came to light, as when an order was not obeyed.
    """
    case.is_complex = is_complex
    grounds = major.grounds_of(case, at=happened_at)
    case = PENALTY.move(
        case,
        "close_investigation",
        by=by,
        happened_at=happened_at,
        changes={
            "concluded_at": happened_at,
            "established": violation,
            "title": title_of(case.party.name, violation),
            "is_complex": is_complex,
            "is_major": bool(grounds),
            "major_grounds": grounds,
        },
    )
    case.keep_words()
    conclusion = Conclusion.objects.create(
        case=case,
        facts=findings,
        evidence=evidence,
        opinion=opinion,
        complex_reason=complex_reason,
        concluded_at=happened_at,
        concluded_by=by,
    )
    fact = facts.InvestigationClosed.of(case, violation=violation, is_complex=is_complex)
    core_facts.record(fact, happened_at=happened_at, by=by)
    documents.order(case, CaseDocument.Kind.CONCLUSION, row=conclusion.pk, number=case.number, at=happened_at, by=by)
    return case
