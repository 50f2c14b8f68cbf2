"""What holds a rule without asking a step: a form or service that refuses, a constraint or a trigger of the database.

Each app names its own in `constraints.py`, under the keys by which the rulebook's rules name them. What is named must exist: the code
by being imported, the constraint in its model's Meta, the trigger in the database (`missing_triggers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger of one table, written by a migration."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}: {self.name}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A constraint of one model. Raises ValueError where its Meta has none of that name."""

    model: type[models.Model]
    name: str

    def __post_init__(self) -> None:
        if self.name not in {constraint.name for constraint in self.model._meta.constraints}:
            raise ValueError(f"{self.model.__name__} has no constraint {self.name}")

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}: {self.name}"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One mechanism: the code that refuses, and what the database refuses for whoever writes around it."""

    key: str
    code: Callable[..., Any]
    database: tuple[Checked | Trigger, ...]


_constraints: dict[str, Constraint] = {}


def constraint(key: str, code: Callable[..., Any], *database: Checked | Trigger) -> Constraint:
    """Register a mechanism under the key by which rules name it. Raises ValueError for a key that is taken."""
    if key in _constraints:
        raise ValueError(f"two constraints named {key}")
    _constraints[key] = Constraint(key, code, database)
    return _constraints[key]


def keys() -> frozenset[str]:
    return frozenset(_constraints)


def find(key: str) -> Constraint:
    """The mechanism registered under the key."""
    return _constraints[key]


def missing_triggers() -> Iterator[Trigger]:
    """The registered triggers that the database does not have, or that are switched off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        )
        present = set(cursor.fetchall())
    for each in _constraints.values():
        for part in each.database:
            if isinstance(part, Trigger) and (part.table, part.name) not in present:
                yield part
