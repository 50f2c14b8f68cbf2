"""Work that must happen after a transaction, and the signs of life of those who do it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class JobQuerySet(models.QuerySet["Job"]):
    def waiting(self) -> Self:
        return self.filter(state=Job.State.WAITING)

    def due(self, now: datetime) -> Self:
        """Waiting, and not put off until later."""
        return self.waiting().filter(run_after__lte=now)


class Job(models.Model):
    """One piece of durable work, written in the transaction that wants it. Done once it says so, however often it was begun."""

    class State(models.TextChoices):
        WAITING = "waiting", "待办"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"

    name = models.CharField("名称", max_length=80)
    key = models.CharField("键", max_length=200, blank=True)
    payload = models.JSONField("内容", default=dict)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    run_after = models.DateTimeField("不早于", db_default=Now())
    last_error = models.TextField("最近一次错误", blank=True)
    created_at = models.DateTimeField("写入时间", db_default=Now())
    done_at = models.DateTimeField("完成时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        constraints = [
            models.UniqueConstraint(fields=["name", "key"], name="one_job_per_name_and_key", condition=~Q(key="")),
            models.CheckConstraint(
                name="a_done_job_has_its_moment", condition=~Q(state="done") | Q(done_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["run_after", "id"], name="waiting_jobs", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.name} {self.key}".strip()


class Heartbeat(models.Model):
    """When a background process last showed that it lives: "worker" runs tasks, "beat" sends them."""

    name = models.CharField("名称", max_length=40, primary_key=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
