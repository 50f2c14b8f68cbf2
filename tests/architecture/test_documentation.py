"""What the documentation says of the code is generated from it, and still true."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from config.diagrams import updated
from core.registry import procedures

ROOT = Path(__file__).resolve().parents[2]


def test_the_diagrams_are_those_of_the_tables() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert updated(page) == page, "run bin/diagrams"


@pytest.mark.django_db
def test_every_procedure_is_repeated_by_a_trigger_with_exactly_its_edges() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE '%\\_edges'")
        functions = dict(cursor.fetchall())
    bodies = [" ".join(source.split()).replace("( ", "(").replace(" )", ")") for source in functions.values()]
    for procedure in procedures():
        pairs = ", ".join(f"('{a}', '{b}')" for a, b in sorted(procedure.edges()))
        assert any(f"NOT IN ({pairs})" in body for body in bodies), procedure.name


def test_every_decision_names_what_why_and_what_was_given_up() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len(decisions) >= 8
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# "), path.name
        for heading in ("**What.**", "**Why.**", "**Given up.**"):
            assert heading in text, f"{path.name}: {heading}"
