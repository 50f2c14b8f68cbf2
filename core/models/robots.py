"""Robots of group chats, by which a unit is told outside the product."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Robot(models.Model):
    """One robot in one unit's group chat. Its token and secret are shown nowhere and written into no log."""

    class Kind(models.TextChoices):
        WECOM = "wecom", "企业微信群机器人"
        DINGTALK = "dingtalk", "钉钉机器人"

    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    name = models.CharField("名称", max_length=40)
    origin = models.CharField("服务器", max_length=200)
    path = models.CharField("路径", max_length=200)
    token = models.CharField("令牌", max_length=200)
    secret = models.CharField("加签密钥", max_length=200, blank=True)
    is_active = models.BooleanField("在用", default=True)
    created_at = models.DateTimeField("登记时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "群机器人"
        ordering = ("unit", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "token"],
                name="one_robot_per_group_chat",
                violation_error_message="这个机器人已经登记过",
            ),
            models.CheckConstraint(
                name="a_dingtalk_robot_signs",
                condition=~Q(kind="dingtalk") | ~Q(secret=""),
                violation_error_message="钉钉机器人须用加签方式，请填写加签密钥",
            ),
        ]

    def __str__(self) -> str:
        return self.name
