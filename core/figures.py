"""What a figure of the year means, wherever duties are counted: the boards of supervision, the coverage of the rulebook, the lists behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, F, Q
from django.utils import timezone

from core.alerts import midnight
from core.models import Duty

STATES: Final = {
    "opened": "本年产生",
    "in_time": "按期办结",
    "late": "逾期办结",
    "open": "未办结",
    "overdue": "逾期未办",
}


def of_year(year: int) -> Q:
    """Arisen in the year; a yearly duty belongs to the year it is owed for, also where it showed up before."""
    in_year = Q(opened_at__gte=midnight(date(year, 1, 1)), opened_at__lt=midnight(date(year + 1, 1, 1)))
    return Q(period_key="") & in_year | Q(period_key__startswith=str(year))


def can_be_late() -> Q:
    """Nobody inside is late with what a body outside or a party owes, with a right that is not used, a limit that passes, or what was past
    before its rule existed.
    """
    return Q(kind__in=Duty.RED_KINDS, deadline_precedes_rule=False) & ~Q(owed_by__in=Duty.NEVER_RED_OWERS)


def in_state(state: str, *, year: int, now: datetime) -> Q:
    """The condition behind each figure of `STATES`. Voided duties are in none of them, and are left to the caller.

    What is still open counts in the present year, whichever year it arose in; of an earlier year only what arose then. A right or limit
    whose time is over is not open any more, and one that was used after it is not in time.
    """
    own = of_year(year)
    lapses = Q(kind__in=(Duty.Kind.RIGHT, Duty.Kind.LIMIT))
    is_open = Q(met_at__isnull=True) & ~(lapses & Q(due_at__lt=now, paused_from__isnull=True))
    open_here = is_open if year == timezone.localdate(now).year else is_open & own
    met_after = Q(met_at__gt=F("due_at"))
    match state:
        case "opened":
            return own
        case "in_time":
            return own & Q(met_at__isnull=False) & ~(met_after & (lapses | can_be_late()))
        case "late":
            return own & met_after & can_be_late()
        case "open":
            return open_here
        case "overdue":
            return open_here & Q(due_at__lt=now, paused_from__isnull=True) & can_be_late()
    raise ValueError(f"unknown state {state}")


def counted_in(year: int, now: datetime) -> Q:
    """Whatever is in one of the figures of a year."""
    return of_year(year) | in_state("open", year=year, now=now)


def counts(*, year: int, now: datetime) -> Mapping[str, Any]:
    """An aggregate for each of `STATES`."""
    return {state: Count("pk", filter=in_state(state, year=year, now=now)) for state in STATES}
