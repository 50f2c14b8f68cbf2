"""From a decision to the public text: what is copied, what is masked, what is never copied.

Identity numbers, addresses and telephones of the party are not copied at all. Names of natural persons keep their
surname; who complained or is owed wages is not named. The registered name of a firm stays, whatever it contains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from agency import selectors as agency
from disclosure.models import Notice
from disclosure.redaction import Mask, Person, Redacted, Why, masked_name, names_in, redact
from enforcement import selectors as enforcement

if TYPE_CHECKING:
    from enforcement.models import Decision, Party

# Columns of the notice and the decision's texts they are drawn from.
SOURCES: Final = {"facts": "facts", "basis": "basis", "content": "penalty_text"}


def persons_of(case_id: int) -> list[Person]:
    """Everybody whose name may stand in the decision, and how each is masked; protected ones keep no surname."""
    case = enforcement.decision_for_publication(case_id).case
    party = case.party
    protected = [Person.unnamed(name) for name in enforcement.protected_names(case_id) if name]
    known = {person.name for person in protected}
    present = [name for act in enforcement.evidence_of(case) for name in names_in(act.persons)]
    shown = dict.fromkeys([party.legal_representative, *([party.name] if _is_person(party) else []), *present])
    return protected + [Person.shown_as_surname(name) for name in shown if name and name not in known]


def _is_person(party: Party) -> bool:
    return party.category == Notice.Category.NATURAL_PERSON


def kept_words(notice: Notice) -> tuple[str, ...]:
    """Words in which a name is no name of a person: the firm, the agency, the document's number."""
    firm = () if notice.party_category == Notice.Category.NATURAL_PERSON else (notice.party_name,)
    return (*firm, notice.agency_name, notice.number, notice.credit_code)


def draft(case_id: int) -> Notice:
    """The unsaved notice of a decided case."""
    decision = enforcement.decision_for_publication(case_id)
    case, party = decision.case, decision.case.party
    letterhead = agency.letterhead()
    notice = Notice(
        case_id=case_id,
        unit_id=case.unit_id,
        party_name=masked_name(party.name) if _is_person(party) else party.name,
        party_category=party.category,
        credit_code="" if _is_person(party) else party.credit_code,
        legal_representative=masked_name(party.legal_representative),
        number=decision.number,
        violation=case.suspected.title,
        penalty_kinds="；".join(decision.penalty_labels),
        fine=decision.fine,
        decided_at=decision.decided_at,
        decided_on=timezone.localdate(decision.decided_at),
        agency_name=agency.agency_name(),
        agency_code=letterhead.credit_code,
        prepared_by=sorted({row.official_id for row in case.officers.all()} | {case.proposed_by_id} - {None}),
    )
    notice.title = f"{notice.party_name}{notice.violation}案行政处罚决定"
    persons = persons_of(case_id)
    masked: dict[str, Iterable[Mask]] = {}
    for column, redacted in redactions_of(decision, notice, persons).items():
        setattr(notice, column, redacted.text)
        masked[column] = redacted.masks
    notice.redactions = [*_whole_columns(party), *_record(masked)]
    return notice


def redactions_of(decision: Decision, notice: Notice, persons: list[Person]) -> dict[str, Redacted]:
    """The decision's texts as they go into the notice, with every mask: for drafting, and for comparing both."""
    keep = kept_words(notice)
    return {column: redact(getattr(decision, source), persons, keep=keep) for column, source in SOURCES.items()}


def _whole_columns(party: Party) -> list[dict[str, Any]]:
    found = []
    if _is_person(party):
        found.append({"field": "party_name", "why": Why.PERSON.value, "count": 1})
    if party.legal_representative:
        found.append({"field": "legal_representative", "why": Why.PERSON.value, "count": 1})
    return found


def _record(masked: dict[str, Iterable[Mask]]) -> list[dict[str, Any]]:
    """How often what was masked in which text; never what stood there."""
    return [
        {"field": column, "why": why.value, "count": count}
        for column, masks in masked.items()
        for why, count in Counter(mask.why for mask in masks).items()
    ]
