"""The legal acts on a notice. Each is one transaction and one fact; refusals write nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from agency.roles import Role
from agency.selectors import units_of_role
from core import access, duties, facts
from core.models import Duty, FactRecord
from core.models.duties import DutyQuerySet
from disclosure import drafting
from disclosure.facts import (
    Cancelled,
    CorrectionBegun,
    Drafted,
    ExclusionProposed,
    Published,
    Redrafted,
    SentBack,
    Submitted,
    Withdrawn,
    Withheld,
)
from disclosure.models import Notice, NoticeEdit, NoticeState
from disclosure.procedure import NOTICE

if TYPE_CHECKING:
    from agency.models import Official

REVIEW = "disclosure_review"
PUBLISH_DUTY = "publish_decision"
WITHDRAW_DUTY = "withdraw_publication"
SEEN_AFTER_REVIEW = timedelta(days=30)


@transaction.atomic
def draft_notice(*, case_id: int, happened_at: datetime, by: Official) -> Notice:
    """Draft the notice of a decision: a frozen, redacted copy. Called by the decision itself, in its transaction."""
    notice = drafting.draft(case_id)
    notice.drafted_at = notice.last_step_at = happened_at
    notice.save(force_insert=True)
    facts.record(Drafted.of(notice, masked=notice.masked), happened_at=happened_at, by=by)
    return notice


@transaction.atomic
def submit_for_publication(
    *, notice: Notice, facts_found: str, basis: str, content: str, happened_at: datetime, by: Official
) -> Notice:
    """Send the checked notice to review. Its free text may be changed now; each change is kept with what stood there.

    Raises StepRefused when something of a person is left in it (WH-MEAS-15a, WH-PLAN-2a).
    """
    locked = Notice.objects.select_for_update().get(pk=notice.pk)
    texts = {"facts": facts_found, "basis": basis, "content": content}
    edits = [
        NoticeEdit(notice=locked, field=name, before=before, after=texts[name], edited_at=happened_at, edited_by=by)
        for name, before in locked.free_text().items()
        if texts[name] != before
    ]
    changes = {edit.field: edit.after for edit in edits} | _handed_in(locked, by=by, at=happened_at)
    notice = NOTICE.move(locked, "submit", by=by, happened_at=happened_at, content=texts, changes=changes)
    NoticeEdit.objects.bulk_create(edits)
    _open_to_reviewers(notice, at=happened_at)
    facts.record(Submitted.of(notice, edits=len(edits)), happened_at=happened_at, by=by)
    return notice


@transaction.atomic
def propose_exclusion(*, notice: Notice, ground: str, reason: str, happened_at: datetime, by: Official) -> Notice:
    """Propose not to publish: state secret, trade secret or personal privacy, and why (WH-MEAS-15a, WH-PLAN-2a)."""
    locked = Notice.objects.select_for_update().get(pk=notice.pk)
    changes = {"exclusion_ground": ground, "exclusion_reason": reason} | _handed_in(locked, by=by, at=happened_at)
    notice = NOTICE.move(
        locked,
        "propose_exclusion",
        by=by,
        happened_at=happened_at,
        content={"ground": ground, "reason": reason},
        changes=changes,
    )
    _open_to_reviewers(notice, at=happened_at)
    facts.record(ExclusionProposed.of(notice, ground=ground), happened_at=happened_at, by=by)
    return notice


@transaction.atomic
def approve_and_publish(*, notice: Notice, happened_at: datetime, by: Official) -> Notice:
    """Approve the notice; the public reads it from now on, and the duty to publish the case's decision is met.

    The moment of publication is that of the approval: there is no published text that nobody approved (four eyes).
    """
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    changes = _reviewed(by=by, at=happened_at) | {"published_at": happened_at, "search_text": notice.words()}
    notice = NOTICE.move(notice, "publish", by=by, happened_at=happened_at, changes=changes)
    _close_to_reviewers(notice)
    facts.record(Published.of(notice), happened_at=happened_at, by=by)
    return notice


@transaction.atomic
def withhold(*, notice: Notice, happened_at: datetime, by: Official) -> Notice:
    """Agree not to publish. The duty to publish is voided with ground, reason and article; it is not met."""
    notice = NOTICE.move(notice, "withhold", by=by, happened_at=happened_at, changes=_reviewed(by=by, at=happened_at))
    _close_to_reviewers(notice)
    facts.record(Withheld.of(notice, ground=notice.exclusion_ground), happened_at=happened_at, by=by)
    _void_duty(notice, _why_withheld(notice, at=happened_at), at=happened_at)
    return notice


def _why_withheld(notice: Notice, *, at: datetime) -> str:
    """Ground, articles and reason of an exclusion, as its voided duty says them."""
    citations = NOTICE.binding("exclusion_reasoned", notice, at).citations
    articles = "、".join(citation.text for citation in citations)
    ground = "，".join(part for part in (notice.get_exclusion_ground_display(), articles) if part)
    return f"不予公开（{ground}）：{notice.exclusion_reason}"


@transaction.atomic
def send_back(*, notice: Notice, remarks: str, happened_at: datetime, by: Official) -> Notice:
    """Send the notice back to the section, with remarks."""
    changes = {"remarks": remarks, "exclusion_ground": "", "exclusion_reason": ""}
    notice = NOTICE.move(notice, "send_back", by=by, happened_at=happened_at, changes=changes)
    # Only now, in a draft, may the text follow a day corrected meanwhile.
    notice.decided_on = timezone.localdate(notice.decided_at)
    notice.save(update_fields=["decided_on"])
    _close_to_reviewers(notice)
    facts.record(SentBack.of(notice), happened_at=happened_at, by=by)
    return notice


@transaction.atomic
def withdraw(*, notice: Notice, reason: str, happened_at: datetime, by: Official) -> Notice:
    """Take the published text back (CN-PENALTY-48). Its place then shows the withdrawal and the public reason only."""
    changes = {"withdrawn_at": happened_at, "withdrawn_by": by, "withdrawal_reason": reason, "search_text": ""}
    notice = NOTICE.move(
        notice, "withdraw", by=by, happened_at=happened_at, content={"reason": reason}, changes=changes
    )
    facts.record(Withdrawn.of(notice), happened_at=happened_at, by=by)
    return notice


@transaction.atomic
def correct(*, notice: Notice, correction_reason: str, happened_at: datetime, by: Official) -> Notice:
    """Draft a corrected notice in the place of a withdrawn one; it is checked, reviewed and published like any other.

    The withdrawn one stays as it is, with its lines, and points to the new one. Raises StepRefused when the decision was revoked, a
    correction is under way already or nothing is said of what was wrong. Returns the new draft.
    """
    content = {"correction_reason": correction_reason}
    wrong = NOTICE.move(notice, "correct", by=by, happened_at=happened_at, content=content)
    corrected = drafting.draft(wrong.case_id)
    corrected.drafted_at = corrected.last_step_at = happened_at
    corrected.replaces, corrected.correction_reason = wrong, correction_reason
    corrected.prepared_by = sorted({*corrected.prepared_by, by.pk})
    corrected.save(force_insert=True)
    facts.record(CorrectionBegun.of(wrong, replaced_by=corrected.pk), happened_at=happened_at, by=by)
    redrafted = Redrafted.of(corrected, masked=corrected.masked, replaces=wrong.pk)
    facts.record(redrafted, happened_at=happened_at, by=by)
    return corrected


@transaction.atomic
def cancel(*, notice: Notice, happened_at: datetime, by: Official) -> Notice:
    """End a notice that was never published because its decision was revoked; nothing is left to publish."""
    notice = NOTICE.move(notice, "cancel", by=by, happened_at=happened_at)
    _close_to_reviewers(notice)
    facts.record(Cancelled.of(notice), happened_at=happened_at, by=by)
    return notice


def note_revocation(*, case_id: int, happened_at: datetime) -> None:
    """Write down that the decision was revoked: it may no longer be published; a published one is to be withdrawn.

    Where nothing is published, nobody owes the publication any more, nor a withdrawal; what is left is to end the notice.
    """
    notices = Notice.objects.filter(case_id=case_id)
    notices.update(decision_revoked_at=happened_at)
    notice = notices.first()
    if notice is not None and not notices.filter(state=NoticeState.PUBLISHED).exists():
        _void_duty(notice, "处罚决定已撤销，不再公示", at=happened_at)
        _void_duty(notice, "没有公示的信息，不需要撤回", at=happened_at, obligation=WITHDRAW_DUTY)


def note_service(*, case_id: int, happened_at: datetime) -> None:
    """Where publication is owed only once the decision takes effect, by its service: what became of the notice before that counts.

    Published already is done; withheld already is not owed. Where the duty opened with the decision nothing of it is open any more.
    """
    notice = Notice.objects.filter(case_id=case_id).exclude(state=NoticeState.WITHDRAWN).first()
    if notice is None:
        return
    if notice.state == NoticeState.WITHHELD:
        _void_duty(notice, _why_withheld(notice, at=happened_at), at=happened_at)
    elif notice.state == NoticeState.PUBLISHED:
        published = FactRecord.objects.filter(stream=notice.stream, name=Published.name).latest("pk")
        duties.meet(_owed(notice, PUBLISH_DUTY), by=published)


def note_decision_day(*, case_id: int, decided_at: datetime) -> None:
    """Write down that the day of the decision was corrected. A text handed in keeps its day until it is sent back."""
    Notice.objects.filter(case_id=case_id).update(decided_at=decided_at)
    Notice.objects.filter(case_id=case_id, state=NoticeState.DRAFT).update(decided_on=timezone.localdate(decided_at))


def _handed_in(notice: Notice, *, by: Official, at: datetime) -> dict[str, Any]:
    """Who hands in has prepared it, and so may not review it."""
    return {"submitted_by": by, "submitted_at": at, "prepared_by": sorted({*notice.prepared_by, by.pk})}


def _reviewed(*, by: Official, at: datetime) -> dict[str, Any]:
    return {"reviewed_by": by, "reviewed_at": at, "remarks": ""}


def _open_to_reviewers(notice: Notice, *, at: datetime) -> None:
    """Reviewers of all units see the notice while it waits for them."""
    for unit_id in units_of_role(Role.DISCLOSURE_REVIEWER):
        access.grant(stream=notice.stream, act=REVIEW, unit_id=unit_id, from_at=at)


def _close_to_reviewers(notice: Notice) -> None:
    """A while after the review, so that a reviewer can still look up what was decided."""
    access.revoke(stream=notice.stream, act=REVIEW, at=timezone.now() + SEEN_AFTER_REVIEW)


def _void_duty(notice: Notice, reason: str, *, at: datetime, obligation: str = PUBLISH_DUTY) -> None:
    duties.void(_owed(notice, obligation), reason=reason, at=at)


def _owed(notice: Notice, obligation: str) -> DutyQuerySet:
    found: DutyQuerySet = Duty.objects.open().of_anchor(notice.case_stream).filter(obligation=obligation)
    return found
