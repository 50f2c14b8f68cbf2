"""System checks that stop the start: every fact, guard and constraint the rulebook names must exist in code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

from core import constraints, texts
from core.facts import Fact
from core.lifecycle import guard_numbers
from core.models import InstrumentText
from rulebook import library
from rulebook.model import RulebookError


def known_facts() -> dict[str, frozenset[str]]:
    """All facts the apps define: their names, and the fields of each."""
    found: dict[str, frozenset[str]] = {}
    for fact in _subclasses(Fact):
        if "name" in vars(fact):
            found[fact.name] = found.get(fact.name, frozenset()) | fact.field_names()
    return found


def _subclasses(cls: type[Fact]) -> set[type[Fact]]:
    direct = set(cls.__subclasses__())
    return direct.union(*(_subclasses(child) for child in direct))


@checks.register
def rulebook_names_are_known(app_configs: Any, **kwargs: Any) -> Sequence[checks.CheckMessage]:
    """The rulebook loads, and names no fact, guard or constraint that no code provides."""
    try:
        book = library.get()
    except RulebookError as broken:
        return [checks.Error(f"规则库不能载入：{broken}", id="mingcha.E001")]
    unknown = book.unknown_names(facts=known_facts(), guards=guard_numbers(), constraints=constraints.keys())
    return [checks.Error(f"规则库不能载入：{refused}", id="mingcha.E002") for refused in unknown]


@checks.register(checks.Tags.database)
def quotes_stand_in_their_articles(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> Sequence[checks.CheckMessage]:
    """Every rule's quote stands in its article of the official text that this installation attached. Asked by `migrate`, before every start."""
    if "default" not in (databases or ()):
        return []
    try:
        book = library.get()
    except RulebookError:
        return []  # named above
    if InstrumentText._meta.db_table not in connections["default"].introspection.table_names():
        return []
    return [checks.Error(f"规则库不能载入：{strayed}", id="mingcha.E003") for strayed in texts.strayed_quotes(book)]
