"""What was done to accounts and roles, one event a line."""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


def one_line(text: str, limit: int = 300) -> str:
    """Text from outside as it goes into the audit: one event stays one line, no terminal obeys it, nothing reads backwards."""
    return CONTROL_CHARACTERS.sub(" ", text).strip()[:limit]


class AuditEvent(models.Model):
    """Who did what to accounts and roles, when, from where. Rows are never changed and are kept six months at least (triggers)."""

    class Action(models.TextChoices):
        SIGNED_IN = "signed_in", "登录"
        SIGN_IN_FAILED = "sign_in_failed", "登录失败"
        LOCKED_OUT = "locked_out", "登录被锁定"
        SIGNED_OUT = "signed_out", "退出"
        PASSWORD_CHANGED = "password_changed", "修改密码"
        PASSWORD_RESET = "password_reset", "重置密码"
        UNLOCKED = "unlocked", "解除锁定"
        DEACTIVATED = "deactivated", "停用账号"
        REACTIVATED = "reactivated", "启用账号"
        AGENCY_CREATED = "agency_created", "设立机关"
        UNIT_CREATED = "unit_created", "设立单位"
        OFFICIAL_CREATED = "official_created", "建立账号"
        APPOINTED = "appointed", "任职"
        APPOINTMENT_ENDED = "appointment_ended", "免职"
        CERTIFICATE_ISSUED = "certificate_issued", "登记证件"
        DEPUTY_NAMED = "deputy_named", "指定代理人"
        DEPUTY_ENDED = "deputy_ended", "结束代理"
        CONFIGURED = "configured", "修改配置"

    at = models.DateTimeField("时间", db_default=Now())
    actor = models.ForeignKey("agency.Official", models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    action = models.CharField("事项", max_length=20, choices=Action)
    official = models.ForeignKey(
        "agency.Official", models.PROTECT, null=True, related_name="+", verbose_name="涉及人员"
    )
    address = models.GenericIPAddressField("来源地址", null=True)
    detail = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.line

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.detail = one_line(self.detail)
        super().save(*args, **kwargs)

    @property
    def line(self) -> str:
        """The event as one line of text, for exports and terminals."""
        moment = timezone.localtime(self.at).isoformat(timespec="seconds")
        who = self.actor.username if self.actor else "-"
        whom = self.official.username if self.official else "-"
        return f"{moment} {self.action} by={who} of={whom} from={self.address or '-'} {one_line(self.detail)}".rstrip()
