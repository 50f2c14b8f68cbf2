"""Given this event under this rule, when? The one way in which the public page and the API ask the rulebook.

What is answered is the JSON of `manage.py deadline --json`, counted with the calendar in use: that of the rulebook's files and the
notices entered here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from core import calendars, law
from rulebook import cli, deadlines
from rulebook.deadlines import Due
from rulebook.model import Instrument, Rule, RulebookError

# What a stranger may ask at once; nobody's case comes near either.
MOST_PAUSES: Final = 20
LONGEST_PAUSE_DAYS: Final = 3 * 366


class QuestionRefused(ValueError):
    """A question that has no answer. `field` is what of it is wrong; the message is Chinese and for its reader."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as text: the fields of one line of `manage.py deadline --batch`."""

    rule: str
    at: str
    profile: str | None = None
    pauses: tuple[tuple[str, str], ...] = ()
    extend_on: str | None = None

    def answer(self) -> Due:
        """The deadline. Raises QuestionRefused naming the field that is wrong."""
        self._refuse_too_much()
        try:
            return self._ask()
        except RulebookError as refused:
            field, reason = self._blame(refused)
            raise QuestionRefused(field, self._for_people(reason)) from refused

    def _ask(self) -> Due:
        return cli.find_deadline(
            self.rule,
            self.at,
            profile=self.profile,
            pauses=self.pauses,
            extend_on=self.extend_on,
            calendar=calendars.current(),
            rulebook=law.rulebook(),
        )

    def _refuse_too_much(self) -> None:
        if len(self.pauses) > MOST_PAUSES:
            raise QuestionRefused("pause", f"暂停最多填{MOST_PAUSES}次")
        for start, end in self.pauses:
            try:
                length = cli.parse_day(end) - cli.parse_day(start)
            except RulebookError as refused:
                raise QuestionRefused("pause", str(refused)) from refused
            if length.days > LONGEST_PAUSE_DAYS:
                raise QuestionRefused("pause", "一次暂停超过三年，请核对日期")

    def _blame(self, refused: RulebookError) -> tuple[str, RulebookError]:
        """The field without which the question could be answered, and what was said of it."""
        for field, bare in self._ever_fuller():
            try:
                if field in ("rule", "profile"):
                    bare._know(field)
                else:
                    bare._ask()
            except RulebookError as earlier:
                return field, earlier
        return "extend_on", refused

    def _ever_fuller(self) -> Iterator[tuple[str, Question]]:
        yield "rule", self
        yield "profile", self
        yield "at", replace(self, pauses=(), extend_on=None)
        yield "pause", replace(self, extend_on=None)

    def _know(self, field: str) -> None:
        book = law.rulebook()
        if field == "profile":
            if self.profile is not None:
                book.profile(self.profile)
        else:
            deadlines.refuse_uncounted(cli.named(self.rule, book))

    def _for_people(self, refused: RulebookError) -> str:
        """Without the ids that only a rulebook's author knows."""
        words = str(refused).removeprefix(f"{self.rule}: ")
        try:
            title = law.rulebook().profile(self.profile).title if self.profile else ""
        except RulebookError:
            return words
        return words.replace(f"{self.profile} ", title) if title else words


def can_be_counted(rule: Rule) -> bool:
    """Whether a rule gives a last moment: a period after or before a fact, or a date or span of the year."""
    return rule.is_clock or rule.is_periodic


def countable_rules(profile: str) -> list[tuple[Instrument, list[Rule]]]:
    """Every rule that gives a last moment, by instrument: those that bind the profile (if any) first, in its order of precedence."""
    book = law.rulebook()
    order = book.profile(profile).instruments if profile else ()
    instruments = [book.instrument(name) for name in order]
    instruments += [each for each in book.instruments if each.id not in order]
    groups = [(each, [rule for rule in book.rules_of(each.id) if can_be_counted(rule)]) for each in instruments]
    return [(each, rules) for each, rules in groups if rules]
