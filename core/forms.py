"""What every form of a legal step shares: the legal moment, and how a refusal reaches the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

if TYPE_CHECKING:
    from agency.models import Official
    from core.lifecycle import StepNotOpen, Unmet

MINUTE = "%Y-%m-%dT%H:%M"


class MomentInput(forms.DateTimeInput):
    """A local date and minute, as browsers offer it."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=MINUTE)


class MomentField(forms.DateTimeField):
    """A moment in Asia/Shanghai, to the minute."""

    widget = MomentInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("input_formats", [MINUTE, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"])
        options.setdefault(
            "error_messages", {"required": "请填写时间", "invalid": "时间不完整，应为年、月、日、时、分"}
        )
        super().__init__(**options)


class ActForm(forms.Form):
    """A form whose act may still be refused when its fields are in order."""

    # The field at which a moment that cannot be is refused.
    moment_field: ClassVar[str] = "happened_at"
    demands: tuple[Unmet, ...] = ()
    # The step was not open any more when it was taken.
    not_open: StepNotOpen | None = None
    _refused_with = 0

    def refuse(self, demands: Iterable[Unmet]) -> None:
        """The law forbids the step now: show every demand with its articles; what was typed stays."""
        self.demands = tuple(demands)
        self._refused_with = 422

    def refuse_field(self, field: str | None, message: str, status: int = 422) -> None:
        """A message at its field, or above the form where the form has no such field."""
        self.add_error(field if field in self.fields else None, message)
        self._refused_with = status

    @property
    def http_status(self) -> int:
        """422 for a form that was sent and refused, or what it was refused with."""
        return self._refused_with or (422 if self.is_bound and not self.is_valid() else 200)


class StepForm(ActForm):
    """A form whose cleaned values are the keywords of one service. Built with the file it is about and the official who fills it."""

    happened_at = MomentField(label="发生时间", help_text="实际发生的时间，不是录入时间；期限按这个时间计算")

    def __init__(self, data: Any = None, files: Any = None, *, obj: Any, by: Official, **options: Any) -> None:
        self.obj = obj
        self.by = by
        initial = (
            {"happened_at": timezone.localtime().replace(second=0, microsecond=0)}
            | self.prefill(obj)
            | (options.pop("initial", None) or {})
        )
        super().__init__(data, files, initial=initial, **options)

    def prefill(self, obj: Any) -> dict[str, Any]:
        """What earlier steps already know, so that no fact is asked twice."""
        return {}

    def clean_happened_at(self) -> datetime:
        moment: datetime = self.cleaned_data["happened_at"]
        if moment > timezone.now():
            raise ValidationError("发生时间不能晚于现在")
        return moment
