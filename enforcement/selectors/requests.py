"""What is asked on cases and waits for its approver, or for who asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse

from agency.roles import Role
from core import law
from core.duties import Preview, preview_of_correction
from core.models import Duty, FactRecord
from core.registry import WaitingStep
from core.templatetags.mc import moment
from enforcement import facts
from enforcement.models import Case, CaseOfficer, MomentCorrection, PreservationRequest, RequestState
from enforcement.permissions import may_approve_correction, may_approve_preservation
from enforcement.procedure import REQUESTS

if TYPE_CHECKING:
    from agency.models import Official

MOST_WAITING: Final = 100
_APPROVERS: Final[dict[Any, tuple[Role, ...]]] = {
    MomentCorrection: (Role.SECTION_HEAD, Role.LEADER, Role.CHIEF),
    PreservationRequest: (Role.LEADER, Role.CHIEF),
}
_TABLES: Final[dict[str, Any]] = {
    MomentCorrection.kind: MomentCorrection,
    PreservationRequest.kind: PreservationRequest,
}


def requests_of(case_id: int, kind: str) -> QuerySet[Any]:
    """Requests of one kind on a case, with everything their page shows."""
    table = _TABLES[kind]
    found: QuerySet[Any] = table.objects.filter(case=case_id).select_related("requested_by", "decided_by")
    if table is MomentCorrection:
        return found.select_related("record__recorded_by").prefetch_related("record__corrections")
    return found.select_related("act")


def previews_of(request: MomentCorrection) -> list[Preview]:
    """Every duty of the fact as it is and as the approval would leave it; nothing is written. Empty when nothing is open any more."""
    if not request.is_open:
        return []
    return preview_of_correction(request.record_id, happened_at=request.replaced_by)


def is_outdated(request: MomentCorrection) -> bool:
    """Whether the fact was corrected since the request was handed in, so that it can only be sent back."""
    return request.is_open and request.record.effective_happened_at != request.replaced


def waiting_requests(official: Official) -> Iterator[WaitingStep]:
    """Requests for the official to decide, and their own that came back."""
    own = CaseOfficer.objects.filter(official=official).values("case")
    for table, roles in _APPROVERS.items():
        units = official.units_as(*roles)
        works = official.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD)
        to_decide = (
            Q(state=RequestState.REQUESTED, case__unit__in=units)
            & ~Q(requested_by=official)
            & ~Q(case__proposed_by=official)
            & ~Q(case__in=own)
        )
        came_back = Q(state=RequestState.SENT_BACK, requested_by=official)
        if table is MomentCorrection:
            # Others than the section's people ask for what stands in the chain of another file of the case.
            came_back &= Q(case__unit__in=works) | ~Q(record__stream__startswith=f"{Case.objects.all().stream_prefix}:")
        else:
            came_back &= Q(case__unit__in=works)
        found = table.objects.filter(to_decide | came_back).select_related("case__source", "requested_by")
        for request in found.order_by("last_step_at", "pk")[:MOST_WAITING]:
            step = REQUESTS[table.kind]["approve" if request.state == RequestState.REQUESTED else "change"]
            yield WaitingStep(
                label=step.label if request.state == RequestState.REQUESTED else f"修改{table.noun}",
                title=request.case.title,
                url=request.get_absolute_url(),
                since=request.last_step_at,
                article=law.short_of_act(step.article, request.unit_id),
                number=request.case.label,
            )


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that waits, as the case's page tells it. `may_decide` is for the one who reads."""

    label: str
    detail: str
    who: str
    at: datetime
    url: str
    is_sent_back: bool
    remarks: str
    may_decide: bool
    may_change: bool
    previews: list[Preview]


_ENDS: Final = {
    facts.MomentCorrectionApproved.name,
    facts.MomentCorrectionWithdrawn.name,
    facts.PreservationApproved.name,
    facts.PreservationWithdrawn.name,
}
_BACK: Final = {facts.MomentCorrectionSentBack.name, facts.PreservationSentBack.name}
_KINDS: Final = {
    facts.MomentCorrectionRequested.name: MomentCorrection,
    facts.MomentCorrectionApproved.name: MomentCorrection,
    facts.MomentCorrectionSentBack.name: MomentCorrection,
    facts.MomentCorrectionWithdrawn.name: MomentCorrection,
    facts.PreservationRequested.name: PreservationRequest,
    facts.PreservationApproved.name: PreservationRequest,
    facts.PreservationSentBack.name: PreservationRequest,
    facts.PreservationWithdrawn.name: PreservationRequest,
}


def open_requests(
    case: Case, records: Iterable[FactRecord], duties: Iterable[Duty], official: Official
) -> list[OpenRequest]:
    """Requests on the case that are open, told from its facts and duties as its page has read them: nothing more is asked for.

    Only for a correction that the reader may approve the calendar is looked at, to tell which duties would move.
    """
    asked: dict[tuple[str, int], FactRecord] = {}
    back: dict[tuple[str, int], FactRecord] = {}
    known = list(records)
    for record in known:
        table = _KINDS.get(record.name)
        if table is None:
            continue
        key = (table.kind, record.payload["request"])
        if record.name in _ENDS:
            asked.pop(key, None)
        elif record.name in _BACK:
            back[key] = record
        else:
            asked[key] = record
            back.pop(key, None)
    labels = labels_of(known)
    return [_opened(case, key, record, back.get(key), labels, duties, official) for key, record in asked.items()]


def _opened(
    case: Case,
    key: tuple[str, int],
    record: FactRecord,
    back: FactRecord | None,
    labels: dict[int, str],
    duties: Iterable[Duty],
    official: Official,
) -> OpenRequest:
    kind, pk = key
    table = _TABLES[kind]
    # As much of the row as a permit asks for.
    request = table(pk=pk, case=case, requested_by_id=record.recorded_by_id)
    permit = (may_approve_correction if table is MomentCorrection else may_approve_preservation)(official, request)
    own = record.recorded_by_id == official.pk
    may_decide = back is None and bool(permit)
    previews: list[Preview] = []
    if may_decide and table is MomentCorrection:
        truly = datetime.fromisoformat(record.payload["replaced_by"])
        previews = preview_of_correction(record.payload["record"], happened_at=truly, among=duties)
    return OpenRequest(
        label=table.noun,
        detail=told(record, labels),
        who=record.recorded_by.name,
        at=record.happened_at,
        url=reverse("enforcement:request", args=[case.pk, kind, pk]),
        is_sent_back=back is not None,
        remarks=back.reason if back else "",
        may_decide=may_decide,
        may_change=back is not None and own,
        previews=previews,
    )


def labels_of(records: Iterable[FactRecord]) -> dict[int, str]:
    """What these facts are called, and those in the chain of another file whose correction was asked for among them."""
    known = list(records)
    labels = {record.pk: record.label for record in known}
    asked = {record.payload["record"] for record in known if record.name == facts.MomentCorrectionRequested.name}
    if elsewhere := asked - labels.keys():
        labels.update(FactRecord.objects.filter(pk__in=elsewhere).values_list("pk", "label"))
    return labels


def told(record: FactRecord, labels: dict[int, str]) -> str:
    """What a fact of a request says beside its label: its words, and for a correction which moment becomes which."""
    if record.name == facts.MomentCorrectionRequested.name:
        label = labels.get(record.payload["record"], "")
        old, new = record.payload["replaced"], record.payload["replaced_by"]
        return f"“{label}”由{moment(old)}改为{moment(new)}。{record.reason}"
    return record.reason
