"""Search in Chinese text: one character and many, full width and capitals, what LIKE would find and nothing else."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from agency.models import Unit
from core import search

pytestmark = pytest.mark.django_db


def names(query: str) -> list[str]:
    return sorted(search.matching(Unit.objects.all(), "name", query).values_list("name", flat=True))


@pytest.fixture(autouse=True)
def _units(db: None) -> None:
    for name in ("示例劳动保障监察科", "示例劳动关系科", "ＡＢＣ示例公司", "人力资源100%示例_处", "保险基金监督科"):
        Unit.objects.create(name=name, short_name=name[:20], kind=Unit.Kind.OFFICE)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("劳", 2),
        ("劳动", 2),
        ("动保", 1),
        ("监察科", 1),
        ("劳科", 0),
        ("监督 基金", 1),
        ("abc", 1),
        ("ａｂｃ", 1),
        ("100%", 1),
        ("例_", 1),
        ("不存在的", 0),
        ("", 0),
        ("  ", 0),
        ("\x00", 0),
    ],
)
def test_terms_are_found_anywhere_and_only_where_they_stand(query: str, count: int) -> None:
    assert len(names(query)) == count


def test_the_index_of_grams_is_used() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("CREATE TEMP TABLE sample AS SELECT '示例' || i AS t FROM generate_series(1, 3000) i")
        cursor.execute("CREATE INDEX ON sample USING gin (core_grams(t))")
        cursor.execute("ANALYZE sample")
        cursor.execute("EXPLAIN SELECT * FROM sample WHERE core_grams(t) @> ARRAY['12','23','34']")
        assert "Bitmap Index Scan" in "".join(row[0] for row in cursor.fetchall())


@limits(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(alphabet="威海劳动 示例公司aＡ1％_", min_size=1, max_size=12),
    cut=st.tuples(st.integers(0, 11), st.integers(1, 6)),
)
def test_every_part_of_a_text_finds_it(text: str, cut: tuple[int, int]) -> None:
    query = text[cut[0] : cut[0] + cut[1]]
    terms = search.terms_of(query)
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_fold(%s), core_grams(%s)", [text, text])
        folded, grams = cursor.fetchone()
    assert folded == search.fold(text)
    for term in terms:
        assert term in folded
        assert set(search.bigram_query(term)) <= set(grams)


def test_the_planner_knows_how_common_a_word_is_where_the_index_is_partial() -> None:
    """PostgreSQL takes no statistics from a partial index: what it indexes has statistics of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT tablename || ':' || pg_get_expr(x.indexprs, x.indrelid) FROM pg_index x
              JOIN pg_indexes i ON i.indexname = x.indexrelid::regclass::text
             WHERE x.indpred IS NOT NULL AND pg_get_expr(x.indexprs, x.indrelid) LIKE '%core_grams%'
            """
        )
        partial = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT s.stxrelid::regclass || ':' || unnest(pg_get_statisticsobjdef_expressions(s.oid)) FROM pg_statistic_ext s"
        )
        measured = {row[0] for row in cursor.fetchall()}
    assert partial == {"disclosure_notice:core_grams(search_text)"}
    assert partial <= measured
