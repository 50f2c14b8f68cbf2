"""What rules may ask of a case: the fields by which a rule says of which cases it speaks, and what each may hold."""

from __future__ import annotations

from django.db.models import TextChoices

from enforcement import violations
from rulebook.conditions import WHETHER, Fields, one_of


class ActKind(TextChoices):
    """The kinds of enforcement act of which the documents speak. So far only penalties go through the system."""

    PENALTY = "penalty", "行政处罚"
    LICENCE = "licence", "行政许可"
    COERCION = "coercion", "行政强制"
    INSPECTION = "inspection", "行政检查"
    COLLECTION = "collection", "行政征收"
    CHARGE = "charge", "行政收费"
    TREATMENT = "treatment", "行政处理"
    CONFIRMATION = "confirmation", "行政确认"
    PAYMENT = "payment", "行政给付"
    RULING = "ruling", "行政裁决"
    REWARD = "reward", "行政奖励"


def _categories() -> list[tuple[str, str]]:
    from enforcement.models import Party  # the models name this module

    return list(Party.Category.choices)


# As Case.law_fields() gives them.
CASE_FIELDS: Fields = {
    "act_kind": one_of(ActKind.choices),
    "procedure": one_of([("ordinary", "普通程序")]),
    "is_major": WHETHER,
    "is_complex": WHETHER,
    "violation": one_of(violations.choices),
    "party_category": one_of(_categories),
    "grave_harm": WHETHER,
}
