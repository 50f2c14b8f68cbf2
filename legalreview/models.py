"""The legal review of a major decision before it is made: rounds, the package, the points, the opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from core import addresses, law
from core.access import VisibleQuerySet
from core.facts import Subject
from enforcement.matter import CASE_FIELDS

if TYPE_CHECKING:
    from agency.models import Official


class ReviewState(models.TextChoices):
    SUBMITTED = "submitted", "待接收"
    RETURNED = "returned", "已退回补正"
    REVIEWING = "reviewing", "审核中"
    SUPPLEMENTING = "supplementing", "补充中，暂停计时"
    ANSWERED = "answered", "已出具意见"


class Opinion(models.TextChoices):
    """Anything but *agree* blocks the decision."""

    AGREE = "agree", "同意"
    CORRECT = "correct", "纠正"
    REFUSE = "refuse", "不予作出行政执法决定"


class ReviewQuerySet(VisibleQuerySet):
    stream_prefix = "review"

    def visible_to(self, official: Official) -> Self:
        """The section that submitted, the legal office that reviews, and those who lead the section.

        Sight of a review is no sight of its case: that the legal office has only while a round is open.
        """
        return self.filter(Q(unit__in=official.unit_ids) | Q(legal_unit__in=official.granted_unit_ids))

    def open(self) -> Self:
        return self.filter(state__in=Review.OPEN)


class Review(models.Model):
    """One round of review of one draft. A correction or a changed draft is another round; the number of rounds is not limited."""

    # The obligation whose duty is the clock of a round.
    CLOCK: ClassVar = "legal_review"
    LAW_FIELDS: ClassVar = CASE_FIELDS
    OPEN: ClassVar = (ReviewState.SUBMITTED, ReviewState.REVIEWING, ReviewState.SUPPLEMENTING)

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="reviews")
    draft = models.ForeignKey("enforcement.DecisionDraft", models.PROTECT, related_name="reviews")
    round = models.PositiveSmallIntegerField("轮次")
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="送审科室")
    legal_unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="审核机构")
    title = models.CharField(max_length=300)
    state = models.CharField("状态", max_length=20, choices=ReviewState, default=ReviewState.SUBMITTED)
    # The text the opinion speaks of: the draft's digest at submission.
    text_digest = models.CharField(max_length=64)
    explanation = models.TextField("情况说明")
    package = models.JSONField("送审材料", help_text="item key -> {present, note}")
    # The case's papers at submission with title, digest and size (legalreview.package). A trigger keeps what was submitted as it was.
    papers = models.JSONField("案卷文书清单", default=list)

    submitted_at = models.DateTimeField("送审时间")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="送审人")
    accepted_at = models.DateTimeField("收到完备材料时间", null=True, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    returned_at = models.DateTimeField(null=True, blank=True)
    remarks = models.TextField("退回意见", blank=True)
    pause_kind = models.CharField(max_length=20, blank=True)
    opinion = models.CharField("审核意见", max_length=10, choices=Opinion, blank=True)
    opinion_text = models.TextField("意见说明", blank=True)
    opinion_at = models.DateTimeField("出具时间", null=True, blank=True)
    document = models.ForeignKey("core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    last_step_at = models.DateTimeField()
    state_since = models.DateTimeField()

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "法制审核"
        ordering = ("-submitted_at", "-pk")
        indexes = [models.Index(F("submitted_at").desc(), F("id").desc(), name="reviews_by_day")]
        constraints = [
            models.UniqueConstraint(name="one_review_per_round", fields=["case", "round"]),
            models.UniqueConstraint(
                name="one_open_review_a_case",
                fields=["case"],
                condition=Q(state__in=["submitted", "reviewing", "supplementing"]),
            ),
            models.CheckConstraint(
                name="nobody_reviews_what_they_submitted",
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="an_answered_review_has_its_opinion",
                condition=~Q(state="answered")
                | (~Q(opinion="") & ~Q(opinion_text="") & Q(opinion_at__isnull=False, reviewer__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_returned_review_has_remarks", condition=~Q(state="returned") | ~Q(remarks="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第{self.round}次送审"

    def get_absolute_url(self) -> str:
        return addresses.of_row("legalreview:reviews", self.pk)

    def step_url(self, key: str) -> str:
        return reverse("legalreview:step", args=[self.pk, key])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def stream(self) -> str:
        return f"review:{self.pk}"

    def as_subject(self) -> Subject:
        return Subject(stream=self.stream, title=self.title, url=self.get_absolute_url())

    def law_fields(self) -> dict[str, object]:
        """What the rulebook's gates may match on."""
        return self.case.law_fields()

    @property
    def opinion_label(self) -> str:
        """The opinion in the words of the agency's rules: what one calls 纠正, another calls 存在问题."""
        if self.opinion_at is None:
            return ""
        on = timezone.localdate(self.opinion_at)
        rules = law.gates("opinion_follows_points", unit_id=self.unit_id, on=on, fields={})
        named = {item.key: item.label for rule in rules for item in rule.items}
        return named.get(self.opinion) or self.get_opinion_display()

    def answers(self) -> dict[str, ReviewPoint]:
        return {point.key: point for point in self.points.all()}

    def problems(self) -> list[ReviewPoint]:
        return [point for point in self.points.all() if point.answer == ReviewPoint.Answer.PROBLEM]


class ReviewPoint(models.Model):
    """The answer to one point of the review."""

    class Answer(models.TextChoices):
        SOUND = "sound", "符合"
        PROBLEM = "problem", "存在问题"
        NOT_APPLICABLE = "not_applicable", "不涉及"

    review = models.ForeignKey(Review, models.PROTECT, related_name="points")
    key = models.CharField(max_length=40)
    label = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()
    answer = models.CharField("结论", max_length=14, choices=Answer)
    # A defect of subject, main evidence, basis or procedure makes the decision unlawful (YQ-LR-12 (3)); others can be corrected.
    is_grave = models.BooleanField("导致不得作出决定", default=False)
    remark = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审核要点"
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(name="one_answer_per_point", fields=["review", "key"]),
            models.CheckConstraint(name="a_problem_is_explained", condition=~Q(answer="problem") | ~Q(remark="")),
        ]

    def __str__(self) -> str:
        return self.label
