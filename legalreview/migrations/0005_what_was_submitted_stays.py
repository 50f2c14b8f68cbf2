"""The database keeps what was submitted for review as it was submitted: another text or package is another round."""

from django.db import migrations

STAYS = """
CREATE FUNCTION legalreview_submission_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (OLD.case_id, OLD.draft_id, OLD.text_digest, OLD.explanation, OLD.package, OLD.papers)
        IS DISTINCT FROM (NEW.case_id, NEW.draft_id, NEW.text_digest, NEW.explanation, NEW.package, NEW.papers) THEN
        RAISE EXCEPTION '已送审的草案和材料不得改动，应当重新送审' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER legalreview_submission_stays BEFORE UPDATE ON legalreview_review
    FOR EACH ROW EXECUTE FUNCTION legalreview_submission_stays();
"""

BEFORE = """
DROP TRIGGER legalreview_submission_stays ON legalreview_review;
DROP FUNCTION legalreview_submission_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("legalreview", "0004_packages_are_frozen")]
    operations = [migrations.RunSQL(STAYS, BEFORE)]
