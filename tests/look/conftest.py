"""Templates are rendered without a database: the calendar and the rulebook are those of the product's files."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import engines

from core import calendars
from rulebook import workdays
from rulebook.model import Citation

MEASURES = SimpleNamespace(
    id="weihai-2020-supervision-measures", title="威海市行政执法监督办法", short_title="监督办法"
)
CITATION = Citation("WH-MEAS-15b", MEASURES.id, MEASURES.title, "监督办法", "第十五条", "7个工作日内公开")
ADOPTED = Citation(
    "YQ-LR-14a", "yangquan-hrss-2021", "阳泉市重大执法决定法制审核制度", "审核制度", "第十四条", "", adopted=True
)
BASIS = {"rule": "WH-MEAS-15b", "instrument": MEASURES.id, "article": "第十五条", "due": "2026-02-27T23:59:59+08:00"}


@pytest.fixture(autouse=True)
def _without_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "seen", workdays.get)


@pytest.fixture
def render() -> Callable[..., str]:
    """Render template source with the tags loaded."""

    def render(source: str, **context: Any) -> str:
        return str(engines["django"].from_string("{% load mc %}" + source).render(context))

    return render
