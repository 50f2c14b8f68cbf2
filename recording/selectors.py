"""Reading recordings: lists, what waits, what a case's page shows of them. Everything goes through what the official may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Substr
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from agency.roles import Role
from core import law, registry, together
from core.models import Duty, FactRecord
from core.registry import SearchHit, WaitingStep
from core.search import matching
from core.templatetags.mc import moment
from core.timeline import Entry
from core.together import Part, attach_one
from enforcement.selectors import cases_visible_to, cases_with_words, correction_url, replaced_entries
from recording.daily import terms_of
from recording.facts import FACTS
from recording.models import AccessRequest, Device, Flag, Recording, RecordingState
from recording.permissions import may_decide_access
from recording.procedure import ACCESS, RECORDING
from recording.strip import Strip, lay_out, length_in_words

if TYPE_CHECKING:
    from agency.models import Official

MOST_WAITING: Final = 100
WITH_ALL: Final = (
    "case__source",
    "case__party",
    "act",
    "unit",
    "device",
    "file",
    "made_by",
    "stored_by",
    "indexed_by",
    "fault_explained_by",
    "handed_over_to",
)
FILTERS: Final = (
    ("todo", "待办"),
    ("faulty", "待说明"),
    ("done", "已归集"),
    ("all", "全部"),
)
# Times are entered to the minute.
CLOCK_TOLERANCE: Final = timedelta(minutes=2)


def visible_recordings(official: Official) -> QuerySet[Recording]:
    """Every recording the official may see, with what its page shows."""
    rows: QuerySet[Recording] = Recording.objects.visible_to(official).select_related(*WITH_ALL)
    return rows


def visible_act(official: Official, pk: int) -> Any:
    """An evidence act of a case the official may see. Raises Http404."""
    case = cases_visible_to(official).filter(acts=pk).select_related("unit").prefetch_related("officers").first()
    if case is None:
        raise Http404
    act = case.acts.get(pk=pk)
    act.case = case
    return act


def filtered(rows: QuerySet[Recording], wanted: str) -> QuerySet[Recording]:
    """As the list's filter asks: to do, to be explained, done, or all."""
    needs_reason = Q(pause_before__gt=0) | ~Q(gaps=[]) | ~Q(flags=[])
    unexplained = needs_reason & (Q(fault_explained_at__isnull=True) | Q(pause_before__gt=F("explained_seconds")))
    match wanted:
        case "todo":
            return rows.exclude(state=RecordingState.INDEXED)
        case "faulty":
            return rows.filter(unexplained)
        case "done":
            return rows.filter(state=RecordingState.INDEXED)
    return rows


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: the recording and its most pressing open duty."""

    recording: Recording
    duty: Duty | None
    # 回到本单位后24小时内, where the time runs from a return that nobody has stated yet.
    after_return: str = ""


def rows_of(recordings: Iterable[Recording]) -> list[Row]:
    recordings = list(recordings)
    duties: dict[str, Duty] = {}
    for duty in Duty.objects.open().filter(anchor__in=[row.stream for row in recordings]).order_by("-due_at", "-pk"):
        duties[duty.anchor] = duty
    return [Row(row, duties.get(row.stream), time_after_return(row)) for row in recordings]


def time_after_return(recording: Recording) -> str:
    """How long one has once back at the unit: 回到本单位后24小时内; empty where no return is waited for."""
    if not recording.awaits_return:
        return ""
    period = terms_of(recording.unit_id, timezone.localdate(recording.made_at)).after_return
    return f"回到本单位后{law.in_words(period)}内" if period else ""


def most_pressing(official: Official, count: int) -> list[Row]:
    """Visible recordings with an open duty, by the day it ends."""
    visible = visible_recordings(official).filter(pk=OuterRef("subject"))
    streams = Duty.objects.open().filter(anchor__startswith="recording:").order_by("due_at", "pk")
    owed = streams.annotate(subject=Cast(Substr("anchor", len("recording:") + 1), BigIntegerField()))
    chosen = list(owed.filter(Exists(visible)).values_list("subject", flat=True)[: count * 2])
    found = visible_recordings(official).in_bulk(chosen)
    # A recording may owe twice; its line stands once, at the earlier end.
    return rows_of([found[pk] for pk in dict.fromkeys(chosen) if pk in found])[:count]


def duties_of(recording: Recording, official: Official) -> list[Duty]:
    """Its duties that the official may open: sight of one recording is no sight of its case."""
    return list(Duty.objects.visible_to(official).of_anchor(recording.stream).order_by("due_at", "pk"))


def parts_of(act_id: int, official: Official) -> list[Recording]:
    """The recordings of one act that the official may see, in order of time: sight of one is no sight of the others."""
    return list(visible_recordings(official).filter(act=act_id).order_by("started_at", "pk"))


def discrepancies_of(recording: Recording) -> list[str]:
    """What the file says of itself and the register says otherwise. The device's clock is a claim, no proof."""
    found = []
    if recording.claimed_at is not None:
        away = min(abs(recording.claimed_at - recording.started_at), abs(recording.claimed_at - recording.made_at))
        if away > CLOCK_TOLERANCE and not recording.started_at <= recording.claimed_at <= recording.made_at:
            found.append(
                f"设备记录的时间是{timezone.localtime(recording.claimed_at):%Y年%-m月%-d日%H:%M}，与登记的录制时间不同"
            )
    if recording.duration is not None:
        registered = (recording.made_at - recording.started_at).total_seconds()
        if abs(registered - recording.duration) > CLOCK_TOLERANCE.total_seconds():
            found.append(f"文件时长{length_in_words(recording.duration)}，登记的时段是{length_in_words(registered)}")
    return found


