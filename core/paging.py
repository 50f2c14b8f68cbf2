"""Pages of a list by keyset: the deepest costs what the first does. Every list, on the pages and in the API, is cut here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final, Generic, Self, TypeVar

from django.db.models import DateTimeField, Field, IntegerField, Model, Q, QuerySet

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")
Shown = TypeVar("Shown")

PAGE: Final = 50
COUNTED_TO: Final = 1000
NEWEST_FIRST: Final = ("-pk",)
_CURSOR = re.compile(r"(after|before)((?:--?[0-9]{1,18})+)\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page: its rows, the cursors of its neighbours (None at an end), and how many rows there are in words."""

    rows: list[Row]
    previous: str | None
    next: str | None
    count_text: str = ""

    def showing(self, rows: list[Shown]) -> Page[Shown]:
        """The same page with what its rows are shown as."""
        return Page(rows, self.previous, self.next, self.count_text)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: beyond the row with these values, on its far side or, for `back`, on its near one."""

    back: bool
    values: tuple[datetime | int, ...]

    @classmethod
    def read(cls, cursor: str, model: type[Model], by: Sequence[str]) -> Self | None:
        """What a cursor says in this order; None for an empty, a mistyped or a foreign one."""
        found = _CURSOR.match(cursor)
        if found is None:
            return None
        numbers = [int(number) for number in re.findall(r"-(-?[0-9]+)", found[2])]
        if len(numbers) != len(by):
            return None
        try:
            values = [_value(_field(model, name), number) for name, number in zip(by, numbers, strict=True)]
        except OverflowError:
            return None
        return cls(found[1] == "before", tuple(values))

    def beyond(self, by: Sequence[str]) -> Q:
        """The rows on this side of the place. The bound on the first column alone lets an index begin there."""
        names = [name.lstrip("-") for name in by]
        sides = ["lt" if name.startswith("-") != self.back else "gt" for name in by]
        same: dict[str, Any] = {}
        ways = []
        for name, side, value in zip(names, sides, self.values, strict=True):
            ways.append(Q(**same, **{f"{name}__{side}": value}))
            same[name] = value
        return Q(**{f"{names[0]}__{sides[0]}e": self.values[0]}) & reduce(or_, ways)


def page_of(
    rows: QuerySet[M, Row],
    cursor: str,
    *,
    by: Sequence[str] = ("pk",),
    size: int = PAGE,
    unit: str = "条",
) -> Page[Row]:
    """The page that a cursor names; the first one for an empty or an unknown cursor. Rows may be instances or named values.

    `by` names columns that are never empty, moments or whole numbers, `-` for descending, the primary key last. An empty `unit` counts nothing.
    """
    place = Place.read(cursor, rows.model, by)
    back = place is not None and place.back
    page = rows if place is None else rows.filter(place.beyond(by))
    taken = list(page.order_by(*(_reversed(by) if back else by))[: size + 1])
    more, taken = len(taken) > size, taken[:size]
    if back:
        taken.reverse()
    has_previous = more if back else place is not None
    has_next = True if back else more
    return Page(
        rows=taken,
        previous=f"before-{_mark(taken[0], by)}" if taken and has_previous else None,
        next=f"after-{_mark(taken[-1], by)}" if taken and has_next else None,
        count_text=count_text(rows, unit) if unit else "",
    )


def count_text(rows: QuerySet[M, Row], unit: str) -> str:
    """How many rows there are, in words; beyond a thousand nobody waits for the exact number."""
    counted = rows.order_by().values("pk")[: COUNTED_TO + 1].count()
    return f"超过{COUNTED_TO:,}{unit}" if counted > COUNTED_TO else f"共{counted:,}{unit}"


def _reversed(by: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in by]


def _mark(row: object, by: Sequence[str]) -> str:
    values = (getattr(row, name.lstrip("-")) for name in by)
    return "-".join(
        str((value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else int(value)) for value in values
    )


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    plain = name.lstrip("-")
    field = model._meta.pk if plain == "pk" else model._meta.get_field(plain)
    if not isinstance(field, DateTimeField | IntegerField):
        raise TypeError(f"{model.__name__}.{plain} can not stand in a cursor")
    return field


def _value(field: Field[Any, Any], number: int) -> datetime | int:
    """Raises OverflowError for a moment that no calendar knows."""
    return _EPOCH + number * _MICROSECOND if isinstance(field, DateTimeField) else number
