"""Who first followed the address in a mail or in a robot's message."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0020_duties_counted_alike_share_their_explanation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="seen_at",
            field=models.DateTimeField(null=True, verbose_name="打开时间"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="seen_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("seen_at__isnull", True), ("seen_by__isnull", True)),
                    models.Q(("seen_at__isnull", False), ("seen_by__isnull", False)),
                    _connector="OR",
                ),
                name="what_was_seen_was_seen_by_somebody",
            ),
        ),
    ]
