"""System checks of the rulebook: it loads, and every fact, guard and constraint it names exists in code, or nothing starts; what it
says and hardly means is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core import checks
from django.db import connections
from django.db.models import F, Model

from agency.models import AgencyProfile, Unit
from core import rule_names, texts
from core.models import Duty, InstrumentText
from core.models.duties import RulesOf
from rulebook import library, waiting
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
        waiting.groups()
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
    book = _book_to_compare(databases, {InstrumentText: "articles"})
    strayed = texts.strayed_quotes(book) if book else ()
    return [checks.Error(f"规则库不能载入：{quote}", id="mingcha.E003") for quote in strayed]


@checks.register(checks.Tags.database)
def what_is_in_use_is_in_the_rulebook(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> Sequence[checks.CheckMessage]:
    """Every profile that a unit has and every rule on which a duty stands is among the files. Asked by `migrate`, before every start."""
    book = _book_to_compare(databases, {AgencyProfile: "profile", Unit: "profile", Duty: "bases"})
    return [checks.Error(f"规则库不能载入：{gone}", id="mingcha.E005") for gone in (_gone(book) if book else ())]


def _book_to_compare(databases: Sequence[str] | None, columns: Mapping[type[Model], str]) -> Rulebook | None:
    """The rulebook, where the product's database is to be asked and has these columns: an older schema is about to be migrated, and a
    rulebook that does not load is named by the check above.
    """
    if "default" not in (databases or ()):
        return None
    if not all(_has_column(model._meta.db_table, column) for model, column in columns.items()):
        return None
    try:
        return library.get()
    except RulebookError:
        return None


def _has_column(table: str, column: str) -> bool:
    there = connections["default"].introspection
    with connections["default"].cursor() as cursor:
        if table not in there.table_names(cursor):
            return False
        return column in {field.name for field in there.get_table_description(cursor, table)}


def _gone(book: Rulebook) -> Iterator[str]:
    """What rows name and the files have not, in words. Only the columns looked for above are read, besides a unit's name."""
    profiles, rules = {one.id for one in book.profiles}, {one.id for one in book.rules}
    of_units = Unit.objects.exclude(profile="").values_list("name", "profile")
    of_agency = AgencyProfile.objects.values_list("unit__name", "profile")
    for name, profile in (*of_agency, *of_units):
        if profile not in profiles:
            yield f"{name}适用的规则档案 {profile} 不在 profiles 目录中，编号一经使用不能改、不能删"
    used = Duty.objects.order_by().values_list(RulesOf(F("bases")), flat=True).distinct()
    for rule_id in sorted({rule_id for named in used for rule_id in named} - rules):
        yield f"没有规则 {rule_id}，而已有期限以它为依据；编号一经使用不能改、不能删，不再有效的写 effective_to"
