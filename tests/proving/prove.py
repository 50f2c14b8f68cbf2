"""Taking an enforced rule away for a run of the tests that are marked with it: at least one of them must fail, for each thing that holds it.

A rule that the rulebook alone makes binding (a clock, a guard, a period of the year, an extension, a pause) stays in the book with all its words
and opens, blocks, lengthens and pauses nothing. A rule held by a constraint stays as it is, and what holds it lets everything pass: the
form finds no errors, the service refuses nobody, the constraints and triggers of the database are dropped.

Tests of the rulebook alone prove nothing here: they show what a rule says, not that the product does it. Neither do tests whose servers
run elsewhere, where nothing was taken away.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any, cast

import pytest
from django.db import models
from django.forms import BaseForm
from django.forms.utils import ErrorDict

from core import constraints
from core.access import Permit
from core.constraints import Checked, Trigger
from rulebook import library
from rulebook.library import Rulebook
from rulebook.model import Rule

TELLS_ONLY_THE_BOOK = "tests/rulebook/"
PRODUCT = ("agency", "config", "core", "disclosure", "enforcement", "legalreview", "recording", "supervision")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one rule: the tests that failed without what holds it, each once, or what could go and no test noticed."""

    rule: str
    failed: tuple[str, ...] = ()
    why_not: str = ""


# --- taking a rule away ---------------------------------------------------------------------------------------


def inert(rule: Rule) -> Rule:
    """The rule with all its words, and nothing that it does."""
    return replace(
        rule,
        enforced="later",
        opens_on=(),
        met_by=(),
        met_when=(),
        guards=(),
        constraints=(),
        extends="",
        allows_pause_of=(),
        pause_kinds=(),
    )


@dataclass(frozen=True, slots=True)
class Hold:
    """One of the things that hold a rule, and the product without it. Needs the test database where the database is what holds."""

    name: str
    taken_away: Callable[[], AbstractContextManager[None]]


def holds_of(rule: Rule) -> list[Hold]:
    """Everything that holds the rule: its clock, span, extension or pause; each guard; of each constraint the code and every part in the database."""
    found = [Hold(key, partial(_reading, rule.id, partial(_unguarded, key=key))) for key in rule.guards]
    for each in map(constraints.find, rule.constraints):
        if not (
            isinstance(each.code, type) and issubclass(each.code, models.Model)
        ):  # which refuses by its database alone
            found.append(Hold(each.code.__qualname__, partial(_lets_pass, each.code)))
        found += [Hold(str(part), partial(_dropped, part)) for part in each.database]
    if not found or rule.opens_on or rule.met_by or rule.extends or rule.allows_pause_of:
        found.append(Hold("rulebook", partial(_reading, rule.id, inert)))
    return found


def _unguarded(rule: Rule, key: str) -> Rule:
    """The rule with one guard less; with none left it does nothing at all."""
    left = tuple(each for each in rule.guards if each != key)
    return replace(rule, guards=left) if left or rule.constraints else inert(rule)


@contextmanager
def _reading(rule_id: str, change: Callable[[Rule], Rule]) -> Iterator[None]:
    """Everybody who asks for the rulebook is given one in which a rule is another, in all its versions."""
    book = library.get()
    versions = {
        name: tuple(change(one) if name == rule_id else one for one in found) for name, found in book._versions.items()
    }
    with _reads(Rulebook(book._instruments, versions, book._profiles)):
        yield


@contextmanager
def _reads(book: Rulebook) -> Iterator[None]:
    """Everybody who asks for the rulebook is given this one."""
    kept = library.get
    library.get = functools.lru_cache(maxsize=1)(lambda: book)
    _forget(kept)
    try:
        yield
    finally:
        library.get = kept
        _forget(kept)


