"""When the day's work ended, when one was back at the unit, and who took a recording into keeping: where the law of the unit counts
from it, or is met by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from agency import selectors as agency
from agency.roles import Role
from core import duties, law
from core import facts as core_facts
from core.access import Permit, require
from core.lifecycle import ActRefused
from core.models import Duty
from recording import facts
from recording.models import Recording
from recording.permissions import may_hand_in
from rulebook.model import Period

if TYPE_CHECKING:
    from agency.models import Official

# A day's work that goes on past midnight ends on the day after; what is longer is work without a break, with a time of its own.
LATEST_END: Final = timedelta(days=1)
Work = Recording.Work


class WorkEndRefused(ActRefused):
    """The end of the work, or the return, cannot be that. The message belongs at its field."""

    field = "work_ended_at"


class CustodyRefused(ActRefused):
    """The recording cannot be handed over so. The message belongs at the moment of the hand-over."""

    field = "handed_over_at"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the law of a unit counts from: the end of the day's work, the return to the unit and for how long; and whether it is enough
    for the day that a custodian keeps the recording.
    """

    same_day: bool
    after_return: Period | None
    custody: bool

    @property
    def asks(self) -> bool:
        """Whether the end of the work matters at all."""
        return self.same_day or self.after_return is not None


def terms_of(unit_id: int, on: date) -> Terms:
    """As the law binds the unit on a day."""
    returning = law.counting_from(facts.Returned.name, unit_id=unit_id, on=on)
    met = law.rulebook().met_by(facts.HandedOver.name, law.profile_of(unit_id), on)
    return Terms(
        same_day=bool(law.counting_from(facts.WorkEnded.name, unit_id=unit_id, on=on)),
        after_return=next((rule.within for rule in returning), None),
        custody=any(rule.is_enforced for rule in met),
    )


def may_state_work_end(official: Official, recording: Recording) -> Permit:
    """Who hands in says so too, where the law of the unit counts from it."""
    if not _terms(recording).asks:
        return Permit.no("本单位的规定不从收工或者返回的时间起算，不需要登记")
    return may_hand_in(official, recording)


def may_hand_over(official: Official, recording: Recording) -> Permit:
    """Who hands in gives it to a custodian, where the law of the unit has one keep it."""
    if not _terms(recording).custody:
        return Permit.no("本单位的规定没有交专人保管这一步，请直接上传入库")
    return may_hand_in(official, recording)


def _terms(recording: Recording) -> Terms:
    return terms_of(recording.unit_id, timezone.localdate(recording.made_at))


def refuse_work_end(*, work: str, made_at: datetime, work_ended_at: datetime) -> None:
    """Raise WorkEndRefused for an end of the work, or a return, before the recording's own end or in the future; and for an end of the
    day's work later than the day after.
    """
    noun = "收工时间" if work == Work.DAY else "回到本单位的时间"
    if work_ended_at > timezone.now():
        raise WorkEndRefused(f"{noun}不能晚于现在")
    if work_ended_at < made_at:
        raise WorkEndRefused(f"{noun}不能早于录制结束时间")
    if work == Work.DAY and timezone.localdate(work_ended_at) > timezone.localdate(made_at) + LATEST_END:
        raise WorkEndRefused("当天收工最迟在录制的次日。连续工作、异地工作等情形，请改选工作情形")


def note_work_end(recording: Recording, *, work_ended_at: datetime, by: Official) -> None:
    """Write it down with the fact that the law counts from. The caller has asked `refuse_work_end`."""
    recording.work_ended_at = work_ended_at
    recording.save(update_fields=["work_ended_at"])
    ended: facts.RecordingFact = (
        facts.Returned.of(recording, ground=str(recording.work))
        if recording.is_away
        else facts.WorkEnded.of(recording, ends_day=True)
    )
    core_facts.record(ended, happened_at=work_ended_at, by=by)


