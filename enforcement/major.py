"""Which decisions are major, and why: the grounds the rulebook lists, those the system sees by itself and those an official adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core import law

if TYPE_CHECKING:
    from enforcement.models import Case
    from rulebook.model import Rule

# Grounds that follow from the file itself.
AUTOMATIC: dict[str, Callable[[Case], bool]] = {
    "ordinary_procedure": lambda case: True,
    "after_hearing": lambda case: case.hearings.exists(),
    "rights_after_hearing": lambda case: case.hearings.exists(),
    "complex": lambda case: case.is_complex,
}


# The checks whose rules list grounds; one that makes other checks binding too lists what those look for (SZS-13-2: the results of a review).
_LISTING = ("major_decision", "legal_review_agreed")


def _rules(case: Case, at: datetime) -> list[Rule]:
    """Rules that list grounds, those of the agency's own catalogue first."""
    on, fields = timezone.localdate(at), case.law_fields()
    found = {
        rule.id: rule
        for key in _LISTING
        for rule in law.gates(key, unit_id=case.unit_id, on=on, fields=fields)
        if rule.items and set(rule.guards) <= set(_LISTING)
    }
    return list(found.values())


def ground_choices(case: Case, at: datetime) -> list[tuple[str, str]]:
    """Grounds that an official may add with a reason: what the system does not see by itself."""
    listed = {item.key: item.label for rule in _rules(case, at) for item in rule.items}
    return [(key, label) for key, label in listed.items() if key not in AUTOMATIC]


def grounds_of(case: Case, *, at: datetime, added: Sequence[str] = (), reason: str = "") -> list[dict[str, Any]]:
    """Every ground on which this case's decision is major, with its article. Empty: not major."""
    grounds = []
    for rule in _rules(case, at):
        citation = law.cite(rule.id, case.unit_id)
        for item in rule.items:
            seen = item.key in AUTOMATIC and AUTOMATIC[item.key](case)
            if seen or item.key in added:
                grounds.append(
                    {
                        "key": item.key,
                        "label": item.label,
                        "rule": rule.id,
                        "instrument": rule.instrument,
                        "article": citation.article,
                        "adopted": citation.adopted,
                        "reason": "" if seen else reason,
                    }
                )
    return grounds
