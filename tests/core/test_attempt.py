"""A refused act is told at its place on the form, by one table for all of them."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings

from core.access import NotPermitted, Permit
from core.duties import DutyRefused
from core.facts import FactRefused
from core.forms import ActForm
from core.lifecycle import ActRefused, MomentRefused, StepNotOpen, StepRefused
from core.stepping import attempt
from core.store import StoreFull

STEP: Any = SimpleNamespace(label="送达", key="serve")


class Receipt(ActForm):
    moment_field = "made_at"
    made_at = forms.CharField()
    paper = forms.FileField(required=False)


class PaperRefused(ActRefused):
    field = "paper"


class ElsewhereRefused(ActRefused):
    field = "nowhere"


def sent() -> Receipt:
    form = Receipt({"made_at": "九点"})
    assert form.is_valid()
    assert form.http_status == 200
    return form


@pytest.mark.parametrize(
    ("refusal", "field", "message", "status"),
    [
        (NotPermitted(Permit.no("由负责人决定")), "__all__", "由负责人决定", 422),
        (MomentRefused("早于上一步"), "made_at", "早于上一步", 422),
        (FactRefused("晚于现在"), "made_at", "晚于现在", 422),
        (DutyRefused("不能延长"), "made_at", "不能延长", 422),
        (ActRefused("已经办结"), "__all__", "已经办结", 422),
        (PaperRefused("没有传完"), "paper", "没有传完", 422),
        (ElsewhereRefused("没有这一栏"), "__all__", "没有这一栏", 422),
        (StoreFull(28, "存储空间不足"), "paper", "存储空间不足", 507),
        (StepNotOpen(STEP, "已结案"), "__all__", str(StepNotOpen(STEP, "已结案")), 422),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_refusal_stands_at_its_field(refusal: Exception, field: str, message: str, status: int) -> None:
    form = sent()

    def act(**given: object) -> object:
        raise refusal

    assert attempt(form, act) is None
    assert form.errors == {field: [message]}
    assert form.http_status == status
    assert (form.not_open is refusal) == isinstance(refusal, StepNotOpen)


def test_unmet_demands_are_kept_for_the_page() -> None:
    form, demand = sent(), SimpleNamespace(text="未经法制审核")

    def act(**given: object) -> object:
        raise StepRefused(STEP, (demand,))  # type: ignore[arg-type]

    assert attempt(form, act) is None
    assert form.demands == (demand,)
    assert form.http_status == 422


def test_what_was_made_is_returned_and_other_errors_are_nobodys_refusal() -> None:
    form = sent()
    assert attempt(form, lambda **given: given, by="张示例") == {"by": "张示例", "made_at": "九点", "paper": None}
    assert form.http_status == 200

    def broken(**given: object) -> object:
        raise ValueError("a mistake of ours")

    with pytest.raises(ValueError, match="a mistake of ours"):
        attempt(form, broken)


REFUSALS = {
    "StepRefused", "StepNotOpen", "NotPermitted", "MomentRefused", "FactRefused", "DutyRefused", "ActRefused", "StoreFull",
}  # fmt: skip
# Not told on a form: a recording that may not be seen, and administration that is not one's own, answer with a page that says so; the
# calendar answers with its own numbers (403, 409), because a notice is entered once by whoever is first.
ELSEWHERE = {
    ("recording/views.py", "NotPermitted"),
    ("agency/views.py", "NotPermitted"),
    ("agency/telling_views.py", "NotPermitted"),
    ("core/desk/calendar_views.py", "NotPermitted"),
}


def test_no_view_translates_refusals_by_itself() -> None:
    root = Path(settings.BASE_DIR)
    found = {
        (path.relative_to(root).as_posix(), name.id)
        for app in ("core", "agency", "enforcement", "recording", "legalreview", "disclosure", "supervision")
        for path in (root / app).rglob("*views.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        for name in ast.walk(node.type)
        if isinstance(name, ast.Name) and name.id in REFUSALS
    }
    assert found == ELSEWHERE
