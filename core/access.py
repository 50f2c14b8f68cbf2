"""Who may: a yes, or a no with its reason and its article; and who may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import Grant

if TYPE_CHECKING:
    from agency.models import Official
    from rulebook.model import Citation


@dataclass(frozen=True, slots=True)
class Permit:
    """The answer to "may this official do this": yes, or no with the reason and the article."""

    allowed: bool
    reason: str = ""
    citation: Citation | None = None

    # What stands where no article says who may: how the agency divided its work.
    HOUSE_RULE: ClassVar[str] = "本机关规定"
    yes: ClassVar[Permit]

    @classmethod
    def no(cls, reason: str, citation: Citation | None = None) -> Permit:
        return cls(False, reason, citation)

    @property
    def source(self) -> str:
        """Where a no comes from: its article, or the agency's own rule."""
        return self.citation.text if self.citation else self.HOUSE_RULE

    def __bool__(self) -> bool:
        return self.allowed


Permit.yes = Permit(True)


class NotPermitted(Exception):
    """The official may not take this act. Carries the Permit that says why."""

    def __init__(self, permit: Permit) -> None:
        super().__init__(permit.reason)
        self.permit = permit


def require(permit: Permit) -> None:
    """Raise NotPermitted unless allowed."""
    if not permit:
        raise NotPermitted(permit)


class VisibleQuerySet(models.QuerySet[Any]):
    """Files of the official's units, and files opened by a grant. One queryset for lists, objects, search, API, exports and counts.

    `stream_prefix` is the part of the ledger stream before the id: "case" for "case:12".
    """

    stream_prefix: ClassVar[str]
    unit_field: ClassVar[str] = "unit"

    def visible_to(self, official: Official) -> Self:
        return self.filter(
            Q(**{f"{self.unit_field}__in": official.unit_ids}) | Q(pk__in=granted_ids(official, self.stream_prefix))
        )

    def of_key(self, key: str) -> Self:
        """The file whose facts stand in the chain `<stream_prefix>:<key>`; none for a key that is no id."""
        return self.filter(pk=int(key)) if key.isascii() and key.isdigit() and len(key) < 19 else self.none()


def sees(official: Official, row: models.Model) -> bool:
    """Whether a row that was read already is among those `visible_to` the official; the database is asked only where a grant must decide."""
    files: Any = type(row)._default_manager.all()
    if getattr(row, f"{files.unit_field}_id") in official.unit_ids:
        return True
    return bool(files.visible_to(official).filter(pk=row.pk).exists())


def granted_ids(official: Official, prefix: str) -> list[int]:
    """Ids of files of one kind that grants open to the official now. Few: grants end when the act they serve ends."""
    streams = Grant.objects.streams_open_to(official).filter(stream__startswith=f"{prefix}:")
    return [int(stream.partition(":")[2]) for stream in streams]


def grant(
    *,
    stream: str,
    act: str,
    from_at: datetime,
    official: Official | None = None,
    unit_id: int | None = None,
    to_at: datetime | None = None,
) -> Grant:
    """Open one file to an official or a unit. Opening it twice for the same act changes nothing."""
    row, _ = Grant.objects.get_or_create(
        stream=stream, act=act, official=official, unit_id=unit_id, to_at=to_at, defaults={"from_at": from_at}
    )
    return row


def revoke(*, stream: str, act: str, at: datetime | None = None) -> int:
    """End every open grant of this act on the file; returns how many."""
    return Grant.objects.filter(stream=stream, act=act, to_at__isnull=True).update(to_at=at or timezone.now())
