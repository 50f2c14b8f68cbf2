"""The rows of the list of cases, drawn without a template: fifty of them are most of what the page costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.templatetags.mc import due_day, duty_chip, short_day
from enforcement.selectors.lists import Line

register = template.Library()

ROW: Final = """<tr>
<td class="what"><b><a href="{}">{}</a></b><small>{}　{}</small></td>
<td data-l="状态" class="nowrap"><span class="tag{}">{}</span></td>
<td data-l="主办" class="nowrap">{}</td>
<td data-l="最近一步" class="nowrap">{}</td>
<td data-l="最近的期限">{}</td>
</tr>
"""
DUTY: Final = '{} <span class="nowrap">{}</span><br><small class="muted">{}</small>'
NO_DUTY: Final = SafeString('<span class="muted">没有</span>')
NO_LEAD: Final = SafeString('<span class="muted">待确定</span>')
ENDED: Final = SafeString("")
UNDER_WAY: Final = SafeString(" tag--blue")


@register.simple_tag
def case_rows(lines: Iterable[Line]) -> SafeString:
    """One table row a case: what it is, its state, who leads it, its latest step, its most pressing duty."""
    return format_html_join("", ROW, (_cells(line) for line in lines))


def _cells(line: Line) -> tuple[object, ...]:
    duty = line.duty
    return (
        line.url,
        line.title,
        line.label,
        line.unit,
        ENDED if line.is_ended else UNDER_WAY,
        line.state,
        line.lead or NO_LEAD,
        short_day(line.last_step_at),
        format_html(DUTY, duty_chip(duty), duty.title, due_day(duty)) if duty else NO_DUTY,
    )
