"""The planner is told what folding and cutting a text costs, so that it reads the index before it reads texts."""

from django.db import migrations

DEAR = """
ALTER FUNCTION core_fold(text) COST 100;
ALTER FUNCTION core_grams(text) COST 10000;
"""
CHEAP = """
ALTER FUNCTION core_fold(text) COST 100;
ALTER FUNCTION core_grams(text) COST 100;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0013_open_duties_by_alert_of_those_who_owe")]
    operations = [migrations.RunSQL(DEAR, CHEAP)]
