"""Reading reviews: lists, what waits, what a case's page shows of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from core import law, registry, together
from core.models import Duty, FactRecord
from core.registry import SearchHit, WaitingStep
from core.timeline import Entry
from core.together import Part, attach, attach_one
from enforcement.selectors import cases_awaiting_review, cases_with_words, correction_url, replaced_entries
from legalreview.facts import FACTS, PackageAccepted
from legalreview.models import Opinion, Review, ReviewState
from legalreview.procedure import REVIEW, SUBMIT

if TYPE_CHECKING:
    from agency.models import Official
    from enforcement.models import Case

MOST_WAITING: Final = 200
WITH_ALL: Final = ("case__party", "case__source", "draft", "unit", "legal_unit", "reviewer", "submitted_by", "document")


def visible_reviews(official: Official) -> QuerySet[Review]:
    """Every review the official may see, with what its page shows."""
    return Review.objects.visible_to(official).select_related(*WITH_ALL)


def waiting_steps(official: Official) -> Iterable[WaitingStep]:
    """Reviews in which the official may take the next step."""
    yield from _to_be_submitted(official)
    rows = visible_reviews(official).open().prefetch_related("case__officers", "points")  # type: ignore[attr-defined]
    for review, step in REVIEW.waiting_for(rows[:MOST_WAITING], official):
        yield WaitingStep(
            label=step.label,
            title=review.title,
            url=review.step_url(step.key),
            since=review.state_since,
            number=review.case.label,
            article=law.short_of_act(step.article, review.unit_id),
        )


def _to_be_submitted(official: Official) -> Iterable[WaitingStep]:
    """The official's own major cases whose draft nobody in the legal office has yet, or again."""
    open_rounds = Review.objects.open().filter(case=OuterRef("pk"))
    for case in cases_awaiting_review(official).filter(~Exists(open_rounds))[:MOST_WAITING]:
        yield WaitingStep(
            label=SUBMIT.label,
            title=case.title,
            url=reverse("legalreview:submit", args=[case.pk]),
            since=case.last_step_at,
            number=case.label,
            article=law.short_of_act(SUBMIT.article, case.unit_id),
        )


def search_reviews(official: Official, query: str) -> Iterable[SearchHit]:
    """Reviews by the words of their case."""
    found = visible_reviews(official).filter(case__in=cases_with_words(query)).order_by("-pk")[:20]
    return [
        SearchHit(title=str(row), url=row.get_absolute_url(), kind="法制审核", detail=row.get_state_display())
        for row in found
    ]


def reviews_of(case_id: int) -> list[Review]:
    """All rounds of one case, newest first."""
    return list(Review.objects.filter(case_id=case_id).select_related(*WITH_ALL).order_by("-round"))


@dataclass(frozen=True, slots=True)
class Course:
    """The reviews of one case, newest first, and every fact of them."""

    reviews: list[Review]
    records: list[FactRecord]


_REVIEWS: Final = Part(Review, "t.case_id = %(case)s", "t.round DESC", without=("package", "papers", "explanation"))
_STREAMS: Final = "SELECT 'review:' || id FROM legalreview_review WHERE case_id = %(case)s"
_RECORDS: Final = Part(FactRecord, f"t.stream IN ({_STREAMS})")
_PEOPLE: Final = Part(
    get_user_model(),
    "t.id IN (SELECT reviewer_id FROM legalreview_review WHERE case_id = %(case)s)"  # noqa: S608  (constant text)
    f" OR t.id IN (SELECT recorded_by_id FROM core_factrecord WHERE stream IN ({_STREAMS}))",
    only=("name",),
)


def course_of(case_id: int) -> Course:
    """What the case's page tells of its reviews; one statement."""
    reviews, records, people = together.read((_REVIEWS, _RECORDS, _PEOPLE), {"case": case_id})
    named = {official.pk: official for official in people}
    for review in reviews:
        attach_one(review, "reviewer", named.get(review.reviewer_id))
    for record in records:
        attach_one(record, "recorded_by", named[record.recorded_by_id])
        # Who approves a correction records it.
        attach_one(record, "approved_by", named.get(record.approved_by_id))
        attach(record, "corrections", [other for other in records if other.corrects_id == record.pk])
    return Course(reviews, records)


