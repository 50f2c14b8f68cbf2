"""Who may be named in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from agency import selectors as agency
from agency.roles import Role
from enforcement.models import ActOfficer

if TYPE_CHECKING:
    from agency.models import Official, Unit
    from enforcement.models import Case


def sections_of(official: Official) -> QuerySet[Unit]:
    """Sections in which the official registers sources."""
    return agency.sections(official.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD))


def presiders_of(case: Case) -> QuerySet[Official]:
    """Who may preside over a hearing: nobody who investigates the case, its officers and whoever took evidence in it (Penalty Law 64)."""
    own = [row.official_id for row in case.officers.all()]
    took_evidence = ActOfficer.objects.filter(act__case=case).values("official")
    others = agency.officials().exclude(pk__in=own).exclude(pk__in=took_evidence)
    return others.filter(certificates__isnull=False).distinct().order_by("pk")
