"""Days of leave with a deputy who is told meanwhile."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0006_units_have_rules_of_their_own"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("signed_in", "登录"),
                    ("sign_in_failed", "登录失败"),
                    ("locked_out", "登录被锁定"),
                    ("signed_out", "退出"),
                    ("password_changed", "修改密码"),
                    ("password_reset", "重置密码"),
                    ("unlocked", "解除锁定"),
                    ("deactivated", "停用账号"),
                    ("reactivated", "启用账号"),
                    ("agency_created", "设立机关"),
                    ("unit_created", "设立单位"),
                    ("official_created", "建立账号"),
                    ("appointed", "任职"),
                    ("appointment_ended", "免职"),
                    ("certificate_issued", "登记证件"),
                    ("deputy_named", "指定代理人"),
                    ("deputy_ended", "结束代理"),
                    ("configured", "修改配置"),
                ],
                max_length=20,
                verbose_name="事项",
            ),
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="休假日期")),
                ("alone", models.BooleanField(default=False, verbose_name="只给代理人发邮件")),
                (
                    "named_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="登记时间"),
                ),
                (
                    "deputy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing_in",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代理人",
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="休假人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "休假代理",
                "verbose_name_plural": "休假代理",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("deputy", models.F("official")), _negated=True),
                        name="nobody_is_their_own_deputy",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("official", "="), ("days", "&&")],
                        name="one_deputy_at_a_time",
                        violation_error_message="这些日期中已经有代理人，请先结束原来的代理",
                    ),
                ],
            },
        ),
    ]
