"""System checks that stop the start: every fact and guard the rulebook names must exist in code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks

from core.facts import Fact
from core.lifecycle import guard_keys
from rulebook import library
from rulebook.model import RulebookError


def known_facts() -> frozenset[str]:
    """Names of all facts the apps define."""
    return frozenset(fact.name for fact in _subclasses(Fact) if "name" in vars(fact))


def _subclasses(cls: type[Fact]) -> set[type[Fact]]:
    direct = set(cls.__subclasses__())
    return direct.union(*(_subclasses(child) for child in direct))


@checks.register
def rulebook_names_are_known(app_configs: Any, **kwargs: Any) -> Sequence[checks.CheckMessage]:
    """The rulebook loads, and names no fact or guard that no code provides."""
    try:
        book = library.get()
    except RulebookError as broken:
        return [checks.Error(f"规则库不能载入：{broken}", id="mingcha.E001")]
    facts = known_facts()
    return [
        *(
            checks.Error(f"规则库提到的事实没有实现：{name}", id="mingcha.E002")
            for name in sorted(book.facts_named() - facts)
        ),
        *(
            checks.Error(f"规则库提到的核查没有实现：{key}", id="mingcha.E003")
            for key in sorted(book.guards_named() - guard_keys())
        ),
    ]
