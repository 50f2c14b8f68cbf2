"""What templates say in the house's words: days, moments, money, citations, chips, fields, the course of a file."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django import template
from django.forms import BoundField, widgets
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core import calendars, law
from core.access import Permit
from core.daystrip import WEEKDAYS
from core.desk.horizon import horizon
from core.icons import ICONS
from core.timeline import Entry, newest_first
from rulebook.deadlines import SHANGHAI, legal_day
from rulebook.model import Citation

register = template.Library()

LAST_SECOND: Final = time(23, 59, 59)
PROVISIONAL: Final = SafeString(' <span class="tag tag--dash">暂定</span>')
ADOPTED: Final = SafeString(' <span class="tag tag--dash">参照</span>')


# --- days and moments ---------------------------------------------------------------------------------------


def _as_moment(value: date | datetime | str | None) -> date | datetime | None:
    """A legal day or moment in Asia/Shanghai; text is ISO 8601, as explanations hold it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else (date.fromisoformat(value) if value else None)
    if isinstance(value, datetime) and timezone.is_aware(value):
        return value.astimezone(SHANGHAI)
    return value


def _day_of(value: date | datetime | str | None) -> date | None:
    moment = _as_moment(value)
    return moment.date() if isinstance(moment, datetime) else moment


def _weekday(day: date) -> str:
    """周五; 周六，班 where the State Council's notice makes a weekend a working day."""
    name = f"周{WEEKDAYS[day.weekday()]}"
    if day.weekday() >= 5 and calendars.seen().is_make_up(day):
        name += "，班"
    return name


@register.filter
def day(value: date | datetime | str | None) -> str:
    """2026年2月27日（周五）; nothing for None."""
    on = _day_of(value)
    return f"{on.year}年{on.month}月{on.day}日（{_weekday(on)}）" if on else ""


@register.filter
def short_day(value: date | datetime | str | None, now: date | datetime | None = None) -> str:
    """2月27日（周五）, for lists; with its year where that is not the present one (the year of `now`)."""
    on = _day_of(value)
    if not on:
        return ""
    this_year = (_day_of(now) or legal_day(timezone.now())).year
    return day(on) if on.year != this_year else f"{on.month}月{on.day}日（{_weekday(on)}）"


@register.filter
def bare_day(value: date | datetime | str | None) -> str:
    """2月27日, where there is no room for more."""
    on = _day_of(value)
    return f"{on.month}月{on.day}日" if on else ""


@register.filter
def near_day(value: date | datetime | str | None, now: date | datetime | None = None) -> str:
    """2月27日, with its year where that is not the present one (the year of `now`): a deadline of next January is no past one."""
    on = _day_of(value)
    if not on:
        return ""
    this_year = (_day_of(now) or legal_day(timezone.now())).year
    return bare_day(on) if on.year == this_year else f"{on.year}年{bare_day(on)}"


@register.filter
def clock(value: datetime | str | None) -> str:
    """17:30; the last second of a day is its end, 24:00."""
    moment = _as_moment(value)
    if not isinstance(moment, datetime):
        return ""
    return "24:00" if moment.time().replace(microsecond=0) == LAST_SECOND else f"{moment:%H:%M}"


@register.filter
def moment(value: datetime | str | None) -> str:
    """2026年2月27日（周五）17:30."""
    return day(value) + clock(value)


@register.filter
def iso(value: date | datetime | str | None) -> str:
    """For the datetime attribute of <time>."""
    moment = _as_moment(value)
    return moment.isoformat() if moment else ""


@register.filter
def yuan(value: Decimal | int | None) -> str:
    """20,000.00 元."""
    return "" if value is None else f"{value:,.2f} 元"


@register.filter
def read(mapping: dict[str, Any], key: str) -> Any:
    """The value of a key that may be absent (None then)."""
    return mapping.get(key)


# --- icons, citations, duties -------------------------------------------------------------------------------


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, label: str = "") -> SafeString:
    """An inline outline. KeyError for a name that is not drawn: a typing error must not become an empty space."""
    shape = mark_safe(ICONS[name])  # noqa: S308  (our own constant)
    if label:
        return format_html('<svg class="i" role="img" aria-label="{}" viewBox="0 0 16 16">{}</svg>', label, shape)
    return format_html('<svg class="i" aria-hidden="true" viewBox="0 0 16 16">{}</svg>', shape)


def _citation(of: Citation | dict[str, Any]) -> Citation:
    """A citation, also of a basis or reading kept as JSON with a duty: it names its rule, instrument and article."""
    if isinstance(of, Citation):
        return of
    instrument = law.rulebook().instrument(of["instrument"])
    return Citation(
        rule_id=of["rule"],
        instrument_id=instrument.id,
        instrument_title=instrument.title,
        short_title=instrument.short_title,
        article=of["article"],
        quote=of.get("quote", ""),
        adopted=of.get("adopted", False),
    )


