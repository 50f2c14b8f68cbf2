"""The catalogue of violations: what the inspection regulation lets a bureau punish, with which penalties and how much."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

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
    """One punishable act of one article."""

    key: str
    title: str
    article: str
    instrument_id: str
    instrument_title: str
    penalties: tuple[str, ...]
    fine: FineRange
    base_label: str

    @property
    def cited(self) -> str:
        return f"《{self.instrument_title}》{self.article}"

    @property
    def needs_base(self) -> bool:
        return self.fine.per != "case"

    @property
    def range_text(self) -> str:
        """The range in words: 2,000元以上20,000元以下."""
        low, high = f"{self.fine.low:,}", f"{self.fine.high:,}"
        if self.fine.per == "amount":
            return f"{self.base_label.removesuffix('（元）')}{low}倍以上{high}倍以下"
        return f"{'每人' if self.fine.per == 'worker' else ''}{low}元以上{high}元以下"

    def refuse_fine(self, fine: Decimal, base: Decimal | None) -> str:
        """Why this fine is not lawful, naming the article; empty when it is."""
        if self.needs_base and not base:
            return f"请先填写{self.base_label}，罚款按它计算（{self.cited}）"
        low, high = self.fine.bounds(base)
        if low <= fine <= high:
            return ""
        spelled = f"，本案为{low:,.2f}元以上{high:,.2f}元以下" if self.needs_base else ""
        return f"罚款不在法定幅度内：{self.cited}规定{self.range_text}{spelled}"


@cache
def catalogue() -> dict[str, Violation]:
    """Every violation by its key, in the order of the articles."""
    with Path(__file__).with_suffix(".toml").open("rb") as source:
        data = tomllib.load(source)
    instrument = data["instrument"]
    return {
        row["key"]: Violation(
            key=row["key"],
            title=row["title"],
            article=row["article"],
            instrument_id=instrument["id"],
            instrument_title=instrument["title"],
            penalties=tuple(row["penalties"]),
            fine=FineRange(row["fine"]["per"], Decimal(row["fine"]["low"]), Decimal(row["fine"]["high"])),
            base_label=row.get("base_label", ""),
        )
        for row in data["violation"]
    }


def choices() -> list[tuple[str, str]]:
    return [(violation.key, f"{violation.title}（{violation.article}）") for violation in catalogue().values()]
