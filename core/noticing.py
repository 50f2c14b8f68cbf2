"""A year's holiday notice: entered or its entry undone, open duties counted anew, their owners told which dates moved and why.

An entry may be undone until its first effect: until the first day of its year begins (or an earlier day that it changes; in the running
year the first day that it changes), and until one of the duties it moved has been met, extended or has passed its old or its new end.
After that another notice is entered in its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from core import alerts, calendars, facts, jobs, ledger, registry
from core.access import VisibleQuerySet, require
from core.calendars import Difference
from core.facts import Fact, Subject
from core.models import Alert, CalendarChange, CalendarMove, CalendarYear
from core.recounting import BATCH, Preview, Recount
from core.templatetags.mc import moment, short_day
from rulebook.notices import Reading
from rulebook.workdays import Calendar, Notice

if TYPE_CHECKING:
    from agency.models import Official

LINES = 5
# Whatever was being written while the notice was entered has been written by then.
LATE = timedelta(minutes=2)
LATE_PASSES = 5
IN_ITS_PLACE = "安排有误的，请录入正确的安排代替"


class NoticeRefused(ValueError):
    """A notice that may not be entered or undone now. The message is Chinese."""


class NothingNew(NoticeRefused):
    """The same notice is in force already."""


class Overtaken(NoticeRefused):
    """Somebody else changed the calendar meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntered(Fact):
    """The holiday notice of a year was entered; every period that touches the year is counted by it."""

    name = "core.calendar_entered"
    label = "录入放假安排"
    year: int
    text_digest: str
    calendar_digest: str
    replaced_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarUndone(Fact):
    """The entry of a holiday notice was undone before it had any effect."""

    name = "core.calendar_undone"
    label = "撤销放假安排的录入"
    year: int
    text_digest: str
    calendar_digest: str


class ChainedYears(VisibleQuerySet):
    """The chain of a year's notices: what was entered when. Nothing in it is anybody's alone."""

    stream_prefix: ClassVar[str] = "calendar"

    def visible_to(self, official: Official) -> ChainedYears:
        return self.all()

    def of_key(self, key: str) -> ChainedYears:
        return self.filter(year=int(key)) if key.isascii() and key.isdigit() and len(key) == 4 else self.none()


def chained_years() -> ChainedYears:
    return ChainedYears(CalendarYear)


# --- before -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What entering a notice would do. `version` is the calendar it was compared with; entering names it, so that nobody is overtaken."""

    reading: Reading
    version: int
    replaced: Notice | None
    preview: Preview


@transaction.atomic
def foresee(reading: Reading, *, size: int, offset: int = 0) -> Foreseen:
    """What entering this notice would move; nothing is written. Raises NoticeRefused where it could not be entered."""
    version, before = calendars.version(), calendars.current()
    notice = reading.notice
    _refuse_entry(notice, before, timezone.localdate())
    after = before.with_notices(notice)
    recount = Recount(after, calendars.difference(notice.year, before, after))
    return Foreseen(reading, version, before.notice(notice.year), recount.preview(size=size, offset=offset))


def every_move(reading: Reading) -> Iterator[list[tuple[int, datetime, datetime]]]:
    """Every open duty that entering this notice would move, in parts: its id, its old and its new end. Raises NoticeRefused at once."""
    before = calendars.current()
    _refuse_entry(reading.notice, before, timezone.localdate())
    after = before.with_notices(reading.notice)
    return Recount(after, calendars.difference(reading.notice.year, before, after)).every_move()


def _refuse_entry(notice: Notice, before: Calendar, today: date) -> None:
    held = before.notice(notice.year)
    if held is not None and (held.off, held.worked, held.citation) == (notice.off, notice.worked, notice.citation):
        raise NothingNew(f"{notice.year}年现行的放假安排与此相同，不需要再录入")
    if held is not None and notice.year < today.year:
        raise NoticeRefused(f"{notice.year}年已经过去，它的放假安排不能再改")


# --- the two acts -----------------------------------------------------------------------------------------------


@transaction.atomic
def enter(reading: Reading, *, by: Official | None = None, seen: int | None = None) -> CalendarChange:
    """Enter a notice, once: `seen` is the version of the calendar that was previewed.

    Open duties are counted anew, the first batch at once, the others by jobs. `by` is nobody on the server's command line.
    Raises NotPermitted, Overtaken when another changed the calendar since `seen`, NothingNew, NoticeRefused; nothing is written then.
    """
    now, notice = timezone.now(), reading.notice
    version = _locked(by, seen)
    before = calendars.current()
    _refuse_entry(notice, before, timezone.localdate(now))
    after = before.with_notices(notice)
    held = CalendarYear.objects.in_force().filter(year=notice.year).first()
    if held is not None:
        held.in_force = False
        held.save(update_fields=["in_force"])
    row = CalendarYear.objects.create(
        year=notice.year,
        notice=notice.citation,
        text=reading.toml,
        digest=notice.digest,
        entered_at=now,
        entered_by=by,
        replaces=held,
    )
    differs = calendars.difference(notice.year, before, after)
    change = CalendarChange.objects.create(
        year=notice.year,
        kind=CalendarChange.Kind.ENTERED,
        notice=row,
        at=now,
        by=by,
        calendar_digest=after.digest,
        touched_from=differs.first,
        effective_from=_effective_from(notice.year, differs, timezone.localdate(now)),
    )
    _note(
        CalendarEntered(
            **_subject(notice.year),
            year=notice.year,
            text_digest=row.digest,
            calendar_digest=after.digest,
            replaced_digest=held.digest if held else "",
        ),
        now=now,
        by=by,
    )
    Alert.objects.filter(key__startswith=f"calendar:{notice.year}:missing", read_at__isnull=True).update(read_at=now)
    return _begin(change, version)


