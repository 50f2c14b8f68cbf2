"""Units, officials, their roles and certificates, and what was done to accounts."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # The user model stands in the first migration: what depends on AUTH_USER_MODEL depends on agency's first.
    dependencies = []

    operations = [
        # Exclusion constraints over terms need GiST on plain columns.
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="名称")),
                ("short_name", models.CharField(max_length=20, verbose_name="简称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bureau", "机关"),
                            ("section", "执法科室、单位"),
                            ("legal", "法制科室"),
                            ("office", "其他科室"),
                            ("outside", "外部监督机构"),
                        ],
                        max_length=10,
                        verbose_name="性质",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="agency.unit",
                        verbose_name="上级",
                    ),
                ),
            ],
            options={
                "verbose_name": "单位",
                "verbose_name_plural": "单位",
                "ordering": ("position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Official",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "username",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9._-]*\\Z",
                                "用户名只能用小写字母、数字、点、横线和下划线，以字母或数字开头",
                            )
                        ],
                        verbose_name="用户名",
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="姓名")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="电子邮箱")),
                ("mobile", models.CharField(blank=True, max_length=20, verbose_name="手机")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                ("served_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="任职起")),
                ("served_to", models.DateField(blank=True, null=True, verbose_name="任职止")),
                ("must_change_password", models.BooleanField(default=False, verbose_name="首次登录须改密码")),
                ("password_changed_at", models.DateTimeField(blank=True, null=True, verbose_name="密码修改时间")),
                ("session_generation", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="officials",
                        to="agency.unit",
                        verbose_name="所在单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "人员",
                "verbose_name_plural": "人员",
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="时间")),
                (
                    "action",
                    models.CharField(
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
                            ("configured", "修改配置"),
                        ],
                        max_length=20,
                        verbose_name="事项",
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True, verbose_name="来源地址")),
                ("detail", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="涉及人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "审计记录",
                "verbose_name_plural": "审计记录",
                "indexes": [models.Index(fields=["at"], name="agency_audi_at_c0be87_idx")],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("enforcement", "行政执法证"), ("inspection", "劳动保障监察证")],
                        max_length=12,
                        verbose_name="证件",
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="证号")),
                ("valid_from", models.DateField(verbose_name="有效期自")),
                ("valid_to", models.DateField(verbose_name="有效期至")),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="持证人",
                    ),
                ),
            ],
            options={
                "verbose_name": "执法证件",
                "verbose_name_plural": "执法证件",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_to__gte", models.F("valid_from"))),
                        name="certificate_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PastPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128)),
                ("set_at", models.DateTimeField()),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="past_passwords",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "曾用密码",
                "verbose_name_plural": "曾用密码",
                "indexes": [models.Index(fields=["official", "-set_at"], name="agency_past_officia_28b8d3_idx")],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("section_staff", "承办人"),
                            ("section_head", "科室负责人"),
                            ("legal_reviewer", "法制审核人员"),
                            ("disclosure_reviewer", "公示审核人员"),
                            ("records_custodian", "档案与音像管理员"),
                            ("leader", "分管领导"),
                            ("chief", "主要负责人"),
                            ("supervisor", "监督人员"),
                            ("system_admin", "系统管理员"),
                            ("security_admin", "安全保密管理员"),
                            ("auditor", "审计员"),
                        ],
                        max_length=20,
                        verbose_name="角色",
                    ),
                ),
                ("term", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="任期")),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="agency.unit", verbose_name="单位"
                    ),
                ),
            ],
            options={
                "verbose_name": "任职",
                "verbose_name_plural": "任职",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("official", "="), ("role", "="), ("unit", "="), ("term", "&&")],
                        name="one_role_once_at_a_time",
                        violation_error_message="这个人在这个单位已经担任这个角色，任期不能重叠",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("role__in", ["auditor", "security_admin", "system_admin"])),
                        expressions=[("official", "="), ("role", "<>"), ("term", "&&")],
                        name="nobody_holds_two_administrator_roles",
                        violation_error_message="系统管理员、安全保密管理员、审计员不得由一人兼任",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgencyProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("profile", models.CharField(max_length=60, verbose_name="规则档案")),
                ("credit_code", models.CharField(blank=True, max_length=18, verbose_name="统一社会信用代码")),
                (
                    "document_prefix",
                    models.CharField(help_text="例如：威人社监", max_length=20, verbose_name="文号机关代字"),
                ),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="地址")),
                ("telephone", models.CharField(blank=True, max_length=40, verbose_name="电话")),
                ("bank_name", models.CharField(blank=True, max_length=100, verbose_name="罚款代收银行")),
                ("reconsideration_body", models.CharField(blank=True, max_length=100, verbose_name="行政复议机关")),
                ("court", models.CharField(blank=True, max_length=100, verbose_name="管辖法院")),
                ("is_demo", models.BooleanField(default=False, verbose_name="演示数据")),
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="agency.unit", verbose_name="机关"
                    ),
                ),
            ],
            options={
                "verbose_name": "机关档案",
                "verbose_name_plural": "机关档案",
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        name="one_installation_serves_one_agency",
                        violation_error_message="本系统已经设立机关",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="official",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("served_to__isnull", True), ("served_to__gte", models.F("served_from")), _connector="OR"
                ),
                name="service_ends_after_it_begins",
            ),
        ),
    ]
