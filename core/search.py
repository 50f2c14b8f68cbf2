"""Search in Chinese text: an index over single characters and pairs, and a recheck of the whole term.

A model searched so declares `GinIndex(Grams("search_text"), name=...)` and asks `matching(queryset, "search_text", query)`.
Terms separated by spaces must all occur; case and full-width forms make no difference.
"""

from __future__ import annotations

import unicodedata
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, Model, QuerySet, TextField, Value
from django.db.models.functions import StrIndex

M = TypeVar("M", bound=Model)

LONGEST_QUERY = 100
MOST_TERMS = 8


class Fold(Func):
    """Lower case, full-width forms as their ordinary ones (SQL function core_fold)."""

    function = "core_fold"
    output_field = TextField()


class Grams(Func):
    """Every character and every pair of neighbours of the folded text (SQL function core_grams, immutable)."""

    function = "core_grams"
    output_field = ArrayField(TextField())


def fold(text: str) -> str:
    """What core_fold does, here."""
    return unicodedata.normalize("NFKC", text).lower()


def terms_of(query: str) -> list[str]:
    """The folded terms of what somebody typed; at most 8 of the first 100 characters. NUL is dropped: the database has none."""
    return fold(query.replace("\x00", "")[:LONGEST_QUERY]).split()[:MOST_TERMS]


def bigram_query(text: str) -> list[str]:
    """The grams that every text containing the term contains: its pairs, or the character itself where it is only one."""
    folded = fold(text)
    return sorted({folded[i : i + 2] for i in range(len(folded) - 1)}) or [folded]


def matching(queryset: QuerySet[M, Any], field: str, query: str) -> QuerySet[M, Any]:
    """The rows whose `field` contains every term of the query. An empty query finds nothing."""
    terms = terms_of(query)
    if not terms:
        return queryset.none()
    grams = sorted({gram for term in terms for gram in bigram_query(term)})
    found: QuerySet[M, Any] = queryset.alias(_grams=Grams(field), _folded=Fold(field)).filter(_grams__contains=grams)
    for place, term in enumerate(terms):
        # By position, not by LIKE: the planner takes a long LIKE for rare, and would sort all rows that hold a common term. A page that is
        # read in order until it is full asks this first, for it costs a fraction of the grams.
        found = found.alias(**{f"_at_{place}": StrIndex("_folded", Value(term))}).filter(**{f"_at_{place}__gt": 0})
    return found
