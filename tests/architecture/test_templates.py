"""No template is unused, none is missing, and none that is rendered in a test may ask for what it was not given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
APPS = ("core", "agency", "enforcement", "recording", "legalreview", "disclosure", "supervision", "config")
# Django finds these by name.
BY_CONVENTION = {"403.html", "404.html", "500.html", "403_csrf.html"}
# No name is put together while the product runs: each stands somewhere as a whole, in a module or in another template.
NAME = re.compile(r"""["']([\w.-]+(?:/[\w.-]+)*\.(?:html|txt|xml))["']""")


def templates() -> dict[str, Path]:
    return {path.relative_to(TEMPLATES).as_posix(): path for path in TEMPLATES.rglob("*") if path.is_file()}


def named_by(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(NAME.findall(re.sub(r"{#.*?#}", "", text) if path.suffix != ".py" else text))


def named() -> set[str]:
    """Every template that a module asks for or another template extends or includes."""
    modules = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return set().union(
        *(named_by(path) for path in modules),
        *(named_by(path) - {name} for name, path in templates().items()),
    )


def test_every_template_is_used_somewhere() -> None:
    assert templates().keys() - named() - BY_CONVENTION == set()


def test_every_template_that_is_named_is_there() -> None:
    assert {name for name in named() if "/" in name} - templates().keys() == set()


@pytest.mark.parametrize(
    "source",
    [
        "{{ nothing }}",
        "{{ given.nothing }}",
        "{{ nothing|default:'-' }}",
        "{% load mc %}{% url nothing %}",
        "{% with x=nothing %}{% endwith %}",
        "{% for each in nothing %}{% endfor %}",
        "{% for each in given.nothing %}{% empty %}{% endfor %}",
        "{% include 'core/_empty.html' with icon='file' title=nothing text='' only %}",
    ],
)
def test_what_a_template_was_not_given_fails_the_test_that_renders_it(source: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="nothing"):
        engines["django"].from_string(source).render({"given": 1})


def test_asking_whether_something_was_given_is_allowed() -> None:
    source = (
        "{% if nothing %}{{ nothing }}{% endif %}{% for each in given %}{{ each }}{% endfor %}{{ none|default:'-' }}"
    )
    assert engines["django"].from_string(source).render({"given": "ab", "none": None}) == "ab-"


def test_every_form_that_is_included_gets_its_csrf_token() -> None:
    """Django hands the token on to no include with "only": such a form answers everybody with 403."""
    bare = [
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        for tag in re.findall(r"{%\s*include \"core/_form\.html\".*?%}", path.read_text(encoding="utf-8"))
        if " only " in tag and "csrf_token=csrf_token" not in tag
    ]
    assert bare == []
