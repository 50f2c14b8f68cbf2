"""When a proposed penalty must offer a hearing (Penalty Law 63). What counts as a large fine the agency enters; no law entered here says it."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from agency import selectors as agency
from enforcement.models import PenaltyKind

ARTICLE = "行政处罚法第六十三条"


def why_offered(penalties: Collection[str], fine: Decimal | None) -> str:
    """Why this penalty must offer a hearing, in words; empty when the law leaves it open.

    Confiscation counts whatever its sum: offering a hearing too often wrongs nobody, and no threshold of it is entered.
    """
    if PenaltyKind.REVOCATION in penalties:
        return "吊销许可证件应当告知听证权利"
    if PenaltyKind.CONFISCATION in penalties:
        return "没收违法所得应当告知听证权利"
    least = agency.letterhead().large_fine
    if least is not None and fine is not None and fine >= least:
        return f"罚款达到本机关较大数额罚款的标准（{least:,.2f}元），应当告知听证权利"
    return ""


def threshold_in_words() -> str:
    """The agency's threshold for the form; where none is entered, that it is the agency's to enter."""
    least = agency.letterhead().large_fine
    if least is None:
        return "较大数额罚款的标准需由本机关录入，未录入的由承办人判断；没收、吊销许可证件应当告知"
    return f"罚款{least:,.2f}元以上，没收、吊销许可证件，应当告知"
