# ruff: noqa: E501
"""The database repeats the procedure's edges, freezes a text once it is handed in, and deletes no notice."""

from django.db import migrations

# What NOTICE.edge_trigger_sql("disclosure_notice") gave; tests/disclosure holds both equal.
EDGES = """
CREATE OR REPLACE FUNCTION disclosure_notice_state_edges() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('draft') THEN
            RAISE EXCEPTION '执法信息公示不能从“%”开始', NEW.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state::text, NEW.state::text) NOT IN (('draft', 'cancelled'), ('draft', 'exclusion_review'), ('draft', 'in_review'), ('exclusion_review', 'cancelled'), ('exclusion_review', 'draft'), ('exclusion_review', 'withheld'), ('in_review', 'cancelled'), ('in_review', 'draft'), ('in_review', 'published'), ('published', 'withdrawn')) THEN
        RAISE EXCEPTION '执法信息公示不能从“%”到“%”', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS disclosure_notice_state_edges ON disclosure_notice;
CREATE TRIGGER disclosure_notice_state_edges BEFORE INSERT OR UPDATE OF state ON disclosure_notice FOR EACH ROW EXECUTE FUNCTION disclosure_notice_state_edges();
"""

TEXT_STAYS = """
CREATE FUNCTION disclosure_notice_text_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '公示记录不得删除' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'draft' AND (
        OLD.title, OLD.party_name, OLD.party_category, OLD.credit_code, OLD.legal_representative, OLD.number, OLD.violation, OLD.facts,
        OLD.basis, OLD.penalty_kinds, OLD.content, OLD.fine, OLD.decided_on, OLD.agency_name, OLD.agency_code, OLD.case_id, OLD.kind
    ) IS DISTINCT FROM (
        NEW.title, NEW.party_name, NEW.party_category, NEW.credit_code, NEW.legal_representative, NEW.number, NEW.violation, NEW.facts,
        NEW.basis, NEW.penalty_kinds, NEW.content, NEW.fine, NEW.decided_on, NEW.agency_name, NEW.agency_code, NEW.case_id, NEW.kind
    ) THEN
        RAISE EXCEPTION '公示文本送审后不得修改' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disclosure_notice_text_stays BEFORE UPDATE OR DELETE ON disclosure_notice
    FOR EACH ROW EXECUTE FUNCTION disclosure_notice_text_stays();
CREATE TRIGGER disclosure_noticeedit_stays BEFORE UPDATE OR DELETE ON disclosure_noticeedit
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
"""
UNDO = """
DROP TRIGGER disclosure_noticeedit_stays ON disclosure_noticeedit;
DROP TRIGGER disclosure_notice_text_stays ON disclosure_notice;
DROP FUNCTION disclosure_notice_text_stays();
DROP TRIGGER disclosure_notice_state_edges ON disclosure_notice;
DROP FUNCTION disclosure_notice_state_edges();
"""


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0001_notices"), ("core", "0007_search_functions")]
    operations = [migrations.RunSQL(EDGES + TEXT_STAYS, UNDO)]
