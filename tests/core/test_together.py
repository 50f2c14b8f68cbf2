"""Several reads in one statement, planned once in a connection: what a connection knows ends with it, and a failed transaction teaches it nothing."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import DataError, InternalError
from django.test.utils import CaptureQueriesContext

from agency.models import Unit
from core import together
from core.together import Part

PARTS = (
    Part(Unit, "t.id = ANY (%(ids)s)", "t.name", only=("name",)),
    Part(Unit, "t.id = %(one)s OR t.short_name = %(named)s"),
)


def names(*, ids: list[int], one: int = 0, named: str = "") -> list[list[str]]:
    return [[unit.name for unit in rows] for rows in together.read(PARTS, {"ids": ids, "one": one, "named": named})]


@pytest.fixture
def units(transactional_db: None) -> list[int]:
    return [
        Unit.objects.create(name=f"示例{name}科", short_name=f"{name}科", kind=Unit.Kind.SECTION).pk
        for name in ("乙", "甲")
    ]


def test_it_is_planned_once_and_asked_with_other_values(units: list[int]) -> None:
    assert names(ids=units, one=units[0], named="甲科") == [["示例乙科", "示例甲科"], ["示例乙科", "示例甲科"]]
    with CaptureQueriesContext(connection) as captured:
        assert names(ids=[], one=units[1]) == [[], ["示例甲科"]]
        assert names(ids=units[:1], named="'; DROP TABLE agency_unit; --") == [["示例乙科"], []]
    assert [query["sql"].split()[0] for query in captured] == ["EXECUTE", "EXECUTE"]


def test_a_new_connection_plans_anew(units: list[int]) -> None:
    assert names(ids=units) == [["示例乙科", "示例甲科"], []]
    connection.close()
    assert names(ids=units) == [["示例乙科", "示例甲科"], []]


def test_what_a_failed_transaction_could_not_plan_is_planned_later(units: list[int]) -> None:
    connection.close()
    with transaction.atomic():
        with connection.cursor() as cursor, pytest.raises(DataError):
            cursor.execute("SELECT 1 / 0")
        with pytest.raises(InternalError):
            names(ids=units)
        transaction.set_rollback(True)
    assert names(ids=units) == [["示例乙科", "示例甲科"], []]


def test_a_plan_outlives_the_transaction_that_made_it(units: list[int]) -> None:
    connection.close()
    with transaction.atomic():
        names(ids=units)
        transaction.set_rollback(True)
    assert names(ids=units) == [["示例乙科", "示例甲科"], []]


def test_one_row_is_read_whole(units: list[int]) -> None:
    read, asked = together.one(Unit, units[1]), Unit.objects.get(pk=units[1])
    values = [
        {field.attname: getattr(row, field.attname) for field in Unit._meta.concrete_fields} for row in (read, asked)
    ]
    assert values[0] == values[1]
    assert not read.get_deferred_fields()


@pytest.mark.parametrize("pk", [-1, 0, 10**6, 2**63, 10**40])
def test_an_absent_id_and_one_that_no_row_can_have_are_absent_alike(units: list[int], pk: int) -> None:
    with pytest.raises(Unit.DoesNotExist):
        together.one(Unit, pk)
    assert names(ids=units)[0] == ["示例乙科", "示例甲科"]


def test_what_is_attached_is_not_asked_again_and_narrows_as_ever(units: list[int]) -> None:
    bureau = Unit.objects.create(name="示例局", short_name="示例局", kind=Unit.Kind.BUREAU)
    Unit.objects.filter(pk__in=units).update(parent=bureau)
    together.attach(bureau, "children", Unit.objects.filter(pk=units[0]))
    with CaptureQueriesContext(connection) as captured:
        assert [unit.pk for unit in bureau.children.all()] == units[:1]
    assert not captured.captured_queries
    # Asked for less, it is the relation that answers, not what was attached, and of this row alone.
    stranger = Unit.objects.create(name="示例丙科", short_name="丙科", kind=Unit.Kind.SECTION)
    assert {unit.pk for unit in bureau.children.filter(kind=Unit.Kind.SECTION)} == set(units)
    assert stranger.pk not in {unit.pk for unit in bureau.children.all().order_by("name")}
