"""Wherever a page says by when, one step leads to why."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.templatetags import mc

TEMPLATES = Path(__file__).parents[2] / "templates"
APPS = ("core", "agency", "enforcement", "recording", "legalreview", "disclosure", "supervision")
# A last day written out, in a template or by code that draws rows without one.
WRITTEN = re.compile(r"\{\{ ?[\w.]*\b(?:due_at|next_due)\|(?!iso)")
LINKED = re.compile(r"<a [^>]*href=[^>]*>(?:(?!</a>).)*</a>", re.DOTALL)
# Template -> why its last days need no link of their own.
ELSEWHERE = {
    "core/_duty_row.html": "怎么算的 stands beside the date.",
    "disclosure/detail.html": "The whole explanation stands below the date.",
    "enforcement/_previews.html": "The duty's title beside the two dates leads there.",
    "supervision/what_if.html": "The duty's title beside the two dates leads there.",
    "desk/mail_digest.txt": "A mail; its link leads to the file.",
    "supervision/_item.html": "Where a duty is open its date is a link; before, nothing is owed that could be explained.",
    "supervision/report_item.html": "Likewise.",
}


def unexplained(source: str) -> list[str]:
    """Last days that are written outside any link."""
    return WRITTEN.findall(LINKED.sub("", source))


def test_a_last_day_outside_a_link_is_found() -> None:
    assert unexplained("<small>{{ duty.due_at|short_day }}</small>")
    assert unexplained('<a href="/x/">{{ duty.title }}</a> {{ duty.due_at|day }}')
    assert not unexplained('<a href="{{ duty.get_absolute_url }}"><time>{{ duty.due_at|day }}</time></a>')
    assert not unexplained('<time datetime="{{ duty.due_at|iso }}">')


def test_every_last_day_leads_to_its_explanation() -> None:
    found = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.*")
        if unexplained(path.read_text(encoding="utf-8"))
    }
    assert found == set(ELSEWHERE)


@pytest.mark.parametrize("name", [name for name, why in ELSEWHERE.items() if "怎么算的" in why or "title" in why])
def test_what_stands_beside_the_date_instead_is_there(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert "/desk/duties/{{ duty.pk }}/" in text or ".get_absolute_url }}" in text


def test_no_code_draws_a_last_day_without_its_link() -> None:
    """Rows drawn without a template use the same tag."""
    root = TEMPLATES.parent
    drawn = [
        path.relative_to(root).as_posix()
        for app in APPS
        for path in (root / app).rglob("templatetags/*.py")
        if re.search(r"(?:short_|bare_)?day\([\w.]*due_at", path.read_text(encoding="utf-8"))
    ]
    assert drawn == ["core/templatetags/mc.py"]


def test_a_due_day_names_what_it_explains() -> None:
    duty = SimpleNamespace(
        due_at=datetime.fromisoformat("2026-02-27T23:59:59+08:00"),
        title="公示<决定>",
        get_absolute_url=lambda: "/desk/duties/7/",
    )
    assert mc.due_day(duty, datetime.fromisoformat("2026-02-20T09:00:00+08:00")) == (
        '<a class="due-day" href="/desk/duties/7/"><time datetime="2026-02-27T23:59:59+08:00">2月27日（周五）</time>'
        '<span class="visually-hidden">，怎么算的：公示&lt;决定&gt;</span></a>'
    )
