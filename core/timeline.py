"""The course of a file as a page tells it: what happened, what is still owed, and the stages it goes through."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Self

from django.utils import timezone

Tone = Literal["plain", "key", "met", "late", "duty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a timeline.

    `at` is the legal moment; `recorded_at` is shown where it falls on another day, so that a late entry hides nothing.
    `citations` are rulebook citations or bases of a duty, `links` pairs of words and address. `fragment` names a
    template that shows `extra` under the line (a recording's strip). A replaced line stays, struck through, and says
    by what.
    """

    at: datetime
    title: str
    detail: str = ""
    icon: str = "document"
    tone: Tone = "plain"
    kind: str = "act"
    who: str = ""
    citations: tuple[Any, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    duty: Any = None
    recorded_at: datetime | None = None
    replaced: str = ""
    fragment: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def entered_later(self) -> bool:
        """Whether it was entered on another day than it happened."""
        return self.recorded_at is not None and timezone.localdate(self.recorded_at) != timezone.localdate(self.at)

    @classmethod
    def of_duty(cls, duty: Any) -> Self:
        """A duty at its last lawful moment; met ones are told by the act that met them, and look settled here."""
        tones: dict[str, Tone] = {"overdue": "late" if duty.can_be_red else "duty", "met": "met", "met_late": "met"}
        tone = tones.get(duty.state, "duty")
        icons = {"late": "warn", "met": "check"}
        return cls(
            at=duty.due_at,
            title=duty.title,
            icon=icons.get(tone, "flag"),
            tone=tone,
            kind="duty",
            duty=duty,
            citations=(duty.driving_basis,),
        )


def newest_first(entries: Iterable[Entry]) -> list[Entry]:
    """By legal moment, the latest on top; lines of one moment keep their order reversed, as they were written."""
    return sorted(entries, key=lambda entry: entry.at)[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a procedure: done on a day, the present one, or still to come, perhaps with a last day and the page that explains it."""

    label: str
    state: Literal["done", "now", "todo"]
    on: date | datetime | None = None
    due: date | datetime | None = None
    why: str = ""
    citation: Any = None
