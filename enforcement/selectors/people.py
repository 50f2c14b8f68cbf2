"""Who may be named in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone

from agency import selectors as agency
from agency.roles import Role

if TYPE_CHECKING:
    from agency.models import Official, Unit
    from enforcement.models import Case


def sections_of(official: Official) -> QuerySet[Unit]:
    """Sections in which the official registers sources."""
    return agency.sections(official.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD))


def leaders_of(unit_id: int) -> QuerySet[Official]:
    """The leader in charge and the chief of a unit."""
    return _holding(unit_id, Role.LEADER, Role.CHIEF)


def approvers_of(unit_id: int) -> QuerySet[Official]:
    """Who may approve a correction in a unit's file."""
    return _holding(unit_id, Role.SECTION_HEAD, Role.LEADER, Role.CHIEF)


def presiders_of(case: Case) -> QuerySet[Official]:
    """Who may preside over a hearing: nobody who investigates the case (Penalty Law 64)."""
    own = [row.official_id for row in case.officers.all()]
    return agency.officials().filter(certificates__isnull=False).exclude(pk__in=own).distinct().order_by("pk")


def _holding(unit_id: int, *roles: Role) -> QuerySet[Official]:
    held = {
        "appointments__role__in": roles,
        "appointments__unit__in": agency.structure().upwards(unit_id),
        "appointments__term__contains": timezone.localdate(),
    }
    return agency.officials().filter(**held).distinct().order_by("pk")
