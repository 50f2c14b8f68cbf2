"""What somebody asks and somebody else approves: corrected moments, registered preservation of evidence."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import alerts
from core import facts as core_facts
from core.access import require
from core.facts import FactRefused
from core.lifecycle import Lifecycle
from core.models import FactRecord
from enforcement import facts, terms
from enforcement.models import Case, CaseRequest, CaseState, EvidenceAct, MomentCorrection, PreservationRequest
from enforcement.moments import has_typed_moment, is_of_case, refuse_displaced
from enforcement.permissions import may_ask_correction
from enforcement.procedure import MOMENT_CORRECTION, PENALTY, PRESERVATION

if TYPE_CHECKING:
    from agency.models import Official

R = TypeVar("R", bound=CaseRequest)


def _locked(case_id: int) -> Case:
    """The case row first, then the request's: every act on a case locks in this order."""
    case: Case = Case.objects.select_for_update(of=("self",)).select_related("party", "source").get(pk=case_id)
    return case


def _moved(lifecycle: Lifecycle, request: R, key: str, *, by: Official, **changes: Any) -> R:
    _locked(request.case_id)
    return lifecycle.move(request, key, by=by, happened_at=changes.pop("happened_at", _minute()), changes=changes)


def _minute() -> datetime:
    """Now, as forms enter moments: what follows within the same minute is no earlier."""
    return timezone.now().replace(second=0, microsecond=0)


def _of_version(request: CaseRequest, version: int) -> None:
    """What is approved is what was read."""
    if request.version != version:
        raise FactRefused("申请人已经修改这份申请，请核对修改后的内容再批准")


def _tell(request: CaseRequest, what: str, *, body: str = "") -> None:
    alerts.warn(
        f"request:{request.kind}:{request.pk}:{request.version}:{request.state}",
        to=[request.requested_by_id],
        title=f"{request.noun}{what}：{request.case.title}",
        body=body,
        url=request.get_absolute_url(),
    )


# --- a wrongly entered moment -----------------------------------------------------------------------------------


def _record(record_id: int) -> FactRecord:
    return FactRecord.objects.prefetch_related("corrections").get(pk=record_id)


def _refuse_correction(case: Case, record: FactRecord, *, happened_at: datetime, reason: str, by: Official) -> None:
    if not has_typed_moment(record):
        raise FactRefused("这条记录的时间就是录入的时间，没有可以更正的")
    if not is_of_case(record, case):
        raise FactRefused("这条记录不属于本案")
    core_facts.refuse_correction(record, happened_at=happened_at, reason=reason)
    refuse_displaced(case, record, happened_at=happened_at, by=by)


@transaction.atomic
def request_moment_correction(
    *, case: Case, record: FactRecord, by: Official, happened_at: datetime, reason: str
) -> MomentCorrection:
    """Ask that the moment of a fact of this case, or of a file that belongs to it, be put right; nothing moves before somebody else approved it.

    Raises NotPermitted, or FactRefused for a moment that could not be approved and for a fact of which a request is open.
    """
    case = _locked(case.pk)
    record = _record(record.pk)
    require(may_ask_correction(by, case, record))
    _refuse_correction(case, record, happened_at=happened_at, reason=reason, by=by)
    now = timezone.now()
    try:
        with transaction.atomic():
            request = MomentCorrection.objects.create(
                case=case,
                record=record,
                replaced=record.effective_happened_at,
                replaced_by=happened_at,
                reason=reason,
                requested_by=by,
                requested_at=now,
                last_step_at=_minute(),
            )
    except IntegrityError as twice:
        raise FactRefused("这条记录已有一份更正申请在办理") from twice
    _note_asked(request, by=by)
    return request


def _note_asked(request: MomentCorrection, *, by: Official) -> None:
    fact = facts.MomentCorrectionRequested.of(
        request.case,
        request=request.pk,
        record=request.record_id,
        replaced=timezone.localtime(request.replaced).isoformat(),
        replaced_by=timezone.localtime(request.replaced_by).isoformat(),
    )
    core_facts.record(fact, happened_at=request.requested_at, by=by, reason=request.reason)