@transaction.atomic
def undo(year: int, *, reason: str, by: Official | None = None) -> CalendarChange:
    """Undo the entry of the notice in force for a year, before its first effect; what was in force before it is so again.

    Raises NotPermitted, NoticeRefused when it had an effect already or nothing was entered; nothing is written then.
    """
    now = timezone.now()
    version = _locked(by, None)
    entered = undoable(year, now)
    if not reason.strip():
        raise NoticeRefused("请说明撤销的理由")
    row = entered.notice
    after = calendars.without(row)
    row.in_force = False
    row.save(update_fields=["in_force"])
    if row.replaces is not None:
        row.replaces.in_force = True
        row.replaces.save(update_fields=["in_force"])
    change = CalendarChange.objects.create(
        year=year,
        kind=CalendarChange.Kind.UNDONE,
        notice=row,
        at=now,
        by=by,
        reason=reason.strip(),
        calendar_digest=after.digest,
        touched_from=entered.touched_from,
        effective_from=entered.effective_from,
    )
    fact = CalendarUndone(**_subject(year), year=year, text_digest=row.digest, calendar_digest=after.digest)
    _note(fact, now=now, by=by, reason=change.reason)
    return _begin(change, version)


def undoable(year: int, now: datetime) -> CalendarChange:
    """The entry of a year's notice, where it may still be undone. Raises NoticeRefused saying why not."""
    row = CalendarYear.objects.in_force().select_related("replaces").filter(year=year).first()
    entered = row.changes.filter(kind=CalendarChange.Kind.ENTERED).first() if row else None
    if row is None or entered is None:
        raise NoticeRefused(f"{year}年没有可以撤销的录入")
    entered.notice = row
    if timezone.localdate(now) >= entered.effective_from:
        raise NoticeRefused(f"{short_day(entered.effective_from, now)}起已经按这份安排计算，不能再撤销；{IN_ITS_PLACE}")
    since, today = entered.at, timezone.localdate(entered.at)
    acted = entered.moves.filter(duty__voided_at__isnull=True).filter(
        Q(duty__met_by__recorded_at__gt=since)
        | Q(duty__extended_on__gte=today)
        | Q(old_due__gt=since, old_due__lte=now)
        | Q(new_due__gt=since, new_due__lte=now)
    )
    if first := acted.select_related("duty").order_by("urgent_at", "pk").first():
        raise NoticeRefused(
            f"移动过的期限已有{acted.count()}项办结、延长或者到期（如“{first.duty.title}”），不能再撤销；{IN_ITS_PLACE}"
        )
    return entered


def _effective_from(year: int, differs: Difference, today: date) -> date:
    days = [day for day in differs.differing if day > today]
    if today.year < year:
        days.append(date(year, 1, 1))
    return min(days, default=today)


def _locked(by: Official | None, seen: int | None) -> Any:
    """The version's row, locked: the calendar is changed by one at a time, and only when the last change is done."""
    if by is not None:
        require(registry.agency().may_keep_calendar(by))
    version = calendars.lock_version()
    last = CalendarChange.objects.select_related("by", "notice").order_by("-pk").first()
    if last is not None and seen is not None and version.number != seen:
        who = last.by.name if last.by else "系统管理人员"
        raise Overtaken(
            f"{who}已于{moment(last.at)}{last.get_kind_display()}{last.year}年放假安排（{last.notice.notice}），"
            "您看到的预览已经过时，请重新预览"
        )
    if last is not None and last.finished_at is None:
        raise NoticeRefused(f"{last.year}年放假安排的变更还在重新计算期限，请过几分钟再试")
    return version


def _begin(change: CalendarChange, version: Any) -> CalendarChange:
    # An id is never given twice, even where a transaction is taken back: nobody keeps a calendar under a number that means another.
    version.number = change.pk
    version.save(update_fields=["number"])
    return recount_next(change.pk)


def _subject(year: int) -> dict[str, Any]:
    title = f"{year}年放假安排"
    unit = registry.agency().owner_of("legal_affairs", 0)
    return {"subject": Subject(f"calendar:{year}", title, reverse("desk:calendar", args=[year])), "unit": unit}


def _note(fact: Fact, *, now: datetime, by: Official | None, reason: str = "") -> None:
    """Write it down. What the server's command line does is nobody's act: its line stands in the chain without a person."""
    if by is not None:
        facts.record(fact, happened_at=now, by=by, reason=reason)
        return
    stated = timezone.localtime(now).isoformat()
    body = {"fact": fact.name, "happened_at": stated, "recorded_at": stated, "by": None, "payload": fact.fields()}
    ledger.append(fact.subject.stream, body)


