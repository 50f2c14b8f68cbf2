"""The documents of a case: those the product writes as PDF, and those that were handed in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class CaseDocument(models.Model):
    """One document of the case. `file` is empty while its PDF is being made."""

    class Kind(models.TextChoices):
        INITIATION = "initiation_form", "立案审批表"
        CORRECTION = "correction_order", "劳动保障监察责令改正指令书"
        CONCLUSION = "conclusion_report", "案件调查终结报告"
        NOTICE = "rights_notice", "行政处罚事先告知书"
        DECISION = "penalty_decision", "行政处罚决定书"
        RECEIPT = "service_receipt", "送达回证"
        EVIDENCE = "evidence", "证据材料"
        ANSWER = "answer", "当事人书面材料"
        HEARING = "hearing", "听证笔录"
        DISCUSSION = "discussion", "集体讨论记录"
        SIGNED_RECEIPT = "signed_receipt", "签收的送达回证"
        PAYMENT = "payment", "缴款凭证"
        DEMAND = "demand", "催告书"
        COURT = "court_application", "强制执行申请书"

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=120)
    number = models.CharField(max_length=60, blank=True)
    # Which row of the case the document is made of, e.g. the id of the notice.
    row_id = models.PositiveBigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file = models.ForeignKey("core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    pages = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "文书和材料"
        ordering = ("-made_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="one_document_per_row", fields=["kind", "row_id"], condition=Q(row_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("enforcement:document", args=[self.case_id, self.pk])

    @property
    def is_ready(self) -> bool:
        return self.file_id is not None
