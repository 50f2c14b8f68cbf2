"""What units reported once a year or quarter, as plan and rules demand. Never changed: a wrong one is replaced by another."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from agency import selectors as agency
from core import law
from core.access import VisibleQuerySet
from core.facts import Subject
from supervision import periods

if TYPE_CHECKING:
    from agency.models import Official
    from supervision.plan import Owed


_CHAIN = re.compile(
    rf"(?=(?:{periods.KEY})-)(?P<year>[0-9]{{4}})(?P<part>[^-]*)-(?P<item>.{{1,80}})-(?P<unit>[0-9]{{1,18}})"
)


def reporting_units(official: Official) -> set[int]:
    """The units whose reports the official sees: those seen by office, and the legal office for which a reviewer answers."""
    return {*official.unit_ids, *official.owing_unit_ids}


def _reported_for_others(seen: set[int]) -> Q:
    """What offices among these units report for units that rules of their own bind, and that are not among them."""
    found = Q(pk__in=[])
    for owed_by in ("agency", "legal_affairs", "outside"):
        for each in agency.answering(owed_by):
            if each.owner in seen and each.unit not in seen:
                rules = law.rulebook().binding(law.profile_of(each.unit))
                named = {rule.id for rule in rules if rule.is_periodic and rule.owed_by == owed_by}
                found |= Q(unit=each.unit, rule_id__in=named)
    return found


class PlanReportQuerySet(VisibleQuerySet):
    stream_prefix = "plan"

    def visible_to(self, official: Official) -> Self:
        """Those who see the unit's files by office (its own people, their leaders, its supervisors) or answer for what it owes."""
        seen = reporting_units(official)
        return self.filter(Q(unit__in=seen) | _reported_for_others(seen))

    def of_key(self, key: str) -> Self:
        """All reports of one chain: period, item and unit (see `PlanReport.stream`)."""
        found = _CHAIN.fullmatch(key)
        if found is None:
            return self.none()
        return self.filter(year=int(found["year"]), part=found["part"], item=found["item"], unit=int(found["unit"]))

    def on(self, owed: Owed) -> Self:
        """All reports on what one unit owes for one period."""
        return self.filter(unit=owed.unit_id, year=owed.year, part=owed.period[4:], item=owed.item.key)

    def current(self) -> Self:
        """Without those that a later report replaced."""
        return self.filter(replaced_by__isnull=True)


class PlanReport(models.Model):
    """What one unit reported on one item for one period, with its attachment.

    `part` is the quarter or half of the year, empty for all of it; `item` the number in the plan or else the act (supervision.plan.Item.key).
    `contents` holds what the rule wants stated, in its order: [{"key", "label", "text"}], labels as the rule had them then.
    """

    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="报送单位")
    year = models.PositiveSmallIntegerField("年度")
    part = models.CharField("季度、半年", max_length=2, blank=True, default="")
    item = models.CharField("事项编号", max_length=80)
    rule_id = models.CharField("依据", max_length=40)
    title = models.CharField("事项", max_length=120)
    happened_at = models.DateTimeField("报送时间")
    is_nil = models.BooleanField("零报告", default=False)
    contents = models.JSONField("载明内容", default=list)
    remarks = models.TextField("说明", blank=True)
    attachment = models.ForeignKey("core.StoredFile", models.PROTECT, null=True, related_name="+", verbose_name="附件")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="报送人")
    recorded_at = models.DateTimeField("录入时间", db_default=Now())
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="替换的报告"
    )

    objects = PlanReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监督计划报告"
        ordering = ("year", "part", "item", "unit", "pk")
        indexes = [models.Index(fields=["unit", "year", "part", "item"])]
        constraints = [
            # So that two people who report at once make a chain, never two first reports.
            models.UniqueConstraint(
                name="one_first_report_a_unit_period_and_item",
                fields=["unit", "year", "part", "item"],
                condition=Q(replaces__isnull=True),
            ),
            models.CheckConstraint(
                name="a_report_has_its_attachment_or_is_nil",
                condition=Q(is_nil=True) | Q(attachment__isnull=False),
            ),
            models.CheckConstraint(name="a_nil_report_is_explained", condition=Q(is_nil=False) | ~Q(remarks="")),
            models.CheckConstraint(name="a_report_does_not_replace_itself", condition=~Q(replaces=F("id"))),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.period_in_words} {self.unit}"

    def get_absolute_url(self) -> str:
        return reverse("supervision:report", args=[self.pk])

    @property
    def period(self) -> str:
        """The key of the duty it reports for."""
        return f"{self.year}{self.part}"

    @property
    def period_in_words(self) -> str:
        return periods.in_words(self.period)

    @property
    def stream(self) -> str:
        """All reports of one unit on one item of one period stand in one chain."""
        return f"plan:{self.period}-{self.item}-{self.unit_id}"

    def as_subject(self) -> Subject:
        return Subject(
            stream=self.stream,
            title=f"{self.title}（{self.period_in_words}）{self.unit.short_name}",
            url=self.get_absolute_url(),
        )

    def text_digest(self) -> str:
        """SHA-256 of what the report states, so that the ledger holds it without holding its words."""
        stated: dict[str, Any] = {"contents": self.contents, "remarks": self.remarks, "is_nil": self.is_nil}
        return sha256(json.dumps(stated, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def is_replaced(self) -> bool:
        return hasattr(self, "replaced_by")
