"""What the party was told before the decision, and what it answered."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class RightsNotice(models.Model):
    """The notice before a penalty: what is proposed, on which facts, reasons and basis, and the party's rights (Penalty Law 44, 63).

    A case has another one when the proposed penalty changes; the latest counts.
    """

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="notices")
    number = models.CharField("文号", max_length=60, unique=True)
    penalties = ArrayField(models.CharField(max_length=20), verbose_name="拟给予的处罚种类")
    fine = models.DecimalField("拟罚款金额（元）", max_digits=14, decimal_places=2, null=True, blank=True)
    base = models.DecimalField("罚款计算基数", max_digits=14, decimal_places=2, null=True, blank=True)
    proposed = models.TextField("拟作出的处罚内容")
    facts = models.TextField("事实")
    reasons = models.TextField("理由")
    basis = models.TextField("依据")
    hearing_offered = models.BooleanField("告知听证权利", default=False)
    served_at = models.DateTimeField("送达时间")
    recipient = models.CharField("签收人", max_length=80)
    served_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "事先告知书"
        constraints = [
            models.CheckConstraint(
                name="a_notice_says_content_facts_reasons_basis_penalty_law_44",
                condition=~Q(proposed="") & ~Q(facts="") & ~Q(reasons="") & ~Q(basis=""),
            ),
            models.CheckConstraint(name="a_proposed_fine_is_positive", condition=Q(fine__isnull=True) | Q(fine__gt=0)),
            models.CheckConstraint(
                name="revocation_offers_a_hearing_penalty_law_63",
                condition=~Q(penalties__contains=["revocation"]) | Q(hearing_offered=True),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RightsAnswer(models.Model):
    """What the party answered to a notice."""

    class Kind(models.TextChoices):
        WAIVED = "waived", "明确放弃陈述、申辩和听证"
        STATEMENT = "statement", "提出陈述、申辩"
        HEARING = "hearing", "要求听证"

    notice = models.ForeignKey(RightsNotice, models.PROTECT, related_name="answers")
    kind = models.CharField("当事人的答复", max_length=10, choices=Kind)
    answered_at = models.DateTimeField("答复时间")
    content = models.TextField("陈述、申辩或者听证要求的内容", blank=True)
    review = models.TextField("复核意见", blank=True)
    is_adopted = models.BooleanField("采纳", null=True)
    file = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="书面材料"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "当事人答复"
        ordering = ("answered_at", "pk")
        constraints = [
            models.CheckConstraint(
                name="a_statement_is_reviewed_penalty_law_45",
                condition=~Q(kind="statement") | (~Q(content="") & ~Q(review="") & Q(is_adopted__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Hearing(models.Model):
    """A hearing held because the party asked for it (Penalty Law 63-65)."""

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="hearings")
    called_at = models.DateTimeField("通知时间")
    held_at = models.DateTimeField("听证时间")
    place = models.CharField("听证地点", max_length=200)
    presider = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="听证主持人")
    record = models.TextField("听证情况")
    file = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="听证笔录"
    )

    class Meta:
        verbose_name = verbose_name_plural = "听证"
        constraints = [
            models.CheckConstraint(
                name="a_hearing_is_called_before_it_is_held_penalty_law_64", condition=Q(held_at__gt=F("called_at"))
            )
        ]

    def __str__(self) -> str:
        return f"听证 {self.case_id}"
