"""The rulebook and calendar under test, and a way to write files that are wrong in one place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rulebook import library, workdays
from rulebook.deadlines import Due, due

Ask = Callable[..., Due]

# The ids of the national law and of the five localities: what is said of all rules holds with a sixth beside them.
FIVE = ("CN-", "LY-", "SD-", "SZS-", "WH-", "YQ-")

INSTRUMENT = """
[instrument]
id = "test-measures"
title = "示例办法"
issued_by = "示例市人民政府"
rank = "local-government-rule"
effective_from = 2021-01-01
profile = "test-profile"

[[article]]
number = "第一条"
summary = "示例条文。"
"""
RULE = """
[[rule]]
id = "T-1"
article = "第一条"
quote = "应当在七日内"
title = "示例期限"
kind = "deadline"
obligation = "do_it"
opens_on = "test.happened"
met_by = "test.done"
within = { amount = 7, unit = "working_day" }
"""
PROFILE = """
id = "test-profile"
title = "示例局"
instruments = ["test-measures"]
"""


@pytest.fixture
def book() -> library.Rulebook:
    return library.get()


@pytest.fixture
def calendar() -> workdays.Calendar:
    return workdays.get()


@pytest.fixture
def ask(book: library.Rulebook, calendar: workdays.Calendar) -> Ask:
    """due() on the product's own files."""

    def asked(rule: str, at: object, **options: object) -> Due:
        return due(rule, at, **{"calendar": calendar, "rulebook": book, **options})  # type: ignore[arg-type]

    return asked


@pytest.fixture
def shelf(tmp_path: Path) -> Callable[..., Path]:
    """Write a small rulebook; each part can be replaced, further files added."""

    def write(instrument: str = INSTRUMENT, rule: str = RULE, profile: str = PROFILE, **more: str) -> Path:
        (tmp_path / "instruments").mkdir(exist_ok=True)
        (tmp_path / "profiles").mkdir(exist_ok=True)
        (tmp_path / "instruments" / "measures.toml").write_text(instrument + rule, encoding="utf-8")
        (tmp_path / "profiles" / "test-profile.toml").write_text(profile, encoding="utf-8")
        for name, text in more.items():
            (tmp_path / "instruments" / f"{name}.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]
