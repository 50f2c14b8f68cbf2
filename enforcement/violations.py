"""The catalogue of violations: what the inspection regulation lets a bureau punish, with which penalties and how much, or only order to put right."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rulebook import library
from rulebook.model import RulebookError

Per = Literal["case", "worker", "amount"]


@dataclass(frozen=True, slots=True)
class FineRange:
    """Both ends are lawful (以上、以内 include the number, Civil Code 1259)."""

    per: Per
    low: Decimal
    high: Decimal

    def bounds(self, base: Decimal | None) -> tuple[Decimal, Decimal]:
        """Lowest and highest lawful fine in yuan. `base`: affected workers, or the sum concealed or obtained."""
        times = Decimal(1) if self.per == "case" else base or Decimal(0)
        return self.low * times, self.high * times


@dataclass(frozen=True, slots=True)
class Violation:
    """One act that an article forbids: punishable, or to be put right by order only (then `fine` is None and `order` says what is ordered).

    `follows_order`: only who disobeys an order does this, so that it is established after the order and never suspected before.
    """

    key: str
    title: str
    article: str
    instrument_id: str
    instrument_title: str
    penalties: tuple[str, ...]
    fine: FineRange | None
    base_label: str = ""
    order: str = ""
    overdue: str = ""
    follows_order: bool = False

    @property
    def cited(self) -> str:
        return f"《{self.instrument_title}》{self.article}"

    @property
    def needs_base(self) -> bool:
        return self.fine is not None and self.fine.per != "case"

    @property
    def is_punishable(self) -> bool:
        """Whether the article knows a penalty for it; what is only ordered to be put right cannot be punished."""
        return bool(self.penalties)

    @property
    def range_text(self) -> str:
        """The range in words: 2,000元以上20,000元以下; without a fine, what is ordered instead."""
        if self.fine is None:
            return f"{self.order}；{self.overdue}"
        low, high = f"{self.fine.low:,}", f"{self.fine.high:,}"
        if self.fine.per == "amount":
            return f"{self.base_label.removesuffix('（元）')}{low}倍以上{high}倍以下"
        return f"{'每人' if self.fine.per == 'worker' else ''}{low}元以上{high}元以下"

    def refuse_fine(self, fine: Decimal, base: Decimal | None) -> str:
        """Why this fine is not lawful, naming the article; empty when it is."""
        if self.fine is None:
            return f"{self.cited}没有规定罚款"
        if self.needs_base and not base:
            return f"请先填写{self.base_label}，罚款按它计算（{self.cited}）"
        low, high = self.fine.bounds(base)
        if low <= fine <= high:
            return ""
        spelled = f"，本案为{low:,.2f}元以上{high:,.2f}元以下" if self.needs_base else ""
        return f"罚款不在法定幅度内：{self.cited}规定{self.range_text}{spelled}"


@cache
def catalogue() -> dict[str, Violation]:
    """Every violation by its key, in the order of the articles. Raises RulebookError where its instrument is none of the rulebook's."""
    with Path(__file__).with_suffix(".toml").open("rb") as source:
        return _read(tomllib.load(source))


def _read(data: dict[str, Any]) -> dict[str, Violation]:
    instrument = data["instrument"]
    known = library.get().instrument(instrument["id"])
    if known.title != instrument["title"]:
        raise RulebookError(f"{known.id}: 名称是“{known.title}”，不是“{instrument['title']}”")
    return {row["key"]: _violation(row, instrument) for row in data["violation"]}


def _violation(row: dict[str, Any], instrument: dict[str, str]) -> Violation:
    fine = row.get("fine")
    return Violation(
        key=row["key"],
        title=row["title"],
        article=row["article"],
        instrument_id=instrument["id"],
        instrument_title=instrument["title"],
        penalties=tuple(row["penalties"]),
        fine=FineRange(fine["per"], Decimal(fine["low"]), Decimal(fine["high"])) if fine else None,
        base_label=row.get("base_label", ""),
        order=row.get("order", ""),
        overdue=row.get("overdue", ""),
        follows_order=row.get("follows_order", False),
    )


def choices() -> list[tuple[str, str]]:
    """Every violation that an investigation may establish."""
    return [_choice(violation) for violation in catalogue().values()]


def suspicions() -> list[tuple[str, str]]:
    """What may be suspected before anything was ordered."""
    return [_choice(violation) for violation in catalogue().values() if not violation.follows_order]


def _choice(violation: Violation) -> tuple[str, str]:
    return violation.key, f"{violation.title}（{violation.article}）"
