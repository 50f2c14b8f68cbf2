"""Who may be named in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from agency import selectors as agency
from agency.roles import Role

if TYPE_CHECKING:
    from agency.models import Official, Unit
    from enforcement.models import Case


def sections_of(official: Official) -> QuerySet[Unit]:
    """Sections in which the official registers sources."""
    return agency.sections(official.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD))


def presiders_of(case: Case) -> QuerySet[Official]:
    """Who may preside over a hearing: nobody who investigates the case (Penalty Law 64)."""
    own = [row.official_id for row in case.officers.all()]
    return agency.officials().filter(certificates__isnull=False).exclude(pk__in=own).distinct().order_by("pk")
