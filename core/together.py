"""Several small reads in one statement, for pages that show a whole file: what a page waits for is the number of its questions.

A part names a model, a condition and an order; `read` answers all parts at once with ordinary model instances. Conditions are constant SQL with
named parameters, so the text of a statement is built once in a process, and PostgreSQL plans it once in a connection: planning twenty parts takes
four times as long as answering them. Whether an official may see the file is asked before, by its queryset.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Model

M = TypeVar("M", bound=Model)

_PLAIN: Final = (
    models.AutoField,
    models.BooleanField,
    models.CharField,
    models.IntegerField,
    models.FloatField,
    models.GenericIPAddressField,
    models.JSONField,
    models.TextField,
    ArrayField,
)


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one model for which `where` holds; `t` names the row. `only` or `without` spare columns that the page does not show."""

    model: type[Model]
    where: str
    order: str = "t.id"
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def read(parts: Sequence[Part], given: Mapping[str, Any]) -> list[list[Any]]:
    """The rows of each part, in its order, by one statement. `given` are the parameters of the conditions."""
    statement = _statement(tuple(parts))
    with connection.cursor() as cursor:
        planned = _planned.setdefault(connection.connection, set())
        if statement.name not in planned:
            cursor.execute(statement.prepare)
            planned.add(statement.name)
        cursor.execute(statement.execute, given)
        answer = cast("tuple[str, ...]", cursor.fetchone())
    return [shape.rows(json.loads(found)) for shape, found in zip(statement.shapes, answer, strict=True)]


def one(model: type[M], pk: int) -> M:
    """The row with this id, whole. Raises the model's DoesNotExist."""
    found: list[M] = []
    if 0 < pk <= models.BigIntegerField.MAX_BIGINT:
        [found] = read((Part(model, "t.id = %(id)s"),), {"id": pk})
    if not found:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    return found[0]


def attach(row: Model, name: str, related: Iterable[Model]) -> None:
    """Let `row.name.all()` give these without asking, as a prefetch would; whatever narrows it further asks the database."""
    foreign_key: Any = row._meta.get_field(name).remote_field
    kept: Any = foreign_key.model._default_manager.get_queryset()
    kept._deferred_filter = False, (), {foreign_key.name: row}
    kept._result_cache = list(related)
    kept._prefetch_done = True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = kept


def attach_one(row: Model, name: str, related: Model | None) -> None:
    """Let `row.name` give this one without asking; None where there is none."""
    row._state.fields_cache[name] = related


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the answer to one part becomes instances: the names of its columns, and those that JSON writes as text."""

    model: type[Model]
    names: tuple[str, ...]
    converted: tuple[tuple[int, Callable[[str], Any]], ...]

    def rows(self, found: list[list[Any]]) -> list[Model]:
        for values in found:
            for place, convert in self.converted:
                if values[place] is not None:
                    values[place] = convert(values[place])
        alias = connection.alias
        return [self.model.from_db(alias, self.names, values) for values in found]


@dataclass(frozen=True, slots=True)
class _Statement:
    """What asks for all parts, by the name under which a connection has planned it."""

    name: str
    prepare: str
    execute: str
    shapes: tuple[_Shape, ...]


# The names each connection knows; they end with it.
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
_PARAMETER: Final = re.compile(r"%\((\w+)\)s")


@lru_cache(maxsize=64)
def _statement(parts: tuple[Part, ...]) -> _Statement:
    asked, shapes = zip(*(_part(part) for part in parts), strict=True)
    text = f"SELECT {', '.join(asked)}"
    parameters = list(dict.fromkeys(_PARAMETER.findall(text)))
    numbered = _PARAMETER.sub(lambda found: f"${parameters.index(found[1]) + 1}", text)
    name = f"together_{sha256(numbered.encode()).hexdigest()[:16]}"
    given = ", ".join(f"%({parameter})s" for parameter in parameters)
    execute = f"EXECUTE {name} ({given})" if given else f"EXECUTE {name}"
    return _Statement(name, f"PREPARE {name} AS {numbered}", execute, shapes)


def _part(part: Part) -> tuple[str, _Shape]:
    meta = part.model._meta
    fields = [
        field
        for field in meta.concrete_fields
        if field.primary_key or (field.name in part.only if part.only else field.name not in part.without)
    ]
    columns: list[str] = []
    converted: list[tuple[int, Callable[[str], Any]]] = []
    for place, field in enumerate(fields):
        kind = field
        while isinstance(kind, models.ForeignKey):
            kind = kind.target_field
        text = ""
        if isinstance(kind, models.DateTimeField):
            converted.append((place, datetime.fromisoformat))
        elif isinstance(kind, models.DateField):
            converted.append((place, date.fromisoformat))
        elif isinstance(kind, models.DecimalField):
            converted.append((place, Decimal))
            # As a number of JSON it would come back as a float.
            text = "::text"
        elif not isinstance(kind, _PLAIN):
            raise TypeError(f"{meta.label}.{field.name} can not be read together")
        columns.append(f't."{field.column}"{text}')
    statement = (
        f"(SELECT coalesce(json_agg(json_build_array({', '.join(columns)}) ORDER BY {part.order}), '[]')::text "  # noqa: S608  (constant text)
        f'FROM "{meta.db_table}" t WHERE {part.where})'
    )
    return statement, _Shape(part.model, tuple(field.attname for field in fields), tuple(converted))
