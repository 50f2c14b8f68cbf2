"""Holiday notices entered in this installation, every change of the calendar they made, and the duties each change moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

if TYPE_CHECKING:
    from agency.models import Official


class CalendarYearQuerySet(models.QuerySet["CalendarYear"]):
    def in_force(self) -> Self:
        """What overlays the files: at most one of a year."""
        return self.filter(in_force=True)


class CalendarYear(models.Model):
    """One entered notice of the State Council for one year. While in force it overlays the file of the same year; never deleted."""

    year = models.PositiveSmallIntegerField("年份")
    notice = models.CharField("通知", max_length=400)
    text = models.TextField("内容", help_text="TOML, as in rulebook/calendars")
    digest = models.CharField("摘要", max_length=64, help_text="SHA-256 of the text")
    entered_at = models.DateTimeField(db_default=Now())
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    in_force = models.BooleanField("现行", default=True)

    objects = CalendarYearQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "放假安排"
        constraints = [
            models.UniqueConstraint(fields=["year"], name="one_notice_in_force_per_year", condition=Q(in_force=True))
        ]

    def __str__(self) -> str:
        return f"{self.year}年 {self.notice}"


class CalendarVersion(models.Model):
    """One row: the latest change of the calendar. Processes compare it before they count; who changes the calendar locks it."""

    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(models.Value(1), name="one_calendar_version_row")]

    def __str__(self) -> str:
        return str(self.number)


class CalendarChange(models.Model):
    """A notice was entered, or its entry undone. Open duties are counted anew in batches; how far that came stands here."""

    class Kind(models.TextChoices):
        ENTERED = "entered", "录入"
        UNDONE = "undone", "撤销录入"

    year = models.PositiveSmallIntegerField("年份")
    kind = models.CharField("变更", max_length=8, choices=Kind)
    notice = models.ForeignKey(CalendarYear, models.PROTECT, related_name="changes")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField("理由", blank=True)
    calendar_digest = models.CharField(max_length=64)
    # Duties whose period touches this day or a later one of the year are counted anew.
    touched_from = models.DateField()
    # The day from which the notice has its effect; until then its entry may be undone.
    effective_from = models.DateField()
    # Duties up to this id have been counted anew.
    passed = models.BigIntegerField(default=0)
    moved = models.PositiveIntegerField("改变的期限", default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "日历变更"
        indexes = [models.Index(fields=["year", "-id"], name="calendar_changes_of_year")]
        constraints = [
            models.CheckConstraint(name="an_undone_entry_has_its_reason", condition=Q(kind="entered") | ~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.notice}"

    def get_absolute_url(self) -> str:
        return reverse("desk:calendar", args=[self.year])


class CalendarMoveQuerySet(models.QuerySet["CalendarMove"]):
    def of_units(self, units: list[int]) -> Self:
        return self.filter(owner_unit__in=units)

    def visible_to(self, official: Official) -> Self:
        """Moves of duties that the official may see."""
        from core.models.duties import Duty

        return self.filter(duty__in=Duty.objects.visible_to(official).values("pk"))


class CalendarMove(models.Model):
    """One open duty whose last moment a change of the calendar moved."""

    change = models.ForeignKey(CalendarChange, models.PROTECT, related_name="moves", db_index=False)
    duty = models.ForeignKey("core.Duty", models.PROTECT, related_name="calendar_moves", db_index=False)
    owner_unit = models.ForeignKey("agency.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    old_due = models.DateTimeField()
    new_due = models.DateTimeField()
    # The earlier of the two, by which lists are ordered.
    urgent_at = models.DateTimeField()

    objects = CalendarMoveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "期限移动"
        constraints = [models.UniqueConstraint(fields=["duty", "change"], name="one_move_per_change_and_duty")]
        indexes = [models.Index(fields=["change", "urgent_at", "id"], name="calendar_moves_by_urgency")]

    def __str__(self) -> str:
        return f"{self.duty_id}: {self.old_due:%Y-%m-%d} → {self.new_due:%Y-%m-%d}"