@transaction.atomic
def approve_moment_correction(*, request: MomentCorrection, by: Official, version: int) -> MomentCorrection:
    """Put the moment right by a fact of its own, as it was asked; duties and the case's own moments move.

    Raises FactRefused when the fact was corrected meanwhile, or when the case has gone on so that the moment no longer fits.
    """
    request = _moved(MOMENT_CORRECTION, request, "approve", by=by, decided_by=by, decided_at=timezone.now())
    _of_version(request, version)
    case, record = request.case, _record(request.record_id)
    if record.effective_happened_at != request.replaced:
        last = record.corrections_in_order()[-1]
        raise FactRefused(
            f"这条记录的时间已由{last.recorded_by.name}于{_clock(last.recorded_at)}更正为{_clock(record.effective_happened_at)}，"
            f"申请所写的原时间（{_clock(request.replaced)}）不再成立，请退回申请"
        )
    _refuse_correction(case, record, happened_at=request.replaced_by, reason=request.reason, by=by)
    fact = facts.MomentCorrectionApproved.of(case, request=request.pk, record=record.pk)
    core_facts.record(fact, happened_at=timezone.now(), by=by)
    core_facts.correct(
        record, happened_at=request.replaced_by, reason=request.reason, requested_by=request.requested_by, by=by
    )
    _tell(request, "已批准", body=f"“{record.label}”的时间已更正为{_clock(request.replaced_by)}，有关期限已重新计算。")
    return request


@transaction.atomic
def send_back_moment_correction(*, request: MomentCorrection, by: Official, remarks: str) -> MomentCorrection:
    """Send the request back to who asked, with what must be put right."""
    request = _sent_back(MOMENT_CORRECTION, request, by=by, remarks=remarks)
    fact = facts.MomentCorrectionSentBack.of(request.case, request=request.pk)
    core_facts.record(fact, happened_at=timezone.now(), by=by, reason=remarks)
    return request


@transaction.atomic
def change_moment_correction(
    *, request: MomentCorrection, by: Official, happened_at: datetime, reason: str
) -> MomentCorrection:
    """Hand a request in again, changed. It takes the fact's moment as it now is for the one to be replaced."""
    case, record = _locked(request.case_id), _record(request.record_id)
    _refuse_correction(case, record, happened_at=happened_at, reason=reason, by=by)
    request = _handed_in_again(
        MOMENT_CORRECTION,
        request,
        by=by,
        reason=reason,
        replaced=record.effective_happened_at,
        replaced_by=happened_at,
        requested_at=timezone.now(),
    )
    _note_asked(request, by=by)
    return request


@transaction.atomic
def withdraw_moment_correction(*, request: MomentCorrection, by: Official) -> MomentCorrection:
    """Take the request back; the fact stays as it is."""
    request = _moved(MOMENT_CORRECTION, request, "withdraw", by=by)
    fact = facts.MomentCorrectionWithdrawn.of(request.case, request=request.pk)
    core_facts.record(fact, happened_at=timezone.now(), by=by)
    return request


# --- registered preservation ------------------------------------------------------------------------------------


@transaction.atomic
def request_preservation(
    *, case: Case, by: Official, happened_at: datetime, place: str, items: str, reason: str
) -> Case:
    """Ask the head of the agency to have evidence registered and preserved (Penalty Law 56)."""
    case = PENALTY.move(case, "request_preservation", by=by, happened_at=happened_at)
    request = PreservationRequest.objects.create(
        case=case,
        place=place,
        items=items,
        reason=reason,
        requested_by=by,
        requested_at=happened_at,
        last_step_at=happened_at,
    )
    fact = facts.PreservationRequested.of(case, request=request.pk)
    core_facts.record(fact, happened_at=happened_at, by=by, reason=_what(request))
    return case


def _what(request: PreservationRequest) -> str:
    return f"{request.place}：{request.items}。{request.reason}"


