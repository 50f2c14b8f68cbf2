"""Races: what is compared runs in the same rounds, in shuffled order, after its answers were found right.

Timed alone and timed interleaved differ by a factor of two on an ordinary machine, so a figure is the median over the rounds of
`product / floor`, both from the same round. A wrong answer is void however fast it was; so is a run whose floor itself varied by a factor
of three.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from typing import Any

WARM_UPS = 5
LEAST_ROUNDS = 40
# A floor that varies by this much between rounds says that the machine was measured, not the product.
UNSTEADY = 3.0
# A void run is run again, whole; a machine that is never steady stays void.
RUNS = 3
# One round of a runner lasts at least about this long, so that a round is not one lucky call.
LEAST_SECONDS = 0.1
MOST_CALLS = 50


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Runner:
    """One thing to time. `check` sees what `run` answers and says what is wrong with it, or nothing ("").

    `before` makes the state `run` starts from, each time, and is not timed; such a runner runs once a round.
    """

    name: str
    run: Callable[[], Any]
    check: Callable[[Any], str]
    before: Callable[[], None] = _nothing

    @property
    def runs_once(self) -> bool:
        return self.before is not _nothing


@dataclass(slots=True)
class Times:
    """Seconds of one runner: the mean of each round, and every call."""

    rounds: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    @property
    def typical(self) -> float:
        return median(self.rounds)

    @property
    def tail(self) -> float:
        """p95 / p50 of the single calls."""
        return quantiles(self.calls, n=20)[18] / median(self.calls)


class Wrong(Exception):
    """A runner gave a wrong answer: nothing it took is worth telling."""


@dataclass(slots=True)
class Race:
    """What was measured; `void` says why it counts for nothing."""

    times: dict[str, Times] = field(default_factory=dict)
    void: str = ""
    is_unsteady: bool = False

    def ratios(self, product: str, floor: str) -> list[float]:
        """Round by round, product / floor."""
        pairs = zip(self.times[product].rounds, self.times[floor].rounds, strict=True)
        return [mine / bare for mine, bare in pairs]


def race(
    runners: Sequence[Runner], *, floor: str, rounds: int = LEAST_ROUNDS, seed: int = 6962, warm_ups: int = WARM_UPS
) -> Race:
    """Check every runner's answer, then time them all, interleaved.

    A wrong answer, before or after the timing, voids the race; so does a floor that varies by a factor of three, three runs in a row.
    """
    shuffle = random.Random(seed).shuffle
    for _ in range(RUNS):
        found = _run(list(runners), floor, rounds, warm_ups, shuffle)
        if not found.is_unsteady:
            break
    return found


def _run(order: list[Runner], floor: str, rounds: int, warm_ups: int, shuffle: Callable[[list[Runner]], None]) -> Race:
    found = Race({runner.name: Times() for runner in order})
    try:
        for runner in order:
            _answer(runner)
        calls = {runner.name: 1 if runner.runs_once else _calls(runner) for runner in order}
        for number in range(warm_ups + rounds):
            shuffle(order)
            for runner in order:
                taken = [_seconds(runner) for _ in range(calls[runner.name])]
                if number >= warm_ups:
                    found.times[runner.name].rounds.append(sum(taken) / len(taken))
                    found.times[runner.name].calls.extend(taken)
        for runner in order:
            _answer(runner)
    except Wrong as wrong:
        return Race(void=str(wrong))
    base = found.times[floor].rounds
    if max(base) >= UNSTEADY * min(base):
        found.void, found.is_unsteady = f"the floor itself varied by {max(base) / min(base):.1f}", True
    return found


def _answer(runner: Runner) -> None:
    runner.before()
    complaint = runner.check(runner.run())
    if complaint:
        raise Wrong(f"{runner.name}: {complaint}")


def _calls(runner: Runner) -> int:
    """How often a runner is called in one round."""
    return max(1, min(MOST_CALLS, round(LEAST_SECONDS / max(_seconds(runner), 1e-6))))


def _seconds(runner: Runner) -> float:
    runner.before()
    started = perf_counter()
    runner.run()
    return perf_counter() - started
