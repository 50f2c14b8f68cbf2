"""What the desk's pages read. Everything goes through what the official may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from core import calendars, registry
from core.alerts import midnight
from core.desk.horizon import horizon
from core.models import Alert, Duty, FactRecord, LedgerEntry
from core.models.duties import DutyQuerySet
from core.paging import COUNTED_TO
from rulebook.workdays import Calendar

if TYPE_CHECKING:
    from agency.models import Official

NEAREST_FIRST = ("due_at", "pk")
LATEST_FIRST = ("-due_at", "-pk")
GENESIS = "0" * 64


# --- duties -----------------------------------------------------------------------------------------------------


def owed(official: Official) -> DutyQuerySet:
    """Open duties on the official's own list. Rights are not owed; what was past before its rule existed is nobody's delay."""
    return (
        Duty.objects.open()
        .owed_by_official(official)
        .exclude(kind=Duty.Kind.RIGHT)
        .exclude(owed_by__in=Duty.NEVER_RED_OWERS)
        .exclude(deadline_precedes_rule=True)
    )


def _end_of(day: date) -> datetime:
    """The first moment after a day."""
    return midnight(day + timedelta(days=1))


def by_urgency(duties: DutyQuerySet, urgency: str, now: datetime) -> DutyQuerySet:
    """overdue, today, next (after today, by the next working day), week (to its Sunday, today included), adopted; else all of them."""
    near = horizon(now)
    tomorrow = _end_of(near.today)
    match urgency:
        case "overdue":
            return duties.red(now)
        case "today":
            return duties.filter(due_at__gte=now, due_at__lt=tomorrow, paused_from__isnull=True)
        case "next":
            return duties.filter(
                due_at__gte=tomorrow, due_at__lt=_end_of(near.next_working_day), paused_from__isnull=True
            )
        case "week":
            return duties.filter(due_at__gte=now, due_at__lt=_end_of(near.week_ends), paused_from__isnull=True)
        case "adopted":
            return duties.filter(adopted=True)
    return duties


def urgency_counts(duties: DutyQuerySet, now: datetime) -> dict[str, int]:
    """How many are overdue, due today, by the next working day, this week, adopted, and all; of the nearest thousand."""
    near = horizon(now)
    tomorrow = _end_of(near.today)
    ahead = Q(due_at__gte=now, paused_from__isnull=True)
    return duties.order_by("due_at", "pk")[:COUNTED_TO].aggregate(
        all=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=now, paused_from__isnull=True, kind__in=Duty.RED_KINDS)),
        today=Count("pk", filter=ahead & Q(due_at__lt=tomorrow)),
        next=Count("pk", filter=ahead & Q(due_at__gte=tomorrow, due_at__lt=_end_of(near.next_working_day))),
        week=Count("pk", filter=ahead & Q(due_at__lt=_end_of(near.week_ends))),
        adopted=Count("pk", filter=Q(adopted=True)),
    )


def due_days(duties: DutyQuerySet, first: date, days: int, now: datetime) -> dict[date, tuple[int, int]]:
    """Day -> (duties that end on it, how many of them are late), from `first` on."""
    span = duties.filter(due_at__gte=midnight(first), due_at__lt=midnight(first + timedelta(days=days)))
    due: Counter[date] = Counter()
    late: Counter[date] = Counter()
    for end, kind, paused in span.order_by("due_at").values_list("due_at", "kind", "paused_from")[: COUNTED_TO * 5]:
        day = timezone.localdate(end)
        due[day] += 1
        late[day] += end < now and kind in Duty.RED_KINDS and paused is None
    return {day: (count, late[day]) for day, count in due.items()}


@dataclass(slots=True)
class OwingFile:
    """A file with open duties: the nearest of them, and how many others there are."""

    nearest: Duty
    others: int = 0


def nearest_files(duties: DutyQuerySet, count: int = 6) -> list[OwingFile]:
    """The files whose duties end soonest (of the nearest three hundred duties)."""
    files: dict[str, OwingFile] = {}
    for duty in duties.filter(period_key="").order_by("due_at", "pk")[:300]:
        if duty.file_stream in files:
            files[duty.file_stream].others += 1
        elif len(files) < count:
            files[duty.file_stream] = OwingFile(duty)
    return list(files.values())


# --- messages ---------------------------------------------------------------------------------------------------


def messages_of(official: Official) -> QuerySet[Alert]:
    """The official's alerts; of several about one duty the latest."""
    return Alert.objects.of(official).current().select_related("duty", "on_behalf_of")


def told_about(duty: Duty) -> QuerySet[Alert]:
    """Who was told about a duty, and when; the latest point of its course first."""
    return (
        Alert.objects.filter(duty=duty)
        .select_related("recipient", "delivery", "on_behalf_of")
        .order_by("-rank", "raised_at", "recipient")
    )


# --- the ledger -------------------------------------------------------------------------------------------------


def may_read_stream(official: Official, stream: str) -> bool:
    """The auditor reads every line; others those of the files they may see."""
    return official.is_auditor or registry.sees_stream(official, stream)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chain, the fact it holds, and whether it fits."""

    entry: LedgerEntry
    fact: FactRecord | None
    fits: bool
    is_sealed: bool


def lines_of(stream: str) -> list[Line]:
    """Every line of one chain in order, each recomputed from the one before."""
    entries = list(LedgerEntry.objects.filter(stream=stream).select_related("leaf").order_by("seq"))
    facts = {fact.entry_id: fact for fact in FactRecord.objects.filter(stream=stream).select_related("recorded_by")}
    return [
        Line(entry, facts.get(entry.pk), fits, hasattr(entry, "leaf"))
        for entry, fits in zip(entries, _fitting(entries), strict=True)
    ]


def _fitting(entries: Iterable[LedgerEntry]) -> Iterable[bool]:
    last = GENESIS
    for place, entry in enumerate(entries, start=1):
        counted = sha256(f"{last}\n{entry.stream}\n{place}\n{entry.body}".encode()).hexdigest()
        yield entry.seq == place and entry.prev_hash == last and entry.hash == counted
        last = entry.hash


def calendar_in_use() -> Calendar:
    """Asked once at the start of a page: from then on every count of the page reads the same calendar."""
    return calendars.current()
