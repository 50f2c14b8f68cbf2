"""Grants: an act (a review assigned, an access approved) that gives somebody sight of one file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from agency.models import Official


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_force(self, now: datetime | None = None) -> Self:
        moment = now or timezone.now()
        return self.filter(from_at__lte=moment).filter(Q(to_at__isnull=True) | Q(to_at__gt=moment))

    def open_to(self, official: Official) -> Self:
        return self.in_force().filter(Q(official=official) | Q(unit__in=official.granted_unit_ids))

    def streams_open_to(self, official: Official) -> models.QuerySet[Grant, str]:
        return self.open_to(official).values_list("stream", flat=True)


class Grant(models.Model):
    """Sight of one file for one official, or for everybody of one unit who holds a role that reads grants."""

    stream = models.CharField(max_length=80)
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey("agency.Unit", models.PROTECT, null=True, blank=True, related_name="+")
    act = models.CharField(max_length=40)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "授权"
        indexes = [models.Index(fields=["official", "stream"]), models.Index(fields=["unit", "stream"])]
        constraints = [
            models.CheckConstraint(
                name="a_grant_names_an_official_or_a_unit",
                condition=Q(official__isnull=False, unit__isnull=True) | Q(official__isnull=True, unit__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["stream", "official", "act"],
                name="one_grant_per_official_and_act",
                condition=Q(to_at__isnull=True, official__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["stream", "unit", "act"],
                name="one_grant_per_unit_and_act",
                condition=Q(to_at__isnull=True, unit__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.act}"