def course_of(recording: Recording, duties: Iterable[Duty], *, corrects: bool = False) -> list[Entry]:
    """What happened to one recording, views included; `corrects`: with the way to put right a wrongly entered moment."""
    records = (
        FactRecord.objects.filter(stream=recording.stream)
        .select_related("recorded_by")
        .prefetch_related("corrections")
        .order_by("pk")
    )
    entries = []
    for record in records:
        if record.corrects_id:
            continue
        entries.extend(replaced_entries(record))
        fact = FACTS.get(record.name)
        offered = corrects and registry.correctable(record.name) is not None
        entries.append(
            Entry(
                at=record.effective_happened_at,
                title=record.label,
                icon=fact.icon if fact else "pencil",
                tone="met" if record.name in ("recording.stored", "recording.indexed") else "plain",
                who=record.recorded_by.name,
                detail=_detail(record, recording),
                links=(("更正时间", correction_url(recording.case_id, record)),) if offered else (),
                recorded_at=record.shown_recorded_at,
            )
        )
    entries += [Entry.of_duty(duty) for duty in duties if duty.is_open]
    return entries


def _detail(record: FactRecord, recording: Recording) -> str:
    match record.name:
        case "recording.stored":
            return f"SHA-256 {record.payload['sha256'][:16]}…"
        case "recording.flagged":
            found = [str(Flag(flag).label) for flag in record.payload["flags"]]
            gap = record.payload["gap_seconds"]
            return "，".join([*found, *([f"中断{length_in_words(gap)}"] if gap else [])])
        case "recording.fault_explained":
            return f"{recording.get_fault_display()}：{recording.fault_reason}"
        case "recording.returned":
            return recording.get_work_display()
        case "recording.handed_over":
            return f"保管人：{recording.handed_over_to.name}" if recording.handed_over_to else ""
    return ""


# --- what a case's page shows ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActRecordings:
    """One act of a case with its recordings and their strip."""

    act: Any
    recordings: list[Recording]
    strip: Strip | None

    @property
    def unexplained(self) -> list[Recording]:
        return [row for row in self.recordings if row.needs_explanation]

    @property
    def gap_in_words(self) -> str:
        return (
            length_in_words(sum(row.gap_seconds for row in self.unexplained))
            if any(row.gap_seconds for row in self.unexplained)
            else ""
        )

    @property
    def summary(self) -> str:
        """2个片段，共1小时32分，1个待入库."""
        seconds = sum(row.duration or 0 for row in self.recordings)
        waiting = sum(not row.is_stored for row in self.recordings)
        unindexed = sum(row.state == RecordingState.STORED for row in self.recordings)
        said = [f"{len(self.recordings)}个片段"]
        said += [f"共{length_in_words(seconds)}"] if seconds else []
        said += [f"{waiting}个待入库"] if waiting else []
        said += [f"{unindexed}个待编索引"] if unindexed else []
        return "，".join(said)


_RECORDINGS: Final = Part(Recording, "t.case_id = %(case)s", "t.started_at, t.id", without=("search_text",))
_MAKERS: Final = Part(
    get_user_model(), "t.id IN (SELECT made_by_id FROM recording_recording WHERE case_id = %(case)s)", only=("name",)
)


def of_case(case: Any) -> list[ActRecordings]:
    """Every act of the case, those without a recording too."""
    recordings, people = together.read((_RECORDINGS, _MAKERS), {"case": case.pk})
    makers = {official.pk: official for official in people}
    by_act: dict[int, list[Recording]] = {}
    for row in recordings:
        attach_one(row, "made_by", makers[row.made_by_id])
        by_act.setdefault(row.act_id, []).append(row)
    found = []
    for act in case.acts.all():
        rows = by_act.get(act.pk, [])
        for row in rows:
            attach_one(row, "act", act)
        found.append(ActRecordings(act, rows, lay_out(rows)))
    return found


def case_entries(acts: Iterable[ActRecordings]) -> Iterator[Entry]:
    """One line of the case's course for the recordings of each act."""
    for each in acts:
        if not each.recordings:
            continue
        last = each.recordings[-1]
        yield Entry(
            at=max(row.made_at for row in each.recordings),
            title=f"{each.act.get_kind_display()}录像",
            detail=each.summary,
            icon="video",
            tone="late" if each.unexplained else "plain",
            kind="recording",
            who=last.made_by.name,
            fragment="recording/_act_strip.html",
            extra={"each": each},
        )


