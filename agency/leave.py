"""Leave: on which days another official is told what this one would be told."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone


class Leave(models.Model):
    """Days of absence with a deputy (代理人), who is told of the duties meanwhile and gains no right by it.

    The official's own messages stand in the app all the same; `alone` keeps mail from them during the leave.
    """

    official = models.ForeignKey("agency.Official", models.PROTECT, related_name="leaves", verbose_name="休假人员")
    deputy = models.ForeignKey("agency.Official", models.PROTECT, related_name="standing_in", verbose_name="代理人")
    days = DateRangeField("休假日期")
    alone = models.BooleanField("只给代理人发邮件", default=False)
    named_by = models.ForeignKey(
        "agency.Official", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    named_at = models.DateTimeField("登记时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "休假代理"
        constraints = [
            models.CheckConstraint(name="nobody_is_their_own_deputy", condition=~Q(deputy=F("official"))),
            ExclusionConstraint(
                name="one_deputy_at_a_time",
                violation_error_message="这些日期中已经有代理人，请先结束原来的代理",
                expressions=[("official", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.official}休假，{self.deputy}代理"

    @property
    def first_day(self) -> date:
        first: date = self.days.lower
        return first

    @property
    def last_day(self) -> date:
        """The last day of the leave itself (the database keeps the day after)."""
        after: date = self.days.upper
        return after - timedelta(days=1)

    @property
    def is_over(self) -> bool:
        return bool(self.days.isempty) or self.last_day < timezone.localdate()

    @property
    def is_current(self) -> bool:
        return timezone.localdate() in self.days
