"""Every range of a fine in the inspection regulation is held by the form, at its field and with its article."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from enforcement.models import RightsNotice
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, case_in

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")


def of(rule: str, *values: object) -> object:
    """Parameters whose test shows this rule and no other."""
    return pytest.param(*values, marks=pytest.mark.rule(rule), id=rule)


@pytest.mark.parametrize(
    ("violation", "article", "base", "low", "high"),
    [
        of("CN-INSPECTION-23", "inspection-23", "第二十三条", "3", "3000", "15000"),
        of("CN-INSPECTION-25", "inspection-25", "第二十五条", "12", "1200", "6000"),
        of("CN-INSPECTION-27", "inspection-27-1", "第二十七条第一款", "10000", "10000", "30000"),
        of("CN-INSPECTION-27a", "inspection-27-2", "第二十七条第二款", "8000", "8000", "24000"),
        of("CN-INSPECTION-28", "inspection-28", "第二十八条第一款", "", "10000", "50000"),
    ],
)
def test_a_fine_beyond_its_article_is_refused_and_both_ends_are_lawful(
    bureau: Bureau, client: Client, violation: str, article: str, base: str, low: str, high: str
) -> None:
    case = case_in("investigating", bureau, violation=violation)
    case = f.conclude(bureau, f.investigated(bureau, case), violation=violation)
    client.force_login(bureau.lead)
    initial = client.get(case.step_url("notify")).context["form"]
    values = {name: value for name in initial.fields if (value := initial[name].value())}
    values |= {"happened_at": "2026-01-29T10:00", "recipient": "孙某", "penalties": ["fine"], "base": base}
    values |= {"facts_found": "示例事实", "reasons": "示例理由", "basis": "示例依据", "hearing_offered": "on"}
    for beyond in (Decimal(low) - CENT, Decimal(high) + CENT):
        refused = client.post(case.step_url("notify"), values | {"fine": str(beyond)})
        assert refused.status_code == 422
        assert list(refused.context["form"].errors) == ["fine"]
        assert f"《劳动保障监察条例》{article}规定" in refused.context["form"].errors["fine"][0]
    assert not RightsNotice.objects.exists()
    assert client.post(case.step_url("notify"), values | {"fine": low}).status_code == 302
    assert client.post(case.step_url("notify_again"), values | {"fine": high}).status_code == 302
    assert [notice.fine for notice in RightsNotice.objects.order_by("pk")] == [Decimal(low), Decimal(high)]
