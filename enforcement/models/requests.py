"""What needs somebody else's approval before it holds: a corrected moment, a registered preservation of evidence."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone


class RequestState(models.TextChoices):
    REQUESTED = "requested", "待批准"
    SENT_BACK = "sent_back", "已退回"
    APPROVED = "approved", "已批准"
    WITHDRAWN = "withdrawn", "已撤回"


OPEN = (RequestState.REQUESTED, RequestState.SENT_BACK)


class CaseRequestQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Waiting for the approver, or sent back to who asked."""
        return self.filter(state__in=OPEN)


class CaseRequest(models.Model):
    """One request on a case. Its state is moved by enforcement.services only; a trigger repeats the procedure's edges.

    `version` counts how often it was handed in: an approval names the one it read.
    """

    # The word of its address, and what its page calls it.
    kind: ClassVar[str]
    noun: ClassVar[str]

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="%(class)ss")
    state = models.CharField("状态", max_length=10, choices=RequestState, default=RequestState.REQUESTED)
    version = models.PositiveSmallIntegerField(default=1)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    reason = models.TextField("理由")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    remarks = models.TextField("退回意见", blank=True)
    last_step_at = models.DateTimeField()

    objects = CaseRequestQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("pk",)
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                name="nobody_approves_their_own_%(class)s",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="a_decided_%(class)s_has_who_and_when",
                condition=~Q(state__in=["approved", "sent_back"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_%(class)s_sent_back_has_its_remarks", condition=~Q(state="sent_back") | ~Q(remarks="")
            ),
            models.CheckConstraint(name="a_%(class)s_has_its_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.noun} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("enforcement:request", args=[self.case_id, self.kind, self.pk])

    @property
    def unit_id(self) -> int:
        return self.case.unit_id

    @property
    def stream(self) -> str:
        return self.case.stream

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def law_fields(self) -> dict[str, object]:
        return self.case.law_fields()


class MomentCorrection(CaseRequest):
    """Somebody asks that the wrongly entered moment of a fact be put right."""

    kind = "moment"
    noun = "更正申请"

    record = models.ForeignKey("core.FactRecord", models.PROTECT, related_name="+", verbose_name="原记录")
    # The fact's moment when the request was handed in; where it is another at the approval, the request is out of date.
    replaced = models.DateTimeField("原时间")
    replaced_by = models.DateTimeField("更正后的时间")

    class Meta(CaseRequest.Meta):
        verbose_name = verbose_name_plural = "时间更正申请"
        constraints = (
            *CaseRequest.Meta.constraints,
            models.UniqueConstraint(
                name="one_open_correction_of_a_fact",
                fields=["record"],
                condition=Q(state__in=["requested", "sent_back"]),
            ),
            models.CheckConstraint(name="a_correction_changes_the_moment", condition=~Q(replaced=F("replaced_by"))),
        )


class PreservationRequest(CaseRequest):
    """Evidence may perish or be hard to get later: the head of the agency is asked to have it registered and preserved (Penalty Law 56).

    The law knows no approval after the act: `decided_at`, the moment of the approval, is never later than the preservation.
    """

    kind = "preservation"
    noun = "先行登记保存申请"

    place = models.CharField("地点", max_length=200)
    items = models.TextField("需要登记保存的证据")

    class Meta(CaseRequest.Meta):
        verbose_name = verbose_name_plural = "先行登记保存申请"
        constraints = (
            *CaseRequest.Meta.constraints,
            models.CheckConstraint(name="a_preservation_names_its_evidence", condition=~Q(items="")),
        )

    def __str__(self) -> str:
        approved = f"，{timezone.localtime(self.decided_at):%-m月%-d日%H:%M}批准" if self.decided_at else ""
        return f"{self.place}：{self.items[:40]}{approved}"
