"""A package may be returned while material is waited for; the database repeats the procedure's edges."""

from django.db import migrations

EDGES = """
CREATE OR REPLACE FUNCTION legalreview_review_state_edges() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('submitted') THEN
            RAISE EXCEPTION '法制审核不能从“%”开始', NEW.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state::text, NEW.state::text) NOT IN (('reviewing', 'answered'), ('reviewing', 'returned'), ('reviewing', 'supplementing'), ('submitted', 'returned'), ('submitted', 'reviewing'), ('supplementing', 'returned'), ('supplementing', 'reviewing')) THEN
        RAISE EXCEPTION '法制审核不能从“%”到“%”', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS legalreview_review_state_edges ON legalreview_review;
CREATE TRIGGER legalreview_review_state_edges BEFORE INSERT OR UPDATE OF state ON legalreview_review FOR EACH ROW EXECUTE FUNCTION legalreview_review_state_edges();
"""

BEFORE = """
CREATE OR REPLACE FUNCTION legalreview_review_state_edges() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('submitted') THEN
            RAISE EXCEPTION '法制审核不能从“%”开始', NEW.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state::text, NEW.state::text) NOT IN (('reviewing', 'answered'), ('reviewing', 'returned'), ('reviewing', 'supplementing'), ('submitted', 'returned'), ('submitted', 'reviewing'), ('supplementing', 'reviewing')) THEN
        RAISE EXCEPTION '法制审核不能从“%”到“%”', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS legalreview_review_state_edges ON legalreview_review;
CREATE TRIGGER legalreview_review_state_edges BEFORE INSERT OR UPDATE OF state ON legalreview_review FOR EACH ROW EXECUTE FUNCTION legalreview_review_state_edges();
"""


class Migration(migrations.Migration):
    dependencies = [("legalreview", "0002_review_edges")]
    operations = [migrations.RunSQL(EDGES, BEFORE)]
