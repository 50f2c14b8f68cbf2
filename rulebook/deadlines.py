"""due(): a rule, day 0, pauses and extension make the last lawful moment, with every counted day and the readings not
used.

The conventions are those of counting: what is law and what is our own reading where the law is silent is said in
`Due.conventions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone

from rulebook import periods
from rulebook.answer import Basis, Counted, Due, Reading, Skipped, StripDay, days
from rulebook.library import Rulebook
from rulebook.model import Period, Rule, RulebookError, compatible
from rulebook.periods import Pause, due_dates
from rulebook.workdays import Calendar

__all__ = [
    "SHANGHAI",
    "Basis",
    "Counted",
    "Due",
    "Pause",
    "Reading",
    "Skipped",
    "StripDay",
    "conventions_of",
    "due",
    "due_dates",
    "governing",
    "last_moment",
    "legal_day",
    "refuse_uncounted",
]

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
PAUSED = "暂停"
_DAY = timedelta(days=1)


def legal_day(at: datetime | date) -> date:
    """The Asia/Shanghai date of a moment. A moment without a zone is refused."""
    return _moment(at).date() if isinstance(at, datetime) else at


def due(
    rule: Rule | str,
    at: datetime | date,
    *,
    calendar: Calendar,
    rulebook: Rulebook,
    profile: str | None = None,
    pauses: Iterable[Pause] = (),
    extend_on: datetime | date | None = None,
) -> Due:
    """The last lawful moment of what a rule demands after (or before) `at`.

    For fixed dates and periods `at` is any day of the year or quarter owed for; for backward periods the day of the
    activity.
    The default profile is that of the rule's own instrument. Outside the rule's validity it computes too, with
    `in_force` false.
    Refused with RulebookError: a rule without a period, a date alone for hours, a pause no rule of the profile allows,
    an extension no rule allows or approved after the due moment.
    """
    day_zero = legal_day(at)
    calendar.refuse_outside(day_zero)
    found = rulebook.rule(rule, on=day_zero) if isinstance(rule, str) else rule
    profile_id = rulebook.default_profile(found).id if profile is None else profile
    rulebook.profile(profile_id)
    refuse_uncounted(found)
    question = _Question(found, at, day_zero, profile_id, tuple(pauses), extend_on, calendar, rulebook)
    answer = question.end()
    valid = question.is_in_force()
    bases = (question.basis(answer), *question.other_bases()) if valid else (question.basis(answer),)
    used = {basis.rule for basis in bases}
    return Due(
        rule=found,
        profile=profile_id,
        bases=bases,
        day_zero=day_zero,
        counted=tuple(question.counted(answer)),
        skipped=tuple(question.skipped(answer)),
        pauses=question.pauses,
        extended_on=legal_day(extend_on) if extend_on is not None else None,
        nominal=answer.nominal,
        due=answer.moment,
        alert_from=question.alert_from(answer),
        calendar_id=calendar.id,
        calendar_digest=calendar.digest,
        provisional=question.is_provisional(answer),
        adopted=rulebook.is_adopted(found.id, profile_id),
        in_force=valid,
        state="deadline_precedes_rule" if question.precedes_rule(answer) else "open",
        others=tuple(question.others(answer, (one for one in rulebook.rules if one.id not in used))),
        conventions=tuple(conventions_of(found, paused=bool(question.pauses))),
    )


def refuse_uncounted(rule: Rule) -> None:
    """Refuse a rule that gives no last moment; one that only lengthens another says which to ask."""
    if not (rule.is_clock or rule.is_periodic):
        ask = f"；它延长{rule.extends}，请计算该条并给出批准延长的日期" if rule.extends else ""
        raise RulebookError(f"{rule.id}: 没有可以计算的期限{ask}")


def governing(dues: Sequence[Due]) -> Due:
    """Of several terms of one act the one that governs: the earliest; of what must be kept and of a right, the longest. A right
    lapses when no rule gives it any more: a shorter term of a locality takes nothing from one of the law.
    """
    lasts = all(one.rule.kind in ("retention", "right") for one in dues)
    return (max if lasts else min)(dues, key=lambda one: one.due)


def last_moment(
    rule: Rule,
    at: datetime | date,
    *,
    calendar: Calendar,
    rulebook: Rulebook,
    profile: str,
    pauses: Iterable[Pause] = (),
    extend_on: datetime | date | None = None,
) -> datetime:
    """The `due` of `due()` alone, for counting many: no bases, no other readings, no explanation. Refuses as it does."""
    day_zero = legal_day(at)
    calendar.refuse_outside(day_zero)
    question = _Question(rule, at, day_zero, profile, tuple(pauses), extend_on, calendar, rulebook)
    return question.end().moment


@dataclass(frozen=True, slots=True)
class _End:
    nominal: date
    moment: datetime


@dataclass(frozen=True, slots=True)
class _Question:
    """One rule asked about one moment under one profile."""

    rule: Rule
    at: datetime | date
    day_zero: date
    profile: str
    pauses: tuple[Pause, ...]
    extend_on: datetime | date | None
    calendar: Calendar
    rulebook: Rulebook

    def end(self) -> _End:
        """The end with pauses and extension; refuses what the profile's rules do not allow."""
        self._check_pauses()
        unextended = self._end(self.rule.within)
        if self.extend_on is None:
            return unextended
        return self._end(self._extended(unextended))

    def _end(self, within: Period | None) -> _End:
        if within is None:
            return _closing(periods.end_of(self.rule, self.day_zero, self.calendar))
        if within.unit == "hour":
            moment = self._minute() + timedelta(hours=within.amount)
            return _End(moment.date(), moment)
        return _closing(
            periods.forward(self.day_zero, within, self.calendar, rolls=self.rule.rolls, pauses=self.pauses)
        )

    def _minute(self) -> datetime:
        if not isinstance(self.at, datetime):
            raise RulebookError(f"{self.rule.id}: 按小时计算的期限须给出时刻，不能只有日期")
        return _moment(self.at).replace(second=0, microsecond=0)

    def _check_pauses(self) -> None:
        if not self.pauses:
            return
        rule = self.rule
        if rule.within is None or rule.within.unit == "hour" or rule.within.is_same_day:
            raise RulebookError(f"{rule.id}: 这一期限不能暂停")
        allowing = self.rulebook.pauses_of(rule.id, self.profile, self._as_of())
        if not allowing:
            raise RulebookError(f"{rule.id}: {self.profile} 没有规则允许暂停")
        kinds = {kind for one in allowing for kind in one.pause_kinds}
        for pause in self.pauses:
            self.calendar.refuse_outside(pause.start, pause.end)
            if pause.end < pause.start:
                raise RulebookError(f"{rule.id}: 暂停的止日{pause.end}早于起日{pause.start}")
            if pause.start < self.day_zero:
                raise RulebookError(f"{rule.id}: 暂停的起日{pause.start}早于起算日{self.day_zero}")
            if pause.kind and pause.kind not in kinds:
                raise RulebookError(f"{rule.id}: 不允许以{pause.kind}为由暂停")

    def _extended(self, unextended: _End) -> Period:
        rule, approved = self.rule, self.extend_on
        found = self.rulebook.extensions_of(rule.id, self.profile, self._as_of())
        extension = self.rulebook.rule(found[0].id, self._as_of()).within if found else None
        if extension is None or rule.within is None or approved is None:
            raise RulebookError(f"{rule.id}: {self.profile} 没有规则允许延长")
        late = (
            _moment(approved).replace(microsecond=0) > unextended.moment
            if isinstance(approved, datetime)
            else approved > unextended.moment.date()
        )
        if late:
            raise RulebookError(f"{rule.id}: 期限已于{unextended.moment.date()}届满，其后批准的延长无效")
        if legal_day(approved) < self.day_zero:
            raise RulebookError(f"{rule.id}: 批准延长早于起算日{self.day_zero}")
        return Period(rule.within.amount + extension.amount, rule.within.unit)

    def _as_of(self) -> date | None:
        """Whose versions allow a pause or an extension: those in force on day 0; of a rule not in force then, the newest."""
        return self.day_zero if self.is_in_force() else None

    def is_in_force(self) -> bool:
        """Whether the rule binds the profile on day 0; if periodic, on some day of the span owed for."""
        if not self.rulebook.binds(self.rule.id, self.profile):
            return False
        first, last = self.day_zero, self.day_zero
        if self.rule.is_periodic:
            each = self.rule.each or "year"
            first, last = periods.opening_day(each, first), periods.closing_day(each, last)
        return self.rulebook.in_force_between(self.rule, first, last, self.profile)

    def precedes_rule(self, end: _End) -> bool:
        """Whether a calendar date had passed before its rule existed (counting 14)."""
        return self.rule.is_periodic and end.moment.date() < self.rule.effective_from

    def basis(self, end: _End) -> Basis:
        rule = self.rule
        adopted = self.rulebook.is_adopted(rule.id, self.profile)
        return Basis(rule.id, rule.instrument, rule.article, rule.title, end.moment, adopted)

    def other_bases(self) -> Iterator[Basis]:
        """The profile's other rules that the same fact opens for the same obligation."""
        for other in self.rulebook.binding(self.profile, self._last_day_asked()):
            if other.enforced == self.rule.enforced and self._is_rival(other) and self._starts_alike(other):
                yield self._about(other).basis(self._end_of(other))

    def _last_day_asked(self) -> date:
        """Whose versions of other rules are compared: those in force on day 0; on the last day of a year owed for."""
        return periods.closing_day("year", self.day_zero) if self.rule.is_periodic else self.day_zero

    def others(self, end: _End, shelf: Iterable[Rule]) -> Iterator[Reading]:
        """The readings not used: the window of a backward period, and rules of the same obligation that do not bind
        here.
        """
        rule = self.rule
        # only “前N日内” has the second reading; “N日前” has none
        if rule.before is not None and rule.before.unit == "day" and "日内" in rule.quote:
            window = self.day_zero - timedelta(days=rule.before.amount), self.day_zero - _DAY
            reason = f"“前{rule.before.amount}日内”也可读作{window[0]}至{window[1]}之间"
            yield Reading(rule.id, rule.instrument, rule.article, None, window, reason)
        for newest in shelf:
            if not self._is_rival(newest):
                continue
            other = self.rulebook.rule(newest.id, on=self._last_day_asked())
            moment = self._end_of(other).moment if self._starts_alike(other) else None
            yield Reading(other.id, other.instrument, other.article, moment, None, self._why_unused(other, moment))

    def _why_unused(self, other: Rule, moment: datetime | None) -> str:
        if not self.rulebook.binds(other.id, self.profile):
            return "不适用于本机关，仅供对照"
        if moment is None:
            return "起算的事实不同"
        if not self._about(other).is_in_force():
            return "当天尚未施行或者已经失效"
        if not self.is_in_force():
            return "本机关当天适用的是这一条，所问的一条当天对本机关不生效"
        return "所问的一条尚未纳入执行" if other.is_enforced else "尚未纳入执行"

    def _is_rival(self, other: Rule) -> bool:
        rule = self.rule
        same = other.id != rule.id and other.obligation == rule.obligation
        alike = compatible(rule.when, other.when) and compatible(rule.opens_when, other.opens_when)
        return same and alike and (other.is_clock if rule.is_clock else other.kind == rule.kind)

    def _starts_alike(self, other: Rule) -> bool:
        if self.rule.is_periodic:
            return True
        hours = other.within is not None and other.within.unit == "hour"
        if hours and not isinstance(self.at, datetime):
            return False
        # rules whose mechanism is not built yet name no fact: those of one obligation start alike
        first, second = set(self.rule.opens_on), set(other.opens_on)
        return bool(first & second or not first | second) and other.is_backward == self.rule.is_backward

    def _about(self, other: Rule) -> _Question:
        """The same question about another rule, with the pauses that it allows."""
        pauses = self.pauses if self.rulebook.pauses_of(other.id, self.profile) else ()
        return _Question(other, self.at, self.day_zero, self.profile, pauses, None, self.calendar, self.rulebook)

    def _end_of(self, other: Rule) -> _End:
        """Where another rule ends, extended too where it allows that and had not ended before the approval."""
        plain = self._about(other)
        if self.extend_on is None or not self.rulebook.extensions_of(other.id, self.profile):
            return plain.end()
        unextended = plain.end()
        if legal_day(self.extend_on) > unextended.moment.date():
            return unextended
        return replace(plain, extend_on=self.extend_on).end()

    def counted(self, end: _End) -> Iterator[Counted]:
        """The days that count, with their number; nothing where months, years, hours or a date are counted."""
        period = self.rule.within or self.rule.before
        if period is None or period.unit not in ("working_day", "day"):
            return
        spans = periods.merged(self.pauses)
        n = 0
        for day in self._way(end.nominal):
            if (period.unit == "day" or self.calendar.is_working(day)) and not periods.is_paused(day, spans):
                n += 1
                yield Counted(day, n, self.calendar.is_make_up(day))

    def skipped(self, end: _End) -> Iterator[Skipped]:
        """The days passed over on the way, paused or off; where a nominal day is off, it and those up to the last
        day.
        """
        period = self.rule.within or self.rule.before
        if period is None or period.unit == "hour":
            return
        spans = periods.merged(self.pauses)
        last = end.moment.date()
        moved = sorted((end.nominal, last)) if end.nominal != last else None
        for day in self._way(last):
            if periods.is_paused(day, spans):
                yield Skipped(day, PAUSED)
            elif (period.unit == "working_day" or (moved and moved[0] <= day <= moved[1])) and not (
                self.calendar.is_working(day)
            ):
                yield Skipped(day, self.calendar.reason(day))

    def _way(self, last: date) -> Iterator[date]:
        """The days after day 0 to a day, or back from day 0 to it."""
        if last >= self.day_zero:
            return days(self.day_zero + _DAY, last)
        return (self.day_zero - timedelta(days=n) for n in range(1, (self.day_zero - last).days + 1))

    def alert_from(self, end: _End) -> date:
        """The nominal day where the end rolled on; for a date of the year the last working day on or before it
        (counting 4, 7).
        """
        if self.rule.is_periodic:
            return self.calendar.previous_working_day(end.nominal)
        return min(end.nominal, end.moment.date())

    def is_provisional(self, end: _End) -> bool:
        """Whether a notice still to come could move the end or its alert; what never asks the calendar cannot move."""
        rule, last = self.rule, end.moment.date()
        period = rule.within or rule.before
        if period is None:
            touched = (self.alert_from(end), last)
        elif period.unit == "working_day":
            touched = (self.day_zero, last)
        elif period.unit == "hour" or period.is_same_day or not rule.rolls:
            return False
        else:
            touched = (end.nominal, last)
        first_year, last_year = sorted(day.year for day in touched)
        return any(self.calendar.is_provisional(year) for year in range(first_year, last_year + 1))


def conventions_of(rule: Rule, *, paused: bool) -> Iterator[str]:
    """What of a rule's counting is our own reading where the law is silent, to be said on the page."""
    if rule.fixed is not None:
        yield f"“{rule.fixed.month}月{rule.fixed.day}日前”按包括当日计算，遇休息日不顺延"
    if rule.by_day is not None:
        yield f"“次月{rule.by_day}日前”按包括当日计算，遇休息日不顺延"
    if rule.before is not None and rule.before.unit == "day":
        yield "向前计算的期限遇休息日提前到此前最近的工作日"
    if paused:
        yield "提出要求的当日计入期限，次日起至收到材料之日不计入"
    if rule.note:
        yield rule.told_note


def _closing(end: periods.End) -> _End:
    """A period in days ends at 24:00; the last lawful second is one before it."""
    return _End(end.nominal, datetime.combine(end.last, time(23, 59, 59), SHANGHAI))


def _moment(at: datetime | date) -> datetime:
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise RulebookError(f"{at}: 时刻须带时区")
    return at.astimezone(SHANGHAI)