@register.simple_tag
def cite(
    of: Citation | dict[str, Any] | None, *, full: bool = False, brief: bool = False, public: bool = False
) -> SafeString:
    """An article, quiet and dotted, linked to its rule; 参照 where the profile adopts it by reference.

    Nothing for None. `full` gives the instrument's whole title, `brief` the article alone (its name is still read out),
    `public` no link: the desk's rules are behind the login.
    """
    if not of:
        return SafeString("")
    return _cited(_citation(of), full, brief, public)


@register.simple_tag
def basis(permit: Permit) -> SafeString:
    """Where a permit's no comes from: its article, or that it is the agency's own rule."""
    return cite(permit.citation) or format_html('<span class="muted">{}</span>', permit.source)


@lru_cache(maxsize=2048)
def _cited(citation: Citation, full: bool, brief: bool, public: bool) -> SafeString:
    hidden = SafeString(' class="visually-hidden"' if brief else "")
    title = citation.instrument_title if full else citation.short_title
    words = format_html("<span{}>{}</span> <span>{}</span>", hidden, title, citation.article)
    if public:
        shown = format_html('<span class="cite">{}</span>', words)
    else:
        shown = format_html('<a class="cite" href="{}">{}</a>', reverse("desk:rule", args=[citation.rule_id]), words)
    return shown + ADOPTED if citation.adopted else shown


@register.simple_tag
def cites(citations: Iterable[Any], *, public: bool = False) -> SafeString:
    """Several articles, in order."""
    return SafeString(" ".join(cite(each, public=public) for each in citations))


@register.filter
def remaining(duty: Any, now: datetime | None = None) -> str:
    """How long is left of a duty, in words: 剩余2个工作日, 逾期1个工作日, 今天24:00前, 按期; of one counted in hours 剩余22小时."""
    return _remaining(duty, duty.state if now is None else duty.state_at(now), now)


def _remaining(duty: Any, state: str, now: datetime | None = None) -> str:
    if state == "voided":
        return str(duty.void_word)
    if state == "met" and duty.kind == "limit":
        return "时效内"
    if state in SETTLED:
        return SETTLED[state]
    if state == "today":
        return f"今天{clock(duty.due_at)}前"
    left: int = duty.workdays_left if now is None else duty.workdays_left_at(now)
    to_the_minute = clock(duty.due_at) != "24:00"
    if state == "overdue":
        if left < 0:
            return f"逾期{-left}个工作日"
        return f"逾期{_hours_away(duty.due_at, now)}" if to_the_minute else "刚刚逾期"
    if to_the_minute:
        return f"剩余{_hours_away(duty.due_at, now)}"
    return f"剩余{left}个工作日" if left > 0 else "剩余不足1个工作日"


