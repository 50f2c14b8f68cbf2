"""Duties: what rules make of a fact. Opened and met by facts, moved only by what a rule allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import calendars, law, periodic, registry, starts
from core.models import Duty, FactRecord
from core.periodic import Recurring
from rulebook import deadlines
from rulebook.deadlines import Due, Pause
from rulebook.library import by_obligation
from rulebook.model import Rule, RulebookError
from rulebook.workdays import Calendar

if TYPE_CHECKING:
    from core.facts import Subject


class DutyRefused(ValueError):
    """A pause, extension or voiding that no rule allows. The message is Chinese and names the rule."""


@dataclass(frozen=True, slots=True)
class Move:
    """One duty whose due moment changed, and from when to when."""

    duty: Duty
    old: datetime
    new: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """One duty as it is and as a correction would leave it; `after` is never saved."""

    before: Duty
    after: Duty

    @property
    def moves(self) -> bool:
        """Whether its due moment changes."""
        return self.before.due_at != self.after.due_at

    @property
    def turns(self) -> str:
        """What becomes of it besides: met in time or late, where that changes; overdue, where it would be at once."""
        old, new = self.before.state, self.after.state
        if old == new:
            return ""
        return {"met": "成为按期办结", "met_late": "成为逾期办结", "overdue": "随即逾期"}.get(new, "")


def follow(record: FactRecord, *, file: Subject) -> None:
    """Open the duties this fact opens and meet those it meets. At most one insert and one update per fact; where another fact may have
    started the same act before, its open duty is asked for and takes the new bases over.
    """
    profile = law.profile_of(record.unit_id)
    day = timezone.localdate(record.happened_at)
    _meet(record, profile, day)
    rules = law.rulebook().rules_for(record.name, record.payload, profile, day)
    if not rules:
        return
    with calendars.kept():
        groups = _not_begun_before(record, by_obligation(rules), profile, day)
        opened = [
            _duty(
                group,
                profile=profile,
                at=record.happened_at,
                anchor=record.anchor,
                file=file,
                unit_id=record.unit_id,
                opened_by=record,
            )
            for group in groups
        ]
    Duty.objects.bulk_create(opened, ignore_conflicts=True)


def _not_begun_before(
    record: FactRecord, groups: Mapping[str, tuple[Rule, ...]], profile: str, day: date
) -> list[tuple[Rule, ...]]:
    """Those that open a duty of their own. What another fact began on the same anchor and is still owed gets these rules as further
    bases, and the earliest of all governs: one act, one duty.
    """
    shared = starts.shared_acts(law.rulebook(), record.name, profile, day) & set(groups)
    if not shared:
        return list(groups.values())
    begun = Duty.objects.open().filter(anchor=record.anchor, obligation__in=shared, period_key="")
    joined: set[str] = set()
    for duty in begun.select_for_update(of=("self",)).order_by("pk"):
        if duty.obligation not in joined and _takes_over(duty, groups[duty.obligation], record):
            joined.add(duty.obligation)
    return [group for obligation, group in groups.items() if obligation not in joined]


def _takes_over(duty: Duty, rules: Sequence[Rule], record: FactRecord) -> bool:
    """Give a duty the rules whose clock this fact starts as further bases; not one that has them already, which is another act of the
    kind, nor one of another kind or owner.
    """
    known = {basis["rule"] for basis in duty.bases}
    if (duty.kind, duty.owed_by) != (rules[0].kind, rules[0].owed_by) or known & {rule.id for rule in rules}:
        return False
    duty.bases = [*duty.bases, *(starts.begun_by(rule, record) for rule in rules)]
    _recount(duty)
    return True


def _meet(record: FactRecord, profile: str, day: date) -> None:
    """Meet what the rules of the day say this fact fulfils; what only rules of another day demand, as those say: a duty outlives its rules.
    What is owed for a period is met by its report whenever that is made.
    """
    book = law.rulebook()
    ever = {rule.obligation for rule in book.met_by(record.name, profile, fields=record.payload)}
    if not ever:
        return
    today = {rule.obligation for rule in book.met_by(record.name, profile, day, record.payload)}
    bygone = ever - today
    if bygone:
        bygone -= {rule.obligation for rule in book.binding(profile, day)}
    owed = Q(obligation__in=today | bygone) | Q(obligation__in=ever) & ~Q(period_key="")
    Duty.objects.open().filter(owed, anchor=record.anchor).update(
        met_at=record.happened_at, met_by=record, paused_from=None
    )


def _duty(
    rules: Sequence[Rule],
    *,
    profile: str,
    at: datetime,
    anchor: str,
    file: Subject,
    unit_id: int,
    opened_by: FactRecord | None,
    period_key: str = "",
) -> Duty:
    owed_by = rules[0].owed_by
    duty = Duty(
        obligation=rules[0].obligation,
        title=rules[0].title,
        kind=rules[0].kind,
        anchor=anchor,
        file_stream=file.stream,
        subject_title=file.title,
        subject_url=file.url,
        unit_id=unit_id,
        owner_unit_id=registry.agency().owner_of(owed_by, unit_id),
        owed_by=owed_by,
        period_key=period_key,
        opened_by=opened_by,
        opened_at=at,
    )
    _set_dates(duty, rules, profile=profile, at=at)
    return duty


def _set_dates(
    duty: Duty, rules: Sequence[Rule], *, profile: str, at: datetime, calendar: Calendar | None = None
) -> None:
    """Count every basis anew; the earliest drives, of what must be kept the longest."""
    calendar = calendar or calendars.current()
    since = {basis["rule"]: basis["since"] for basis in duty.bases or () if "since" in basis}
    counted = [
        _count(rule, profile=profile, at=at, calendar=calendar, duty=duty, since=since.get(rule.id)) for rule in rules
    ]
    driving = _with_all_bases(deadlines.governing(counted), counted)
    rule = driving.rule
    book = law.rulebook()
    duty.rule_id = rule.id
    duty.title = rule.title
    duty.adopted = driving.adopted
    duty.provisional = driving.provisional
    duty.deadline_precedes_rule = driving.state == "deadline_precedes_rule"
    duty.day_zero = driving.day_zero
    duty.nominal_day = driving.nominal
    duty.due_at = driving.due
    duty.alert_from = driving.alert_from
    duty.explanation = driving.as_json()
    duty.bases = [
        {
            "rule": basis.id,
            "title": book.cite(basis.id, profile).text,
            "instrument": basis.instrument,
            "instrument_digest": book.instrument(basis.instrument).digest,
            "article": basis.article,
            "quote": basis.quote,
            "due": due.due.isoformat(),
            "adopted": due.adopted,
        }
        | ({"since": since[basis.id]} if basis.id in since else {})
        for basis, due in zip(rules, counted, strict=True)
    ]


def _with_all_bases(driving: Due, counted: Sequence[Due]) -> Due:
    """The answer with the duty's own bases: with those that another fact started, which of itself it takes for readings not used, and
    without those that ask more of the fact than it has.
    """
    own = {each.rule.id: each.bases[0] for each in counted}
    named = {basis.rule for basis in driving.bases}
    if named == set(own):
        return driving
    more = {rule: basis for rule, basis in own.items() if rule not in named}
    others = tuple(each for each in driving.others if each.rule not in more)
    kept = tuple(basis for basis in driving.bases if basis.rule in own)
    return replace(driving, bases=(*kept, *more.values()), others=others)


def pauses_in(kept: Iterable[dict[str, str]]) -> tuple[Pause, ...]:
    """The pauses that a duty's row keeps as days."""
    return tuple(Pause(date.fromisoformat(each["from"]), date.fromisoformat(each["to"])) for each in kept)


