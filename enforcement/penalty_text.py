"""The words of a penalty, made of its kinds and its sum, so that text and figures cannot disagree."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from enforcement.models import PenaltyKind
from enforcement.money import capital


def penalty_text(penalties: Sequence[str], fine: Decimal | None, details: str = "") -> str:
    """警告；罚款人民币20,000.00元（大写：贰万元整）. `details` names what is confiscated or revoked."""
    words = []
    for kind in PenaltyKind:
        if kind not in penalties:
            continue
        if kind is PenaltyKind.FINE and fine is not None:
            words.append(f"罚款人民币{fine:,.2f}元（大写：{capital(fine)}）")
        else:
            words.append(str(kind.label))
    text = "；".join(words)
    return f"{text}。{details}" if details else f"{text}。"
