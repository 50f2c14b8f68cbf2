"""Why a moment is what it is, drawn the same wherever a date stands: on the desk and on the public site."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from core.daystrip import WEEKDAYS, Cell
from core.explaining import tell
from core.templatetags.mc import day

register = template.Library()

ROWS: Final = {"skip": ' class="passed"', "pause": ' class="passed"'}


@register.inclusion_tag("core/_explanation.html")
def explain(
    explanation: dict[str, Any],
    *,
    public: bool = False,
    today: date | None = None,
    whole: bool = False,
    more: str = "",
    paused_from: date | None = None,
) -> dict[str, object]:
    """The whole explanation of one deadline, from its JSON. `public`: no link leads behind the login, and no day is today.

    A long one shows its ends; `whole` lists every day below, and a page that has no room for that says where it is listed (`more`).
    Of a clock that stands still since `paused_from` the day told is the one before the pause: it moves once the clock runs again.
    """
    on = today or (date.min if public else timezone.localdate())
    return {
        "explanation": explanation,
        "told": tell(explanation, today=on, whole=whole),
        "public": public,
        "more": more,
        "paused_from": paused_from,
    }


@register.filter
def calendar_words(calendar: str) -> str:
    """A calendar, by its id, in words: the years whose notices it holds."""
    years = calendar.removeprefix("cn-")
    if years == "statutory":
        return "法定节假日和周末"
    return "、".join("至".join(f"{year}年" for year in span.split("-")) for span in years.split("+")) + "放假安排"


@register.simple_tag
def day_cells(cells: Sequence[Cell], *, in_weeks: bool = False) -> SafeString:
    """Days side by side, or in weeks. Hidden from screen readers: the table beside it says the same."""
    head = "".join(f'<li class="hd">{name}</li>' for name in WEEKDAYS) if in_weeks else ""
    # The words are the rulebook's (a holiday's name); all else is ours.
    days = "".join(
        f'<li class="{cell.css}"><span class="wd">{cell.weekday}</span><b>{cell.label}</b><span class="n">{cell.mark}</span>'
        f'<span class="why-not">{html.escape(cell.words)}</span></li>'
        for cell in cells
    )
    return SafeString(f'<ol class="days{" days--weeks" if in_weeks else ""}" aria-hidden="true">{head}{days}</ol>')


@register.simple_tag
def day_rows(cells: Sequence[Cell]) -> SafeString:
    """The same days as rows of a table; those that do not count are marked for the eye."""
    return SafeString(
        "".join(
            f'<tr{ROWS.get(cell.kind, "")}><th scope="row">{day(cell.day)}</th><td>{html.escape(cell.told)}</td></tr>'
            for cell in cells
        )
    )