def course_of_one(review: Review) -> Course:
    """What the page of one review tells of it."""
    records = FactRecord.objects.filter(stream=review.stream).select_related("recorded_by").order_by("pk")
    return Course([review], list(records.prefetch_related("corrections")))


def obstacle_to_submission(case: Case, reviews: Iterable[Review] | None = None) -> str:
    """Why the case cannot be submitted for review now, in words for the page; empty where it can. `reviews`: all of the case, where they were read."""
    draft = case.draft
    if not case.awaits_decision or draft is None:
        return "先拟制处罚决定草案，再送法制审核"
    rounds = Review.objects.filter(case=case) if reviews is None else reviews
    if any(review.is_open for review in rounds):
        return "上一次送审还没有办结"
    if case.review_result == case.AGREED and case.review_text_digest == draft.text_digest:
        return "这一稿已经法制审核同意，不需要再次送审"
    return ""


def is_submission_expected(case: Case, reviews: Iterable[Review] | None = None) -> bool:
    """Whether submitting is what comes next: a major case whose standing draft has no opinion and no open round. `reviews`: all of the case, where they were read."""
    draft = case.draft
    return bool(
        case.is_major
        and not case.review_result
        and draft is not None
        and draft.sent_back_at is None
        and not obstacle_to_submission(case, reviews)
    )


def clock_of(review: Review) -> Duty | None:
    """The legal office's duty in this round, or None before the package is accepted."""
    clocks = Duty.objects.of_anchor(review.stream).filter(obligation=Review.CLOCK)
    return clocks.select_related("explained_by").order_by("-pk").first()


def is_timed(review: Review) -> bool:
    """Whether a rule of the agency says how long a review may take, once the package is complete."""
    today = timezone.localdate()
    period = law.period_after(PackageAccepted.name, Review.CLOCK, unit_id=review.unit_id, on=today, fields={})
    return period is not None


def clocks_of(reviews: Iterable[Review]) -> dict[str, Duty]:
    """The duty of each of these reviews, by stream, in one read."""
    streams = [review.stream for review in reviews]
    return {
        duty.anchor: duty for duty in Duty.objects.filter(anchor__in=streams, obligation=Review.CLOCK).order_by("pk")
    }


def entries_of(course: Course, *, linked: bool = True, corrects: bool = False) -> list[Entry]:
    """What happened in these reviews, as lines of the case's timeline, or `linked` no more on the review's own page.

    `corrects`: each with the way to correct its moment. A moment that was corrected stands, struck through, where it was entered.
    """
    by_stream = {review.stream: review for review in course.reviews}
    entries = []
    for record in course.records:
        if record.name in FACTS:
            entries.append(_entry(record, by_stream[record.stream], linked=linked, corrects=corrects))
            entries.extend(replaced_entries(record))
    return entries


def _entry(record: FactRecord, review: Review, *, linked: bool, corrects: bool) -> Entry:
    fact = FACTS[record.name]
    title, tone = record.label, "plain"
    if record.name == "legalreview.opinion_issued":
        title = f"法制审核：{review.opinion_label}"
        tone = "met" if record.payload["opinion"] == Opinion.AGREE else "plain"
    links = [("审核材料和意见", review.get_absolute_url())] if linked else []
    if corrects and registry.correctable(record.name) is not None:
        links.append(("更正时间", correction_url(review.case_id, record)))
    return Entry(
        at=record.effective_happened_at,
        title=title if review.round == 1 else f"{title}（第{review.round}次）",
        detail=review.remarks if record.name in ("legalreview.returned", "legalreview.clock_paused") else "",
        icon=fact.icon,
        tone=tone,  # type: ignore[arg-type]
        who=record.recorded_by.name,
        links=tuple(links),
        recorded_at=record.shown_recorded_at,
    )


def days_taken(review: Review) -> int | None:
    """Working days from acceptance to the opinion (or to today)."""
    from core import calendars

    if review.accepted_at is None:
        return None
    end = review.opinion_at or timezone.now()
    return calendars.seen().working_days_between(timezone.localdate(review.accepted_at), timezone.localdate(end))


STATES_IN_LISTS = (
    ("open", "待办", (ReviewState.SUBMITTED, ReviewState.REVIEWING, ReviewState.SUPPLEMENTING)),
    ("answered", "已出具意见", (ReviewState.ANSWERED,)),
    ("returned", "已退回", (ReviewState.RETURNED,)),
)