def _forget(spared: object) -> None:
    """Nothing is answered from what was kept of another book. The book itself, `spared`, stays, by whatever name a module calls it."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in PRODUCT:
            for value in list(vars(module).values()):
                if isinstance(value, functools._lru_cache_wrapper) and value not in (spared, library.get):
                    value.cache_clear()


@contextmanager
def _lets_pass(code: Callable[..., Any]) -> Iterator[None]:
    """A form without errors; a function that refuses nobody."""
    if isinstance(code, type) and issubclass(code, BaseForm):
        clean = code.full_clean

        def full_clean(form: Any) -> None:
            clean(form)
            if form._errors:
                form._errors = ErrorDict()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(code, "full_clean", full_clean)
            yield
        return

    function = cast(FunctionType, code)
    if function.__closure__:
        with _everywhere(function, _lenient(function)):
            yield
        return
    # A plain function is changed in itself: tables of a procedure hold it too, not only modules.
    kept, defaults = function.__code__, function.__kwdefaults__
    _instead[function.__qualname__] = _lenient(_copy(function))
    named: dict[str, Any] = {}
    exec(
        f"def instead(*a, **k):\n from {__name__} import _instead\n return _instead[{function.__qualname__!r}](*a, **k)",
        named,
    )
    function.__code__, function.__kwdefaults__ = named["instead"].__code__, None
    try:
        yield
    finally:
        function.__code__, function.__kwdefaults__ = kept, defaults


_instead: dict[str, Callable[..., Any]] = {}


def _lenient(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with every refusal swallowed and every permit a yes."""

    @functools.wraps(function)
    def lenient(*args: Any, **named: Any) -> Any:
        with contextlib.suppress(Exception):
            answer = function(*args, **named)
            return Permit.yes if isinstance(answer, Permit) else answer
        return None

    return lenient


def _copy(function: FunctionType) -> FunctionType:
    copied = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    copied.__kwdefaults__ = function.__kwdefaults__
    return copied


@contextmanager
def _everywhere(function: Callable[..., Any], other: Callable[..., Any]) -> Iterator[None]:
    """Another function under every name by which a module knows this one."""
    with pytest.MonkeyPatch.context() as patch:
        for module in list(sys.modules.values()):
            for name in [name for name, value in list(vars(module).items()) if value is function]:
                patch.setattr(module, name, other)
        yield


@contextmanager
def _dropped(part: Checked | Trigger) -> Iterator[None]:
    """The database without a constraint or trigger, as its owner."""
    if isinstance(part, Trigger):
        _as_owner(f"ALTER TABLE {part.table} DISABLE TRIGGER {part.name}")
        back = f"ALTER TABLE {part.table} ENABLE TRIGGER {part.name}"
    else:
        table = part.model._meta.db_table
        said = _as_owner(
            f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{part.name}' AND conrelid = '{table}'::regclass"
        )
        _as_owner(f"ALTER TABLE {table} DROP CONSTRAINT {part.name}")
        back = f"ALTER TABLE {table} ADD CONSTRAINT {part.name} {said}"
    try:
        yield
    finally:
        _as_owner(back)


def _as_owner(statement: str) -> str:
    """One statement beside the tests, with the owner's rights; what it answers, in words."""
    from django.conf import settings
    from django.db import connection
    from pytest_django.plugin import blocking_manager_key

    if not str(connection.settings_dict["NAME"]).startswith("test_"):
        raise RuntimeError("only the database of the tests is taken apart")
    with _configured.stash[blocking_manager_key].unblock(), connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            cursor.execute(statement)
            return str(cursor.fetchone()[0]) if cursor.description else ""
        finally:
            cursor.execute(f'SET ROLE "{settings.SERVING_ROLE}"')


_configured: pytest.Config


# --- running tests without it ---------------------------------------------------------------------------------


