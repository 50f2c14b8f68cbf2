"""The example beside the field is that of no locality; no SQL."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agency", "0007_leaves_and_deputies")]

    operations = [
        migrations.AlterField(
            model_name="agencyprofile",
            name="document_prefix",
            field=models.CharField("文号机关代字", max_length=20, help_text="例如：示人社监"),
        )
    ]
