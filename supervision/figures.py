"""Counting duties for plan and board, and the same meaning as a list; what a figure means says core.figures.

All figures of a year come from one GROUP BY over duties, however many units there are; every basis of a duty counts for its own article.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, F, IntegerField, Min, Q
from django.db.models.functions import ExtractMonth
from django.utils import timezone

from core.alerts import midnight
from core.figures import STATES as STATES  # whoever shows figures asks here what they are called
from core.figures import can_be_late, counted_in, counts
from core.figures import in_state as in_state
from core.figures import of_year as of_year
from core.models import Duty
from core.models.duties import DutyQuerySet, RulesOf

if TYPE_CHECKING:
    from agency.models import Official


@dataclass(frozen=True, slots=True)
class Figures:
    """How many duties arose in the year, and how they stand. Voided ones are in none of them."""

    opened: int = 0
    in_time: int = 0
    late: int = 0
    open: int = 0
    overdue: int = 0
    next_due: datetime | None = None

    @property
    def settled(self) -> int:
        """Those of which it is known whether they were in time."""
        return self.in_time + self.late + self.overdue

    @property
    def in_time_percent(self) -> int | None:
        """Met in time, of those met or overdue; None while there are none. Only all of them make 100."""
        if not self.settled:
            return None
        return 100 if self.in_time == self.settled else min(99, round(100 * self.in_time / self.settled))

    @property
    def is_empty(self) -> bool:
        return not (self.opened or self.open)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*STATES, "next_due")} | {"in_time_percent": self.in_time_percent}


def duties_of(official: Official) -> DutyQuerySet:
    """What boards count: acts owed by the official's units, and by the body outside that supervises them.

    Rights and limitations are nobody's task; what a party owes is not the bureau's.
    """
    seen: DutyQuerySet = Duty.objects.visible_to(official)
    return seen.filter(
        Q(owner_unit__in=official.unit_ids) | Q(owed_by="outside"), kind__in=Duty.RED_KINDS, voided_at__isnull=True
    ).exclude(owed_by="party")


def measures(*, year: int, now: datetime) -> Mapping[str, Any]:
    """The aggregates of one line of figures."""
    ahead = in_state("open", year=year, now=now) & Q(due_at__gte=now, paused_from__isnull=True)
    return {**counts(year=year, now=now), "next_due": Min("due_at", filter=ahead)}


def _figures(row: Mapping[str, Any]) -> Figures:
    return Figures(**{name: row[name] for name in (*STATES, "next_due")})


@dataclass(frozen=True, slots=True)
class Group:
    """Duties of one owner that rest on the same rules. Every duty is in exactly one, so groups add up to whatever is asked."""

    owner: int | None
    rules: tuple[str, ...]
    figures: Figures


def groups(duties: DutyQuerySet, *, year: int, now: datetime) -> list[Group]:
    """The one pass over the duties from which plan and board draw all their figures but those by month."""
    rows = (
        duties.order_by()
        .filter(counted_in(year, now))
        .annotate(rules=RulesOf(F("bases")))
        .values("owner_unit", "rules")
        .annotate(**measures(year=year, now=now))
    )
    return [Group(row["owner_unit"], tuple(row["rules"]), _figures(row)) for row in rows]


def total(found: Iterable[Group]) -> Figures:
    return add([group.figures for group in found])


def by_owner(found: Iterable[Group]) -> dict[int | None, Figures]:
    """Figures of each unit that owes; None stands for a body outside that is not entered."""
    held: dict[int | None, list[Figures]] = {}
    for group in found:
        held.setdefault(group.owner, []).append(group.figures)
    return {owner: add(figures) for owner, figures in held.items()}


def by_owner_and_rule(found: Iterable[Group]) -> dict[tuple[int | None, str], Figures]:
    """Figures of each unit under each rule. A duty with three bases counts under three rules, so rules do not add up to units."""
    held: dict[tuple[int | None, str], list[Figures]] = {}
    for group in found:
        for rule_id in group.rules:
            held.setdefault((group.owner, rule_id), []).append(group.figures)
    return {key: add(figures) for key, figures in held.items()}


def by_rule(found: Iterable[Group]) -> dict[str, Figures]:
    """Figures under each rule, of all units together."""
    held: dict[str, list[Figures]] = {}
    for group in found:
        for rule_id in group.rules:
            held.setdefault(rule_id, []).append(group.figures)
    return {rule_id: add(figures) for rule_id, figures in held.items()}


def under_rule(rule_id: str) -> Q:
    """Duties that this rule demands, whichever rule drives."""
    return Q(bases__contains=[{"rule": rule_id}])


def add(figures: list[Figures]) -> Figures:
    """Several lines as one."""
    days = [each.next_due for each in figures if each.next_due is not None]
    return Figures(
        **{state: sum(getattr(each, state) for each in figures) for state in STATES},
        next_due=min(days) if days else None,
    )


@dataclass(frozen=True, slots=True)
class Month:
    """How the duties stand whose last day lies in one month."""

    number: int
    in_time: int = 0
    late: int = 0
    overdue: int = 0
    running: int = 0

    @property
    def due(self) -> int:
        return self.in_time + self.late + self.overdue + self.running


TREND: Final = {"in_time": "按期办结", "late": "逾期办结", "overdue": "逾期未办", "running": "尚未到期"}


def falling_due(year: int, month: int | None = None) -> Q:
    """Whose last moment lies in the year, or in one month of it."""
    first = date(year, month or 1, 1)
    after = date(year + 1, 1, 1) if month in (None, 12) else date(year, (month or 0) + 1, 1)
    return Q(due_at__gte=midnight(first), due_at__lt=midnight(after))


def in_trend(state: str, now: datetime) -> Q:
    """The condition behind each part of a month, whatever year the duty arose in."""
    is_met, is_late = Q(met_at__isnull=False), Q(met_at__gt=F("due_at")) & can_be_late()
    is_red = Q(met_at__isnull=True, due_at__lt=now, paused_from__isnull=True) & can_be_late()
    match state:
        case "in_time":
            return is_met & ~is_late
        case "late":
            return is_late
        case "overdue":
            return is_red
        case "running":
            return ~is_met & ~is_red
    raise ValueError(f"unknown state {state}")


def by_month(duties: DutyQuerySet, *, year: int, now: datetime) -> list[Month]:
    """Twelve months by the day on which duties end."""
    rows = (
        duties.order_by()
        .filter(falling_due(year))
        .annotate(month=ExtractMonth("due_at", tzinfo=timezone.get_default_timezone(), output_field=IntegerField()))
        .values("month")
        .annotate(**{state: Count("pk", filter=in_trend(state, now)) for state in TREND})
    )
    found = {row["month"]: Month(row["month"], *(row[state] for state in TREND)) for row in rows}
    return [found.get(number, Month(number)) for number in range(1, 13)]