@dataclass(eq=False)
class Prover:
    """A plugin that runs, instead of the whole session, the tests of each rule: once as things are, once without the rule.

    The cheap ones come first, and the first that fails is enough; of the tests that start Chromium none is run while another may do.
    """

    rules: tuple[Rule, ...]
    tell: Callable[[Verdict], None]
    verdicts: list[Verdict] = field(default_factory=list)
    _reports: list[pytest.TestReport] = field(default_factory=list)
    _passes: dict[str, bool] = field(default_factory=dict)
    _left: dict[str, list[Hold]] = field(default_factory=dict)
    _noticed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def pytest_configure(self, config: pytest.Config) -> None:
        global _configured
        _configured = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reports.append(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Failed("the tests cannot be collected")
        marked: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in sorted(session.items, key=_cost):
            for mark in item.iter_markers("rule"):
                for rule_id in mark.args:
                    marked[rule_id].append(item)
        self._left = {rule.id: holds_of(rule) for rule in self.rules}
        for heavy in (False, True):
            for rule in self.rules:
                if all(verdict.rule != rule.id for verdict in self.verdicts):
                    self._judge(rule, marked[rule.id], heavy=heavy)
        return True

    def _judge(self, rule: Rule, marked: list[pytest.Item], *, heavy: bool) -> None:
        """With `heavy` the last word, before it only a proof."""
        shows = [item for item in marked if not item.nodeid.startswith(TELLS_ONLY_THE_BOOK)]
        asked = [item for item in shows if not item.get_closest_marker("faults")]
        for hold in list(self._left[rule.id]):
            for item in asked:
                if (_cost(item) > 0) is heavy and self._stands(item) and self._fails_without(hold, item):
                    self._left[rule.id].remove(hold)
                    self._noticed[rule.id].append(item.nodeid)
                    break
        left = self._left[rule.id]
        if not left:
            self._say(Verdict(rule.id, failed=tuple(dict.fromkeys(self._noticed[rule.id]))))
        elif heavy:
            why = f"of {len(asked)} marked none fails without {', '.join(hold.name for hold in left)}"
            self._say(Verdict(rule.id, why_not=why if asked else "no marked test runs the product"))

    def _say(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        self.tell(verdict)

    def _stands(self, item: pytest.Item) -> bool:
        """Whether the test passes as things are; otherwise its failing would say nothing."""
        if item.nodeid not in self._passes:
            self._passes[item.nodeid] = self._outcome(item) == "passed"
        return self._passes[item.nodeid]

    def _fails_without(self, hold: Hold, item: pytest.Item) -> bool:
        with hold.taken_away():
            return self._outcome(item) == "failed"

    def _outcome(self, item: pytest.Item) -> str:
        """Of the test itself: what goes wrong before it or after it is no failing of the test."""
        self._reports.clear()
        item._initrequest()  # type: ignore[attr-defined]
        # What stands for the next test shares nothing but the session, so that all narrower fixtures end here.
        following = SimpleNamespace(listchain=lambda: [item.session], nodeid="")
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        return next((report.outcome for report in self._reports if report.when == "call"), "")


def _cost(item: pytest.Item) -> int:
    """Plain tests, then those that need the database emptied after them, then those with a browser."""
    if "browser" in getattr(item, "fixturenames", ()):
        return 2
    mark = item.get_closest_marker("django_db")
    empties = mark is not None and (mark.kwargs.get("transaction") or (mark.args and mark.args[0]))
    return 1 if empties or "transactional_db" in getattr(item, "fixturenames", ()) else 0


def prove(rules: Iterable[Rule], tell: Callable[[Verdict], None], tests: Path = Path("tests")) -> list[Verdict]:
    """A verdict for each rule. Runs pytest within this process; raises RuntimeError where the tests cannot be collected."""
    prover = Prover(tuple(rules), tell)
    # Only the files that speak of one of the rules are collected.
    naming = [
        file
        for file in sorted(tests.rglob("test_*.py"))
        if any(f'"{rule.id}"' in file.read_text() for rule in prover.rules)
    ]
    status = pytest.main(
        ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", *map(str, naming or [tests])], plugins=[prover]
    )
    if len(prover.verdicts) < len(prover.rules):
        raise RuntimeError(f"the tests cannot be run (pytest ended with {int(status)})")
    return prover.verdicts