@transaction.atomic
def approve_preservation(
    *, request: PreservationRequest, by: Official, happened_at: datetime, version: int
) -> PreservationRequest:
    """Approve the preservation as the head of the agency (Penalty Law 56).

    `happened_at` is when it was approved: the approver on the telephone enters that moment afterwards; the preservation may not
    have begun before it.
    """
    request = _moved(
        PRESERVATION, request, "approve", by=by, happened_at=happened_at, decided_by=by, decided_at=happened_at
    )
    _of_version(request, version)
    if request.case.state != CaseState.INVESTIGATING:
        raise FactRefused("本案不在调查取证环节，不能再批准先行登记保存")
    fact = facts.PreservationApproved.of(request.case, request=request.pk)
    core_facts.record(fact, happened_at=happened_at, by=by)
    period = terms.settlement_period(request.case, timezone.localdate(happened_at))
    within = f"，并在{terms.in_words(period)}内作出处理决定（行政处罚法第五十六条）" if period else ""
    _tell(request, "已批准", body=f"登记保存后请登记取证行为{within}。")
    return request


@transaction.atomic
def send_back_preservation(*, request: PreservationRequest, by: Official, remarks: str) -> PreservationRequest:
    """Send the request back to who asked; nothing may be preserved on it."""
    request = _sent_back(PRESERVATION, request, by=by, remarks=remarks)
    fact = facts.PreservationSentBack.of(request.case, request=request.pk)
    core_facts.record(fact, happened_at=timezone.now(), by=by, reason=remarks)
    return request


@transaction.atomic
def change_preservation(
    *, request: PreservationRequest, by: Official, happened_at: datetime, place: str, items: str, reason: str
) -> PreservationRequest:
    """Hand a request in again, changed."""
    request = _handed_in_again(
        PRESERVATION,
        request,
        by=by,
        happened_at=happened_at,
        requested_at=happened_at,
        place=place,
        items=items,
        reason=reason,
    )
    fact = facts.PreservationRequested.of(request.case, request=request.pk)
    core_facts.record(fact, happened_at=happened_at, by=by, reason=_what(request))
    return request


@transaction.atomic
def withdraw_preservation(*, request: PreservationRequest, by: Official) -> PreservationRequest:
    """Take the request back."""
    request = _moved(PRESERVATION, request, "withdraw", by=by)
    fact = facts.PreservationWithdrawn.of(request.case, request=request.pk)
    core_facts.record(fact, happened_at=timezone.now(), by=by)
    return request


@transaction.atomic
def settle_preservation(*, case: Case, by: Official, happened_at: datetime, act: EvidenceAct, settlement: str) -> Case:
    """Decide what becomes of registered evidence, within seven days of its preservation (Penalty Law 56).

    Raises FactRefused when that was decided already.
    """
    case = PENALTY.move(case, "settle_preservation", by=by, happened_at=happened_at)
    if happened_at < act.ended_at:
        raise FactRefused(f"处理不能早于登记保存（{_clock(act.ended_at)}）")
    unsettled = case.acts.filter(pk=act.pk, kind=EvidenceAct.Kind.REGISTERED, settled_at__isnull=True)
    if not unsettled.update(settled_at=happened_at, settlement=settlement):
        raise FactRefused("这项登记保存的证据已经作出处理决定，或者不属于本案")
    fact = facts.PreservationSettled.of(case, act=act.pk, anchor=act.anchor)
    core_facts.record(fact, happened_at=happened_at, by=by, reason=settlement)
    return Case.objects.get(pk=case.pk)


# --- what both share --------------------------------------------------------------------------------------------


def _sent_back(lifecycle: Lifecycle, request: R, *, by: Official, remarks: str) -> R:
    request = _moved(lifecycle, request, "send_back", by=by, decided_by=by, decided_at=timezone.now(), remarks=remarks)
    _tell(request, "已退回，请修改", body=remarks)
    return request


def _handed_in_again(lifecycle: Lifecycle, request: R, *, by: Official, **changes: Any) -> R:
    return _moved(
        lifecycle, request, "change", by=by, version=request.version + 1, decided_by=None, decided_at=None, **changes
    )


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y年%-m月%-d日%H:%M}"
