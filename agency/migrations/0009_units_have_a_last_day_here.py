"""Until which day a unit works with this system: what would fall due later is not owed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0008_the_example_of_a_prefix_names_no_locality"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="in_use_to",
            field=models.DateField(
                blank=True,
                help_text="撤销、合并的单位在本系统的最后一天；此后到期的年度、季度事项不再产生，已经产生的撤销。",
                null=True,
                verbose_name="停用日期",
            ),
        ),
    ]
