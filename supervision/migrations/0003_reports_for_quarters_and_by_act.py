"""What is reported once a quarter has its quarter, and what stands in no plan is named by its act."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0007_leaves_and_deputies"),
        ("core", "0018_texts_are_kept_only_when_quotes_stand_in_them"),
        ("supervision", "0002_reports_are_never_changed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="planreport",
            options={
                "ordering": ("year", "part", "item", "unit", "pk"),
                "verbose_name": "监督计划报告",
                "verbose_name_plural": "监督计划报告",
            },
        ),
        migrations.RemoveConstraint(
            model_name="planreport",
            name="one_first_report_a_unit_year_and_item",
        ),
        migrations.RemoveIndex(
            model_name="planreport",
            name="supervision_unit_id_e35adf_idx",
        ),
        migrations.AddField(
            model_name="planreport",
            name="part",
            field=models.CharField(blank=True, default="", max_length=2, verbose_name="季度、半年"),
        ),
        migrations.AlterField(
            model_name="planreport",
            name="item",
            field=models.CharField(max_length=80, verbose_name="事项编号"),
        ),
        migrations.AddIndex(
            model_name="planreport",
            index=models.Index(fields=["unit", "year", "part", "item"], name="supervision_unit_id_e27376_idx"),
        ),
        migrations.AddConstraint(
            model_name="planreport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaces__isnull", True)),
                fields=("unit", "year", "part", "item"),
                name="one_first_report_a_unit_period_and_item",
            ),
        ),
    ]
