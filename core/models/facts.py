"""Facts as rows: what lawfully happened, when it happened, when it was entered, and what it corrects."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

if TYPE_CHECKING:
    from collections.abc import Sequence


class FactRecord(models.Model):
    """One fact. Written by core.facts only; rows are never changed (a trigger refuses it)."""

    name = models.CharField(max_length=80)
    label = models.CharField(max_length=80)
    stream = models.CharField(max_length=80)
    anchor = models.CharField(max_length=120)
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+")
    subject_title = models.CharField(max_length=300)
    subject_url = models.CharField(max_length=300)
    payload = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entry = models.OneToOneField("core.LedgerEntry", models.PROTECT, related_name="fact")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    # Entered from an older system or from paper (补录): the distance between legal and recorded moment says nothing then.
    is_backlog = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "事实"
        indexes = [
            models.Index(fields=["stream", "happened_at"]),
            models.Index(fields=["anchor", "name"]),
            models.Index(fields=["name", "unit", "happened_at"], name="facts_of_a_kind_by_unit_day"),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_correction_names_its_line_reason_and_approver",
                condition=models.Q(corrects__isnull=True)
                | (~models.Q(reason="") & models.Q(approved_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.subject_title}"

    def corrections_in_order(self) -> Sequence[FactRecord]:
        """Oldest first. Uses what was prefetched."""
        return sorted(self.corrections.all(), key=lambda record: record.pk)

    @property
    def effective_happened_at(self) -> datetime:
        """The legal moment as last corrected."""
        moment = self.happened_at
        for correction in self.corrections_in_order():
            moment = datetime.fromisoformat(correction.payload["replaced_by"])
        return moment

    @property
    def shown_recorded_at(self) -> datetime | None:
        """The recorded moment where its distance from the legal one says something; None for a backlog entry."""
        return None if self.is_backlog else self.recorded_at

    @property
    def entered_late_by_days(self) -> int:
        """Whole Shanghai days between the legal and the recorded moment; shown so that a late entry hides nothing."""
        from django.utils import timezone

        return (timezone.localdate(self.recorded_at) - timezone.localdate(self.effective_happened_at)).days

    @property
    def fields(self) -> dict[str, Any]:
        return dict(self.payload)
