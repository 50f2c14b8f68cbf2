"""Corrected moments and registered preservation are approved by their approver; the database repeats the edges.

A test holds the edges equal to what the present procedures give; a changed procedure brings a migration of its own.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

EDGES = """
CREATE OR REPLACE FUNCTION enforcement_{table}_state_edges() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('requested') THEN
            RAISE EXCEPTION '{title}不能从“%”开始', NEW.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state::text, NEW.state::text) NOT IN (
        ('requested', 'approved'), ('requested', 'sent_back'), ('requested', 'withdrawn'),
        ('sent_back', 'requested'), ('sent_back', 'withdrawn')
    ) THEN
        RAISE EXCEPTION '{title}不能从“%”到“%”', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS enforcement_{table}_state_edges ON enforcement_{table};
CREATE TRIGGER enforcement_{table}_state_edges BEFORE INSERT OR UPDATE OF state ON enforcement_{table}
    FOR EACH ROW EXECUTE FUNCTION enforcement_{table}_state_edges();
"""

NO_EDGES = """
DROP TRIGGER IF EXISTS enforcement_{table}_state_edges ON enforcement_{table};
DROP FUNCTION IF EXISTS enforcement_{table}_state_edges();
"""

# Acts entered before there were requests named their approver only; they stay as they are.
APPROVED_FIRST = """
CREATE OR REPLACE FUNCTION enforcement_evidenceact_approved_first() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.preservation_id IS NULL AND NEW.preservation_id IS NULL AND OLD.kind = NEW.kind THEN
        RETURN NEW;
    END IF;
    IF NEW.kind = 'registered_preservation' AND NOT EXISTS (
        SELECT FROM public.enforcement_preservationrequest request
        WHERE request.id = NEW.preservation_id AND request.case_id = NEW.case_id
          AND request.state = 'approved' AND request.decided_at <= NEW.started_at
    ) THEN
        RAISE EXCEPTION '先行登记保存须先经行政机关负责人批准（行政处罚法第五十六条）' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS enforcement_evidenceact_approved_first ON enforcement_evidenceact;
CREATE TRIGGER enforcement_evidenceact_approved_first
    BEFORE INSERT OR UPDATE OF kind, started_at, preservation_id ON enforcement_evidenceact
    FOR EACH ROW EXECUTE FUNCTION enforcement_evidenceact_approved_first();
"""

NOT_APPROVED_FIRST = """
DROP TRIGGER IF EXISTS enforcement_evidenceact_approved_first ON enforcement_evidenceact;
DROP FUNCTION IF EXISTS enforcement_evidenceact_approved_first();
"""

TABLES = (("momentcorrection", "时间更正"), ("preservationrequest", "先行登记保存批准"))


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0012_sealing_asks_by_key"),
        ("enforcement", "0004_extension_of_the_investigation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="evidenceact",
            name="settled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="处理时间"),
        ),
        migrations.AddField(
            model_name="evidenceact",
            name="settlement",
            field=models.TextField(blank=True, verbose_name="处理决定"),
        ),
        migrations.CreateModel(
            name="MomentCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "待批准"),
                            ("sent_back", "已退回"),
                            ("approved", "已批准"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("requested_at", models.DateTimeField(verbose_name="申请时间")),
                ("reason", models.TextField(verbose_name="理由")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="批准时间")),
                ("remarks", models.TextField(blank=True, verbose_name="退回意见")),
                ("last_step_at", models.DateTimeField()),
                ("replaced", models.DateTimeField(verbose_name="原时间")),
                ("replaced_by", models.DateTimeField(verbose_name="更正后的时间")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="enforcement.case"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.factrecord",
                        verbose_name="原记录",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
            ],
            options={
                "verbose_name": "时间更正申请",
                "verbose_name_plural": "时间更正申请",
                "ordering": ("pk",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PreservationRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "待批准"),
                            ("sent_back", "已退回"),
                            ("approved", "已批准"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("requested_at", models.DateTimeField(verbose_name="申请时间")),
                ("reason", models.TextField(verbose_name="理由")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="批准时间")),
                ("remarks", models.TextField(blank=True, verbose_name="退回意见")),
                ("last_step_at", models.DateTimeField()),
                ("place", models.CharField(max_length=200, verbose_name="地点")),
                ("items", models.TextField(verbose_name="需要登记保存的证据")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="enforcement.case"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
            ],
            options={
                "verbose_name": "先行登记保存申请",
                "verbose_name_plural": "先行登记保存申请",
                "ordering": ("pk",),
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="evidenceact",
            name="preservation",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="act",
                to="enforcement.preservationrequest",
                verbose_name="先行登记保存的批准",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidenceact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_at__isnull", True),
                    models.Q(("kind", "registered_preservation"), models.Q(("settlement", ""), _negated=True)),
                    _connector="OR",
                ),
                name="settled_evidence_has_its_decision_penalty_law_56",
            ),
        ),
        migrations.AddConstraint(
            model_name="momentcorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_approves_their_own_momentcorrection",
            ),
        ),
        migrations.AddConstraint(
            model_name="momentcorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["approved", "sent_back"]), _negated=True),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_decided_momentcorrection_has_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="momentcorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sent_back"), _negated=True),
                    models.Q(("remarks", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_momentcorrection_sent_back_has_its_remarks",
            ),
        ),
        migrations.AddConstraint(
            model_name="momentcorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_momentcorrection_has_its_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="momentcorrection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["requested", "sent_back"])),
                fields=("record",),
                name="one_open_correction_of_a_fact",
            ),
        ),
        migrations.AddConstraint(
            model_name="momentcorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(("replaced", models.F("replaced_by")), _negated=True),
                name="a_correction_changes_the_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="preservationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_approves_their_own_preservationrequest",
            ),
        ),
        migrations.AddConstraint(
            model_name="preservationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["approved", "sent_back"]), _negated=True),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_decided_preservationrequest_has_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="preservationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sent_back"), _negated=True),
                    models.Q(("remarks", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_preservationrequest_sent_back_has_its_remarks",
            ),
        ),
        migrations.AddConstraint(
            model_name="preservationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_preservationrequest_has_its_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="preservationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("items", ""), _negated=True), name="a_preservation_names_its_evidence"
            ),
        ),
        *(
            migrations.RunSQL(EDGES.format(table=table, title=title), NO_EDGES.format(table=table))
            for table, title in TABLES
        ),
        migrations.RunSQL(APPROVED_FIRST, NOT_APPROVED_FIRST),
    ]
