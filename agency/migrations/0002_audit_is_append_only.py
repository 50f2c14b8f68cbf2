"""Audit rows are never changed, and are kept six months at least, whoever asks.

Plain SQL, so that no setting of the application reaches it. TRUNCATE has a trigger of its own (`audit_no_truncate`): a test
database switches that one off and keeps the others.
"""

from django.conf import settings
from django.db import migrations

REFUSE = r"""
CREATE FUNCTION public.agency_audit_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - INTERVAL '6 months' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '审计记录不得修改，保存不少于六个月 (audit rows are append-only and kept six months)'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON public.agency_auditevent
    FOR EACH ROW EXECUTE FUNCTION public.agency_audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public.agency_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION public.agency_audit_refuse();

-- The moment is the database's: nobody enters an event into the past, from where it could be purged at once.
CREATE FUNCTION public.agency_audit_stamp() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER audit_stamp BEFORE INSERT ON public.agency_auditevent
    FOR EACH ROW EXECUTE FUNCTION public.agency_audit_stamp();
"""

ALLOW = """
DROP TRIGGER audit_stamp ON public.agency_auditevent;
DROP TRIGGER audit_no_truncate ON public.agency_auditevent;
DROP TRIGGER audit_append_only ON public.agency_auditevent;
DROP FUNCTION public.agency_audit_stamp();
DROP FUNCTION public.agency_audit_refuse();
"""


def take_rights_away(apps, schema_editor):
    role = schema_editor.quote_name(settings.SERVING_ROLE)
    schema_editor.execute(f"REVOKE UPDATE, TRUNCATE ON agency_auditevent FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("agency", "0001_officials"), ("core", "0001_serving_role")]
    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunPython(take_rights_away, migrations.RunPython.noop),
    ]
