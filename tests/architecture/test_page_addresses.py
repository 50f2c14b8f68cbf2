"""Addresses stand in the urls; code asks for them by the name of the page."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from core import registry

APPS = ("core", "agency", "enforcement", "recording", "legalreview", "disclosure", "supervision", "config")


def written_out(source: str) -> list[str]:
    """Texts of a module that are, or carry as a link, an address of a page of the desk. The desk's own beginning is none."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [
        text
        for text in texts
        if isinstance(text, str) and (text.startswith("/desk/") or '="/desk/' in text) and text != "/desk/"
    ]


def test_a_written_out_address_is_found() -> None:
    assert written_out('def url(pk):\n    """Below /desk/cases/."""\n    return f"/desk/cases/{pk}/"') == [
        "/desk/cases/"
    ]
    assert written_out("""LINK = '<a href="/desk/rules/{}/">'""") == ['<a href="/desk/rules/{}/">']
    assert written_out('PREFIX = "/desk/"') == []


@pytest.mark.parametrize("app", APPS)
def test_no_app_writes_out_the_address_of_a_page(app: str) -> None:
    modules = [path for path in (Path(settings.BASE_DIR) / app).rglob("*.py") if "migrations" not in path.parts]
    found = {path.name: texts for path in modules if (texts := written_out(path.read_text(encoding="utf-8")))}
    assert found == {}


def test_the_page_of_periodic_duties_is_named_by_the_app_that_owns_it() -> None:
    assert registry.address_of("periodic_duties") == reverse("supervision:plan")
    with pytest.raises(LookupError):
        registry.address_of("nothing")
