"""From which day a unit works with this system; what fell due before is not counted as late here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0003_administrators_hold_no_case_role"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="in_use_from",
            field=models.DateField(
                blank=True,
                help_text="在本系统启用的日期；此前已经到期的年度、季度事项不列为逾期，可以补录。空着表示不区分。",
                null=True,
                verbose_name="启用日期",
            ),
        ),
    ]
