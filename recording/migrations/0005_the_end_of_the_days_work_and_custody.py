"""When the work ended that a recording was made at, or one was back at the unit; and who took the recording into keeping."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_the_example_of_a_prefix_names_no_locality"),
        ("core", "0019_what_is_still_owed_has_indexes_of_its_own"),
        ("enforcement", "0008_a_revoked_case_keeps_how_it_was_closed"),
        ("recording", "0004_what_the_database_says_of_originals_names_no_locality"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="handed_over_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="交专人保管时间"),
        ),
        migrations.AddField(
            model_name="recording",
            name="handed_over_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="保管人",
            ),
        ),
        migrations.AddField(
            model_name="recording",
            name="work",
            field=models.CharField(
                choices=[
                    ("day", "当天收工"),
                    ("continuous", "连续工作"),
                    ("elsewhere", "异地工作"),
                    ("remote", "在边远、交通不便地区执法"),
                ],
                default="day",
                max_length=10,
                verbose_name="工作情形",
            ),
        ),
        migrations.AddField(
            model_name="recording",
            name="work_ended_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="收工或者返回时间"),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("work_ended_at__isnull", True), ("work_ended_at__gte", models.F("made_at")), _connector="OR"
                ),
                name="the_days_work_ends_after_its_recording",
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handed_over_at__isnull", True), ("handed_over_to__isnull", True)),
                    models.Q(("handed_over_at__gte", models.F("made_at")), ("handed_over_to__isnull", False)),
                    _connector="OR",
                ),
                name="a_recording_is_handed_over_to_somebody_after_it_was_made",
            ),
        ),
    ]
