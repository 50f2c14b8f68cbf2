"""Which marked tests are refused, read from their source and not from a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import expect

from tests.proving import assertions
from tests.proving.assertions import weakness


class Books:
    """Stands for a fixture with steps of its own."""

    def close(self) -> None:
        assert not vars(self)

    def open(self) -> None:
        self.is_open = True


def is_refused() -> None:
    with pytest.raises(ValueError, match="invalid"):
        int("x")


def calls_one_that_asserts() -> None:
    is_refused()


@contextlib.contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(ValueError, match="invalid"):
        yield


def asserts() -> None:
    total = 1 + 1
    assert total == 2


def raises_through_a_manager() -> None:
    with refused():
        int("x")


def through_a_module() -> None:
    assertions.weakness(cast(Any, None))
    is_refused()


def expects(page: Any) -> None:
    expect(page).to_have_title("x")


def asks_a_fixture(books: Books) -> None:
    books.close()


def calls_its_own() -> None:
    def check() -> None:
        assert total == 2

    total = 2
    check()


def walks_round(times: int = 0) -> None:
    if times < 1:
        comes_back()
    is_refused()


def comes_back() -> None:
    walks_round(1)


def is_empty() -> None:
    """Says nothing."""


def only_runs(books: Books) -> None:
    books.open()
    str(books)


def asserts_a_constant() -> None:
    assert True
    assert "total == 2"


def never_calls_its_own() -> None:
    def check() -> None:
        assert not expect

    str(check)


def cannot_be_looked_up(books: Any) -> None:
    books.close()


def skips_itself() -> None:
    assert not expect
    pytest.skip("too slow")


def skips_through_another() -> None:
    assert not expect
    skips_itself()


def item_of(function: Any, *marks: str) -> pytest.Item:
    return cast(
        pytest.Item,
        SimpleNamespace(function=function, get_closest_marker=lambda name: name if name in marks else None),
    )


@pytest.mark.parametrize(
    "function",
    [
        asserts,
        is_refused,
        calls_one_that_asserts,
        raises_through_a_manager,
        through_a_module,
        expects,
        asks_a_fixture,
        calls_its_own,
        walks_round,
    ],
)
def test_what_can_fail_is_taken(function: FunctionType) -> None:
    assert weakness(item_of(function)) == ""


@pytest.mark.parametrize(
    "function",
    [is_empty, only_runs, asserts_a_constant, never_calls_its_own, cannot_be_looked_up],
)
def test_what_cannot_fail_is_refused(function: FunctionType) -> None:
    assert weakness(item_of(function)) == "asserts nothing"


@pytest.mark.parametrize("function", [skips_itself, skips_through_another])
def test_what_leaves_before_its_end_is_refused(function: FunctionType) -> None:
    assert weakness(item_of(function)) == "calls pytest.skip"


@pytest.mark.parametrize("mark", ["skip", "skipif", "xfail"])
def test_what_is_marked_to_be_passed_over_is_refused(mark: str) -> None:
    assert weakness(item_of(asserts, mark)) == f"is marked {mark}"


def test_an_item_without_a_function_is_refused() -> None:
    assert weakness(item_of(None)) == "is no function"


def test_a_mark_on_a_test_that_shows_nothing_is_noted_by_the_command() -> None:
    command = Path(__file__).resolve().parents[2] / "bin" / "rule-coverage"
    module = ModuleType("rule_coverage")
    module.__file__ = str(command)
    exec(SourceFileLoader("rule_coverage", str(command)).get_code("rule_coverage"), vars(module))  # type: ignore[arg-type]
    marked = [
        SimpleNamespace(
            nodeid=f"tests/test_x.py::{function.__name__}[1]",
            function=function,
            get_closest_marker=lambda name: None,
            iter_markers=lambda name: [SimpleNamespace(args=("CN-PENALTY-42",))],
        )
        for function in (asserts, is_empty)
    ]
    marks = module.Marks()
    marks.pytest_collection_finish(SimpleNamespace(items=marked))
    assert marks.tests == {"CN-PENALTY-42": {"tests/test_x.py::asserts", "tests/test_x.py::is_empty"}}
    assert marks.weak == {"tests/test_x.py::is_empty": "asserts nothing"}
