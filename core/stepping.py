"""Taking a step in the browser: one way for every procedure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.forms import FileField
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from core.access import NotPermitted
from core.duties import DutyRefused
from core.facts import FactRefused
from core.forms import ActForm, StepForm
from core.lifecycle import ActRefused, Attempt, Lifecycle, MomentRefused, StepNotOpen, StepRefused
from core.models import FactRecord
from core.store import StoreFull
from core.templatetags.mc import moment
from core.views import OfficialRequest

T = TypeVar("T")


def attempt(form: ActForm, act: Callable[..., T], /, **given: Any) -> T | None:
    """Do an act with the form's values and what else is given, and return what it made. None when it was refused: the form says why, and all that was typed stays."""
    try:
        return act(**given, **form.cleaned_data)
    except StepRefused as refused:
        form.refuse(refused.demands)
    except StepNotOpen as late:
        form.not_open = late
        form.refuse_field(None, str(late))
    except NotPermitted as refused:
        form.refuse_field(None, refused.permit.reason)
    except (MomentRefused, FactRefused, DutyRefused) as refused:
        form.refuse_field(form.moment_field, str(refused))
    except ActRefused as refused:
        form.refuse_field(refused.field, str(refused))
    except StoreFull as full:
        files = (name for name, field in form.fields.items() if isinstance(field, FileField))
        form.refuse_field(next(files, None), str(full.strerror), status=507)
    return None


def step_view(
    request: OfficialRequest,
    *,
    obj: Any,
    name: str,
    lifecycle: Lifecycle,
    key: str,
    template: str,
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show the step's form, and take the step when it is sent. `name` is the keyword under which the service takes the file.

    A refusal keeps everything typed and answers 422; a file that moved on meanwhile answers with what happened, on its own page.
    """
    if key not in lifecycle:
        raise Http404
    step = lifecycle[key]
    form_class: Any = step.form_class
    form: StepForm = form_class(request.POST or None, request.FILES or None, obj=obj, by=request.user)
    if lifecycle.state_of(obj) not in step.sources:
        late = StepNotOpen(step, lifecycle.states(lifecycle.state_of(obj)).label, lifecycle.noun)
        messages.warning(request, f"{late}{_who_was_faster(obj)}")
        return redirect(obj)
    if request.method == "POST" and form.is_valid():
        if attempt(form, step.take, **{name: obj}, by=request.user) is not None:
            messages.success(request, f"已办理：{step.label}")
            return redirect(obj)
        if form.not_open is not None:
            messages.warning(request, f"{form.not_open}{_who_was_faster(obj)}")
            return redirect(obj)
    elif request.method == "GET":
        form.demands = lifecycle.unmet(step, obj, Attempt(by=request.user, happened_at=timezone.now()))
    permit = step.who(request.user, obj)
    return render(
        request,
        template,
        {
            "step": step,
            "form": form,
            "permit": permit,
            "draft_key": f"{lifecycle.name}:{obj.pk}:{key}",
            **(context or {}),
        },
        status=form.http_status,
    )


def _who_was_faster(obj: Any) -> str:
    """Who did what last on the file, and when it was entered."""
    record = FactRecord.objects.filter(stream=obj.stream).select_related("recorded_by").order_by("-pk").first()
    if record is None:
        return ""
    return f"。{record.recorded_by.name}已于{moment(record.recorded_at)}办理“{record.label}”"
