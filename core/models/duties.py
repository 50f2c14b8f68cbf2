"""Duties as rows: somebody owes one act by a moment that explains itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from core import addresses
from core.models.explanations import Explanation, Kept, keep
from rulebook.deadlines import legal_day

if TYPE_CHECKING:
    from agency.models import Official


# What the lists of the desk ask for, word for word: an index serves only who asks as it was made.
STILL_OWED = (
    Q(met_at__isnull=True, voided_at__isnull=True, deadline_precedes_rule=False)
    & ~Q(kind="right")
    & ~Q(owed_by__in=["outside", "party"])
)


class RulesOf(Func):
    """The rules that the bases of a duty name, as one value to group by: `RulesOf(F("bases"))`."""

    template = "jsonb_path_query_array(%(expressions)s, '$[*].rule')"
    output_field = models.JSONField()


class DutyQuerySet(models.QuerySet["Duty"]):
    """Overdue is a question to `due_at`, never a flag."""

    def bulk_create(self, objs: Iterable[Duty], *args: Any, **given: Any) -> list[Duty]:
        """As Django's, and their explanations are kept by the same statement."""
        rows = list(objs)
        for row in rows:
            if row.said is not None:
                row.explained_by_id = Kept(row.said)
        return super().bulk_create(rows, *args, **given)

    def open(self) -> Self:
        """Neither met nor voided. Lapsed rights and passed limits are still here; they are never red."""
        return self.filter(met_at__isnull=True, voided_at__isnull=True)

    def red(self, now: datetime) -> Self:
        """Overdue for somebody inside the bureau. A date that had passed when its rule was issued is not late (counting 14)."""
        return (
            self.open()
            .filter(kind__in=Duty.RED_KINDS, due_at__lt=now, paused_from__isnull=True, deadline_precedes_rule=False)
            .exclude(owed_by__in=Duty.NEVER_RED_OWERS)
        )

    def of_anchor(self, anchor: str) -> Self:
        return self.filter(anchor=anchor)

    def of_stream(self, stream: str) -> Self:
        """All duties of one file, whichever part of it they hang on."""
        return self.filter(file_stream=stream)

    def visible_to(self, official: Official) -> Self:
        """Duties of files the official may see, those of the official's own units, and what comes round, which names no file, of those
        that the official answers for: a reviewer's legal office.
        """
        from core.models.access import Grant

        granted = Grant.objects.streams_open_to(official)
        seen = Q(unit__in=official.unit_ids) | Q(owner_unit__in=official.unit_ids) | Q(file_stream__in=granted)
        if answered := set(official.owing_unit_ids) - set(official.unit_ids):
            seen |= Q(owner_unit__in=answered) & ~Q(period_key="")
        return self.filter(seen)

    def owed_by_official(self, official: Official) -> Self:
        """What the official's own sections owe."""
        return self.filter(owner_unit__in=official.owing_unit_ids)


