"""One function per legal act on a recording: one transaction, one fact. A refused act leaves nothing behind."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import access, alerts, jobs, registry, store
from core import facts as core_facts
from core.access import require
from core.lifecycle import ActRefused, Attempt, MomentRefused, StepRefused
from core.models import FactRecord
from enforcement.services import note_recording
from recording import daily, facts, uploads
from recording.models import AccessRequest, AccessState, Device, Flag, Recording, RecordingState
from recording.permissions import SIGHT, may_hand_in, may_hand_in_for, may_register_device, may_view_content
from recording.procedure import ACCESS, RECORDING

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agency.models import Official
    from core.models import StoredFile

# A player asks for a file in many pieces; what is asked for within this time is one viewing.
SITTING = timedelta(minutes=30)


class RecordingRefused(ActRefused):
    """The act is not possible on this recording now. The message is Chinese and for the page."""


# --- made, stored, indexed ----------------------------------------------------------------------------------


@transaction.atomic
def register_recording(
    *,
    act: Any,
    by: Official,
    started_at: datetime,
    made_at: datetime,
    device: Device | None,
    work: str = Recording.Work.DAY,
    work_ended_at: datetime | None = None,
) -> Recording:
    """Write down that an act was recorded; two working days to hand it in start at its end (Weihai measures 17, plan 6).

    `work_ended_at`: when the work of that day ended, or when one was back at the unit, where its law counts from that; where nobody says
    so, the day counts on which the recording was made, and nothing runs before the return.
    Raises NotPermitted, MomentRefused for an end in the future or before the act, WorkEndRefused likewise for the end of the work,
    RecordingRefused once the case has ended, and for work of a kind that the law of the unit does not know.
    """
    act = type(act)._default_manager.select_for_update(of=("self",)).select_related("case").get(pk=act.pk)
    require(may_hand_in_for(by, act.case))
    if act.case.is_ended:
        raise RecordingRefused("案件已经办结，不能再登记录像")
    if made_at > timezone.now():
        raise MomentRefused("录制结束时间不能晚于现在")
    if made_at < started_at:
        raise MomentRefused("录制结束时间不能早于录制开始时间")
    if made_at < act.started_at:
        raise MomentRefused("录制结束时间不能早于取证开始时间")
    if work_ended_at is not None:
        daily.refuse_work_end(work=work, made_at=made_at, work_ended_at=work_ended_at)
    if work != Recording.Work.DAY and not daily.terms_of(act.case.unit_id, timezone.localdate(made_at)).after_return:
        raise RecordingRefused("录制时的规定没有返回后移交的情形")
    recording = Recording.objects.create(
        case=act.case,
        act=act,
        unit_id=act.case.unit_id,
        device=device,
        sequence=Recording.objects.filter(act=act).count() + 1,
        made_by=by,
        started_at=started_at,
        made_at=made_at,
        last_step_at=made_at,
        work=work,
    )
    away = recording.is_away
    made = facts.Made.of(recording, sequence=recording.sequence, away=away, ends_day=not away and work_ended_at is None)
    core_facts.record(made, happened_at=made_at, by=by)
    if work_ended_at is not None:
        daily.note_work_end(recording, work_ended_at=work_ended_at, by=by)
    _note(recording)
    find_pauses(act.pk, by=by)
    recording.refresh_from_db()
    return recording


@transaction.atomic
def store_recording(
    *,
    recording: Recording,
    by: Official,
    file: UploadedFile | None,
    upload: str = "",
    work_ended_at: datetime | None = None,
) -> Recording:
    """Hand a recording in: its bytes as received, with their digests. The moment is now, whatever anybody types.

    `upload` is the token of a finished resumable upload and stands in the file's place. A faulty file is kept too and examined
    afterwards. `work_ended_at`: when one was back at the unit, if that was not said before. Raises StoreFull and keeps nothing,
    StepRefused when the original is already there, WorkEndRefused.
    """
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    now = timezone.now()
    if recording.is_stored:
        _refuse_replacement(recording, by, now, file or upload)
    require(may_hand_in(by, recording))
    if work_ended_at is not None:
        recording = daily.state_work_end(recording=recording, by=by, work_ended_at=work_ended_at)
    stored = uploads.take(upload, by=by, act_id=recording.act_id) if upload else _keep(file, by)
    recording = RECORDING.move(
        recording,
        "store",
        by=by,
        happened_at=now,
        changes={
            "file": stored,
            "sha256": stored.sha256,
            "sm3": stored.sm3,
            "size": stored.size,
            "stored_at": now,
            "stored_by": by,
            "probe": Recording.Probe.WAITING,
        },
    )
    fact = facts.Stored.of(recording, sha256=stored.sha256, sm3=stored.sm3, size=stored.size)
    core_facts.record(fact, happened_at=now, by=by)
    jobs.enqueue("recording.probe", key=f"recording:{recording.pk}", recording=recording.pk)
    _note(recording)
    return recording


def _refuse_replacement(recording: Recording, by: Official, now: datetime, content: Any) -> None:
    step = RECORDING["store"]
    unmet = RECORDING.unmet(step, recording, Attempt(by=by, happened_at=now, content=content))
    if unmet:
        raise StepRefused(step, unmet)


def _keep(file: UploadedFile | None, by: Official) -> StoredFile:
    if file is None:
        raise RecordingRefused("请选择录像文件")
    return store.keep(file, name=file.name or "", by=by, content_type=file.content_type or "")


@transaction.atomic
def hand_in(
    *,
    act: Any,
    by: Official,
    started_at: datetime,
    made_at: datetime,
    device: Device | None,
    file: UploadedFile | None,
    upload: str = "",
    work: str = Recording.Work.DAY,
    work_ended_at: datetime | None = None,
) -> Recording:
    """Register and store a recording in one go, both or neither."""
    recording = register_recording(
        act=act,
        by=by,
        started_at=started_at,
        made_at=made_at,
        device=device,
        work=work,
        work_ended_at=work_ended_at,
    )
    return store_recording(recording=recording, by=by, file=file, upload=upload)


@transaction.atomic
def index_recording(
    *, recording: Recording, by: Official, place: str, scene: str, participants: str, violation: str
) -> Recording:
    """Complete the index: time stands with the recording, the other four of the five elements are given here (Weihai measures 16)."""
    now = timezone.now()
    recording = RECORDING.move(
        recording,
        "index",
        by=by,
        happened_at=now,
        changes={
            "place": place,
            "scene": scene,
            "participants": participants,
            "violation": violation,
            "index_completed_at": now,
            "indexed_by": by,
        },
    )
    core_facts.record(facts.Indexed.of(recording), happened_at=now, by=by)
    _note(recording)
    return recording


# --- breaks and faults --------------------------------------------------------------------------------------


@transaction.atomic
def explain_fault(*, recording: Recording, by: Official, fault: str, reason: str) -> Recording:
    """Give the technical reason of a break or of a faulty file (Weihai measures 16, plan 6). It covers what is known now."""
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    require(may_hand_in(by, recording))
    if not recording.needs_explanation:
        raise RecordingRefused("这段录像没有需要说明的中断或者异常")
    now = timezone.now()
    recording.fault = fault
    recording.fault_reason = reason
    recording.fault_explained_at = now
    recording.fault_explained_by = by
    recording.explained_seconds = recording.gap_seconds
    recording.explained_flags = sorted(recording.faults)
    recording.save()
    fact = facts.FaultExplained.of(
        recording, fault=fault, gap_seconds=recording.gap_seconds, flags=tuple(recording.explained_flags)
    )
    core_facts.record(fact, happened_at=now, by=by)
    _note(recording)
    return recording


@transaction.atomic
def note_examination(
    recording_id: int, *, flags: list[str], findings: list[str], gaps: list[dict[str, float]], about: dict[str, Any]
) -> Recording:
    """Write down what the examination of a stored file found; once. `about` are columns of what the file says of itself."""
    recording: Recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording_id)
    if recording.probe != Recording.Probe.WAITING or recording.stored_by is None:
        return recording
    recording.probe = Recording.Probe.DONE
    recording.flags = sorted(set(recording.flags) | set(flags))
    recording.findings = findings
    recording.gaps = gaps
    for name, value in about.items():
        setattr(recording, name, value)
    recording.save()
    _tell(recording, by=recording.stored_by)
    _note(recording)
    return recording


def find_pauses(act_id: int, *, by: Official) -> None:
    """Find the breaks between the parts of one act: moments that no part covers. Parts of two devices may overlap.

    Times are entered to the minute, so breaks up to the tolerance are none.
    """
    covered: datetime | None = None
    for part in Recording.objects.select_for_update(of=("self",)).filter(act=act_id).order_by("started_at", "pk"):
        pause = 0
        if covered is not None and (part.started_at - covered).total_seconds() > settings.RECORDING_PART_TOLERANCE:
            pause = int((part.started_at - covered).total_seconds())
        covered = part.made_at if covered is None else max(covered, part.made_at)
        if part.pause_before != pause:
            part.pause_before = pause
            part.save(update_fields=["pause_before"])
            _tell(part, by=by)
            _note(part)


def _tell(recording: Recording, *, by: Official) -> None:
    """A recording that needs an explanation is a fact of its own, and its section hears of it."""
    if not recording.needs_explanation:
        return
    fact = facts.Flagged.of(recording, flags=tuple(sorted(recording.faults)), gap_seconds=recording.gap_seconds)
    core_facts.record(fact, happened_at=timezone.now(), by=by)
    alerts.warn(
        f"recording:{recording.pk}:needs_explanation:{recording.gap_seconds}:{','.join(sorted(recording.faults))}",
        to=registry.agency().recipients_of(recording.unit_id),
        title=f"录像需要说明原因：{recording.case.title}",
        body="；".join(recording.troubles),
        url=recording.get_absolute_url(),
        level="amber",
    )


def _note(recording: Recording) -> None:
    """Tell the case what its guards ask about."""
    state = str(recording.state)
    if recording.has_failed_medium or not recording.faults <= set(recording.explained_flags):
        state = "flagged"
    elif state == RecordingState.INDEXED and recording.probe == Recording.Probe.WAITING:
        state = RecordingState.STORED
    note_recording(
        act_id=recording.act_id,
        recording=recording.stream,
        state=state,
        gap_seconds=recording.gap_seconds,
        explained=recording.gap_seconds <= recording.explained_seconds,
    )


@transaction.atomic
def note_verification(recording_id: int, *, intact: bool) -> Recording:
    """Write down whether the medium still holds what was received; a failure is a fact, and the administrators hear of it."""
    recording: Recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording_id)
    now = timezone.now()
    had_failed = recording.has_failed_medium
    recording.verified_at = now
    recording.flags = sorted((set(recording.flags) - {Flag.MEDIUM}) | (set() if intact else {Flag.MEDIUM}))
    recording.save(update_fields=["verified_at", "flags"])
    if not intact and not had_failed and recording.stored_by is not None:
        core_facts.record(
            facts.MediumFailed.of(recording, sha256=recording.sha256), happened_at=now, by=recording.stored_by
        )
    if not intact:
        alerts.warn(
            f"recording:{recording.pk}:medium:{timezone.localdate(now)}",
            to={*registry.agency().administrators(), *registry.agency().recipients_of(recording.unit_id)},
            title=f"录像与入库时的摘要不符：{recording.case.title}",
            body=f"{recording}，入库时 SHA-256 为 {recording.sha256}。请从备份恢复并查明原因。",
            url=recording.get_absolute_url(),
            level="red",
        )
    if intact == had_failed:
        _note(recording)
    return recording


# --- who may see --------------------------------------------------------------------------------------------


@transaction.atomic
def request_access(*, recording: Recording, by: Official, purpose: str, until: date) -> AccessRequest:
    """Ask to see a recording of a case one does not handle (plan 6)."""
    if may_view_content(by, recording):
        raise RecordingRefused("您可以直接查看这段录像，不需要申请")
    if until < timezone.localdate():
        raise RecordingRefused("调阅截止日期不能早于今天")
    now = timezone.now()
    try:
        with transaction.atomic():
            request = AccessRequest.objects.create(
                recording=recording,
                unit_id=recording.unit_id,
                requester=by,
                purpose=purpose,
                until=until,
                requested_at=now,
                last_step_at=now,
            )
    except IntegrityError as twice:
        raise RecordingRefused("您的上一次申请还在审批中") from twice
    core_facts.record(facts.AccessRequested.of(recording, request=request.pk), happened_at=now, by=by)
    return request


@transaction.atomic
def approve_access(*, request: AccessRequest, by: Official, remarks: str) -> AccessRequest:
    """Open the recording to who asked, to the end of the day asked for (plan 6)."""
    now = timezone.now()
    request = ACCESS.move(
        request, "approve", by=by, happened_at=now, changes={"decided_at": now, "decided_by": by, "remarks": remarks}
    )
    recording = request.recording
    last = timezone.make_aware(datetime.combine(request.until, time(23, 59, 59)))
    access.grant(stream=recording.stream, act=SIGHT, official=request.requester, from_at=now, to_at=last)
    fact = facts.AccessApproved.of(
        recording, request=request.pk, official=request.requester_id, until=request.until.isoformat()
    )
    core_facts.record(fact, happened_at=now, by=by)
    _answer(request, AccessState.APPROVED.label)
    return request


@transaction.atomic
def refuse_access(*, request: AccessRequest, by: Official, remarks: str) -> AccessRequest:
    """Do not open the recording, and say why."""
    now = timezone.now()
    request = ACCESS.move(
        request, "refuse", by=by, happened_at=now, changes={"decided_at": now, "decided_by": by, "remarks": remarks}
    )
    core_facts.record(facts.AccessRefused.of(request.recording, request=request.pk), happened_at=now, by=by)
    _answer(request, AccessState.REFUSED.label)
    return request


def _answer(request: AccessRequest, result: str) -> None:
    alerts.warn(
        f"recording_access:{request.pk}:decided",
        to=[request.requester_id],
        title=f"调阅录像的申请{result}：{request.recording.case.title}",
        body=request.remarks,
        url=request.get_absolute_url(),
    )


@transaction.atomic
def record_access(*, recording: Recording, by: Official) -> None:
    """Write down that somebody is shown the content, before the first byte. One line for one sitting: a player asks many times.

    Raises NotPermitted. When the line cannot be written, nothing may be shown.
    """
    require(may_view_content(by, recording))
    now = timezone.now()
    sitting = FactRecord.objects.filter(
        stream=recording.stream, name=facts.Accessed.name, recorded_by=by, happened_at__gt=now - SITTING
    )
    if sitting.exists():
        return
    Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
    if not sitting.exists():
        core_facts.record(facts.Accessed.of(recording, official=by.pk), happened_at=now, by=by)


# --- the register of devices --------------------------------------------------------------------------------


@transaction.atomic
def register_device(*, by: Official, number: str, kind: str, model: str, unit: Any, in_use_from: date) -> Device:
    """Enter a device into the register of a unit (Weihai measures 16, plan 6)."""
    require(may_register_device(by, unit.pk))
    return Device.objects.create(number=number, kind=kind, model=model, unit=unit, in_use_from=in_use_from)