def _count(
    rule: Rule, *, profile: str, at: datetime, calendar: Calendar, duty: Duty, since: Mapping[str, str] | None = None
) -> Due:
    """`since`: what started this basis, where that is not what opened the duty (core.starts)."""
    book = law.rulebook()
    held: Mapping[str, object] | None = duty.opened_by.payload if rule.from_field and duty.opened_by else None
    if since is not None:
        at = datetime.fromisoformat(since["at"])
        held = {rule.from_field: since["from"]} if rule.from_field else None
    pauses = pauses_in(duty.pauses)
    day = deadlines.legal_day(at)
    may_pause = bool(book.pauses_of(rule.id, profile, day))
    may_extend = bool(book.extensions_of(rule.id, profile, day))
    return deadlines.due(
        rule,
        counted_from(rule, held) if held is not None else at,
        calendar=calendar,
        rulebook=book,
        profile=profile,
        pauses=pauses if may_pause else (),
        extend_on=duty.extended_on if may_extend else None,
    )


def counted_from(rule: Rule, payload: Mapping[str, object]) -> datetime | date:
    """The day or moment that a field of the fact holds, from which the rule counts: a receipt, a planned activity."""
    value = str(payload[rule.from_field])
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


def _pinned(duty: Duty, at: datetime) -> list[Rule]:
    """The rules of its bases as they stood on the day of the fact: an amendment does not reach back."""
    book = law.rulebook()
    return [book.rule(basis["rule"], deadlines.legal_day(starts.moment_of(basis, at))) for basis in duty.bases]