class Duty(models.Model):
    """One act owed because of one fact (or one period), with every rule that demands it."""

    class Kind(models.TextChoices):
        DEADLINE = "deadline", "期限"
        FIXED_DATE = "fixed_date", "固定日期"
        PERIOD = "period", "周期"
        RIGHT = "right", "权利"
        LIMIT = "limit", "时效"

    RED_KINDS: ClassVar = (Kind.DEADLINE, Kind.FIXED_DATE, Kind.PERIOD)
    NEVER_RED_OWERS: ClassVar = ("outside", "party")

    obligation = models.CharField(max_length=80)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind)
    anchor = models.CharField(max_length=120)
    file_stream = models.CharField(max_length=80)
    subject_title = models.CharField(max_length=300)
    subject_url = models.CharField(max_length=300)
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+")
    owner_unit = models.ForeignKey("agency.Unit", models.PROTECT, null=True, related_name="+")
    owed_by = models.CharField(max_length=20)
    period_key = models.CharField(max_length=20, blank=True)

    rule_id = models.CharField(max_length=40)
    bases = models.JSONField()
    adopted = models.BooleanField(default=False)
    provisional = models.BooleanField(default=False)
    deadline_precedes_rule = models.BooleanField(default=False)
    # Explanations are never deleted (a trigger refuses it), so no constraint has to look for one with every duty that is written.
    explained_by = models.ForeignKey(Explanation, models.PROTECT, related_name="+", db_index=False, db_constraint=False)

    # The constraint below has the index that is asked: a fact and what it opened.
    opened_by = models.ForeignKey(
        "core.FactRecord", models.PROTECT, null=True, related_name="opened_duties", db_index=False
    )
    opened_at = models.DateTimeField()
    day_zero = models.DateField()
    nominal_day = models.DateField()
    due_at = models.DateTimeField()
    alert_from = models.DateField()

    paused_from = models.DateField(null=True)
    pauses = models.JSONField(default=list)
    extended_on = models.DateField(null=True)
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey("core.FactRecord", models.PROTECT, null=True, related_name="met_duties", db_index=False)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.TextField(blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "期限"
        ordering = ("due_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["opened_by", "obligation"],
                name="one_fact_opens_one_duty_per_obligation",
                condition=Q(opened_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["anchor", "obligation", "period_key"],
                name="one_periodic_duty_per_period",
                condition=~Q(period_key=""),
            ),
            models.CheckConstraint(
                name="a_void_duty_has_its_reason", condition=Q(voided_at__isnull=True) | ~Q(void_reason="")
            ),
        ]
        indexes = [
            # What somebody inside still has to do. Rights that lapsed and others' duties stay open for ever, and would lie before all of it.
            models.Index(fields=["owner_unit", "due_at", "id"], name="owed_duties_by_owner", condition=STILL_OWED),
            models.Index(fields=["due_at", "id"], name="owed_duties_by_due", condition=STILL_OWED),
            models.Index(
                fields=["unit", "due_at", "id"],
                name="open_duties_by_unit",
                condition=Q(met_at__isnull=True, voided_at__isnull=True),
            ),
            models.Index(
                fields=["due_at"], name="open_duties_by_due", condition=Q(met_at__isnull=True, voided_at__isnull=True)
            ),
            # The sweep asks for those whose day to warn of has come near: few of the open ones.
            models.Index(
                fields=["alert_from"],
                name="open_duties_by_alert",
                condition=Q(met_at__isnull=True, voided_at__isnull=True, deadline_precedes_rule=False)
                & ~Q(owed_by__in=["outside", "party"]),
            ),
            # What stands beside the files of a list: among a million open duties those of fifty files.
            models.Index(
                fields=["file_stream", "due_at"],
                name="open_duties_by_file",
                condition=Q(met_at__isnull=True, voided_at__isnull=True),
            ),
            # Of those that are met: what is open is written anew by the hundred thousand when a calendar changes.
            models.Index(fields=["met_by"], name="duties_by_what_met_them", condition=Q(met_by__isnull=False)),
            models.Index(fields=["anchor", "obligation"]),
            models.Index(fields=["file_stream", "due_at"]),
        ]

    # What was counted and is not kept yet: explanations are rows of their own, shared by all that were counted alike.
    said: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.title} {self.subject_title}"

    def save(self, *args: Any, **given: Any) -> None:
        if self.said is not None and given.get("update_fields") is None:
            self.explained_by_id, self.said = keep(self.said), None
        super().save(*args, **given)

    def get_absolute_url(self) -> str:
        return addresses.of_row("desk:duties", self.pk)

    @property
    def explanation(self) -> dict[str, Any]:
        """The JSON of this deadline: how its moment was counted."""
        if self.said is not None:
            return self.said
        body: dict[str, Any] = self.explained_by.body
        return body

    @explanation.setter
    def explanation(self, body: dict[str, Any]) -> None:
        self.said = body

    @property
    def is_open(self) -> bool:
        return self.met_at is None and self.voided_at is None

    @property
    def can_be_red(self) -> bool:
        return self.kind in self.RED_KINDS and self.is_warned_of

    @property
    def is_warned_of(self) -> bool:
        """Whether its end is told beforehand, also that of a limitation and of a right of the bureau; not of what others owe or could
        only ever be late.
        """
        return self.owed_by not in self.NEVER_RED_OWERS and not self.deadline_precedes_rule

    def state_at(self, now: datetime) -> str:
        """One word for the chip: voided, met, met_late, paused, lapsed, overdue, today, soon or open.

        A right that was exercised after its time had lapsed all the same, and so had a limit that was met after it.
        """
        if self.voided_at is not None:
            return "voided"
        if self.met_at is not None:
            if self.met_at <= self.due_at:
                return "met"
            lapses = self.kind in (self.Kind.RIGHT, self.Kind.LIMIT)
            return "met_late" if self.can_be_red else "lapsed" if lapses else "met"
        if self.paused_from is not None:
            return "paused"
        if now > self.due_at:
            return "overdue" if self.can_be_red else "lapsed"
        if legal_day(self.due_at) == legal_day(now):
            return "today"
        return "soon" if self.workdays_left_at(now) <= self.SOON_WORKDAYS else "open"

    SOON_WORKDAYS: ClassVar = 2

    @property
    def state(self) -> str:
        return self.state_at(timezone.now())

    def workdays_left_at(self, now: datetime) -> int:
        """Working days after today up to and including the due day; negative when overdue."""
        from core import calendars

        today, due = legal_day(now), legal_day(self.due_at)
        calendar = calendars.seen()
        if due >= today:
            return calendar.working_days_between(today, due)
        return -calendar.working_days_between(due, today)

    @property
    def void_word(self) -> str:
        """What ended before its time: a duty is undone (已撤销), a right given up or out of use (已终止)."""
        return "已终止" if self.kind == self.Kind.RIGHT else "已撤销"

    @property
    def workdays_left(self) -> int:
        return self.workdays_left_at(timezone.now())

    @property
    def due_day(self) -> date:
        return legal_day(self.due_at)

    @property
    def driving_basis(self) -> dict[str, Any]:
        basis: dict[str, Any]
        for basis in self.bases:
            if basis["rule"] == self.rule_id:
                return basis
        raise ValueError(f"duty {self.pk} has no basis for its driving rule {self.rule_id}")

    @property
    def citation(self) -> Any:
        from core import law

        return law.cite(self.rule_id, self.unit_id)

    @classmethod
    def overdue_before_met(cls) -> Q:
        return Q(met_at__gt=F("due_at"))
