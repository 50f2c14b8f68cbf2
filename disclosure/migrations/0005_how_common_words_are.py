"""How common each character and pair is in the published texts, for the planner: it takes no statistics from a partial index."""

from django.db import migrations

CREATE = "CREATE STATISTICS public.notice_words ON (core_grams(search_text)) FROM public.disclosure_notice;"
DROP = "DROP STATISTICS public.notice_words;"


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0014_what_the_search_functions_cost"),
        ("disclosure", "0004_notices_of_a_case"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