def _hours_away(due_at: datetime, now: datetime | None) -> str:
    """22小时, in whole hours; less than one in minutes, of which at least one."""
    minutes = int(abs((due_at - (now or timezone.now())).total_seconds()) // 60)
    return f"{minutes // 60}小时" if minutes >= 60 else f"{max(minutes, 1)}分钟"


SETTLED: Final[dict[str, str]] = {
    "met": "按期",
    "met_late": "逾期后办结",
    "lapsed": "已届满",
    "paused": "暂停计算",
    "voided": "已撤销",
}
CHIPS: Final[dict[str, tuple[str, str]]] = {
    "overdue": ("overdue", "warn"),
    "today": ("today", "clock"),
    "soon": ("soon", "clock"),
    "met": ("met", "check"),
    "met_late": ("met-late", "check"),
    "lapsed": ("open", "minus-circle"),
    "paused": ("paused", "pause"),
    "voided": ("open", "minus-circle"),
}


@register.simple_tag
def duty_chip(duty: Any, *, cited: bool = False) -> SafeString:
    """The chip of a duty: colour, icon and words; 暂定 where a year's notice is not entered, 参照 where adopted.

    A duty of an outside body is late in words, never in red. `cited`: the article beside it says 参照 itself.
    """
    # Without a template: a list shows fifty of them.
    state = duty.state
    look, drawn = CHIPS.get(state, ("open", "clock"))
    look = look if duty.can_be_red or look != "overdue" else "open"
    chip = format_html('<span class="chip chip--{}">{}{}</span>', look, icon(drawn), _remaining(duty, state))
    if duty.provisional and state not in SETTLED:
        chip += PROVISIONAL
    return chip + ADOPTED if duty.adopted and not cited else chip


@register.simple_tag
def due_day(duty: Any, now: date | datetime | None = None, *, to: str = "") -> SafeString:
    """The last day of a duty as a list says it, with the minute where hours are counted, leading to how it was counted: on the duty's own
    page, or at the address `to`.
    """
    at = clock(duty.due_at)
    return format_html(
        '<a class="due-day" href="{}"><time datetime="{}">{}</time><span class="visually-hidden">，怎么算的：{}</span></a>',
        to or duty.get_absolute_url(), iso(duty.due_at), short_day(duty.due_at, now) + (at if at != "24:00" else ""), duty.title,
    )  # fmt: skip


@register.inclusion_tag("core/_duty_list.html")
def duty_list(duties: Iterable[Any], now: datetime | None = None, *, is_part: bool = False) -> dict[str, object]:
    """Duties in groups 已逾期, 今天到期, 休息日到期, 下一个工作日到期, 本周到期, 以后; nearest first in each, as they were handed over.

    `is_part`: they are one page of several, so that a group is not counted (it may go on beyond the page).
    """
    near = horizon(now or timezone.now())
    groups: dict[str, list[Any]] = {"overdue": [], "today": [], "off": [], "next": [], "week": [], "later": []}
    for duty in duties:
        state = duty.state
        due = timezone.localtime(duty.due_at).date()
        groups[state if state in ("overdue", "today") else near.group_of(due)].append(duty)
    last = max(near.week_ends, near.next_working_day)
    heads: dict[str, tuple[str, str]] = {
        "overdue": ("已逾期", "请先办"),
        "today": ("今天到期", short_day(near.today)),
        "off": ("休息日到期", f"不顺延，{bare_day(near.next_working_day)}上班时已经到期"),
        "next": ("下一个工作日到期", short_day(near.next_working_day)),
        "week": (f"{near.week}到期", f"至{short_day(near.week_ends)}"),
        "later": ("以后到期", f"{bare_day(last)}以后"),
    }
    kept = [(key, *heads[key], held) for key, held in groups.items() if held]
    return {
        "groups": [{"key": key, "title": title, "hint": hint, "duties": held} for key, title, hint, held in kept],
        "is_part": is_part,
    }


# --- the course of a file -----------------------------------------------------------------------------------


@register.inclusion_tag("core/_timeline.html")
def timeline(entries: Sequence[Entry], now: datetime | None = None) -> dict[str, object]:
    """The course of a file, newest first, what is still to come above the line of today."""
    at = now or timezone.now()
    ordered = newest_first(entries)
    ahead = SafeString("\n".join(_line_of(entry, at) for entry in ordered if entry.at > at))
    past = SafeString("\n".join(_line_of(entry, at) for entry in ordered if entry.at <= at))
    return {"now": at, "ahead": ahead, "past": past}


def _line_of(entry: Entry, now: datetime) -> str:
    """One line of a file's course. Without a template: a course has dozens. Words that came from outside are escaped here one by one."""
    title = conditional_escape(entry.title)
    parts = [f"<s>{title}</s>" if entry.replaced else title if entry.duty else f"<b>{title}</b>"]
    if entry.duty:
        parts.append(duty_chip(entry.duty))
    parts.append(cites(entry.citations))
    if entry.duty:
        why = '<a class="small" href="{}">怎么算的<span class="visually-hidden">：{}</span></a>'
        parts.append(why.format(entry.duty.get_absolute_url(), title))
    shown = [" ".join(parts)]
    if entry.fragment:
        shown.append(render_to_string(entry.fragment, {"extra": entry.extra}))
    if entry.who or entry.detail or entry.links:
        links = format_html_join("", '　<a href="{1}">{0}</a>', entry.links) if entry.links else ""
        who = f"{entry.who}　" if entry.who else ""
        shown.append(f"<small>{conditional_escape(who)}{conditional_escape(entry.detail)}{links}</small>")
    if entry.entered_later:
        shown.append(format_html("<small>发生在{}，{}录入</small>", day(entry.at), day(entry.recorded_at)))
    if entry.replaced:
        shown.append(format_html("<small>{} 已更正：{}</small>", icon("pencil"), entry.replaced))
    told = "\n".join(shown)
    look = f"ev--{entry.tone}{' ev--replaced' if entry.replaced else ''}"
    return (
        f'<li class="ev {look}"><time datetime="{iso(entry.at)}">{short_day(entry.at, now)}</time>'
        f'<span class="m">{icon(entry.icon)}</span><div class="c">\n{told}\n</div></li>'
    )


@register.simple_tag(takes_context=True)
def show_panel(context: template.Context, panel: Any) -> SafeString:
    """A panel that another app fills a slot with, rendered with what it brings beside what the page already knows."""
    found = context.template.engine.get_template(panel.template)  # type: ignore[union-attr]
    with context.push(panel=panel.context, **panel.context):
        return SafeString(found.render(context))


# --- forms --------------------------------------------------------------------------------------------------


def _kind(widget: widgets.Widget) -> str:
    """Which house pattern a widget takes: group, tick, select or control."""
    if isinstance(widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        return "group"
    if isinstance(widget, widgets.CheckboxInput):
        return "tick"
    return "select" if isinstance(widget, widgets.Select) else "control"


@register.inclusion_tag("core/_field.html")
def field(bound: BoundField, *, half: bool = False) -> dict[str, object]:
    """A form field in house style: label, control, help, error with icon; the control is described by both."""
    kind = _kind(bound.field.widget)
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if kind in ("select", "control"):
        own = str(bound.field.widget.attrs.get("class", ""))
        attrs["class"] = " ".join(filter(None, [own, f"form-{kind}", "is-invalid" if bound.errors else ""]))
    return {
        "bound": bound,
        "kind": kind,
        "half": half,
        "described": " ".join(described),
        "control": bound.as_widget(attrs=attrs),
        "optional": not bound.field.required
        and kind != "tick"
        and bound.name not in getattr(bound.form, "of_some", ()),
    }
