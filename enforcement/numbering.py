"""Numbers of sources, cases and documents: 威人社监罚决字〔2026〕7号."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from agency import selectors as agency
from core.numbers import next_number

WORDS = {
    "source": "源",
    "case": "案",
    "correction": "令字",
    "notice": "告字",
    "decision": "罚决字",
}


def give(series: str, at: datetime) -> str:
    """The next number of the series in the legal year of `at`; gapless, given back by a rollback."""
    year = timezone.localdate(at).year
    return (
        f"{agency.letterhead().document_prefix}{WORDS[series]}〔{year}〕{next_number(f'enforcement.{series}', year)}号"
    )
