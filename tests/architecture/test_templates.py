"""No template is unused, and each says what it needs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
# Django finds these by name.
BY_CONVENTION = {"403.html", "404.html", "500.html", "403_csrf.html"}


def test_every_template_is_used_somewhere() -> None:
    sources = [
        path
        for folder in (
            "core",
            "agency",
            "enforcement",
            "recording",
            "legalreview",
            "disclosure",
            "supervision",
            "config",
        )
        for path in (ROOT / folder).rglob("*.py")
    ]
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*sources, *TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt"), *TEMPLATES.rglob("*.xml")]
    )
    unused = []
    for path in TEMPLATES.rglob("*"):
        if path.is_dir():
            continue
        name = path.relative_to(TEMPLATES).as_posix()
        if (
            name not in BY_CONVENTION
            and f'"{name}"' not in text
            and f"'{name}'" not in text
            and f"/{path.name}" not in re.sub(r"#.*", "", text)
        ):
            unused.append(name)
    assert unused == []


def test_every_fragment_says_what_it_needs() -> None:
    silent = [path.name for path in TEMPLATES.rglob("_*.html") if "Needs" not in path.read_text(encoding="utf-8")[:600]]
    assert silent == []


def test_no_template_carries_inline_style_or_script() -> None:
    offending = []
    for path in TEMPLATES.rglob("*.html"):
        if "/documents/" in path.as_posix():
            continue
        text = path.read_text(encoding="utf-8")
        if re.search(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text):
            offending.append(path.name)
    assert offending == []


def test_every_form_that_is_included_gets_its_csrf_token() -> None:
    """Django hands the token on to no include with "only": such a form answers everybody with 403."""
    bare = [
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        for tag in re.findall(r"{%\s*include \"core/_form\.html\".*?%}", path.read_text(encoding="utf-8"))
        if " only " in tag and "csrf_token=csrf_token" not in tag
    ]
    assert bare == []
