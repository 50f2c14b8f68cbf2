"""Entered notices are kept when they are replaced or undone; what changed the calendar, and which duties moved, are rows."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


FILL = """
UPDATE core_calendaryear SET digest = encode(sha256(convert_to(text, 'UTF8')), 'hex');
SELECT setval(
    pg_get_serial_sequence('core_calendarchange', 'id'),
    GREATEST((SELECT max(number) FROM core_calendarversion), 1)
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0005_large_fine_of_the_agency"),
        ("core", "0014_what_the_search_functions_cost"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                (
                    "kind",
                    models.CharField(
                        choices=[("entered", "录入"), ("undone", "撤销录入")], max_length=8, verbose_name="变更"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("calendar_digest", models.CharField(max_length=64)),
                ("touched_from", models.DateField()),
                ("effective_from", models.DateField()),
                ("passed", models.BigIntegerField(default=0)),
                ("moved", models.PositiveIntegerField(default=0, verbose_name="改变的期限")),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "日历变更",
                "verbose_name_plural": "日历变更",
            },
        ),
        migrations.CreateModel(
            name="CalendarMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old_due", models.DateTimeField()),
                ("new_due", models.DateTimeField()),
                ("urgent_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "期限移动",
                "verbose_name_plural": "期限移动",
            },
        ),
        migrations.AddField(
            model_name="calendaryear",
            name="digest",
            field=models.CharField(default="", help_text="SHA-256 of the text", max_length=64, verbose_name="摘要"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="calendaryear",
            name="in_force",
            field=models.BooleanField(default=True, verbose_name="现行"),
        ),
        migrations.AddField(
            model_name="calendaryear",
            name="replaces",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.calendaryear"
            ),
        ),
        migrations.AlterField(
            model_name="calendaryear",
            name="notice",
            field=models.CharField(max_length=400, verbose_name="通知"),
        ),
        migrations.AlterField(
            model_name="calendaryear",
            name="year",
            field=models.PositiveSmallIntegerField(verbose_name="年份"),
        ),
        migrations.AddConstraint(
            model_name="calendaryear",
            constraint=models.UniqueConstraint(
                condition=models.Q(("in_force", True)), fields=("year",), name="one_notice_in_force_per_year"
            ),
        ),
        migrations.AddField(
            model_name="calendarchange",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="calendarchange",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="core.calendaryear"
            ),
        ),
        migrations.AddField(
            model_name="calendarmove",
            name="change",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moves",
                to="core.calendarchange",
            ),
        ),
        migrations.AddField(
            model_name="calendarmove",
            name="duty",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calendar_moves",
                to="core.duty",
            ),
        ),
        migrations.AddField(
            model_name="calendarmove",
            name="owner_unit",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agency.unit",
            ),
        ),
        migrations.AddIndex(
            model_name="calendarchange",
            index=models.Index(fields=["year", "-id"], name="calendar_changes_of_year"),
        ),
        migrations.AddConstraint(
            model_name="calendarchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "entered"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="an_undone_entry_has_its_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="calendarmove",
            index=models.Index(fields=["change", "urgent_at", "id"], name="calendar_moves_by_urgency"),
        ),
        migrations.AddConstraint(
            model_name="calendarmove",
            constraint=models.UniqueConstraint(fields=("duty", "change"), name="one_move_per_change_and_duty"),
        ),
        # A change's id becomes the calendar's version, which must not fall back.
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
