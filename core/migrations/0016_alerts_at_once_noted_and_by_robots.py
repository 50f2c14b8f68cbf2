"""What goes out at once, what was noted, for whom a deputy hears it; robots of group chats, and what became of every delivery."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0007_leaves_and_deputies"),
        ("core", "0015_calendar_changes_and_what_they_moved"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Robot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("wecom", "企业微信群机器人"), ("dingtalk", "钉钉机器人")],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("origin", models.CharField(max_length=200, verbose_name="服务器")),
                ("path", models.CharField(max_length=200, verbose_name="路径")),
                ("token", models.CharField(max_length=200, verbose_name="令牌")),
                ("secret", models.CharField(blank=True, max_length=200, verbose_name="加签密钥")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="登记时间"),
                ),
            ],
            options={
                "verbose_name": "群机器人",
                "verbose_name_plural": "群机器人",
                "ordering": ("unit", "pk"),
            },
        ),
        migrations.AddField(
            model_name="alert",
            name="at_once",
            field=models.BooleanField(db_default=False, default=False, verbose_name="立即告知"),
        ),
        migrations.AddField(
            model_name="alert",
            name="noted_at",
            field=models.DateTimeField(null=True, verbose_name="知悉时间"),
        ),
        migrations.AddField(
            model_name="alert",
            name="on_behalf_of",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="duty",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.duty"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="is_dropped",
            field=models.BooleanField(default=False, verbose_name="无须发送"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="items",
            field=models.PositiveIntegerField(default=0, verbose_name="项数"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="kind",
            field=models.CharField(
                choices=[("digest", "每日汇总"), ("at_once", "限时事项"), ("test", "测试消息")],
                default="digest",
                max_length=10,
                verbose_name="内容",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="channel",
            field=models.CharField(
                choices=[("email", "电子邮件"), ("wecom", "企业微信"), ("dingtalk", "钉钉")],
                default="email",
                max_length=10,
                verbose_name="渠道",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="recipient",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("at_once", True), ("delivery__isnull", True), ("wants_mail", True)),
                fields=["recipient", "id"],
                name="alerts_to_mail_at_once",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(condition=models.Q(("at_once", True)), fields=["raised_at"], name="alerts_at_once"),
        ),
        migrations.AddField(
            model_name="robot",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.unit", verbose_name="单位"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="robot",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="core.robot"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "email"), ("recipient__isnull", False), ("robot__isnull", True)),
                    models.Q(
                        ("recipient__isnull", True),
                        ("robot__isnull", False),
                        models.Q(("channel", "email"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_delivery_goes_to_an_official_or_a_robot",
            ),
        ),
        migrations.AddConstraint(
            model_name="robot",
            constraint=models.UniqueConstraint(
                fields=("origin", "token"),
                name="one_robot_per_group_chat",
                violation_error_message="这个机器人已经登记过",
            ),
        ),
        migrations.AddConstraint(
            model_name="robot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "dingtalk"), _negated=True),
                    models.Q(("secret", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_dingtalk_robot_signs",
                violation_error_message="钉钉机器人须用加签方式，请填写加签密钥",
            ),
        ),
    ]
