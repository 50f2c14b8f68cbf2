"""What the page says of a deadline besides its JSON: the strip of days, whose rule stopped or lengthened it, our own readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import law
from core.daystrip import Cell, Strip, every_day, lay_out, minute_of_beginning
from rulebook.deadlines import conventions_of
from rulebook.model import Citation


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation ready for a page.

    `begins`: the minute from which hours are counted, else nothing.
    `binds`: whether the rule binds the profile at all. `moved_for`: why the nominal day is no last day. `pausing` and `extending` are
    the rules that allowed it. `conventions` are our own readings where the law is silent. `every_day`: all days of a strip that is folded,
    where the page has room for them.
    """

    strip: Strip
    begins: str
    every_day: tuple[Cell, ...]
    is_periodic: bool
    binds: bool
    moved_for: str
    pausing: tuple[Citation, ...]
    extending: tuple[Citation, ...]
    conventions: tuple[str, ...]


def tell(explanation: Mapping[str, Any], *, today: date, whole: bool = False) -> Told:
    """Everything that belongs to the JSON of one deadline, read from the rulebook as of its day 0; with `whole` every day of a long one."""
    book = law.rulebook()
    profile, zero = explanation["profile"], date.fromisoformat(explanation["day_zero"])
    rule = book.rule(explanation["rule"], zero)
    on = zero if explanation["in_force"] else None
    pausing = book.pauses_of(rule.id, profile, on) if explanation["pauses"] else ()
    extending = book.extensions_of(rule.id, profile, on)[:1] if explanation["extended_on"] else ()
    reasons = {entry["day"]: str(entry["reason"]) for entry in explanation["skipped"]}
    return Told(
        strip=lay_out(explanation, today=today),
        begins=minute_of_beginning(explanation),
        every_day=every_day(explanation, today=today) if whole else (),
        is_periodic=rule.is_periodic,
        binds=book.binds(rule.id, profile),
        moved_for=reasons.get(explanation["nominal"], ""),
        pausing=tuple(book.cite(each.id, profile) for each in pausing),
        extending=tuple(book.cite(each.id, profile) for each in extending),
        conventions=tuple(conventions_of(rule, paused=bool(explanation["pauses"]))),
    )
