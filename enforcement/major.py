"""Which decisions are major, and why: the grounds the rulebook lists, those the system sees by itself and those an official adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from core import law
from enforcement.models import Party, PenaltyKind

if TYPE_CHECKING:
    from enforcement.models import Case
    from rulebook.model import Rule

# The checks that make a list of grounds binding, the agency's own catalogue first.
KEYS: Final = ("major_decision", "major_penalty", "legal_review_agreed")


@dataclass(frozen=True, slots=True)
class Proposed:
    """The penalty a draft proposes; nothing before there is one. `fine` in yuan."""

    penalties: tuple[str, ...] = ()
    fine: Decimal | None = None

    @classmethod
    def by_the_draft_of(cls, case: Case) -> Proposed:
        draft = case.draft
        return cls() if draft is None else cls(tuple(draft.penalties), draft.fine)


def _fined(case: Case, proposed: Proposed, *, organisation: bool, least: int) -> bool:
    """以上 includes the number (Civil Code 1259). A self-employed business is held to the sum for citizens, the lower one [ours]."""
    is_organisation = case.party.category == Party.Category.ORGANISATION
    return is_organisation is organisation and proposed.fine is not None and proposed.fine >= least


# Grounds that follow from the file itself and from the penalty proposed.
AUTOMATIC: dict[str, Callable[[Case, Proposed, Rule], bool]] = {
    "ordinary_procedure": lambda case, proposed, rule: True,
    "after_hearing": lambda case, proposed, rule: case.hearings.exists(),
    "rights_after_hearing": lambda case, proposed, rule: case.hearings.exists(),
    "complex": lambda case, proposed, rule: case.is_complex,
    "licence_revoked": lambda case, proposed, rule: PenaltyKind.REVOCATION in proposed.penalties,
    "citizen_fined": lambda case, proposed, rule: _fined(
        case, proposed, organisation=False, least=rule.number("citizen_yuan")
    ),
    "organisation_fined": lambda case, proposed, rule: _fined(
        case, proposed, organisation=True, least=rule.number("organisation_yuan")
    ),
}

# The sums that two of them compare the fine with: whichever check makes the list binding, the rule gives them.
SUMS: Final = {"citizen_fined": "citizen_yuan", "organisation_fined": "organisation_yuan"}


def _rules(case: Case, at: datetime) -> list[Rule]:
    """Rules that list grounds, those of the agency's own catalogue first."""
    on, fields = timezone.localdate(at), case.law_fields()
    # One that makes another check binding too lists what that one looks for (SZS-13-2: the results of a review).
    found = {
        rule.id: rule
        for key in KEYS
        for rule in law.gates(key, unit_id=case.unit_id, on=on, fields=fields)
        if rule.items and set(rule.guards) <= set(KEYS)
    }
    return list(found.values())


def _listed(case: Case, at: datetime) -> dict[str, str]:
    return {item.key: item.label for rule in _rules(case, at) for item in rule.items}


def ground_choices(case: Case, at: datetime) -> list[tuple[str, str]]:
    """Grounds that an official may add with a reason: what the system does not see by itself."""
    return [(key, label) for key, label in _listed(case, at).items() if key not in AUTOMATIC]


def automatic_in_words(case: Case, at: datetime) -> str:
    """Which of the grounds that bind here need no tick, for the form; empty where there is none."""
    seen = list(dict.fromkeys(label for key, label in _listed(case, at).items() if key in AUTOMATIC))
    return f"{'；'.join(seen)}：由系统自动认定，不用勾选" if seen else ""


def grounds_of(
    case: Case, *, at: datetime, proposed: Proposed | None = None, added: Sequence[str] = (), reason: str = ""
) -> list[dict[str, Any]]:
    """Every ground on which this case's decision is major, with its article. Empty: not major.

    `proposed` is the penalty being drafted; without it that of the present draft counts.
    """
    proposed = proposed or Proposed.by_the_draft_of(case)
    grounds = []
    for rule in _rules(case, at):
        citation = law.cite(rule.id, case.unit_id)
        for item in rule.items:
            seen = item.key in AUTOMATIC and AUTOMATIC[item.key](case, proposed, rule)
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
