from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enforcement", "0010_demand_and_application_to_the_court"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="urgently_started_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="紧急当场启动时间"),
        ),
    ]
