"""An explanation is the longest part of a duty and the same for all that were counted alike; it gets a table of its own.

So a change of the calendar writes short rows. The index of what met a duty holds only those that are met, so that it does not either.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

KEEP = """
CREATE FUNCTION core_keep_explanation(given jsonb) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    written text := encode(sha256(convert_to(given::text, 'UTF8')), 'hex');
    kept bigint;
BEGIN
    SELECT id INTO kept FROM public.core_explanation WHERE digest = written ORDER BY id LIMIT 1;
    IF kept IS NULL THEN
        INSERT INTO public.core_explanation (digest, body, calendar_digest)
        VALUES (written, given, coalesce(given #>> '{calendar,digest}', '')) RETURNING id INTO kept;
    END IF;
    RETURN kept;
END $$;
CREATE TRIGGER core_explanation_stays BEFORE UPDATE OR DELETE ON core_explanation FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
"""
FORGET = """
DROP TRIGGER core_explanation_stays ON core_explanation;
DROP FUNCTION core_keep_explanation(jsonb);
"""
# One call for each that differs, not one for each duty.
SHARE = """
CREATE TEMP TABLE kept_explanation AS
SELECT body, core_keep_explanation(body) AS id FROM (SELECT DISTINCT explanation AS body FROM core_duty) AS each;
ANALYZE kept_explanation;
UPDATE core_duty d SET explained_by_id = k.id FROM kept_explanation k WHERE k.body = d.explanation;
DROP TABLE kept_explanation;
"""
GIVE_BACK = """
UPDATE core_duty d SET explanation = e.body, calendar_id = e.body #>> '{calendar,id}' FROM core_explanation e WHERE e.id = d.explained_by_id;
"""


def _links(**given: Any) -> Any:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="core.explanation",
        **given,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0007_leaves_and_deputies"),
        ("core", "0019_what_is_still_owed_has_indexes_of_its_own"),
    ]

    operations = [
        migrations.CreateModel(
            name="Explanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("body", models.JSONField()),
                ("calendar_digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "期限的计算过程",
                "verbose_name_plural": "期限的计算过程",
                "indexes": [models.Index(fields=["digest"], name="explanations_by_digest")],
            },
        ),
        migrations.RunSQL(KEEP, FORGET),
        migrations.AddField(model_name="duty", name="explained_by", field=_links(null=True)),
        # Only for the way back: a column that comes again has to be empty until it is filled.
        migrations.AlterField(model_name="duty", name="explanation", field=models.JSONField(null=True)),
        migrations.AlterField(model_name="duty", name="calendar_id", field=models.CharField(max_length=80, null=True)),
        migrations.RunSQL(SHARE, GIVE_BACK),
        migrations.RemoveField(model_name="duty", name="explanation"),
        migrations.RemoveField(model_name="duty", name="calendar_id"),
        migrations.AlterField(model_name="duty", name="explained_by", field=_links()),
        migrations.AlterField(
            model_name="duty",
            name="met_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="met_duties",
                to="core.factrecord",
            ),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("met_by__isnull", False)), fields=["met_by"], name="duties_by_what_met_them"
            ),
        ),
    ]
