"""The database refuses what nobody may do: an original recording altered, exchanged or deleted (Weihai measures 17, plan 6).

It also repeats the edges of the two procedures. A test holds that text equal to what the present procedures give; a changed
procedure brings a migration of its own.
"""

from django.db import migrations

ORIGINALS = """
CREATE FUNCTION recording_original_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '音像记录不得删除（威海市行政执法监督办法第十七条）' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.case_id, OLD.act_id, OLD.sequence) IS DISTINCT FROM (NEW.case_id, NEW.act_id, NEW.sequence) THEN
        RAISE EXCEPTION '音像记录不得改属其他取证行为' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.file_id IS NOT NULL AND (OLD.file_id, OLD.sha256, OLD.sm3, OLD.size, OLD.stored_at, OLD.stored_by_id)
        IS DISTINCT FROM (NEW.file_id, NEW.sha256, NEW.sm3, NEW.size, NEW.stored_at, NEW.stored_by_id) THEN
        RAISE EXCEPTION '原始音像记录不得删节、修改（威海市行政执法监督办法第十七条）' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recording_original_stays BEFORE UPDATE OR DELETE ON recording_recording
    FOR EACH ROW EXECUTE FUNCTION recording_original_stays();
"""

UNDO_ORIGINALS = """
DROP TRIGGER recording_original_stays ON recording_recording;
DROP FUNCTION recording_original_stays();
"""

RECORDING_EDGES = """
CREATE OR REPLACE FUNCTION recording_recording_state_edges() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('made') THEN
            RAISE EXCEPTION '音像记录归集不能从“%”开始', NEW.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state::text, NEW.state::text) NOT IN (
        ('made', 'stored'), ('stored', 'indexed')
    ) THEN
        RAISE EXCEPTION '音像记录归集不能从“%”到“%”', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS recording_recording_state_edges ON recording_recording;
CREATE TRIGGER recording_recording_state_edges BEFORE INSERT OR UPDATE OF state ON recording_recording
    FOR EACH ROW EXECUTE FUNCTION recording_recording_state_edges();
"""

ACCESS_EDGES = """
CREATE OR REPLACE FUNCTION recording_accessrequest_state_edges() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('requested') THEN
            RAISE EXCEPTION '音像记录调阅不能从“%”开始', NEW.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state AND (OLD.state::text, NEW.state::text) NOT IN (
        ('requested', 'approved'), ('requested', 'refused')
    ) THEN
        RAISE EXCEPTION '音像记录调阅不能从“%”到“%”', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS recording_accessrequest_state_edges ON recording_accessrequest;
CREATE TRIGGER recording_accessrequest_state_edges BEFORE INSERT OR UPDATE OF state ON recording_accessrequest
    FOR EACH ROW EXECUTE FUNCTION recording_accessrequest_state_edges();
"""


def _undo(table: str) -> str:
    return f"DROP TRIGGER {table}_state_edges ON {table}; DROP FUNCTION {table}_state_edges();"


class Migration(migrations.Migration):
    dependencies = [("recording", "0001_recordings")]
    operations = [
        migrations.RunSQL(ORIGINALS, UNDO_ORIGINALS),
        migrations.RunSQL(RECORDING_EDGES, _undo("recording_recording")),
        migrations.RunSQL(ACCESS_EDGES, _undo("recording_accessrequest")),
    ]
