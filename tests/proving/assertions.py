"""Why a marked test shows nothing, read from its source: it may be skipped, it is expected to fail, or it asserts nothing.

An assertion is an `assert` of something that could be false, `pytest.raises`, `pytest.warns` or `pytest.fail`, Playwright's `expect`, or a call
of a function of the suite that asserts. Which function a name means is looked up, never guessed: a call that cannot be looked up counts
for nothing.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Any

import pytest
from playwright.sync_api import expect

SKIPPING = ("skip", "skipif", "xfail")
ASSERTING = (pytest.raises, pytest.warns, pytest.fail, expect)
LEAVING = {"pytest.skip": pytest.skip, "pytest.xfail": pytest.xfail, "pytest.importorskip": pytest.importorskip}
SUITE = "tests"


def weakness(item: pytest.Item) -> str:
    """Why this test shows nothing; empty where it can fail."""
    for name in SKIPPING:
        if item.get_closest_marker(name) is not None:
            return f"is marked {name}"
    function = getattr(item, "function", None)
    if not isinstance(function, FunctionType):
        return "is no function"
    said = _said(function)
    if said.leaves:
        return f"calls {said.leaves}"
    return "" if said.asserts else "asserts nothing"


@dataclass(slots=True)
class _Said:
    """What was found in the source of one function."""

    asserts: bool = False
    leaves: str = ""


@lru_cache(maxsize=4096)
def _said(function: FunctionType, within: tuple[FunctionType, ...] = ()) -> _Said:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return _Said()
    body = tree.body[0]
    if not isinstance(body, ast.FunctionDef | ast.AsyncFunctionDef):
        return _Said()
    return _Reader(function, body, (*within, function)).read()


@dataclass(slots=True)
class _Reader:
    """Reads one function, and those of the suite that it calls."""

    function: FunctionType
    body: ast.FunctionDef | ast.AsyncFunctionDef
    within: tuple[FunctionType, ...]
    local: dict[str, ast.FunctionDef] = field(default_factory=dict)
    read_local: set[str] = field(default_factory=set)

    def read(self) -> _Said:
        found = _Said()
        self._read(self.body.body, found)
        return found

    def _read(self, statements: list[ast.stmt], found: _Said) -> None:
        nodes = list(_own_nodes(statements))
        # A function within the function says something only where it is called.
        self.local |= {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
        for node in nodes:
            if isinstance(node, ast.Assert) and _may_be_false(node.test):
                found.asserts = True
            elif isinstance(node, ast.Call):
                self._read_call(node.func, found)

    def _read_call(self, called: ast.expr, found: _Said) -> None:
        if isinstance(called, ast.Name) and called.id in self.local:
            if called.id not in self.read_local:
                self.read_local.add(called.id)
                self._read(self.local[called.id].body, found)
            return
        target = self._meant(called)
        if any(target is each for each in ASSERTING):
            found.asserts = True
        elif leaving := next((name for name, each in LEAVING.items() if target is each), ""):
            found.leaves = leaving
        elif isinstance(target, FunctionType) and _is_ours(target) and target not in self.within:
            said = _said(target, self.within)
            found.asserts |= said.asserts
            found.leaves = found.leaves or said.leaves

    def _meant(self, called: ast.expr) -> Any:
        """The object that an expression names; None where only running it would tell."""
        if isinstance(called, ast.Name):
            return self._named(called.id)
        if not isinstance(called, ast.Attribute):
            return None
        holder = self._meant(called.value)
        if isinstance(holder, ModuleType):
            return getattr(holder, called.attr, None)
        if isinstance(called.value, ast.Name):
            kind = self._class_of(called.value.id)
            return _plain(inspect.getattr_static(kind, called.attr, None)) if kind is not None else None
        return None

    def _named(self, name: str) -> Any:
        cells = inspect.getclosurevars(self.function).nonlocals
        return _plain(cells.get(name, self.function.__globals__.get(name)))

    def _class_of(self, name: str) -> type | None:
        """The class that the signature says an argument has; of `self`, the class in which the function stands."""
        arguments = [*self.body.args.posonlyargs, *self.body.args.args, *self.body.args.kwonlyargs]
        if arguments and name == "self" == arguments[0].arg:
            known: Any = self.function.__globals__.get(self.function.__qualname__.split(".")[0])
        else:
            said = next((each.annotation for each in arguments if each.arg == name), None)
            known = self._named(said.id) if isinstance(said, ast.Name) else None
        return known if isinstance(known, type) else None


def _is_ours(function: FunctionType) -> bool:
    return function.__module__.split(".")[0] == SUITE


def _plain(target: Any) -> Any:
    """The function behind a decorator that keeps it, such as contextmanager."""
    return inspect.unwrap(target) if callable(target) and not isinstance(target, type) else target


def _own_nodes(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    """Everything in a body but what stands in functions and classes within it; those themselves are named."""
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _may_be_false(test: ast.expr) -> bool:
    """Not a constant (pytest itself refuses a tuple, which is always true)."""
    return not isinstance(test, ast.Constant | ast.JoinedStr | ast.Lambda)