# --- counting anew ----------------------------------------------------------------------------------------------


@transaction.atomic
def recount_next(change_id: int, *, size: int = BATCH) -> CalendarChange:
    """Count the next batch of open duties anew; the last one tells their owners. Safe to run twice and twice at once."""
    change = CalendarChange.objects.select_for_update().get(pk=change_id)
    if change.finished_at is not None:
        return change
    recount = _recount_of(change)
    following, moved = recount.batch(change=change.pk, after=change.passed, size=size)
    change.moved += moved
    if following is None:
        change.finished_at = timezone.now()
        _tell_owners(change)
        recount.forget()
        jobs.enqueue(
            "calendar.recount_late", key=f"{change.pk}:1", run_after=change.finished_at + LATE, change=change.pk, turn=1
        )
    else:
        change.passed = following
        jobs.enqueue("calendar.recount", key=f"{change.pk}:{following}", change=change.pk)
    change.save(update_fields=["moved", "passed", "finished_at"])
    return change


def finish(change: CalendarChange, *, told: Callable[[CalendarChange], None] = lambda change: None) -> CalendarChange:
    """Count all batches now, each in a transaction of its own, instead of waiting for the jobs."""
    while change.finished_at is None:
        change = recount_next(change.pk)
        told(change)
    return change


@jobs.job("calendar.recount")
def recount(payload: dict[str, Any]) -> None:
    recount_next(payload["change"])


@jobs.job("calendar.recount_late")
def recount_late(payload: dict[str, Any]) -> None:
    """Count what was missed: duties that were being written or held by somebody while the others were counted."""
    change = CalendarChange.objects.select_for_update().get(pk=payload["change"])
    recount, turn = _recount_of(change), payload["turn"]
    moved = recount.rest(change=change.pk)
    if moved:
        change.moved += moved
        change.save(update_fields=["moved"])
        _tell_owners(change, again=turn)
    if turn < LATE_PASSES and recount.has_left():
        jobs.enqueue(
            "calendar.recount_late",
            key=f"{change.pk}:{turn + 1}",
            run_after=timezone.now() + LATE,
            change=change.pk,
            turn=turn + 1,
        )
    recount.forget()


def _recount_of(change: CalendarChange) -> Recount:
    return Recount(calendars.current(), Difference(change.touched_from, date(change.year, 12, 31), ()))


# --- telling ----------------------------------------------------------------------------------------------------


def _tell_owners(change: CalendarChange, *, again: int = 0) -> None:
    """One message to each person who answers for duties that moved: how many, the most urgent of them, and where all are listed."""
    moves = change.moves.order_by()
    counts = moves.values("owner_unit").annotate(
        all=Count("pk"), earlier=Count("pk", filter=Q(new_due__lt=F("old_due")))
    )
    by_unit = {each["owner_unit"]: (each["all"], each["earlier"]) for each in counts if each["owner_unit"] is not None}
    units: dict[int, list[int]] = defaultdict(list)
    for unit in sorted(by_unit):
        for official in registry.agency().recipients_of(unit):
            units[official].append(unit)
    lines = {unit: _most_urgent(change, unit) for unit in by_unit}
    for official, owing in sorted(units.items()):
        count, earlier = (sum(by_unit[unit][place] for unit in owing) for place in (0, 1))
        urgent = sorted((each for unit in owing for each in lines[unit]), key=lambda each: (each.urgent_at, each.pk))
        alerts.warn(
            f"calendar:{change.year}:{change.pk}:moved" + (f":{again}" if again else ""),
            to=[official],
            title=_title(change, count, earlier),
            body=_body(change, count, urgent[:LINES]),
            url=f"{reverse('desk:calendar', args=[change.year])}?change={change.pk}&mine=1",
            level=Alert.Level.AMBER,
        )


def _title(change: CalendarChange, count: int, earlier: int) -> str:
    done = "已录入" if change.kind == CalendarChange.Kind.ENTERED else "的录入已撤销"
    return f"{change.year}年放假安排{done}，您这里有{count}项期限改变" + (f"，其中{earlier}项提前" if earlier else "")


def _body(change: CalendarChange, count: int, urgent: list[CalendarMove]) -> str:
    now = timezone.localdate(change.at)
    lines = [f"依据：{change.notice.notice}"]
    lines += [f"撤销理由：{change.reason}"] if change.reason else []
    lines += [
        f"{move.duty.title}（{move.duty.subject_title}）：{short_day(move.old_due, now)}改为{short_day(move.new_due, now)}"
        for move in urgent
    ]
    return "\n".join([*lines, f"等共{count}项，逐项列在链接的页面上"] if count > len(urgent) else lines)


def _most_urgent(change: CalendarChange, unit: int) -> list[CalendarMove]:
    found = change.moves.filter(owner_unit=unit).select_related("duty").order_by("urgent_at", "pk")
    return list(found[:LINES])
