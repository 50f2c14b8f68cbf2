"""Alerts, mail, jobs, heartbeats."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_facts_are_never_changed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="名称")),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "心跳",
                "verbose_name_plural": "心跳",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "电子邮件")], default="email", max_length=10, verbose_name="渠道"
                    ),
                ),
                ("key", models.CharField(max_length=100, unique=True, verbose_name="键")),
                ("composed_at", models.DateTimeField(verbose_name="编成时间")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发送时间")),
                ("sent_to", models.CharField(blank=True, max_length=254, verbose_name="收件地址")),
                ("failure", models.TextField(blank=True, verbose_name="未能发送的原因")),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "发送记录",
                "verbose_name_plural": "发送记录",
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200, verbose_name="键")),
                (
                    "level",
                    models.CharField(
                        choices=[("info", "提示"), ("amber", "注意"), ("red", "紧急")],
                        max_length=5,
                        verbose_name="程度",
                    ),
                ),
                ("threshold", models.CharField(blank=True, max_length=12, verbose_name="时点")),
                ("rank", models.SmallIntegerField(default=0, verbose_name="次序")),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="标题")),
                ("body", models.TextField(blank=True, verbose_name="内容")),
                ("url", models.CharField(blank=True, max_length=300, verbose_name="链接")),
                ("raised_at", models.DateTimeField(verbose_name="提醒时间")),
                ("read_at", models.DateTimeField(null=True, verbose_name="阅读时间")),
                ("wants_mail", models.BooleanField(default=False, verbose_name="另发邮件")),
                (
                    "duty",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="core.duty",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="core.delivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "提醒",
                "verbose_name_plural": "提醒",
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                ("key", models.CharField(blank=True, max_length=200, verbose_name="键")),
                ("payload", models.JSONField(default=dict, verbose_name="内容")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "待办"), ("done", "已完成"), ("failed", "失败")],
                        default="waiting",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="次数")),
                (
                    "run_after",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="不早于"),
                ),
                ("last_error", models.TextField(blank=True, verbose_name="最近一次错误")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="写入时间"),
                ),
                ("done_at", models.DateTimeField(null=True, verbose_name="完成时间")),
            ],
            options={
                "verbose_name": "后台任务",
                "verbose_name_plural": "后台任务",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["run_after", "id"], name="waiting_jobs"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("name", "key"),
                        name="one_job_per_name_and_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True), ("done_at__isnull", False), _connector="OR"
                        ),
                        name="a_done_job_has_its_moment",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("sent_at__isnull", True)), fields=["composed_at"], name="unsent_deliveries"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["recipient", "id"], name="alerts_of_recipient"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("read_at__isnull", True)), fields=["recipient", "id"], name="unread_alerts"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("duty__isnull", False)), fields=["duty", "recipient"], name="alerts_of_duty"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("delivery__isnull", True), ("wants_mail", True)),
                fields=["recipient", "id"],
                name="alerts_waiting_for_mail",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("delivery__isnull", False)), fields=["delivery"], name="alerts_of_delivery"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(fields=("recipient", "key"), name="one_alert_per_recipient_and_key"),
        ),
    ]
