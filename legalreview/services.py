"""One function per legal act in a review: one transaction, one fact. A refused act leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from agency.selectors import owner_of
from core import access, duties, jobs, law
from core import facts as core_facts
from core.access import NotPermitted, Permit, require
from core.lifecycle import ActRefused, MomentRefused
from core.models import Duty
from enforcement.services import note_review_result
from legalreview import facts
from legalreview.models import Review, ReviewPoint, ReviewState
from legalreview.package import freeze
from legalreview.permissions import may_submit
from legalreview.procedure import REVIEW
from legalreview.selectors import obstacle_to_submission

if TYPE_CHECKING:
    from agency.models import Official
    from enforcement.models import Case

SIGHT = "legal_review"


class SubmissionRefused(ActRefused):
    """The case cannot be submitted now. The message is Chinese and for the page."""


@transaction.atomic
def submit_for_review(
    *, case: Case, by: Official, happened_at: datetime, explanation: str, package: Mapping[str, Mapping[str, Any]]
) -> Review:
    """Submit the present draft with its package (WH-PLAN-7a); each call is another round.

    Raises NotPermitted, MomentRefused, or SubmissionRefused when there is no draft, when a round is still open, or when exactly this text is already agreed.
    """
    case = type(case)._default_manager.select_for_update(of=("self",)).get(pk=case.pk)
    require(may_submit(by, case))
    if obstacle := obstacle_to_submission(case):
        raise SubmissionRefused(obstacle)
    draft = case.draft
    if happened_at > timezone.now():
        raise MomentRefused("发生时间不能晚于现在")
    if happened_at < draft.drafted_at:
        raise MomentRefused("送审时间不能早于拟稿时间")
    legal_unit = owner_of("legal_affairs", case.unit_id)
    if legal_unit is None:
        raise SubmissionRefused("机关还没有设置法制科室，请联系系统管理员")
    papers = freeze(case)
    review = Review.objects.create(
        case=case,
        draft=draft,
        round=Review.objects.filter(case=case).count() + 1,
        unit_id=case.unit_id,
        legal_unit_id=legal_unit,
        title=case.title,
        text_digest=draft.text_digest,
        explanation=explanation,
        package={key: dict(item) for key, item in package.items()},
        papers=papers,
        submitted_at=happened_at,
        submitted_by=by,
        last_step_at=happened_at,
        state_since=happened_at,
    )
    access.grant(stream=case.stream, act=SIGHT, unit_id=legal_unit, from_at=timezone.now())
    fact = facts.Submitted.of(
        review,
        text_digest=draft.text_digest,
        papers=tuple(f"{paper['document']}:{paper['sha256']}" for paper in papers),
    )
    core_facts.record(fact, happened_at=happened_at, by=by)
    return review


@transaction.atomic
def accept_package(*, review: Review, by: Official, happened_at: datetime, no_conflict: bool) -> Review:
    """Receive the complete package and become its reviewer; the ten working days start (YQ-LR-14a, by reference)."""
    if not no_conflict:
        raise NotPermitted(Permit.no("与审核内容有直接利害关系的，应当回避", law.cite_act("YQ-LR-7b", review.unit_id)))
    review = REVIEW.move(
        review, "accept", by=by, happened_at=happened_at, changes={"accepted_at": happened_at, "reviewer": by}
    )
    core_facts.record(facts.PackageAccepted.of(review, reviewer=by.pk), happened_at=happened_at, by=by)
    return review


@transaction.atomic
def return_package(*, review: Review, by: Official, happened_at: datetime, remarks: str) -> Review:
    """Send the package back with remarks. Before acceptance no clock ran; afterwards its duty ends with the reason."""
    review = REVIEW.move(
        review, "give_back", by=by, happened_at=happened_at, changes={"returned_at": happened_at, "remarks": remarks}
    )
    duties.void(_clock(review), reason="送审材料已退回补正，重新送审后另行计算", at=happened_at)
    access.revoke(stream=review.case.stream, act=SIGHT)
    core_facts.record(facts.Returned.of(review), happened_at=happened_at, by=by)
    return review


@transaction.atomic
def end_with_case(*, review: Review, happened_at: datetime, by: Official) -> Review:
    """Its case ended otherwise, so nobody waits for an opinion: the open round is returned, its clock voided, its sight closed.

    No step of anybody's: it follows from the fact that ended the case, and is recorded as that official's.
    """
    review = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    review.state, review.returned_at = ReviewState.RETURNED, happened_at
    review.remarks = f"案件已处于“{review.case.get_state_display()}”，不再需要审核意见"
    review.last_step_at = review.state_since = max(review.last_step_at, happened_at)
    review.save()
    duties.void(_clock(review), reason=review.remarks, at=happened_at)
    access.revoke(stream=review.case.stream, act=SIGHT)
    core_facts.record(facts.Returned.of(review), happened_at=happened_at, by=by)
    return review


@transaction.atomic
def answer_points(
    *, review: Review, by: Official, happened_at: datetime, points: Sequence[Mapping[str, Any]]
) -> Review:
    """Save the answers given so far; the opinion needs all of them (YQ-LR-11)."""
    review = REVIEW.move(review, "answer", by=by, happened_at=happened_at)
    for position, point in enumerate(points):
        if not point["answer"]:
            continue
        ReviewPoint.objects.update_or_create(
            review=review,
            key=point["key"],
            defaults={
                "label": point["label"],
                "position": position,
                "answer": point["answer"],
                "is_grave": point["answer"] == ReviewPoint.Answer.PROBLEM and point["is_grave"],
                "remark": point["remark"],
            },
        )
    return review


@transaction.atomic
def pause_clock(*, review: Review, by: Official, happened_at: datetime, kind: str, remarks: str) -> Review:
    """Stop the clock for one of the three reasons the rule allows (YQ-LR-14c)."""
    review = REVIEW.move(
        review, "pause", by=by, happened_at=happened_at, changes={"pause_kind": kind, "remarks": remarks}
    )
    for duty in _clock(review):
        duties.pause(duty, kind=kind, from_day=timezone.localdate(happened_at))
    core_facts.record(facts.ClockPaused.of(review, kind=kind), happened_at=happened_at, by=by)
    return review


@transaction.atomic
def resume_clock(*, review: Review, by: Official, happened_at: datetime) -> Review:
    """What was waited for came in; the clock runs again from the next day."""
    review = REVIEW.move(review, "resume", by=by, happened_at=happened_at, changes={"pause_kind": ""})
    for duty in _clock(review):
        duties.resume(duty, on=timezone.localdate(happened_at))
    core_facts.record(facts.ClockResumed.of(review), happened_at=happened_at, by=by)
    return review


@transaction.atomic
def extend_review(*, review: Review, by: Official, happened_at: datetime, reason: str) -> Review:
    """The leader approves a longer period, once, for a complex case (YQ-LR-14b)."""
    review = REVIEW.move(review, "extend", by=by, happened_at=happened_at, changes={"remarks": reason})
    for duty in _clock(review):
        rule = duties.extending_rule(duty)
        duties.extend(duty, approved_on=timezone.localdate(happened_at))
        core_facts.record(facts.Extended.of(review, rule=rule.id), happened_at=happened_at, by=by)
    return review


@transaction.atomic
def issue_opinion(*, review: Review, by: Official, happened_at: datetime, opinion: str, opinion_text: str) -> Review:
    """Give the written opinion; the case learns the result for exactly the text that was reviewed (YQ-LR-12, WH-MEAS-13)."""
    review = REVIEW.move(
        review,
        "issue",
        by=by,
        happened_at=happened_at,
        content={"opinion": opinion},
        changes={"opinion": opinion, "opinion_text": opinion_text, "opinion_at": happened_at},
    )
    note_review_result(case=review.case, result=opinion, text_digest=review.text_digest, happened_at=happened_at, by=by)
    access.revoke(stream=review.case.stream, act=SIGHT)
    fact = facts.OpinionIssued.of(
        review,
        opinion=opinion,
        text_digest=review.text_digest,
        points=tuple(f"{point.key}:{point.answer}" for point in review.points.all()),
    )
    core_facts.record(fact, happened_at=happened_at, by=by)
    jobs.enqueue("legalreview.opinion_document", key=f"opinion:{review.pk}", review=review.pk)
    return review


def _clock(review: Review) -> list[Duty]:
    return list(Duty.objects.open().of_anchor(review.stream).filter(obligation=Review.CLOCK))
