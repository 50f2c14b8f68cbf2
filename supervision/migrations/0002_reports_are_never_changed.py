"""A report stays as it was handed in; a wrong one is replaced by another."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER supervision_planreport_stays BEFORE UPDATE OR DELETE ON supervision_planreport FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
"""
ALLOW = "DROP TRIGGER supervision_planreport_stays ON supervision_planreport;"


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_reports_on_the_plan"), ("core", "0005_facts_are_never_changed")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
