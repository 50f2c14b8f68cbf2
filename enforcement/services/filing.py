"""From the source to the filing of the case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core import facts as core_facts
from core.access import require
from enforcement import documents, facts, major, numbering
from enforcement.models import Case, CaseDocument, CaseOfficer, Party, Source, SourceEdit
from enforcement.permissions import may_register
from enforcement.procedure import PENALTY
from enforcement.violations import catalogue

if TYPE_CHECKING:
    from agency.models import Official, Unit


@transaction.atomic
def register_source(
    *,
    unit: Unit,
    channel: str,
    received_at: datetime,
    summary: str,
    violation: str,
    party_name: str,
    category: str,
    credit_code: str = "",
    legal_representative: str = "",
    address: str,
    phone: str = "",
    id_type: str = "",
    id_number: str = "",
    complainant_name: str = "",
    complainant_phone: str = "",
    workers_affected: int | None = None,
    by: Official,
) -> Case:
    """Take down a source and open its file (inspection regulation 14). Raises NotPermitted, FactRefused for a future moment."""
    require(may_register(by, unit.pk))
    party = Party.objects.create(
        name=party_name,
        category=category,
        credit_code=credit_code,
        legal_representative=legal_representative,
        address=address,
        phone=phone,
        id_type=id_type,
        id_number=id_number,
    )
    source = Source.objects.create(
        number=numbering.give("source", received_at),
        channel=channel,
        received_at=received_at,
        summary=summary,
        unit=unit,
        complainant_name=complainant_name,
        complainant_phone=complainant_phone,
        workers_affected=workers_affected,
        registered_by=by,
    )
    case = Case(
        title=title_of(party_name, violation),
        unit=unit,
        source=source,
        party=party,
        violation=violation,
        registered_at=received_at,
        last_step_at=received_at,
        state_since=received_at,
    )
    case.search_text = case.words()
    case.save()
    core_facts.record(facts.SourceRegistered.of(case, channel=channel), happened_at=received_at, by=by)
    return case


def title_of(party: str, violation: str) -> str:
    return f"{party}{catalogue()[violation].title}案"


@transaction.atomic
def supplement_source(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    addition: str,
    complainant_name: str,
    complainant_phone: str,
    workers_affected: int | None,
    legal_representative: str,
    address: str,
    phone: str,
) -> Case:
    """Add what the registration lacked, or put right what it says. The summary only grows; of everything else the old value is kept.

    The fact names the fields that changed. Raises FactRefused when nothing does.
    """
    case = PENALTY.move(case, "supplement_source", by=by, happened_at=happened_at)
    source, party = case.source, case.party
    changes: list[tuple[Source | Party, str, Any]] = [
        (source, "summary", f"{source.summary}\n{addition}" if addition else source.summary),
        (source, "complainant_name", complainant_name),
        (source, "complainant_phone", complainant_phone),
        (source, "workers_affected", workers_affected),
        (party, "legal_representative", legal_representative),
        (party, "address", address),
        (party, "phone", phone),
    ]
    edits = [
        SourceEdit(
            source=source,
            field=field,
            before=_written(getattr(row, field)),
            after=_written(value),
            edited_at=happened_at,
            edited_by=by,
        )
        for row, field, value in changes
        if getattr(row, field) != value
    ]
    if not edits:
        raise core_facts.FactRefused("没有补充或者更改任何内容")
    SourceEdit.objects.bulk_create(edits)
    for row, field, value in changes:
        setattr(row, field, value)
    source.save()
    party.save()
    fact = facts.SourceSupplemented.of(case, changed=tuple(edit.field for edit in edits))
    core_facts.record(fact, happened_at=happened_at, by=by)
    return case


def _written(value: object) -> str:
    return "" if value is None else str(value)


@transaction.atomic
def propose_initiation(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    violation: str,
    reason: str,
    lead: Official,
    co_officers: Sequence[Official],
) -> Case:
    """Propose to file the case, with its officers (Penalty Law 54)."""
    case = PENALTY.move(
        case,
        "propose_initiation",
        by=by,
        happened_at=happened_at,
        changes={
            "violation": violation,
            "title": title_of(case.party.name, violation),
            "initiation_reason": reason,
            "proposed_by": by,
            "proposed_at": happened_at,
            "remarks": "",
        },
    )
    case.keep_words()
    case.officers.all().delete()
    officers = [lead, *(officer for officer in co_officers if officer.pk != lead.pk)]
    CaseOfficer.objects.bulk_create(
        CaseOfficer(case=case, official=officer, part=CaseOfficer.Part.LEAD if officer is lead else CaseOfficer.Part.CO)
        for officer in officers
    )
    fact = facts.InitiationProposed.of(case, violation=violation, officers=tuple(officer.pk for officer in officers))
    core_facts.record(fact, happened_at=happened_at, by=by)
    return case


@transaction.atomic
def start_at_once(*, case: Case, by: Official, happened_at: datetime, reason: str) -> Case:
    """Record that the officers began on the spot because it could not wait; the report to the approver and the approval are owed in hours."""
    case = PENALTY.move(
        case, "start_at_once", by=by, happened_at=happened_at, changes={"urgently_started_at": happened_at}
    )
    core_facts.record(facts.UrgentlyStarted.of(case), happened_at=happened_at, by=by, reason=reason)
    return case


@transaction.atomic
def accept_case(*, case: Case, by: Official, happened_at: datetime) -> Case:
    """File the case: it gets its number, and whether its decision will be major is settled and said (Penalty Law 54, 60).

    What was begun on the spot is investigated since then, so that what the officers did before the approval can be entered.
    """
    grounds = major.grounds_of(case, at=happened_at)
    number = numbering.give("case", happened_at)
    case = PENALTY.move(
        case,
        "accept",
        by=by,
        happened_at=happened_at,
        changes={
            "number": number,
            "filed_at": happened_at,
            "filed_by": by,
            "is_major": bool(grounds),
            "major_grounds": grounds,
            "remarks": "",
            "state_since": case.urgently_started_at or happened_at,
        },
    )
    case.keep_words()
    core_facts.record(
        facts.CaseFiled.of(case, act_kind=case.act_kind, is_major=case.is_major), happened_at=happened_at, by=by
    )
    documents.order(case, CaseDocument.Kind.INITIATION, row=case.pk, number=case.number, at=happened_at, by=by)
    return case


@transaction.atomic
def send_back_initiation(*, case: Case, by: Official, happened_at: datetime, remarks: str) -> Case:
    """Send the proposal back with remarks."""
    case = PENALTY.move(case, "send_back_initiation", by=by, happened_at=happened_at, changes={"remarks": remarks})
    core_facts.record(facts.InitiationSentBack.of(case), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def not_file(*, case: Case, by: Official, happened_at: datetime, ground: str, reason: str) -> Case:
    """Decide not to file the source."""
    case = PENALTY.move(
        case,
        "not_file",
        by=by,
        happened_at=happened_at,
        changes={"end_ground": ground, "end_reason": reason, "ended_at": happened_at},
    )
    core_facts.record(facts.CaseClosed.of(case, outcome="not_filed", ground=ground), happened_at=happened_at, by=by)
    return case
