"""Notices and the changes of their texts."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import core.search


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agency", "0001_officials"),
        ("core", "0007_search_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case_id", models.BigIntegerField(verbose_name="案卷")),
                (
                    "kind",
                    models.CharField(
                        choices=[("penalty", "行政处罚")], default="penalty", max_length=20, verbose_name="信息种类"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "待送审"),
                            ("in_review", "公示审核中"),
                            ("exclusion_review", "不予公开审核中"),
                            ("published", "已公示"),
                            ("withheld", "不予公开"),
                            ("withdrawn", "已撤回"),
                            ("cancelled", "已终止"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("title", models.CharField(max_length=400, verbose_name="标题")),
                ("party_name", models.CharField(max_length=200, verbose_name="行政相对人名称")),
                (
                    "party_category",
                    models.CharField(
                        choices=[
                            ("natural_person", "自然人"),
                            ("organisation", "法人及非法人组织"),
                            ("self_employed", "个体工商户"),
                        ],
                        max_length=20,
                        verbose_name="行政相对人类别",
                    ),
                ),
                ("credit_code", models.CharField(blank=True, max_length=18, verbose_name="统一社会信用代码")),
                ("legal_representative", models.CharField(blank=True, max_length=80, verbose_name="法定代表人")),
                ("number", models.CharField(max_length=60, verbose_name="行政处罚决定书文号")),
                ("violation", models.CharField(max_length=120, verbose_name="违法行为类型")),
                ("facts", models.TextField(verbose_name="违法事实")),
                ("basis", models.TextField(verbose_name="处罚依据")),
                ("penalty_kinds", models.CharField(max_length=120, verbose_name="处罚类别")),
                ("content", models.TextField(verbose_name="处罚内容")),
                (
                    "fine",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="罚款金额（元）"
                    ),
                ),
                ("decided_on", models.DateField(verbose_name="处罚决定日期")),
                ("agency_name", models.CharField(max_length=120, verbose_name="处罚机关")),
                ("agency_code", models.CharField(blank=True, max_length=18, verbose_name="处罚机关统一社会信用代码")),
                ("redactions", models.JSONField(default=list)),
                (
                    "prepared_by",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("decided_at", models.DateTimeField(verbose_name="决定时间")),
                ("drafted_at", models.DateTimeField(verbose_name="拟稿时间")),
                ("last_step_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="送审时间")),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="审核时间")),
                ("remarks", models.TextField(blank=True, verbose_name="最近一次退回意见")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="公示时间")),
                (
                    "exclusion_ground",
                    models.CharField(
                        blank=True,
                        choices=[("state_secret", "国家秘密"), ("trade_secret", "商业秘密"), ("privacy", "个人隐私")],
                        max_length=20,
                        verbose_name="不予公开的情形",
                    ),
                ),
                ("exclusion_reason", models.TextField(blank=True, verbose_name="不予公开的理由")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="撤回时间")),
                ("withdrawal_reason", models.TextField(blank=True, verbose_name="撤回理由")),
                ("decision_revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="处罚决定撤销时间")),
                ("search_text", models.TextField(blank=True, editable=False)),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agency.unit",
                        verbose_name="承办科室",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "公示信息",
                "verbose_name_plural": "公示信息",
            },
        ),
        migrations.CreateModel(
            name="NoticeEdit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=20)),
                ("before", models.TextField()),
                ("after", models.TextField()),
                ("edited_at", models.DateTimeField()),
                (
                    "edited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="edits", to="disclosure.notice"
                    ),
                ),
            ],
            options={
                "verbose_name": "公示文本修改",
                "verbose_name_plural": "公示文本修改",
                "ordering": ("edited_at", "pk"),
            },
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("unit"),
                models.OrderBy(models.F("last_step_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="notices_of_a_unit_by_last_step",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.OrderBy(models.F("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("state", "published")),
                name="published_notices_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("violation"),
                models.OrderBy(models.F("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("state", "published")),
                name="published_by_violation",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("decided_on"), condition=models.Q(("state", "published")), name="published_by_decision_day"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=django.contrib.postgres.indexes.GinIndex(
                core.search.Grams("search_text"), condition=models.Q(("state", "published")), name="published_words"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                models.F("state"),
                condition=models.Q(("state__in", ["draft", "in_review", "exclusion_review"])),
                name="unsettled_notices",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("case_id", "kind"), name="one_notice_of_a_kind_per_case"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["published", "withheld", "withdrawn"]), _negated=True),
                    models.Q(("reviewed_at__isnull", False), ("reviewed_by__isnull", False)),
                    _connector="OR",
                ),
                name="nothing_is_published_unreviewed",
                violation_error_message="未经审核的执法信息不得公示",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.IsNull(
                    models.Func(
                        models.F("prepared_by"),
                        models.F("reviewed_by"),
                        function="array_position",
                        output_field=models.IntegerField(),
                    ),
                    True,
                ),
                name="nobody_reviews_what_they_prepared",
                violation_error_message="承办人员和拟稿、送审人员不得审核本件",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["published", "withdrawn"]), _negated=True),
                    ("published_at__isnull", False),
                    _connector="OR",
                ),
                name="published_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["exclusion_review", "withheld"]), _negated=True),
                    models.Q(
                        ("exclusion_ground__in", ["state_secret", "trade_secret", "privacy"]),
                        models.Q(("exclusion_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="an_exclusion_is_reasoned_weihai_15",
                violation_error_message="不予公开须写明法定情形和理由（监督办法第十五条）",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "withdrawn"), _negated=True),
                    models.Q(
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                        models.Q(("withdrawal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_withdrawal_says_why_penalty_law_48",
                violation_error_message="撤回公示须公开说明理由（行政处罚法第四十八条）",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "published"), ("search_text", ""), _connector="OR"),
                name="only_published_text_is_searched",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticeedit",
            constraint=models.CheckConstraint(
                condition=models.Q(("before", models.F("after")), _negated=True), name="an_edit_changes_something"
            ),
        ),
    ]
