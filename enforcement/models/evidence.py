"""What the investigation did: acts of evidence-taking, orders to correct, its conclusion."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core import addresses


class EvidenceActQuerySet(models.QuerySet["EvidenceAct"]):
    def relied_on(self) -> Self:
        """Acts whose evidence the case rests on: those not excluded (Penalty Law 46)."""
        return self.filter(excluded_at__isnull=True)


class EvidenceAct(models.Model):
    """One act of evidence-taking by named officers at one place and time."""

    class Kind(models.TextChoices):
        SITE = "site_inspection", "现场检查"
        INTERVIEW = "interview", "询问"
        DOCUMENTS = "documents", "调取书证"
        SAMPLING = "sampling", "抽样取证"
        REGISTERED = "registered_preservation", "先行登记保存"
        AUDIT = "audit", "委托审计"

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="acts")
    kind = models.CharField("取证方式", max_length=30, choices=Kind)
    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间")
    place = models.CharField("地点", max_length=200)
    persons = models.CharField("在场人员（被检查、被询问人）", max_length=200, blank=True)
    certificates_shown = models.BooleanField("已出示执法证件", default=False)
    rights_told = models.BooleanField("已告知权利义务", default=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    # Whose approval this act used; one approval serves one act. A trigger holds registered evidence to it.
    preservation = models.OneToOneField(
        "enforcement.PreservationRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="act",
        verbose_name="先行登记保存的批准",
    )
    summary = models.TextField("取证情况")
    note = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="笔录、材料"
    )
    excluded_at = models.DateTimeField(null=True, blank=True)
    excluded_reason = models.TextField("排除理由", blank=True)
    # What became of registered evidence, within seven days (Penalty Law 56).
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settlement = models.TextField("处理决定", blank=True)

    objects = EvidenceActQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "取证行为"
        ordering = ("started_at", "pk")
        constraints = [
            models.CheckConstraint(name="an_act_ends_after_it_starts", condition=Q(ended_at__gte=F("started_at"))),
            models.CheckConstraint(name="certificates_are_shown_penalty_law_55", condition=Q(certificates_shown=True)),
            models.CheckConstraint(
                name="preservation_is_approved_penalty_law_56",
                condition=~Q(kind="registered_preservation") | Q(approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="settled_evidence_has_its_decision_penalty_law_56",
                condition=Q(settled_at__isnull=True) | Q(kind="registered_preservation") & ~Q(settlement=""),
            ),
            models.CheckConstraint(
                name="excluded_evidence_has_its_reason_penalty_law_46",
                condition=Q(excluded_at__isnull=True) | ~Q(excluded_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {timezone.localtime(self.started_at):%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return f"{addresses.of_row('enforcement:cases', self.case_id)}#act-{self.pk}"

    @property
    def anchor(self) -> str:
        """What the duty to settle registered evidence hangs on: each act has its own seven days."""
        return f"case:{self.case_id}:act:{self.pk}" if self.kind == self.Kind.REGISTERED else ""


class ActOfficer(models.Model):
    """One officer at one act."""

    act = models.ForeignKey(EvidenceAct, models.PROTECT, related_name="officers")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "取证人员"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(name="an_officer_stands_once_at_an_act", fields=["act", "official"])]

    def __str__(self) -> str:
        return str(self.official)


class ActRecordingQuerySet(models.QuerySet["ActRecording"]):
    def of_case(self, case_id: int) -> Self:
        return self.filter(act__case=case_id)


class ActRecording(models.Model):
    """What the case must know of a recording of one act. Written by services.note_recording only; the recording itself lives in its own app."""

    class State(models.TextChoices):
        MADE = "made", "已录制，未入库"
        STORED = "stored", "已入库，未编索引"
        INDEXED = "indexed", "已入库并编索引"
        FLAGGED = "flagged", "文件异常"

    act = models.ForeignKey(EvidenceAct, models.PROTECT, related_name="recordings")
    stream = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=10, choices=State)
    gap_seconds = models.PositiveIntegerField("中断秒数", default=0)
    explained = models.BooleanField("中断已说明", default=False)

    objects = ActRecordingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "取证录像"

    def __str__(self) -> str:
        return f"{self.stream} {self.get_state_display()}"


class CorrectionOrder(models.Model):
    """An order to correct (责令改正), and what its verification found."""

    class Result(models.TextChoices):
        OBEYED = "obeyed", "已改正"
        NOT_OBEYED = "not_obeyed", "逾期未改正"

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="corrections")
    number = models.CharField("文号", max_length=60, unique=True)
    issued_at = models.DateTimeField("下达时间")
    content = models.TextField("责令改正的内容")
    due_on = models.DateField("改正期限至")
    recipient = models.CharField("签收人", max_length=80, blank=True)
    result = models.CharField("改正情况", max_length=12, choices=Result, blank=True)
    verified_at = models.DateTimeField("核查时间", null=True, blank=True)
    verification = models.TextField("核查情况", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "责令改正"
        ordering = ("issued_at", "pk")
        constraints = [
            models.CheckConstraint(
                name="a_verified_order_has_its_result",
                condition=Q(verified_at__isnull=True, result="") | (Q(verified_at__isnull=False) & ~Q(result="")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Conclusion(models.Model):
    """The written conclusion of the investigation (调查终结报告)."""

    case = models.OneToOneField("enforcement.Case", models.PROTECT, related_name="conclusion")
    facts = models.TextField("查明的事实")
    evidence = models.TextField("证据")
    opinion = models.TextField("处理建议")
    complex_reason = models.TextField("情节复杂的理由", blank=True)
    concluded_at = models.DateTimeField("调查终结时间")
    concluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "调查终结报告"
        constraints = [
            models.CheckConstraint(
                name="a_conclusion_says_facts_evidence_opinion_penalty_law_57",
                condition=~Q(facts="") & ~Q(evidence="") & ~Q(opinion=""),
            ),
        ]

    def __str__(self) -> str:
        return f"调查终结 {self.case_id}"


class InvestigationExtension(models.Model):
    """The leader lengthened a complex investigation (inspection regulation 17)."""

    case = models.OneToOneField("enforcement.Case", models.PROTECT, related_name="investigation_extension")
    approved_at = models.DateTimeField("批准时间")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="批准人")
    reason = models.TextField("延长理由")

    class Meta:
        verbose_name = verbose_name_plural = "延长调查期限"
        constraints = [
            models.CheckConstraint(name="an_extension_has_its_reason_inspection_17", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"延长调查期限 {self.case_id}"
