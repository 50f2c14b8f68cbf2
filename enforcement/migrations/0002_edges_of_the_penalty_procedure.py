"""The database repeats the edges of the penalty procedure, for whoever writes around the services.

A test holds this text equal to what the present procedure gives; a changed procedure brings a migration of its own.
"""

from django.db import migrations

EDGES = """
CREATE OR REPLACE FUNCTION enforcement_case_state_edges() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('registered') THEN
            RAISE EXCEPTION '行政处罚普通程序不能从“%”开始', NEW.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state::text, NEW.state::text) NOT IN (
        ('closed', 'revoked'), ('concluded', 'dismissed'), ('concluded', 'notified'),
        ('decided', 'revoked'), ('decided', 'served'), ('investigating', 'concluded'),
        ('investigating', 'dismissed'), ('notified', 'decided'), ('notified', 'dismissed'),
        ('performed', 'closed'), ('performed', 'revoked'), ('proposed', 'investigating'),
        ('proposed', 'not_filed'), ('proposed', 'registered'), ('registered', 'not_filed'),
        ('registered', 'proposed'), ('served', 'performed'), ('served', 'revoked')
    ) THEN
        RAISE EXCEPTION '行政处罚普通程序不能从“%”到“%”', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS enforcement_case_state_edges ON enforcement_case;
CREATE TRIGGER enforcement_case_state_edges BEFORE INSERT OR UPDATE OF state ON enforcement_case
    FOR EACH ROW EXECUTE FUNCTION enforcement_case_state_edges();
"""

UNDO = """
DROP TRIGGER IF EXISTS enforcement_case_state_edges ON enforcement_case;
DROP FUNCTION IF EXISTS enforcement_case_state_edges();
"""


class Migration(migrations.Migration):
    dependencies = [("enforcement", "0001_case_files")]
    operations = [migrations.RunSQL(EDGES, UNDO)]
