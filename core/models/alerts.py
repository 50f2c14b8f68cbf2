"""What officials are told, and what was sent to them outside the product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from agency.models import Official
    from core.models.duties import Duty


class AlertQuerySet(models.QuerySet["Alert"]):
    def of(self, official: Official) -> Self:
        return self.filter(recipient=official)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def current(self) -> Self:
        """Of several alerts about one duty only the latest."""
        later = Alert.objects.filter(duty=OuterRef("duty"), recipient=OuterRef("recipient")).filter(
            Q(raised_at__gt=OuterRef("raised_at")) | Q(raised_at=OuterRef("raised_at"), rank__gt=OuterRef("rank"))
        )
        return self.filter(Q(duty__isnull=True) | ~Exists(later))

    def pressing(self) -> Self:
        """Unread, current, and about nothing that was done meanwhile."""
        return self.unread().current().filter(duty__met_at__isnull=True, duty__voided_at__isnull=True)

    def waiting_for_mail(self) -> Self:
        return self.filter(wants_mail=True, delivery__isnull=True)

    def same_matter(self, alert: Alert) -> Self:
        """The alert, and what was said about the same duty."""
        return self.filter(duty=alert.duty_id) if alert.duty_id else self.filter(pk=alert.pk)


class Alert(models.Model):
    """One thing told to one official, once. The row is the delivery inside the product.

    `key` makes it unique to its recipient: `duty:<id>:<threshold>:<due day>`, or what the caller of `alerts.warn` named. An alert about a
    duty says nothing of its own: it is read from the duty.
    """

    class Level(models.TextChoices):
        INFO = "info", "提示"
        AMBER = "amber", "注意"
        RED = "red", "紧急"

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField("键", max_length=200)
    level = models.CharField("程度", max_length=5, choices=Level)
    duty = models.ForeignKey("core.Duty", models.PROTECT, null=True, related_name="alerts", db_index=False)
    threshold = models.CharField("时点", max_length=12, blank=True)
    rank = models.SmallIntegerField("次序", default=0)
    title = models.CharField("标题", max_length=200, blank=True)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    raised_at = models.DateTimeField("提醒时间")
    read_at = models.DateTimeField("阅读时间", null=True)
    # The recipient said so; opening a message only reads it.
    noted_at = models.DateTimeField("知悉时间", null=True)
    wants_mail = models.BooleanField("另发邮件", default=False)
    # What is counted in hours waits for no digest and no working day.
    at_once = models.BooleanField("立即告知", default=False, db_default=False)
    # The recipient hears of it as deputy of this official.
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    delivery = models.ForeignKey("core.Delivery", models.PROTECT, null=True, related_name="alerts", db_index=False)

    objects = AlertQuerySet.as_manager()

    # Set by core.alerts.close_files: the reader may not see the file, so that it is not named; another unit than the reader's is to do it.
    is_closed: bool = False
    is_others: bool = False

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="one_alert_per_recipient_and_key")]
        indexes = [
            models.Index(fields=["recipient", "id"], name="alerts_of_recipient"),
            models.Index(fields=["recipient", "id"], name="unread_alerts", condition=Q(read_at__isnull=True)),
            models.Index(fields=["duty", "recipient"], name="alerts_of_duty", condition=Q(duty__isnull=False)),
            models.Index(
                fields=["recipient", "id"],
                name="alerts_waiting_for_mail",
                condition=Q(wants_mail=True, delivery__isnull=True),
            ),
            models.Index(fields=["delivery"], name="alerts_of_delivery", condition=Q(delivery__isnull=False)),
            models.Index(
                fields=["recipient", "id"],
                name="alerts_to_mail_at_once",
                condition=Q(at_once=True, wants_mail=True, delivery__isnull=True),
            ),
            models.Index(fields=["raised_at"], name="alerts_at_once", condition=Q(at_once=True)),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def headline(self) -> str:
        """What happened, in one line."""
        return self.title if self.duty is None else f"{self.threshold_words}：{self.duty.title}"

    @property
    def detail(self) -> str:
        if self.duty is None:
            return self.body
        parts = [] if self.is_closed else [self.duty.subject_title]
        if self.is_closed or self.is_others:
            parts.append(f"由{self.duty.owner_unit}办理" + ("，请督促" if self.level == self.Level.RED else ""))
        return "　".join(parts)

    @property
    def link(self) -> str:
        """One click from here to where it is put right; nothing for a file that the reader may not see."""
        if self.duty is None:
            return self.url
        return "" if self.is_closed else (self.duty.subject_url or self.duty.get_absolute_url())

    @property
    def threshold_words(self) -> str:
        """How near the end or how late, when it was told: 2个工作日内到期, 到期提醒, 已逾期, 逾期已满3个工作日, 4小时内到期."""
        name, _, count = self.threshold.partition("-")
        hours = count.removesuffix("h")
        span = f"{hours}小时" if hours != count else f"{count}个工作日"
        if name == "before":
            return f"{span}内到期"
        if name == "day":
            return "到期提醒"
        return "已逾期" if count in ("1", "0h") else f"逾期已满{span}"

    @property
    def is_settled(self) -> bool:
        """Whether the duty it spoke of was met or ended meanwhile."""
        return self.duty is not None and not self.duty.is_open

    @property
    def duty_if_open(self) -> Duty | None:
        return self.duty if self.duty is not None and self.duty.is_open else None