# --- what waits ------------------------------------------------------------------------------------------------


def waiting_steps(official: Official) -> Iterable[WaitingStep]:
    """Recordings the official must hand in, index or explain, and requests to decide."""
    works = official.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD)
    if works:
        own = (
            Recording.objects.filter(unit__in=works, case__officers__official=official)
            .select_related("case__source", "act")
            .order_by("made_at", "pk")
        )
        for row in filtered(own, "todo")[:MOST_WAITING]:
            if row.awaits_return:
                yield WaitingStep(
                    label="登记返回时间",
                    title=str(row.as_subject().title),
                    url=row.work_end_url,
                    since=row.made_at,
                    article=law.short_of_act("LY-REC-36c", row.unit_id),
                    number=row.case.label,
                )
                continue
            key = "store" if row.state == RecordingState.MADE else "index"
            step = RECORDING[key]
            yield WaitingStep(
                label=step.label,
                title=str(row.as_subject().title),
                url=row.step_url(key),
                since=row.made_at,
                article=law.short_of_act(step.article, row.unit_id),
                number=row.case.label,
            )
        for row in filtered(own, "faulty")[:MOST_WAITING]:
            if row.needs_explanation:
                yield WaitingStep(
                    label=f"说明{row.unexplained}的原因",
                    title=str(row.as_subject().title),
                    url=row.explain_url,
                    since=row.stored_at or row.made_at,
                    article=law.short_of_act("WH-MEAS-16b", row.unit_id),
                    number=row.case.label,
                )
    decides = official.units_as(Role.SECTION_HEAD, Role.LEADER, Role.CHIEF)
    if decides:
        asked = (
            AccessRequest.objects.waiting()
            .filter(unit__in=decides)
            .exclude(requester=official)
            .select_related("recording__case__source", "recording__act", "requester")
        )
        for request in asked.order_by("requested_at")[:MOST_WAITING]:
            if not may_decide_access(official, request):
                continue
            yield WaitingStep(
                label="审批调阅录像",
                title=f"{request.requester.name}调阅：{request.recording.as_subject().title}",
                url=request.get_absolute_url(),
                since=request.requested_at,
                article=law.short_of_act(ACCESS["approve"].article, request.unit_id),
                number=request.recording.case.label,
            )


def with_words(rows: QuerySet[Recording], query: str) -> QuerySet[Recording]:
    """Those with every word of the query in their place and participants, or in the numbers, title and party's code of their case."""
    own = matching(Recording.objects.all(), "search_text", query).values("pk")
    return rows.filter(pk__in=own.union(Recording.objects.filter(case__in=cases_with_words(query)).values("pk")))


def search_hits(official: Official, query: str) -> Iterable[SearchHit]:
    """Recordings by case, number, place or participants."""
    found = with_words(visible_recordings(official), query)
    return [
        SearchHit(
            title=str(row.as_subject().title), url=row.get_absolute_url(), kind="音像", detail=row.get_state_display()
        )
        for row in found.order_by("-pk")[:20]
    ]


# --- access and devices ----------------------------------------------------------------------------------------


def open_request(official: Official, recording: Recording) -> AccessRequest | None:
    """The official's own latest request on this recording."""
    return AccessRequest.objects.filter(recording=recording, requester=official).order_by("-pk").first()


def visible_requests(official: Official) -> QuerySet[AccessRequest]:
    return AccessRequest.objects.visible_to(official).select_related(
        "recording__case__source", "recording__act", "requester", "decided_by", "unit"
    )


def devices_of(official: Official) -> QuerySet[Device]:
    """The register of the official's units."""
    return Device.objects.filter(unit__in=official.unit_ids).select_related("unit").order_by("unit", "number")


def time_to_hand_in(unit_id: int) -> str:
    """How long after its making a recording of this unit may wait (Weihai measures 17): 2个工作日内; empty where no rule says."""
    today, ordinary = timezone.localdate(), {"away": False, "ends_day": True}
    period = law.period_after("recording.made", "store_recording", unit_id=unit_id, on=today, fields=ordinary)
    return f"{law.in_words(period)}内" if period else ""


def what_is_next(recording: Recording) -> str:
    """What is to be done with a recording that was just registered, and by when."""
    if after := time_after_return(recording):
        return f"回到本单位后请登记返回时间，{after}上传入库"
    if terms_of(recording.unit_id, timezone.localdate(recording.made_at)).asks:
        (row,) = rows_of([recording])
        return f"最迟{moment(row.duty.due_at)}{row.duty.title}" if row.duty else "请上传入库"
    time = time_to_hand_in(recording.unit_id)
    return f"请{f'在{time}' if time else ''}上传入库"


def devices_in_use(unit_id: int) -> QuerySet[Device]:
    """Devices a recording of this unit may come from today."""
    today = timezone.localdate()
    return Device.objects.filter(unit=unit_id, in_use_from__lte=today).filter(
        Q(in_use_to__isnull=True) | Q(in_use_to__gte=today)
    )


def upload_url(act_id: int) -> str:
    return reverse("recording:upload", args=[act_id])
