"""The decision: its drafts, the discussion behind it, the decision itself, its service and performance."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class PenaltyKind(models.TextChoices):
    """Penalties of Penalty Law 9 that the catalogue of violations knows."""

    WARNING = "warning", "警告"
    FINE = "fine", "罚款"
    CONFISCATION = "confiscation", "没收违法所得"
    REVOCATION = "revocation", "吊销许可证件"


class DecisionText(models.Model):
    """What a decision says. `text_digest` is the SHA-256 of its canonical text: the review agrees to exactly this text."""

    TEXT: ClassVar = (
        "facts",
        "evidence",
        "violated",
        "basis",
        "penalties",
        "fine",
        "base",
        "penalty_text",
        "discretion_tier",
        "discretion_reason",
        "statement_review",
        "performance",
        "remedies",
    )

    facts = models.TextField("违法事实")
    evidence = models.TextField("证据")
    violated = models.TextField("违反的规定")
    basis = models.TextField("处罚依据")
    penalties = ArrayField(models.CharField(max_length=20, choices=PenaltyKind), verbose_name="处罚种类")
    fine = models.DecimalField("罚款金额（元）", max_digits=14, decimal_places=2, null=True, blank=True)
    base = models.DecimalField("罚款计算基数", max_digits=14, decimal_places=2, null=True, blank=True)
    penalty_text = models.TextField("处罚内容")
    discretion_tier = models.CharField("裁量档次", max_length=40)
    discretion_reason = models.TextField("裁量理由")
    statement_review = models.TextField("陈述申辩及采纳情况")
    performance = models.TextField("履行方式和期限")
    remedies = models.TextField("申请行政复议、提起行政诉讼的途径和期限")
    text_digest = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def text(self) -> dict[str, Any]:
        """Every part of the text as plain values."""
        parts = {name: getattr(self, name) for name in self.TEXT}
        for name in ("fine", "base"):
            parts[name] = None if parts[name] is None else f"{parts[name]:.2f}"
        return parts

    def canonical(self, *, party: str, address: str) -> str:
        """The whole text in one line of JSON with sorted keys: what is digested, and what a reader can digest again."""
        return json.dumps(
            {**self.text(), "party": party, "address": address},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )

    def digest(self, *, party: str, address: str) -> str:
        return hashlib.sha256(self.canonical(party=party, address=address).encode()).hexdigest()

    @property
    def penalty_labels(self) -> list[str]:
        return [str(PenaltyKind(kind).label) for kind in self.penalties]


class DecisionDraft(DecisionText):
    """One version of the draft. A changed draft is a new version with another digest, and needs a new review."""

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="drafts")
    version = models.PositiveSmallIntegerField()
    drafted_at = models.DateTimeField("拟稿时间")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_back_at = models.DateTimeField(null=True, blank=True)
    remarks = models.TextField("退回意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "处罚决定草案"
        ordering = ("version",)
        constraints = [
            models.UniqueConstraint(name="one_draft_per_version", fields=["case", "version"]),
            models.CheckConstraint(name="a_drafted_fine_is_positive", condition=Q(fine__isnull=True) | Q(fine__gt=0)),
            models.CheckConstraint(
                name="a_draft_is_sent_back_with_remarks", condition=Q(sent_back_at__isnull=True) | ~Q(remarks="")
            ),
        ]

    def __str__(self) -> str:
        return f"处罚决定草案第{self.version}稿"


class Decision(DecisionText):
    """The signed decision, a frozen copy of the draft that was reviewed."""

    case = models.OneToOneField("enforcement.Case", models.PROTECT, related_name="decision")
    draft = models.OneToOneField(DecisionDraft, models.PROTECT, related_name="decision")
    number = models.CharField("文号", max_length=60, unique=True)
    decided_at = models.DateTimeField("决定时间")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="签发人")
    sealed = models.BooleanField("已加盖机关印章", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "行政处罚决定"
        constraints = [
            models.CheckConstraint(name="a_fine_is_positive", condition=Q(fine__isnull=True) | Q(fine__gt=0)),
            models.CheckConstraint(
                name="a_fine_names_its_amount_penalty_law_59",
                condition=(Q(penalties__contains=["fine"]) & Q(fine__isnull=False))
                | (~Q(penalties__contains=["fine"]) & Q(fine__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_decision_says_all_items_penalty_law_59",
                condition=~Q(facts="")
                & ~Q(evidence="")
                & ~Q(basis="")
                & ~Q(penalty_text="")
                & ~Q(performance="")
                & ~Q(remedies=""),
            ),
            models.CheckConstraint(name="a_decision_bears_the_seal_penalty_law_59", condition=Q(sealed=True)),
        ]

    def __str__(self) -> str:
        return self.number


class CollectiveDiscussion(models.Model):
    """The leaders discussed a complex or major case together (Penalty Law 57)."""

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="discussions")
    held_at = models.DateTimeField("讨论时间")
    participants = models.TextField("参加人员")
    opinions = models.TextField("讨论意见")
    conclusion = models.TextField("讨论结论")
    text_digest = models.CharField(max_length=64)
    file = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="讨论记录"
    )

    class Meta:
        verbose_name = verbose_name_plural = "集体讨论"

    def __str__(self) -> str:
        return f"集体讨论 {self.case_id}"


class Service(models.Model):
    """The decision reached the party (送达)."""

    class Method(models.TextChoices):
        ON_THE_SPOT = "on_the_spot", "宣告后当场交付"
        DIRECT = "direct", "直接送达"
        LEFT = "left", "留置送达"
        MAIL = "mail", "邮寄送达"
        ENTRUSTED = "entrusted", "委托送达"
        ELECTRONIC = "electronic", "电子送达"
        ANNOUNCED = "announced", "公告送达"

    case = models.OneToOneField("enforcement.Case", models.PROTECT, related_name="service")
    method = models.CharField("送达方式", max_length=12, choices=Method)
    served_at = models.DateTimeField("送达时间")
    recipient = models.CharField("收件人", max_length=80)
    place = models.CharField("送达地点", max_length=200, blank=True)
    consent_signed = models.BooleanField("当事人已签订电子送达确认书", default=False)
    receipt = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送达回证"
    )
    served_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "送达"
        constraints = [
            models.CheckConstraint(
                name="electronic_service_needs_signed_consent_penalty_law_61",
                condition=~Q(method="electronic") | Q(consent_signed=True),
                violation_error_message="电子送达须经当事人同意并签订确认书（行政处罚法第六十一条）",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.recipient}"


class Payment(models.Model):
    """The fine was paid at the bank."""

    case = models.OneToOneField("enforcement.Case", models.PROTECT, related_name="payment")
    amount = models.DecimalField("罚款（元）", max_digits=14, decimal_places=2)
    surcharge = models.DecimalField("加处罚款（元）", max_digits=14, decimal_places=2, default=0)
    paid_at = models.DateTimeField("缴款时间")
    receipt_number = models.CharField("缴款凭证号", max_length=80)
    receipt = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="缴款凭证"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "缴款"
        constraints = [
            models.CheckConstraint(name="a_payment_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="a_surcharge_is_at_most_the_fine_penalty_law_72",
                condition=Q(surcharge__gte=0) & Q(surcharge__lte=F("amount")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} 元"
