"""The public calculator's question as a form sends it: fields, their faults, and the address that repeats it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any, Final, Self

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.http import urlencode

from core import calculator, law
from core.calculator import Question, QuestionRefused
from rulebook.deadlines import Due
from rulebook.workdays import FIRST_DAY, LAST_DAY

# Seconds for which caches may keep an answer: it changes only with the rulebook, or with a notice.
MAX_AGE: Final = 300
PAUSES: Final = (1, 2, 3)
DAY: Final = "%Y-%m-%d"
MINUTE: Final = "%H:%M"


class _KeepsWhatWasTyped(forms.DateTimeInput):
    """What a browser's own field would not take stays before the reader, in a field of text: the browser would empty its own."""

    takes: re.Pattern[str]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        written = context["widget"]["value"]
        if written and (not self.takes.fullmatch(written) or _is_in_no_month(written)):
            context["widget"]["type"] = "text"
        return context


class DayInput(_KeepsWhatWasTyped):
    """A day as browsers offer it, within the calendar's range."""

    input_type = "date"
    takes = re.compile(r"\d{4}-\d\d-\d\d")

    def __init__(self) -> None:
        super().__init__({"min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()}, format=DAY)


class MinuteInput(_KeepsWhatWasTyped):
    """A time of the day as browsers offer it."""

    input_type = "time"
    takes = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

    def __init__(self) -> None:
        super().__init__(format=MINUTE)


def _is_in_no_month(written: str) -> bool:
    """Whether this is written as a day, and none: 31 February."""
    if not DayInput.takes.fullmatch(written):
        return False
    try:
        date.fromisoformat(written)
    except ValueError:
        return True
    return False


class DayField(forms.DateField):
    """A day of the calendar. Raises ValidationError with the day named, where no month has it."""

    def to_python(self, value: Any) -> date | None:
        written = str(value).strip() if value else ""
        if _is_in_no_month(written):
            raise ValidationError(f"没有{written}这一天", code="invalid")
        day: date | None = super().to_python(value)
        return day


def _day(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    wrong = {"required": f"请填写{label}", "invalid": "日期应写作2026-02-11这样的年、月、日"}
    return DayField(
        label=label,
        required=required,
        help_text=help_text,
        widget=DayInput(),
        input_formats=[DAY],
        error_messages=wrong,
    )


class CalculatorForm(forms.Form):
    """Rule and event, and what stopped or lengthened the period. Once it is valid, `due` is the answer."""

    profile = forms.ChoiceField(
        label="执法机关",
        help_text="不同机关适用的规定不同，参照执行、暂停和延长也按该机关的规定",
        error_messages={"required": "请选择执法机关", "invalid_choice": "没有这个机关"},
    )
    rule = forms.ChoiceField(
        label="规定",
        help_text="按文件分组，只列能够计算日期的条款",
        error_messages={"required": "请选择规定", "invalid_choice": "没有这条规定，或者它没有可以计算的期限"},
    )
    at = _day(
        "事实发生的日期", required=True, help_text="期限从这一天起算；每年、每季度一次的，填该年、该季度内的任何一天"
    )
    time = forms.TimeField(
        label="时刻",
        required=False,
        help_text="只有按小时计算的期限才需要",
        widget=MinuteInput(),
        input_formats=[MINUTE],
        error_messages={"invalid": "时刻应写作09:30这样的时、分"},
    )
    pause_from_1 = _day("第一次暂停：提出要求")
    pause_to_1 = _day("第一次暂停：收到材料")
    pause_from_2 = _day("第二次暂停：提出要求")
    pause_to_2 = _day("第二次暂停：收到材料")
    pause_from_3 = _day("第三次暂停：提出要求")
    pause_to_3 = _day("第三次暂停：收到材料")
    extend_on = _day("批准延长的日期", help_text="须在届满之前批准，只能延长一次")

    @classmethod
    def read(cls, asked: QueryDict, *, profile: str) -> Self:
        """The question of an address. Without a day it is none yet: what the address names is chosen beforehand."""
        if "at" in asked:
            return cls(asked, profile=profile)
        return cls(
            None, profile=profile, initial={name: str(asked[name]) for name in ("profile", "rule") if name in asked}
        )

    def __init__(self, data: QueryDict | None, *, profile: str, initial: Mapping[str, str] | None = None) -> None:
        """`profile` is that of this installation: offered first."""
        super().__init__(data, initial={"profile": profile, **(initial or {})}, label_suffix="")
        self.due: Due | None = None
        book = law.rulebook()
        profiles = sorted(book.profiles, key=lambda each: each.id != profile)
        self._choose("profile", [("", "请选择"), *((each.id, each.title) for each in profiles)])
        groups = [
            (instrument.title, [(rule.id, f"{rule.article}　{rule.title}（{law.term_of(rule)}）") for rule in rules])
            for instrument, rules in calculator.countable_rules(profile)
        ]
        self._choose("rule", [("", "请选择"), *groups])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def halves(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """The two ends of each pause, side by side."""
        return ((self[f"pause_from_{n}"], self[f"pause_to_{n}"]) for n in PAUSES)

    @property
    def has_more(self) -> bool:
        """Whether pauses or an extension were filled in, rightly or wrongly."""
        return any(self[name].data for name in self.fields if name.startswith("pause_") or name == "extend_on")

    @property
    def http_status(self) -> int:
        """422 for a question that was asked and refused."""
        return 422 if self.is_bound and not self.is_valid() else 200

    def clean(self) -> dict[str, Any]:
        """Ask the rulebook; a refusal stands at its field."""
        given = self.cleaned_data
        for n in PAUSES:
            start, end = given.get(f"pause_from_{n}"), given.get(f"pause_to_{n}")
            if (start is None) != (end is None) and not {f"pause_from_{n}", f"pause_to_{n}"} & self.errors.keys():
                lacking = f"pause_to_{n}" if end is None else f"pause_from_{n}"
                self.add_error(lacking, "暂停须填写提出要求和收到材料两个日期")
        if self.errors:
            return given
        rule = law.rulebook().rule(given["rule"], given["at"])
        if given["time"] is None and rule.within is not None and rule.within.unit == "hour":
            self.add_error("time", "这一期限按小时计算，请填写时刻")
            return given
        try:
            self.due = self.question().answer()
        except QuestionRefused as refused:
            at_field = {"pause": self._first_pause()}.get(refused.field, refused.field)
            self.add_error(at_field, ValidationError(str(refused)))
        return given

    def _first_pause(self) -> str:
        return next((f"pause_from_{n}" for n in PAUSES if self.cleaned_data.get(f"pause_from_{n}")), "pause_from_1")

    def question(self) -> Question:
        """What the cleaned fields ask."""
        given = self.cleaned_data
        day: date = given["at"]
        minute: time | None = given["time"]
        extend_on: date | None = given["extend_on"]
        pauses = ((given[f"pause_from_{n}"], given[f"pause_to_{n}"]) for n in PAUSES)
        return Question(
            rule=given["rule"],
            at=f"{day.isoformat()}T{minute:%H:%M}" if minute else day.isoformat(),
            profile=given["profile"],
            pauses=tuple((start.isoformat(), end.isoformat()) for start, end in pauses if start),
            extend_on=extend_on.isoformat() if extend_on else None,
        )

    def query(self) -> str:
        """The filled fields in their order, as the address that asks the same again."""
        return urlencode([(name, self[name].data) for name in self.fields if self[name].data])


def api_query(question: Question) -> str:
    """The same question as the API reads it."""
    asked = [("rule", question.rule), ("at", question.at), ("profile", question.profile or "")]
    asked += [("pause", f"{start}..{end}") for start, end in question.pauses]
    asked += [("extend_on", question.extend_on or "")]
    return urlencode([(name, value) for name, value in asked if value])
