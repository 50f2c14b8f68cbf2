"""Every template obeys the content security policy and names files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

TEMPLATES = Path(__file__).parents[2] / "templates"
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if "documents" not in path.parts
)  # documents become PDF, not pages


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert "javascript:" not in text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_static_files_exist(path: Path) -> None:
    for name in re.findall(r"{% static ['\"]([^'\"]+)['\"]", path.read_text()):
        assert finders.find(name), name


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("_*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_fragment_says_what_it_needs(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("{# ")
    assert "Needs: " in first
