"""A fact, once written, stays; so does the row of a file received. A wrong moment is replaced by a fact of its own."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '%的记录不得修改或者删除', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER core_factrecord_stays BEFORE UPDATE OR DELETE ON core_factrecord FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER core_storedfile_stays BEFORE UPDATE OR DELETE ON core_storedfile FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
"""
ALLOW = """
DROP TRIGGER core_storedfile_stays ON core_storedfile;
DROP TRIGGER core_factrecord_stays ON core_factrecord;
DROP FUNCTION core_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0004_facts_duties_and_files")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
