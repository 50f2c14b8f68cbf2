from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enforcement", "0008_a_revoked_case_keeps_how_it_was_closed"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="act_end",
            field=models.CharField(
                blank=True,
                choices=[("ended", "已经终了"), ("continues", "仍在连续或者继续")],
                db_default="",
                default="",
                max_length=10,
                verbose_name="违法行为",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="act_end_basis",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="认定依据"),
        ),
        migrations.AddField(
            model_name="case",
            name="act_ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="违法行为终了之日"),
        ),
        migrations.AddField(
            model_name="case",
            name="discovered_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="此前被发现的时间"),
        ),
        migrations.AddField(
            model_name="case",
            name="grave_harm",
            field=models.CharField(
                blank=True,
                choices=[
                    ("life_and_health", "涉及公民生命健康安全且有危害后果"),
                    ("finance", "涉及金融安全且有危害后果"),
                ],
                db_default="",
                default="",
                max_length=20,
                verbose_name="延长时效的情形",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="grave_reason",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="危害后果"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act_end", "ended"), ("act_ended_on__isnull", False)),
                    models.Q(models.Q(("act_end", "ended"), _negated=True), ("act_ended_on__isnull", True)),
                    _connector="OR",
                ),
                name="an_act_that_ended_has_its_day_penalty_law_36",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("grave_harm", ""), ("grave_reason", "")),
                    models.Q(
                        models.Q(("grave_harm", ""), _negated=True), models.Q(("grave_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="a_longer_limitation_says_which_and_why_penalty_law_36",
            ),
        ),
    ]
