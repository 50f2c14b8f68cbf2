"""The rulebook as this installation is bound by it: which profile, which citation."""

from __future__ import annotations

from datetime import date

from core import registry
from rulebook import library
from rulebook.library import Rulebook
from rulebook.model import Citation, Rule


def rulebook() -> Rulebook:
    return library.get()


def profile_of(unit_id: int) -> str:
    """The profile that binds a unit: its own, or the agency's."""
    return registry.agency().profile_of(unit_id)


def cite(rule_id: str, unit_id: int) -> Citation:
    """A rule's citation as it binds this unit; marked 参照 where the profile adopts it by reference."""
    return rulebook().cite(rule_id, profile_of(unit_id))


def gates(key: str, *, unit_id: int, on: date, fields: dict[str, object]) -> tuple[Rule, ...]:
    """Every rule in force that makes the guard `key` binding on this unit."""
    return rulebook().gates(key, profile_of(unit_id), on, fields)
