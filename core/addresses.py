"""Addresses that stand on a page dozens of times, asked of Django once in a process."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=256)
def of_page(name: str) -> str:
    """Where the page of this name stands. Raises NoReverseMatch where there is none."""
    return reverse(name)


def of_row(listed_on: str, pk: int) -> str:
    """Where one row stands: its id below the page of this name that lists it."""
    return f"{of_page(listed_on)}{pk}/"