def _recount(duty: Duty, *, at: datetime | None = None) -> Move | None:
    """Count a duty's pinned rules again and save what changed."""
    old = duty.due_at
    duty.opened_at = at or duty.opened_at
    _set_dates(duty, _pinned(duty, duty.opened_at), profile=law.profile_of(duty.unit_id), at=duty.opened_at)
    duty.save()
    return Move(duty, old, duty.due_at) if old != duty.due_at else None


def recompute_after_correction(wrong: FactRecord, *, happened_at: datetime) -> list[Move]:
    """Move the duties that a corrected fact opened, and the moment of those it met."""
    moves = [_recount(duty, at=happened_at) for duty in Duty.objects.select_for_update().filter(opened_by=wrong)]
    for duty in Duty.objects.select_for_update().filter(starts.began_with(wrong.pk)):
        duty.bases = starts.moved(duty.bases, wrong.pk, happened_at)
        moves.append(_recount(duty))
    Duty.objects.filter(met_by=wrong).update(met_at=happened_at)
    return [move for move in moves if move]


def preview_of_correction(wrong: int, *, happened_at: datetime, among: Iterable[Duty] | None = None) -> list[Preview]:
    """What `recompute_after_correction` would change in the duties of the fact with this id; nothing is written.

    `among` are duties read already; without them those of the fact are asked for.
    """
    if among is None:
        asked = Q(opened_by=wrong) | Q(met_by=wrong) | starts.began_with(wrong)
        among = Duty.objects.filter(asked).order_by("due_at", "pk")
    touched = [
        duty
        for duty in among
        if wrong in (duty.opened_by_id, duty.met_by_id) or any(starts.has_begun(basis, wrong) for basis in duty.bases)
    ]
    calendar = calendars.current() if touched else None
    found = [_previewed(duty, wrong, happened_at, calendar) for duty in touched]
    return [each for each in found if each.moves or each.turns]


def _previewed(duty: Duty, wrong: int, happened_at: datetime, calendar: Calendar | None) -> Preview:
    after = copy(duty)
    if duty.opened_by_id == wrong:
        _set_dates(
            after, _pinned(duty, happened_at), profile=law.profile_of(duty.unit_id), at=happened_at, calendar=calendar
        )
    elif any(starts.has_begun(basis, wrong) for basis in duty.bases):
        after.bases = starts.moved(duty.bases, wrong, happened_at)
        rules = _pinned(after, duty.opened_at)
        _set_dates(after, rules, profile=law.profile_of(duty.unit_id), at=duty.opened_at, calendar=calendar)
    if duty.met_by_id == wrong:
        after.met_at = happened_at
    return Preview(before=duty, after=after)


