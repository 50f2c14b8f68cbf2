"""From a decision to the public text: what is copied, what is masked, what is never copied.

Identity numbers, addresses and telephones of the party are not copied at all. Names of natural persons keep their
surname; who complained or is owed wages is not named. The registered name of a firm stays, whatever it contains.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from agency import selectors as agency
from disclosure.models import Notice
from disclosure.redaction import Mask, Person, Redacted, Why, listed_in, masked_name, redact
from enforcement import selectors as enforcement

if TYPE_CHECKING:
    from enforcement.models import Case, Decision, Party

# Columns of the notice and the decision's texts they are drawn from.
SOURCES: Final = {"facts": "facts", "basis": "basis", "content": "penalty_text"}
# Shorter numbers and addresses would mask what they do not mean.
SHORTEST_SECRET: Final = 5


def persons_of(case_id: int) -> list[Person]:
    """Everybody whom the file knows and the decision may name, with what the file holds of them, and how each is masked.

    Who complained and who was heard without speaking for the party (workers, minors, witnesses) keeps no surname.
    """
    case = enforcement.decision_for_publication(case_id).case
    party, named = case.party, enforcement.named_in(case)
    listed = [each for text in named.present for each in listed_in(text)]
    for_the_party = [
        party.legal_representative,
        *([party.name] if _is_person(party) else []),
        *(each.name for each in listed if each.speaks_for_the_party),
        *(each.name for text in named.recipients for each in listed_in(text)),
    ]
    complainants = [named.complainants, *(each.name for each in listed_in(named.complainants))]
    shown = [name for name in dict.fromkeys(for_the_party) if name and name not in complainants]
    unnamed = dict.fromkeys([*complainants, *(each.name for each in listed if each.name not in shown)])
    return [
        *(Person.unnamed(name) for name in unnamed if name),
        *(Person.shown_as_surname(name) for name in shown),
        *_held_of(case),
    ]


def _held_of(case: Case) -> Iterator[Person]:
    """Numbers and addresses of natural persons, however they are written elsewhere."""
    party = case.party
    for secret, why in ((party.id_number, Why.IDENTITY), (case.source.complainant_phone, Why.PHONE)):
        if len(secret) >= SHORTEST_SECRET:
            yield Person.known_by(secret, why)
    if _is_person(party):
        yield from (Person.known_by(address, Why.ADDRESS) for address in _ways_to_write(party.address))
        if len(party.phone) >= SHORTEST_SECRET:
            yield Person.known_by(party.phone, Why.PHONE)


def _ways_to_write(address: str) -> list[str]:
    """An address whole, and without the province, the city, the district, as long as it still says the house."""
    tails = [address, *(address[found.end() :] for found in re.finditer("[省市区县镇乡]|街道", address))]
    return [
        tail
        for tail in dict.fromkeys(tails)
        if len(tail) >= SHORTEST_SECRET and re.search(r"[0-9０-９一二三四五六七八九十]", tail)
    ]


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
        violation=case.punished.title,
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
