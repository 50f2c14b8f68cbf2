"""What was sent outside the product, to whom, and what became of it."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.models.alerts import Alert
from core.models.jobs import Job

# The one job that sends whatever was composed.
SEND = "alerts.send"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def with_course(self) -> Self:
        """Each with what became of it: how often it was tried, the last failure, the next attempt, its `standing`."""
        job = Job.objects.filter(name=SEND, key=OuterRef("key"))
        unread = Alert.objects.filter(delivery=OuterRef("pk"), read_at__isnull=True)
        standing = Case(
            When(seen_at__isnull=False, then=Value(Delivery.Standing.SEEN)),
            When(is_dropped=True, then=Value(Delivery.Standing.DROPPED)),
            When(~Q(failure="") | Q(job_state=Job.State.FAILED), then=Value(Delivery.Standing.FAILED)),
            When(Q(sent_at__isnull=True, tried__gt=0), then=Value(Delivery.Standing.RETRIED)),
            When(sent_at__isnull=True, then=Value(Delivery.Standing.WAITING)),
            When(Q(channel=Delivery.Channel.EMAIL) & ~Exists(unread), then=Value(Delivery.Standing.SEEN)),
            default=Value(Delivery.Standing.SENT),
            output_field=models.CharField(),
        )
        return self.annotate(
            tried=Coalesce(Subquery(job.values("attempts")[:1]), 0),
            next_try=Subquery(job.filter(state=Job.State.WAITING).values("run_after")[:1]),
            job_state=Coalesce(Subquery(job.values("state")[:1]), Value(""), output_field=models.CharField()),
            last_error=Coalesce(Subquery(job.values("last_error")[:1]), Value(""), output_field=models.TextField()),
        ).annotate(standing=standing)

    def narrowed(
        self, *, channel: str = "", standing: str = "", tried: bool = False, day: date | None = None
    ) -> models.QuerySet[Delivery]:
        """With their course: those of a channel, of a standing, tried more than once, composed on a day."""
        found: models.QuerySet[Any] = self.with_course()
        if channel:
            found = found.filter(channel=channel)
        if standing:
            found = found.filter(standing=standing)
        if tried:
            found = found.filter(tried__gt=1)
        return found.filter(composed_at__date=day) if day else found

    def by_standing(self) -> dict[tuple[str, str], int]:
        """(channel, standing) -> how many."""
        rows: models.QuerySet[Any] = self.with_course()
        counted = rows.order_by().values("channel", "standing").annotate(how_many=models.Count("pk"))
        return {(row["channel"], row["standing"]): row["how_many"] for row in counted}


class Delivery(models.Model):
    """One message composed for one official or one robot and sent by one channel.

    Its key travels with a mail (Message-ID), so that a doubled send is recognised.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "电子邮件"
        WECOM = "wecom", "企业微信"
        DINGTALK = "dingtalk", "钉钉"

    class Kind(models.TextChoices):
        DIGEST = "digest", "每日汇总"
        AT_ONCE = "at_once", "限时事项"
        TEST = "test", "测试消息"

    class Standing(models.TextChoices):
        WAITING = "waiting", "待发送"
        RETRIED = "retried", "重试中"
        FAILED = "failed", "发送失败"
        SENT = "sent", "已发送"
        SEEN = "seen", "已发送，已阅"
        DROPPED = "dropped", "无须发送"

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    robot = models.ForeignKey("core.Robot", models.PROTECT, null=True, related_name="deliveries")
    channel = models.CharField("渠道", max_length=10, choices=Channel, default=Channel.EMAIL)
    kind = models.CharField("内容", max_length=10, choices=Kind, default=Kind.DIGEST)
    key = models.CharField("键", max_length=100, unique=True)
    # What a robot's urgent message is about.
    duty = models.ForeignKey("core.Duty", models.PROTECT, null=True, related_name="+")
    items = models.PositiveIntegerField("项数", default=0)
    composed_at = models.DateTimeField("编成时间")
    sent_at = models.DateTimeField("发送时间", null=True)
    sent_to = models.CharField("收件地址", max_length=254, blank=True)
    failure = models.TextField("未能发送的原因", blank=True)
    # By whom it was meant for, through the address it holds; the first who followed it.
    seen_at = models.DateTimeField("打开时间", null=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    # Nothing was left to say when its turn came; `failure` says why.
    is_dropped = models.BooleanField("无须发送", default=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发送记录"
        indexes = [models.Index(fields=["composed_at"], name="unsent_deliveries", condition=Q(sent_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                name="a_delivery_goes_to_an_official_or_a_robot",
                condition=Q(recipient__isnull=False, robot__isnull=True, channel="email")
                | (Q(recipient__isnull=True, robot__isnull=False) & ~Q(channel="email")),
            ),
            models.CheckConstraint(
                name="what_was_seen_was_seen_by_somebody",
                condition=Q(seen_at__isnull=True, seen_by__isnull=True)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def state(self) -> str:
        """sent, failed (being retried, or given up) or waiting."""
        if self.sent_at is not None:
            return "sent"
        return "failed" if self.failure else "waiting"

    @property
    def standing_words(self) -> str:
        """What became of it; asked `with_course`."""
        return str(self.Standing(self.standing).label)  # type: ignore[attr-defined]

    @property
    def reason(self) -> str:
        """Why it was not sent, or not yet; nothing once it was. Asked `with_course`."""
        if self.sent_at is not None or self.seen_at is not None:
            return ""
        return self.failure or str(self.last_error).removeprefix("NotTaken: ")  # type: ignore[attr-defined]

    @property
    def may_be_sent_again(self) -> bool:
        return self.standing in (self.Standing.FAILED, self.Standing.RETRIED)  # type: ignore[attr-defined]

    def note_unsent(self, reason: str, *, is_dropped: bool = False) -> None:
        """It cannot be sent (until somebody puts that right), or need not be any more."""
        self.failure, self.is_dropped = reason, is_dropped
        self.save(update_fields=["failure", "is_dropped"])

    def note_sent(self, *, to: str) -> None:
        self.sent_at, self.sent_to, self.failure = timezone.now(), to, ""
        self.save(update_fields=["sent_at", "sent_to", "failure"])
