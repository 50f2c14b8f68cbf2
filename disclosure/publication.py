"""What the public may read. Published notices only, and of withdrawn ones the withdrawal; nothing here asks any other app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from core.facts import Fact
from core.ledger.exports import proof_sheet
from core.paging import Page, page_of
from core.search import matching, terms_of
from disclosure import facts as notice_facts
from disclosure.models import Notice, NoticeQuerySet, NoticeState

PAGE: Final = 20
IN_FEED: Final = 50
IN_SITEMAP: Final = 10_000
# What a line of a list shows; the long texts stay in the table.
_LISTED: Final = (
    "title", "party_name", "number", "violation", "penalty_kinds", "fine", "decided_on", "agency_name", "published_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asked the list for: words, the year of the decision, the kind of violation."""

    words: str = ""
    year: int | None = None
    violation: str = ""

    @classmethod
    def read(cls, parameters: Any) -> Question:
        """From an address; what makes no sense is left out."""
        year = parameters.get("year", "")
        return cls(
            words=parameters.get("q", "").replace("\x00", "").strip()[:100],
            year=int(year) if re.fullmatch(r"(19|20)[0-9]{2}", year) else None,
            violation=parameters.get("violation", "").replace("\x00", "").strip()[:120],
        )

    @property
    def is_asked(self) -> bool:
        return bool(self.words or self.year or self.violation)

    def answer(self) -> NoticeQuerySet:
        found = Notice.objects.published()
        if self.words:
            # Only signs and spaces: nothing contains them as a word.
            found = matching(found, "search_text", self.words) if terms_of(self.words) else found.none()  # type: ignore[assignment]
        if self.year:
            found = found.filter(decided_on__year=self.year)
        if self.violation:
            found = found.filter(violation=self.violation)
        return found


def page_of_answers(question: Question, cursor: str, *, size: int = PAGE) -> Page[Notice]:
    """One page of the answer, latest published first."""
    return page_of(question.answer().only(*_LISTED), cursor, by=("-published_at", "-pk"), size=size)


@dataclass(frozen=True, slots=True)
class Facets:
    """What the list can be narrowed to."""

    violations: tuple[str, ...]
    years: tuple[int, ...]


def facets() -> Facets:
    """Every kind of violation and the years of the decisions, from the ends of two indexes, not from all rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE kinds AS (
                (SELECT violation FROM disclosure_notice WHERE state = 'published' ORDER BY violation LIMIT 1)
                UNION ALL
                SELECT (SELECT violation FROM disclosure_notice WHERE state = 'published' AND violation > kinds.violation
                         ORDER BY violation LIMIT 1)
                  FROM kinds WHERE kinds.violation IS NOT NULL
            )
            SELECT array(SELECT violation FROM kinds WHERE violation IS NOT NULL),
                   (SELECT min(decided_on) FROM disclosure_notice WHERE state = 'published'),
                   (SELECT max(decided_on) FROM disclosure_notice WHERE state = 'published')
            """
        )
        kinds, first, last = cursor.fetchone()
    years = tuple(range(last.year, first.year - 1, -1)) if first else ()
    return Facets(tuple(kinds), years)


def notice_for_public(pk: int) -> Notice:
    """A published notice, or one that was withdrawn. Raises Notice.DoesNotExist for all others, as for an absent one."""
    public = Notice.objects.filter(state__in=[NoticeState.PUBLISHED, NoticeState.WITHDRAWN])
    found: Notice = public.select_related("replaces").get(pk=pk)
    return found


def withdrawal(notice: Notice) -> dict[str, Any]:
    """All that the public still learns of a withdrawn notice, and where a corrected one stands."""
    told = {
        "id": notice.pk,
        "state": "withdrawn",
        "published_at": notice.published_at,
        "withdrawn_at": notice.withdrawn_at,
        "reason": notice.withdrawal_reason,
        "agency": notice.agency_name,
    }
    corrected = Notice.objects.published().filter(replaces=notice).first()
    if corrected is not None:
        told |= {"corrected_by": corrected.public_url, "corrected_at": corrected.published_at}
    return told


def correction(notice: Notice) -> dict[str, Any] | None:
    """What a corrected notice says of the one whose place it took; None for any other notice."""
    wrong = notice.replaces
    if wrong is None:
        return None
    return {
        "corrects": wrong.public_url,
        "first_published_at": wrong.published_at,
        "withdrawn_at": wrong.withdrawn_at,
        "corrected_at": notice.published_at,
        "reason": notice.correction_reason,
    }


# --- proofs -----------------------------------------------------------------------------------------------------


@cache
def _labels() -> dict[str, str]:
    """What the acts on a notice are called, by the name of their fact."""
    kinds = (each for each in vars(notice_facts).values() if isinstance(each, type) and issubclass(each, Fact))
    return {kind.name: kind.label for kind in kinds if "name" in vars(kind)}


def sheet(notice: Notice) -> dict[str, Any]:
    """The lines of a notice's chain with their proofs, as the reader's browser and commands take them."""
    return proof_sheet(notice.stream)


def label_of(fact: str) -> str:
    return _labels().get(fact, "更正")


def as_json(notice: Notice) -> dict[str, Any]:
    """A published notice for machines: text by exchange codes, the exact bytes that were digested, and every proof."""
    return {
        "id": notice.pk,
        "state": "published",
        "title": notice.title,
        "published_at": timezone.localtime(notice.published_at).isoformat(),
        "correction": correction(notice),
        "text": notice.exchange_fields(),
        "text_canonical": notice.canonical_text(),
        "text_sha256": notice.text_digest(),
        "ledger": sheet(notice),
    }


# --- lists for machines -----------------------------------------------------------------------------------------


def latest() -> list[Notice]:
    """For the feed."""
    return list(Notice.objects.published().order_by("-published_at", "-pk").only(*_LISTED)[:IN_FEED])


def sitemap_parts() -> range:
    """Numbers of the sitemap's parts; each covers a span of ids."""
    ends = Notice.objects.published().aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return range(0)
    return range(ends["first"] // IN_SITEMAP, ends["last"] // IN_SITEMAP + 1)


def sitemap_part(part: int) -> Iterator[tuple[int, datetime]]:
    """Ids and moments of the published notices of one part."""
    span = range(part * IN_SITEMAP, (part + 1) * IN_SITEMAP)
    rows = Notice.objects.published().filter(pk__gte=span.start, pk__lt=span.stop).order_by("pk")
    for pk, published_at in rows.values_list("pk", "published_at"):
        if published_at is not None:
            yield pk, published_at
