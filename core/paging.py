"""Pages of a list by keyset: the deepest costs what the first does. By primary key; counts are capped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)

PAGE: Final = 50
COUNTED_TO: Final = 1000
_CURSOR = re.compile(r"(after|before)-(\d{1,18})\Z")


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page: its rows, the cursors of its neighbours (None at an end), and how many rows there are in words."""

    rows: list[M]
    previous: str | None
    next: str | None
    count_text: str


def page_of(
    rows: QuerySet[M], cursor: str, *, newest_first: bool = False, size: int = PAGE, unit: str = "条"
) -> Page[M]:
    """The page that a cursor names; the first one for an empty or an unknown cursor."""
    forward, backward = ("-pk", "pk") if newest_first else ("pk", "-pk")
    found = _CURSOR.match(cursor)
    back = found is not None and found[1] == "before"
    page = rows
    if found is not None:
        beyond = "lt" if newest_first != back else "gt"
        page = rows.filter(**{f"pk__{beyond}": int(found[2])})
    taken = list(page.order_by(backward if back else forward)[: size + 1])
    more, taken = len(taken) > size, taken[:size]
    if back:
        taken.reverse()
    has_previous = more if back else found is not None
    has_next = True if back else more
    return Page(
        rows=taken,
        previous=f"before-{taken[0].pk}" if taken and has_previous else None,
        next=f"after-{taken[-1].pk}" if taken and has_next else None,
        count_text=count_text(rows, unit),
    )


def count_text(rows: QuerySet[M], unit: str) -> str:
    """How many rows there are, in words; beyond a thousand nobody waits for the exact number."""
    counted = rows.order_by().values("pk")[: COUNTED_TO + 1].count()
    return f"超过{COUNTED_TO:,}{unit}" if counted > COUNTED_TO else f"共{counted:,}{unit}"
