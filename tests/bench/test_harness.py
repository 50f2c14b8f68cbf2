"""The harness of the benchmarks: right first, then fast; and what it refuses to tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain, cycle, repeat

import pytest

from bench.figures import Figure, rate, ratio
from bench.harness import Race, Runner, race
from bench.report import as_text
from bench.run import asked, is_whole
from bench.stage import QUICK


def taking(seconds: float, answer: int = 42) -> Callable[[], int]:
    def run() -> int:
        time.sleep(seconds)
        return answer

    return run


def is_42(answer: int) -> str:
    return "" if answer == 42 else f"{answer} is not 42"


def test_a_wrong_fast_answer_is_void() -> None:
    calls: list[str] = []

    def wrong() -> int:
        calls.append("wrong")
        return 41

    run = race([Runner("fast", wrong, is_42), Runner("floor", taking(0.001), is_42)], floor="floor", rounds=2)
    assert run.void == "fast: 41 is not 42"
    assert not run.times
    assert calls == ["wrong"], "a wrong answer is not timed"
    figure = ratio("0", "x", "y", run, "fast", "floor", must=4, aim=2)
    assert figure.value is None
    assert figure.verdict == "void"


def test_an_answer_that_turns_wrong_while_it_is_timed_is_void() -> None:
    answers = iter([42] * 20)
    run = race(
        [Runner("fades", lambda: next(answers, 0), is_42, before=lambda: time.sleep(0)), Runner("floor", taking(0.001), is_42)],
        floor="floor", rounds=20,
    )  # fmt: skip
    assert run.void == "fades: 0 is not 42"


def test_a_wrong_floor_is_void_too() -> None:
    run = race([Runner("right", taking(0.001), is_42), Runner("floor", taking(0, 7), is_42)], floor="floor", rounds=2)
    assert run.void == "floor: 7 is not 42"


def race_against(pauses: Iterator[float]) -> Race:
    floor = Runner("floor", lambda: taking(next(pauses))(), is_42, before=lambda: None)
    return race([Runner("steady", taking(0.001), is_42), floor], floor="floor", rounds=4, warm_ups=0)


def test_a_floor_that_varies_threefold_run_after_run_is_void() -> None:
    run = race_against(cycle([0.001, 0.02]))
    assert run.void.startswith("the floor itself varied by")


def test_a_void_run_is_run_again() -> None:
    # One answer before, four rounds, one answer after: the unsteady first run.
    run = race_against(chain([0.001] * 3 + [0.02] * 3, repeat(0.02)))
    assert run.void == ""
    assert run.times["floor"].typical >= 0.02


def test_the_ratio_is_that_of_the_same_rounds() -> None:
    run = race([Runner("slow", taking(0.012), is_42), Runner("floor", taking(0.004), is_42)], floor="floor", rounds=6)
    if run.void:
        pytest.skip(f"the machine is too busy: {run.void}")
    slower = ratio("0", "x", "y", run, "slow", "floor", must=4, aim=2)
    assert slower.value == pytest.approx(3, rel=0.3)
    assert slower.low is not None
    assert slower.low <= slower.value
    slowness = rate("0", "x", "y", run, "slow", "floor", must=0.2, aim=1)
    assert slowness.value == pytest.approx(1 / 3, rel=0.3)
    assert slowness.verdict == "must"


@pytest.mark.parametrize(
    ("value", "more", "verdict"),
    [
        (1.5, False, "aim"),
        (3, False, "must"),
        (4.1, False, "missed"),
        (None, False, "void"),
        (5, True, "aim"),
        (1, True, "missed"),
    ],
)
def test_verdicts(value: float | None, more: bool, verdict: str) -> None:
    must, aim = (2, 4) if more else (4, 2)
    assert Figure("0", "x", "y", value, must, aim, more_is_better=more).verdict == verdict


def test_the_page_tells_misses_and_voids() -> None:
    figures = [
        Figure("1", "list", "floor", 5.0, 4, 2, 4.5, 5.5, 40),
        Figure("5", "sweep", "insert", None, 1.5, 1.1, void="sweep: 3 alerts instead of 4"),
    ]
    page = as_text(figures, QUICK, postgres="15.1", loads=(0.1, 2.0), seconds=60)
    assert "| 1 | list | floor | 5.00 (4.50–5.50) | ≤ 4 | ≤ 2 | **missed** | 40 |" in page
    assert "| 5 | sweep | insert | – | ≤ 1.5 | ≤ 1.1 | void |  | sweep: 3 alerts instead of 4 |" in page


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ([], True),
        (["--keep"], True),
        (["--rounds", "5"], False),
        (["--only", "cases,search"], False),
        (["--quick"], False),
    ],
)
def test_only_a_whole_run_writes_the_page(words: list[str], whole: bool) -> None:
    _, size, wanted = asked(words)
    assert is_whole(size, wanted) is whole
