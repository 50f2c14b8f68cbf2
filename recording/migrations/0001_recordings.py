"""Devices, recordings, uploads under way and requests to see a recording."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import recording.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agency", "0003_administrators_hold_no_case_role"),
        ("core", "0008_backlog_entries"),
        ("enforcement", "0003_cases_are_searchable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="设备编号")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("body", "执法记录仪"),
                            ("camera", "摄像机、照相机"),
                            ("audio", "录音设备"),
                            ("fixed", "固定音像设备"),
                            ("other", "其他设备"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=80, verbose_name="型号")),
                ("in_use_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="启用日期")),
                ("in_use_to", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agency.unit",
                        verbose_name="配备单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "音像设备",
                "verbose_name_plural": "音像设备",
                "ordering": ("unit", "number"),
            },
        ),
        migrations.CreateModel(
            name="Recording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveSmallIntegerField(verbose_name="片段")),
                (
                    "state",
                    models.CharField(
                        choices=[("made", "待入库"), ("stored", "待编索引"), ("indexed", "已入库并编索引")],
                        default="made",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="录制开始")),
                ("made_at", models.DateTimeField(verbose_name="录制结束（形成）")),
                ("last_step_at", models.DateTimeField()),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("sm3", models.CharField(blank=True, max_length=64)),
                ("size", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="大小")),
                ("stored_at", models.DateTimeField(blank=True, null=True, verbose_name="入库时间")),
                (
                    "probe",
                    models.CharField(
                        blank=True,
                        choices=[("", "未检查"), ("waiting", "正在检查"), ("done", "已检查"), ("failed", "未能检查")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("content_type", models.CharField(blank=True, max_length=40)),
                ("container", models.CharField(blank=True, max_length=60, verbose_name="封装格式")),
                ("codecs", models.CharField(blank=True, max_length=120, verbose_name="编码")),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("duration", models.FloatField(blank=True, null=True, verbose_name="时长（秒）")),
                ("claimed_at", models.DateTimeField(blank=True, null=True, verbose_name="设备记录的时间")),
                (
                    "flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("empty", "空文件"),
                                ("truncated", "文件不完整"),
                                ("damaged", "文件损坏"),
                                ("misnamed", "文件名与内容不符"),
                                ("not_media", "不是音像文件"),
                                ("medium", "存储介质上的内容与入库时不符"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("findings", models.JSONField(blank=True, default=list, verbose_name="检查发现")),
                ("gaps", models.JSONField(blank=True, default=list, verbose_name="中断")),
                ("pause_before", models.PositiveIntegerField(default=0, verbose_name="与前一片段之间的中断（秒）")),
                (
                    "fault",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("power", "电量耗尽"),
                            ("storage", "存储空间已满"),
                            ("device", "设备故障"),
                            ("signal", "信号或者环境干扰"),
                            ("file", "文件在设备上已经损坏"),
                            ("other", "其他技术原因"),
                        ],
                        max_length=10,
                        verbose_name="技术原因",
                    ),
                ),
                ("fault_reason", models.TextField(blank=True, verbose_name="原因说明")),
                ("fault_explained_at", models.DateTimeField(blank=True, null=True)),
                ("explained_seconds", models.PositiveIntegerField(default=0)),
                (
                    "explained_flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), blank=True, default=list, size=None
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="地点")),
                ("scene", models.CharField(blank=True, max_length=200, verbose_name="场景")),
                ("participants", models.CharField(blank=True, max_length=300, verbose_name="参与人员")),
                ("violation", models.CharField(blank=True, max_length=300, verbose_name="违法违规行为")),
                ("index_completed_at", models.DateTimeField(blank=True, null=True, verbose_name="索引完成时间")),
                ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="最近核对时间")),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recording_files",
                        to="enforcement.evidenceact",
                        verbose_name="取证行为",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recordings",
                        to="enforcement.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recordings",
                        to="recording.device",
                        verbose_name="设备",
                    ),
                ),
                (
                    "fault_explained_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.storedfile",
                    ),
                ),
                (
                    "indexed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录制人",
                    ),
                ),
                (
                    "stored_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="入库人",
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
            ],
            options={
                "verbose_name": "音像记录",
                "verbose_name_plural": "音像记录",
                "ordering": ("act", "sequence"),
            },
        ),
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.TextField(verbose_name="调阅事由")),
                ("until", models.DateField(verbose_name="调阅至")),
                (
                    "state",
                    models.CharField(
                        choices=[("requested", "待审批"), ("approved", "已批准"), ("refused", "未批准")],
                        default="requested",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="审批时间")),
                ("remarks", models.TextField(blank=True, verbose_name="审批意见")),
                ("last_step_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.unit"),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_requests",
                        to="recording.recording",
                    ),
                ),
            ],
            options={
                "verbose_name": "音像调阅申请",
                "verbose_name_plural": "音像调阅申请",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(default=recording.models.new_token, max_length=40, unique=True)),
                ("name", models.CharField(max_length=255, verbose_name="文件名")),
                ("size", models.PositiveBigIntegerField(verbose_name="大小")),
                ("offset", models.PositiveBigIntegerField(default=0, verbose_name="已收到")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="enforcement.evidenceact"
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "上传",
                "verbose_name_plural": "上传",
            },
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("in_use_to__isnull", True), ("in_use_to__gte", models.F("in_use_from")), _connector="OR"
                ),
                name="a_device_ends_after_it_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("unit"),
                models.OrderBy(models.F("made_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="recordings_of_a_unit_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.OrderBy(models.F("verified_at"), nulls_first=True),
                models.F("id"),
                name="recordings_by_verification",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(models.F("case"), models.F("made_at"), name="recordings_of_a_case"),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.UniqueConstraint(fields=("act", "sequence"), name="one_recording_per_act_and_sequence"),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.CheckConstraint(
                condition=models.Q(("made_at__gte", models.F("started_at"))), name="a_recording_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("file__isnull", True),
                        ("sha256", ""),
                        ("size__isnull", True),
                        ("state", "made"),
                        ("stored_at__isnull", True),
                    ),
                    models.Q(
                        ("file__isnull", False),
                        ("size__isnull", False),
                        ("stored_at__isnull", False),
                        ("stored_by__isnull", False),
                        models.Q(("state", "made"), _negated=True),
                        models.Q(("sha256", ""), _negated=True),
                        models.Q(("sm3", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_stored_recording_has_file_digests_and_moment_weihai_17",
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "indexed"), _negated=True),
                    models.Q(
                        models.Q(("place", ""), _negated=True),
                        models.Q(("scene", ""), _negated=True),
                        models.Q(("participants", ""), _negated=True),
                        models.Q(("violation", ""), _negated=True),
                        ("index_completed_at__isnull", False),
                        ("indexed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="an_indexed_recording_has_its_five_elements_weihai_16",
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fault_explained_at__isnull", True),
                    models.Q(models.Q(("fault", ""), _negated=True), models.Q(("fault_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="an_explained_break_has_its_technical_reason_weihai_16",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "requested")),
                fields=("recording", "requester"),
                name="one_open_request_per_official_and_recording",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("requester")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_approves_their_own_request_plan_6",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "requested"),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_decided_request_has_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refused"), _negated=True),
                    models.Q(("remarks", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_refused_request_has_its_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["expires_at"], name="recording_u_expires_c0ba94_idx"),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("offset__lte", models.F("size"))), name="an_upload_is_never_longer_than_announced"
            ),
        ),
    ]