def counted_anew(duty: Duty, calendar: Calendar) -> Duty:
    """The duty as this calendar counts its pinned rules; a copy that is never saved. Raises RulebookError where they cannot be counted.

    Of very many duties `core.recounting` asks for one of each kind.
    """
    after = copy(duty)
    _set_dates(
        after, _pinned(duty, duty.opened_at), profile=law.profile_of(duty.unit_id), at=duty.opened_at, calendar=calendar
    )
    return after


def pausing_rules(duty: Duty) -> tuple[Rule, ...]:
    """The rules of the agency's profile under which the clock of this duty may stop."""
    return law.rulebook().pauses_of(duty.rule_id, law.profile_of(duty.unit_id), deadlines.legal_day(duty.opened_at))


def extending_rule(duty: Duty) -> Rule:
    """The rule of the agency's profile under which this duty may be lengthened. Raises DutyRefused where there is none."""
    opened_on = deadlines.legal_day(duty.opened_at)
    rules = law.rulebook().extensions_of(duty.rule_id, law.profile_of(duty.unit_id), opened_on)
    if not rules:
        raise DutyRefused("没有规定允许延长这个期限")
    return rules[0]


@transaction.atomic
def pause(duty: Duty, *, kind: str, from_day: date) -> Duty:
    """Stop the clock from the end of `from_day`, which still counts.

    Raises DutyRefused when no rule allows this kind of pause, when the duty is not running, or when it has run out.
    """
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    if not any(not rule.pause_kinds or kind in rule.pause_kinds for rule in pausing_rules(duty)):
        raise DutyRefused("没有规定允许以此理由暂停计算期限")
    if not duty.is_open or duty.paused_from is not None:
        raise DutyRefused("期限不在计算中，不能暂停")
    if from_day < duty.day_zero:
        raise DutyRefused("暂停不能早于期限起算日")
    if has_run_out(duty, from_day):
        raise DutyRefused("期限已经届满，不能再暂停")
    duty.paused_from = from_day
    duty.save(update_fields=["paused_from"])
    return duty


def has_run_out(duty: Duty, day: date) -> bool:
    """Whether nothing is left of a period after this day, itself counted: then no pause can stop anything, and none may hide that the
    duty is overdue.
    """
    return day >= duty.nominal_day


def may_still_be_extended(duty: Duty, at: datetime) -> bool:
    """Whether an approval given at this moment would lengthen the duty: a rule of the agency allows it, none was given, and it has not run out."""
    opened_on = deadlines.legal_day(duty.opened_at)
    rules = law.rulebook().extensions_of(duty.rule_id, law.profile_of(duty.unit_id), opened_on)
    return bool(rules) and duty.is_open and duty.extended_on is None and at <= duty.due_at


@transaction.atomic
def resume(duty: Duty, *, on: date) -> Duty:
    """Run the clock again from the day after `on`, the day what was waited for came in."""
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    if duty.paused_from is None:
        raise DutyRefused("期限没有暂停")
    if on < duty.paused_from:
        raise DutyRefused("恢复不能早于暂停")
    duty.pauses = [*duty.pauses, {"from": duty.paused_from.isoformat(), "to": on.isoformat()}]
    duty.paused_from = None
    _recount(duty)
    return duty


@transaction.atomic
def extend(duty: Duty, *, approved_on: date) -> Duty:
    """Lengthen a duty once, approved on or before its due moment (the caller checks that the rule's approver approved).

    Raises DutyRefused after the due moment, a second time, or when no rule of the profile extends it.
    """
    duty = Duty.objects.select_for_update().get(pk=duty.pk)
    extending_rule(duty)
    if not duty.is_open:
        raise DutyRefused("期限已经办结，不能延长")
    if duty.extended_on is not None:
        raise DutyRefused("期限只能延长一次")
    return _extended(duty, approved_on)


@transaction.atomic
def approve_extension_on(duty: Duty, approved_on: date) -> None:
    """An extension was approved on another day than was entered. Raises DutyRefused where that is after the due moment."""
    _extended(Duty.objects.select_for_update().get(pk=duty.pk), approved_on)


