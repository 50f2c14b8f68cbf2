"""Templates to PDF, with fonts of the system. Never in a web process: WeasyPrint holds 130 MB."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string


class MissingGlyph(RuntimeError):
    """A character that no installed font can draw; printing would leave it out silently."""


class _GlyphWatch(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.missing: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if ".notdef" in message:
            self.missing.append(message)


def _no_fetching(url: str, *args: Any, **kwargs: Any) -> Any:
    """Documents are built from what is on the page; nothing is fetched, by whatever address somebody typed into a text."""
    if url.startswith("data:"):
        from weasyprint.urls import default_url_fetcher

        return default_url_fetcher(url)
    raise ValueError("documents fetch nothing")


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished document: its bytes, and how many pages it has."""

    pdf: bytes
    pages: int


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """The template as PDF bytes. Raises MissingGlyph when a character cannot be drawn."""
    return printed(template, context).pdf


def printed(template: str, context: dict[str, Any]) -> Printed:
    """The template as a document. Raises MissingGlyph when a character cannot be drawn."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    watch = _GlyphWatch()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(watch)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        fonts = FontConfiguration()
        sheet = (settings.BASE_DIR / "static" / "css" / "document.css").read_text(encoding="utf-8")
        laid_out = HTML(string=render_to_string(template, context), url_fetcher=_no_fetching).render(
            stylesheets=[CSS(string=sheet, font_config=fonts)], font_config=fonts
        )
        pdf: bytes = laid_out.write_pdf()
    finally:
        logger.removeHandler(watch)
        logger.setLevel(level)
    if watch.missing:
        raise MissingGlyph(watch.missing[0])
    return Printed(pdf, len(laid_out.pages))
