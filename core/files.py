"""Answering with a stored file: under its own name, never as something a browser would run."""

from __future__ import annotations

from django.http import FileResponse, Http404

from core.models import StoredFile
from core.store import open_stored

# Shown in the browser; everything else is downloaded, whatever it calls itself.
SHOWN_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})


def file_answer(stored: StoredFile, *, always_download: bool = False) -> FileResponse:
    """The bytes as received. Raises Http404 when the medium lost them. Who may read them is for the caller to ask first.

    `always_download` is for what parties and witnesses handed in: it is never shown inside our own site.
    """
    try:
        source = open_stored(stored)
    except FileNotFoundError as lost:
        raise Http404 from lost
    inline = stored.content_type in SHOWN_INLINE and not always_download
    answer = FileResponse(
        source,
        as_attachment=not inline,
        filename=stored.name,
        content_type=stored.content_type if inline else "application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
