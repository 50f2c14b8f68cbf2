"""The functions behind search in Chinese text: folding, and the characters and pairs a GIN index holds."""

from django.db import migrations

# Only functions of pg_catalog inside, so that they mean the same under every search_path (restores, autovacuum).
CREATE = """
CREATE FUNCTION core_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT AS $$
    SELECT lower(normalize(value, NFKC))
$$;
CREATE FUNCTION core_grams(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT AS $$
    SELECT ARRAY(
        SELECT DISTINCT gram
          FROM (SELECT string_to_array(lower(normalize(value, NFKC)), NULL) AS c) AS folded
         CROSS JOIN LATERAL generate_series(1, cardinality(c)) AS i
         CROSS JOIN LATERAL (VALUES (c[i]), (c[i] || c[i + 1])) AS g (gram)
         WHERE gram IS NOT NULL
    )
$$;
"""
DROP = "DROP FUNCTION core_grams(text); DROP FUNCTION core_fold(text);"


class Migration(migrations.Migration):
    dependencies = [("core", "0006_alerts_and_jobs")]
    operations = [migrations.RunSQL(CREATE, DROP)]