def _extended(duty: Duty, approved_on: date) -> Duty:
    duty.extended_on = approved_on
    try:
        _recount(duty)
    except RulebookError as refused:
        # Without the id of the rule: what is said here is said to an official.
        raise DutyRefused(str(refused).rpartition(": ")[2]) from refused
    return duty


def meet(duties: Iterable[Duty], *, by: FactRecord) -> None:
    """End duties that a fact recorded before them had fulfilled already: the act was done before it fell due to be done.

    Where the fact met an earlier duty of the same act, that one takes their bases over: one act, one duty.
    """
    for duty in Duty.objects.open().filter(pk__in=[duty.pk for duty in duties]).select_related("opened_by"):
        alike = Duty.objects.filter(anchor=duty.anchor, obligation=duty.obligation, met_by=by, voided_at__isnull=True)
        done = alike.select_for_update(of=("self",)).first()
        if done and duty.opened_by and _takes_over(done, _pinned(duty, duty.opened_at), duty.opened_by):
            duty.delete()
            continue
        duty.met_at, duty.met_by, duty.paused_from = by.effective_happened_at, by, None
        duty.save(update_fields=["met_at", "met_by", "paused_from"])


def void(duties: Iterable[Duty], *, reason: str, at: datetime) -> None:
    """End duties whose trigger was undone. They stay visible with the reason."""
    if not reason.strip():
        raise DutyRefused("请说明期限不再适用的理由")
    Duty.objects.filter(pk__in=[duty.pk for duty in duties], met_at__isnull=True, voided_at__isnull=True).update(
        voided_at=at, void_reason=reason
    )


def undo(duties: Iterable[Duty], *, reason: str, at: datetime) -> None:
    """Void duties of a fact that another took the place of, also those that were met: what they counted from never was."""
    Duty.objects.filter(pk__in=[duty.pk for duty in duties], voided_at__isnull=True).update(
        voided_at=at, void_reason=reason, met_at=None, met_by=None
    )


def open_periodic(now: datetime) -> int:
    """Open what comes round every year or quarter: what is in sight today, and what came and went while nobody swept. Safe to run twice
    and twice at once.

    What had fallen due before the unit began to work with this system is not opened: whether it was done then, only the files of
    that time know. Who reports it all the same opens it by that (`open_one_periodic`).
    """
    today, in_use_from = timezone.localdate(now), registry.agency().in_use_from
    known = set(Duty.objects.exclude(period_key="").values_list("anchor", "obligation"))
    with calendars.kept():
        rows = [_periodic(each) for each in periodic.missing(known, today)]
    return len(_create(row for row in rows if not periodic.fell_due_before(row.due_at, in_use_from(row.unit_id))))


def void_periodic(now: datetime) -> int:
    """End what nobody owes any more by the day it would have fallen due: its rule ends before, or the unit is closed."""
    ahead = list(Duty.objects.open().filter(due_at__gte=now).exclude(period_key=""))
    years = {int(duty.period_key[:4]) for duty in ahead}
    owed = {(each.anchor, each.obligation) for year in years for each in periodic.of_year(year)}
    gone = [duty for duty in ahead if (duty.anchor, duty.obligation) not in owed]
    void(gone, reason="到期之前规定不再适用，或者单位已经停用", at=now)
    return len(gone)


def open_one_periodic(owed: Recurring) -> int:
    """Open the duty of a report that is handed in before any sweep opened it: the first of its period, or one for a period long over."""
    return len(_create([_periodic(owed)]))


def _periodic(owed: Recurring) -> Duty:
    from core.facts import Subject

    return _duty(
        owed.rules,
        profile=owed.profile,
        at=datetime.combine(owed.opens, datetime.min.time(), tzinfo=timezone.get_default_timezone()),
        anchor=owed.anchor,
        file=Subject(stream=f"unit:{owed.unit_id}", title=owed.title, url=registry.address_of("periodic_duties")),
        unit_id=owed.unit_id,
        opened_by=None,
        period_key=owed.period,
    )


def _create(rows: Iterable[Duty]) -> list[Duty]:
    return Duty.objects.bulk_create(list(rows), ignore_conflicts=True)
