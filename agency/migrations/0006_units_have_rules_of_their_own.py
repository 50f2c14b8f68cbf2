"""A sub-unit may be bound by other rules than the agency."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0005_large_fine_of_the_agency"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="profile",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="本单位和它的下级适用的规则档案；空着表示与上级相同。有了案卷或者期限之后不能再改。",
                max_length=60,
                verbose_name="规则档案",
            ),
        ),
    ]
