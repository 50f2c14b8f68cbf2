"""What a run works with: how much, in which database, behind which servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.servers import BenchDatabase

MANY_ROWS = 100_000
LEAST_OF_LONG_CALLS = 5


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. The quick one shows that the harness works; its figures say little."""

    name: str
    cases: int
    open_duties: int
    rounds: int
    dues: int

    def rounds_over(self, rows: int) -> int:
        """How many rounds of a call that goes through `rows` rows: one that takes many seconds averages over them by itself."""
        return self.rounds if rows <= MANY_ROWS else max(LEAST_OF_LONG_CALLS, self.rounds // 4)


FULL = Size("full", cases=100_000, open_duties=1_000_000, rounds=40, dues=1_000_000)
QUICK = Size("quick", cases=1_000, open_duties=10_000, rounds=8, dues=20_000)


@dataclass(frozen=True, slots=True)
class Stage:
    """One run's surroundings."""

    size: Size
    database: BenchDatabase
    say: Callable[[str], None]
