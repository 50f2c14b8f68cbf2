"""Two facts may start the clock of one act: a decision and its service both want it published. They make one duty with every basis.

A basis that another fact started than the one which opened the duty says so: `since` = {"fact": id, "at": its moment, "from": what the field
holds from which the rule counts}.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q

from core.models import FactRecord
from rulebook.library import Rulebook
from rulebook.model import Rule

Basis = Mapping[str, Any]


@lru_cache(maxsize=4096)
def shared_acts(book: Rulebook, fact: str, profile: str, on: date) -> frozenset[str]:
    """The acts that this fact may start under a profile and another fact as well."""
    clocks = [rule for rule in book.binding(profile, on) if rule.is_enforced and rule.is_clock]
    own = {rule.obligation for rule in clocks if fact in rule.opens_on}
    return frozenset(own & {rule.obligation for rule in clocks if set(rule.opens_on) - {fact}})


def begun_by(rule: Rule, record: FactRecord) -> dict[str, Any]:
    """A basis that this fact starts, not yet counted."""
    since = {"fact": record.pk, "at": record.happened_at.isoformat()}
    held = {"from": str(record.payload[rule.from_field])} if rule.from_field else {}
    return {"rule": rule.id, "since": since | held}


def moment_of(basis: Basis, opened_at: datetime) -> datetime:
    """The legal moment of the fact that started it."""
    return datetime.fromisoformat(basis["since"]["at"]) if "since" in basis else opened_at


def began_with(record_id: int) -> Q:
    """Duties of which this fact started a basis without having opened them."""
    anchor = FactRecord.objects.filter(pk=record_id).values("anchor")
    return Q(anchor__in=anchor, bases__contains=[{"since": {"fact": record_id}}])


def has_begun(basis: Basis, record_id: int) -> bool:
    return "since" in basis and bool(basis["since"]["fact"] == record_id)


def moved(bases: list[dict[str, Any]], record_id: int, at: datetime) -> list[dict[str, Any]]:
    """The bases with another moment for those that this fact started."""
    return [
        {**basis, "since": {**basis["since"], "at": at.isoformat()}} if has_begun(basis, record_id) else basis
        for basis in bases
    ]
