"""Facts: the only way anything lawful is written down.

`record` writes the fact, its ledger line and the duties it opens and meets, and runs the wired handlers, in one transaction:
if any of them fails, none of it happened.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args, get_origin, get_type_hints

from django.db import transaction
from django.utils import timezone

from core import duties, ledger, registry
from core.models import FactRecord
from rulebook.conditions import DAY, NUMBER, SEVERAL, TEXT, WHETHER, Domain, Fields

if TYPE_CHECKING:
    from agency.models import Official

CORRECTED = "core.corrected"

_backlog: ContextVar[bool] = ContextVar("backlog", default=False)


@contextmanager
def entering_backlog() -> Iterator[None]:
    """Facts recorded inside the block are marked 补录: taken over from paper or an older system, long after they happened."""
    token = _backlog.set(True)
    try:
        yield
    finally:
        _backlog.reset(token)


class FactRefused(ValueError):
    """A moment that cannot be the legal one. The message is Chinese and belongs at the field `happened_at`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The file a fact is about: its ledger stream, and how lists name and reach it."""

    stream: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that lawfully happened. Subclasses add the payload: ids, moments, kinds, digests; never a name or free text.

    `anchor` is what the duties opened or met by it hang on (the subject's stream where not given); `file` is the file that shows
    those duties (the anchor's where not given).
    """

    name: ClassVar[str]
    label: ClassVar[str]
    subject: Subject
    unit: int
    anchor: str = ""
    file: Subject | None = None

    def fields(self) -> dict[str, Any]:
        """The payload as JSON values, by field name."""
        own = self.field_names()
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self) if f.name in own}

    @classmethod
    def field_names(cls) -> frozenset[str]:
        """The fields of the payload."""
        return frozenset(f.name for f in dataclasses.fields(cls)) - {f.name for f in dataclasses.fields(Fact)}

    @classmethod
    def domains(cls) -> Fields:
        """What each field of the payload may hold: the closed set that its annotation names (`Annotated[str, one_of(Kind.choices)]`),
        else anything of its type.
        """
        hints = get_type_hints(cls, include_extras=True)
        return {name: _domain(hints[name]) for name in cls.field_names()}


def _domain(hint: Any) -> Domain:
    if get_origin(hint) is Annotated:
        named = [each for each in get_args(hint)[1:] if isinstance(each, Domain)]
        return named[0] if named else _domain(get_args(hint)[0])
    for kind, domain in ((bool, WHETHER), (int, NUMBER), (str, TEXT), (date, DAY)):
        if isinstance(hint, type) and issubclass(hint, kind):
            return domain
    return SEVERAL


def _plain(value: object) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


@transaction.atomic
def record(fact: Fact, *, happened_at: datetime, by: Official, reason: str = "") -> FactRecord:
    """Write one fact down.

    `happened_at` is the legal moment. `reason` are words that belong to this one line; they stay in its row, never in the ledger.
    Raises FactRefused when the moment lies in the future.
    """
    now = timezone.now()
    if happened_at > now:
        raise FactRefused("发生时间不能晚于现在")
    anchor = fact.anchor or fact.subject.stream
    row = FactRecord(
        name=fact.name,
        label=fact.label,
        stream=fact.subject.stream,
        anchor=anchor,
        unit_id=fact.unit,
        subject_title=fact.subject.title,
        subject_url=fact.subject.url,
        payload=fact.fields(),
        happened_at=happened_at,
        recorded_at=now,
        recorded_by=by,
        is_backlog=_backlog.get(),
        reason=reason,
    )
    row.entry = ledger.append(row.stream, _body(row))
    row.save(force_insert=True)
    duties.follow(row, file=fact.file or fact.subject)
    for handler in registry.handlers_of(fact.name):
        handler(row)
    return row