@transaction.atomic
def state_work_end(
    *, recording: Recording, by: Official, work_ended_at: datetime, others: Iterable[Recording] = ()
) -> Recording:
    """Say when one was back at the unit, for this recording and for others of the same journey; or that the day's work went on past
    midnight, so that the day to hand it in is the one it ended on.

    Raises NotPermitted; WorkEndRefused for a moment that cannot be, for one already stated (a wrong one is corrected), and once the
    recording is handed in.
    """
    streams = {recording.pk, *(other.pk for other in others)}
    rows: dict[int, Recording] = {
        row.pk: row for row in Recording.objects.select_for_update(of=("self",)).filter(pk__in=streams).order_by("pk")
    }
    for row in rows.values():
        require(may_state_work_end(by, row))
        _refuse_second(row)
        refuse_work_end(work=row.work, made_at=row.made_at, work_ended_at=work_ended_at)
        if not row.is_away:
            _leave_the_first_day(row, work_ended_at)
        note_work_end(row, work_ended_at=work_ended_at, by=by)
    return rows[recording.pk]


def _refuse_second(recording: Recording) -> None:
    if recording.is_stored:
        raise WorkEndRefused("录像已经入库，不需要再登记")
    if recording.work_ended_at is not None:
        raise WorkEndRefused("已经登记过，登记错了请申请更正时间")
    if not recording.is_away and recording.handed_over_at is not None:
        raise WorkEndRefused("录像已经交专人保管，不需要再登记")


def _leave_the_first_day(recording: Recording, work_ended_at: datetime) -> None:
    """The day on which the recording was made is no longer the one to hand it in: the work went on into the next."""
    if timezone.localdate(work_ended_at) == timezone.localdate(recording.made_at):
        raise WorkEndRefused("录制当天收工的不需要登记，期限已经按当天计算")
    made = timezone.localdate(recording.made_at)
    rules = {rule.id for rule in law.counting_from(facts.WorkEnded.name, unit_id=recording.unit_id, on=made)}
    owed = Duty.objects.open().filter(anchor=recording.stream, opened_by__name=facts.Made.name)
    first = [duty for duty in owed if {basis["rule"] for basis in duty.bases} <= rules]
    reason = f"{timezone.localtime(work_ended_at):%-m月%-d日%H:%M}才收工，自收工当天起算"
    duties.void(first, reason=reason, at=timezone.now())


@transaction.atomic
def hand_over(*, recording: Recording, by: Official, to: Official, handed_over_at: datetime) -> Recording:
    """Give the recording to a custodian of the unit; it still has to be stored (LY-REC-36a, 36b).

    Raises NotPermitted; CustodyRefused for a moment that cannot be, a second time, to oneself or to nobody's custodian, and once the
    recording is stored.
    """
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    require(may_hand_over(by, recording))
    if recording.is_stored:
        raise CustodyRefused("录像已经入库，不需要再交专人保管")
    if recording.handed_over_at is not None:
        raise CustodyRefused("录像已经交专人保管")
    if handed_over_at > timezone.now():
        raise CustodyRefused("交接时间不能晚于现在")
    if handed_over_at < recording.made_at:
        raise CustodyRefused("交接时间不能早于录制结束时间")
    if to not in custodians(recording.unit_id, besides=by):
        raise CustodyRefused("保管人应为本单位的档案与音像管理员，不能是自己")
    recording.handed_over_at, recording.handed_over_to = handed_over_at, to
    recording.save(update_fields=["handed_over_at", "handed_over_to"])
    core_facts.record(facts.HandedOver.of(recording, to=to.pk), happened_at=handed_over_at, by=by)
    return recording


def custodians(unit_id: int, *, besides: Official) -> Any:
    """Who may take a recording of the unit into keeping: its custodians and those of the units above it."""
    return agency.holders_of(Role.RECORDS_CUSTODIAN, unit_id).exclude(pk=besides.pk)


def of_same_journey(recording: Recording, by: Official) -> Any:
    """Recordings of the same maker that wait for a return as this one does, and that the official may hand in."""
    waiting = Recording.objects.filter(
        made_by=recording.made_by_id, work=recording.work, work_ended_at__isnull=True, file__isnull=True
    )
    mine = waiting.filter(unit__in=by.unit_ids, case__officers__official=by).exclude(pk=recording.pk)
    return mine.select_related("case__source", "act").order_by("made_at", "pk")


def last_return(recording: Recording) -> datetime | None:
    """When the maker was back after this recording, as said at another one: the return is not asked twice."""
    said = Recording.objects.filter(
        made_by=recording.made_by_id, work=recording.work, work_ended_at__gte=recording.made_at
    )
    found = (
        said.order_by("work_ended_at").values_list("work_ended_at", flat=True).first() if recording.is_away else None
    )
    return timezone.localtime(found) if found else None
