"""System checks of the rulebook: it loads, and every fact, guard and constraint it names exists in code, or nothing starts; what it
says and hardly means is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core import checks
from django.db import connections

from core import rule_names, texts
from core.models import InstrumentText
from rulebook import library
from rulebook.doubts import doubts
from rulebook.files import Place
from rulebook.library import Rulebook
from rulebook.model import RulebookError
from supervision.plan import REPORTED


@checks.register
def rulebook_names_are_known(app_configs: Any, **kwargs: Any) -> Sequence[checks.CheckMessage]:
    """The rulebook loads, names no fact, guard or constraint that no code provides, asks nothing of them that cannot be, and knows no
    yearly duty that nobody could meet.
    """
    try:
        book = library.get()
    except RulebookError as broken:
        return [checks.Error(f"规则库不能载入：{broken}", id="mingcha.E001")]
    unknown = [checks.Error(f"规则库不能载入：{refused}", id="mingcha.E002") for refused in rule_names.unknown()]
    unknown += [checks.Error(f"规则库不能载入：{refused}", id="mingcha.E004") for refused in _never_met(book)]
    return [*unknown, *(checks.Warning(f"规则库请核对：{doubt}", id="mingcha.W001") for doubt in doubts(book))]


def _never_met(book: Rulebook) -> Iterator[RulebookError]:
    """What comes round every year or quarter is met by a report and by nothing else: no other fact is about a period."""
    for rule in book.rules:
        if rule.is_periodic and rule.met_by and REPORTED not in rule.met_by:
            yield Place(book.instrument(rule.instrument).file, rule.id).refuse(f"{rule.kind} 只能由 {REPORTED} 办结")


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
