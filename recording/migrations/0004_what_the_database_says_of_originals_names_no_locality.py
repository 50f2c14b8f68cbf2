"""What the database says when an original is touched holds in every locality: it names no article of one."""

from django.db import migrations

BODY = """
CREATE OR REPLACE FUNCTION recording_original_stays() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '音像记录不得删除{cited}' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.case_id, OLD.act_id, OLD.sequence) IS DISTINCT FROM (NEW.case_id, NEW.act_id, NEW.sequence) THEN
        RAISE EXCEPTION '音像记录不得改属其他取证行为' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.file_id IS NOT NULL AND (OLD.file_id, OLD.sha256, OLD.sm3, OLD.size, OLD.stored_at, OLD.stored_by_id)
        IS DISTINCT FROM (NEW.file_id, NEW.sha256, NEW.sm3, NEW.size, NEW.stored_at, NEW.stored_by_id) THEN
        RAISE EXCEPTION '原始音像记录不得删节、修改{cited}' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("recording", "0003_recordings_are_searchable")]
    operations = [
        migrations.RunSQL(BODY.format(cited=""), BODY.format(cited="（威海市行政执法监督办法第十七条）")),
    ]
