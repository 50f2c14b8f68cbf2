"""What a benchmark found, beside what it must and what it aims to be."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from bench.harness import Race


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of docs/performance.md. `value` is None when the run was void; then `void` says why.

    `more_is_better` is set for rates, where the goal is a floor and not a ceiling.
    """

    number: str
    what: str
    against: str
    value: float | None
    must: float
    aim: float
    low: float | None = None
    high: float | None = None
    rounds: int = 0
    note: str = ""
    void: str = ""
    more_is_better: bool = False
    is_count: bool = False

    def reaches(self, goal: float) -> bool:
        if self.value is None:
            return False
        return self.value >= goal if self.more_is_better else self.value <= goal

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "void"
        return "aim" if self.reaches(self.aim) else "must" if self.reaches(self.must) else "missed"


def ratio(
    number: str,
    what: str,
    against: str,
    run: Race,
    product: str,
    floor: str,
    *,
    must: float,
    aim: float,
    note: str = "",
) -> Figure:
    """How many times the floor's time the product took."""
    return _of(number, what, against, run, product, floor, must, aim, note, rate=False)


def rate(
    number: str,
    what: str,
    against: str,
    run: Race,
    product: str,
    floor: str,
    *,
    must: float,
    aim: float,
    note: str = "",
) -> Figure:
    """Which part of the floor's speed the product reached."""
    return _of(number, what, against, run, product, floor, must, aim, note, rate=True)


def _of(
    number: str, what: str, against: str, run: Race, product: str, floor: str, must: float, aim: float, note: str, *, rate: bool
) -> Figure:  # fmt: skip
    if run.void:
        return Figure(number, what, against, None, must, aim, void=run.void, more_is_better=rate)
    ratios = run.ratios(floor, product) if rate else run.ratios(product, floor)
    mine, bare = run.times[product].typical, run.times[floor].typical
    taken = f"{_seconds(mine)} to {_seconds(bare)}"
    return Figure(
        number, what, against, median(ratios), must, aim, min(ratios), max(ratios), len(ratios),
        note=f"{taken}; {note}" if note else taken, more_is_better=rate,
    )  # fmt: skip


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"