def refuse_correction(wrong: FactRecord, *, happened_at: datetime, reason: str) -> None:
    """Raise FactRefused for a moment that is the same or in the future, for a missing reason, and for a correction of a correction."""
    if wrong.name == CORRECTED:
        raise FactRefused("更正记录本身不能再更正，请更正原记录")
    if happened_at > timezone.now():
        raise FactRefused("发生时间不能晚于现在")
    if happened_at == wrong.effective_happened_at:
        raise FactRefused("更正后的时间与原记录相同")
    if not reason.strip():
        raise FactRefused("请说明更正理由")


def refuse_disorder(
    wrong: FactRecord, *, happened_at: datetime, is_step: Callable[[FactRecord], bool], timeless: Collection[str] = ()
) -> None:
    """A corrected step stays after everything recorded before it and before everything recorded after it; an act that is no step
    stays between the steps around it, so that acts between the same two steps may change places.

    `timeless` names facts whose moment is only that of their entry. What stands out of order already is held to nothing. Raises FactRefused.
    """
    others = FactRecord.objects.filter(stream=wrong.stream, corrects__isnull=True).exclude(pk=wrong.pk)
    among = list(others.exclude(name__in=timeless).prefetch_related("corrections").order_by("pk"))
    stands = wrong.effective_happened_at
    if not is_step(wrong):
        among = [each for each in among if is_step(each)]
    for each in among:
        at = each.effective_happened_at
        if each.pk < wrong.pk and happened_at < at <= stands:
            raise FactRefused(f"更正后的时间早于前一步骤（{_named(each)}）")
        if each.pk > wrong.pk and stands <= at < happened_at:
            raise FactRefused(f"更正后的时间晚于后一步骤（{_named(each)}）")


def _named(record: FactRecord) -> str:
    return f"{record.label}，{timezone.localtime(record.effective_happened_at):%Y年%-m月%-d日%H:%M}"


@transaction.atomic
def correct(
    wrong: FactRecord, *, happened_at: datetime, reason: str, requested_by: Official, by: Official
) -> FactRecord:
    """Replace the legal moment of a wrongly entered fact by a fact of its own; duties move, the old line stays.

    `by` approves it and thereby records it; `requested_by` asked for it. Raises FactRefused when they are one person, and for what
    `refuse_correction` refuses.
    """
    now = timezone.now()
    wrong = FactRecord.objects.select_for_update(of=("self",)).prefetch_related("corrections").get(pk=wrong.pk)
    refuse_correction(wrong, happened_at=happened_at, reason=reason)
    if requested_by.pk == by.pk:
        raise FactRefused("更正须由申请人以外的人员批准")
    row = FactRecord(
        name=CORRECTED,
        label=f"更正：{wrong.label}",
        stream=wrong.stream,
        anchor=wrong.anchor,
        unit_id=wrong.unit_id,
        subject_title=wrong.subject_title,
        subject_url=wrong.subject_url,
        payload={
            "corrected": wrong.name,
            "replaced": timezone.localtime(wrong.effective_happened_at).isoformat(),
            "replaced_by": timezone.localtime(happened_at).isoformat(),
            "requested_by": requested_by.pk,
        },
        happened_at=now,
        recorded_at=now,
        recorded_by=by,
        corrects=wrong,
        reason=reason,
        approved_by=by,
    )
    row.entry = ledger.append(row.stream, _body(row))
    row.save(force_insert=True)
    duties.recompute_after_correction(wrong, happened_at=happened_at)
    for handler in registry.handlers_of(CORRECTED):
        handler(row)
    return row


def _body(row: FactRecord) -> dict[str, Any]:
    """What the ledger holds of a fact: ids, moments, kinds, digests. Names, titles and reasons stay in the rows."""
    body: dict[str, Any] = {
        "fact": row.name,
        "happened_at": timezone.localtime(row.happened_at).isoformat(),
        "recorded_at": timezone.localtime(row.recorded_at).isoformat(),
        "by": row.recorded_by_id,
        "unit": row.unit_id,
        "payload": row.payload,
    }
    if row.is_backlog:
        body["backlog"] = True
    if row.corrects is not None:
        body["corrects"] = row.corrects.entry.seq
        body["approved_by"] = row.approved_by_id
    return body
