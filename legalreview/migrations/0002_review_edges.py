"""The database repeats the edges of the review procedure, for whoever writes around the services."""

from django.db import migrations

from legalreview.procedure import REVIEW


class Migration(migrations.Migration):
    dependencies = [("legalreview", "0001_reviews")]
    operations = [migrations.RunSQL(REVIEW.edge_trigger_sql("legalreview_review"), migrations.RunSQL.noop)]
