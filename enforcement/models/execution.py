"""What follows a fine that is not paid: the written demand, and the application to the court."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class PerformanceDemand(models.Model):
    """A written demand to perform (催告书) reached the party (Coercion Law 54)."""

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="demands")
    served_at = models.DateTimeField("送达时间")
    recipient = models.CharField("收件人", max_length=80)
    content = models.TextField("催告内容")
    file = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="催告书及送达回证"
    )
    served_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "催告"
        ordering = ("served_at", "pk")
        constraints = [
            models.CheckConstraint(name="a_demand_says_what_is_owed_coercion_law_54", condition=~Q(content="")),
        ]

    def __str__(self) -> str:
        return f"催告 {self.case_id}"


class CourtApplication(models.Model):
    """The bureau applied to the court to enforce its decision (Coercion Law 53)."""

    case = models.OneToOneField("enforcement.Case", models.PROTECT, related_name="court_application")
    court = models.CharField("人民法院", max_length=100)
    applied_at = models.DateTimeField("申请时间")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="签名人")
    file = models.ForeignKey(
        "core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="强制执行申请书"
    )

    class Meta:
        verbose_name = verbose_name_plural = "申请法院强制执行"
        constraints = [models.CheckConstraint(name="an_application_names_its_court", condition=~Q(court=""))]

    def __str__(self) -> str:
        return f"申请{self.court}强制执行 {self.case_id}"
