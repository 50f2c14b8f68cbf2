"""What the database says of an exclusion without a reason holds in every locality; no SQL."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0005_how_common_words_are")]

    operations = [
        migrations.AlterConstraint(
            model_name="notice",
            name="an_exclusion_is_reasoned_weihai_15",
            constraint=models.CheckConstraint(
                name="an_exclusion_is_reasoned_weihai_15",
                condition=~Q(state__in=["exclusion_review", "withheld"])
                | (Q(exclusion_ground__in=["state_secret", "trade_secret", "privacy"]) & ~Q(exclusion_reason="")),
                violation_error_message="不予公开须写明法定情形和理由",
            ),
        )
    ]
