"""What the rules that are not enforced yet wait for: `waiting.toml`, read once. A rule that no group names says only what it has not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rulebook.files import read_toml
from rulebook.model import Rule, RulebookError

FILE = Path(__file__).parent / "waiting.toml"
FIELDS = frozenset({"part", "lacks", "english", "instruments", "rules"})


@dataclass(frozen=True, slots=True)
class Wait:
    """What the product does not have, in both languages, and the part of it to which that belongs: an app, or the name of one to come."""

    part: str
    lacks: str
    english: str
    instruments: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def read(path: Path = FILE) -> tuple[Wait, ...]:
    """The groups of a file; refuses unknown fields, empty words, and what stands in two groups with RulebookError."""
    groups = []
    for row in read_toml(path)[1].get("group", []):
        if unknown := sorted(set(row) - FIELDS):
            raise RulebookError(f"{path.name}: 未知字段 {unknown[0]}")
        if not all(row.get(name) for name in ("part", "lacks", "english")):
            raise RulebookError(f"{path.name}: 每组须有 part、lacks、english")
        names = {name: tuple(row.get(name, ())) for name in ("instruments", "rules")}
        groups.append(Wait(row["part"], row["lacks"], row["english"], **names))
    named = [name for each in groups for name in (*each.instruments, *each.rules)]
    if twice := next((name for name in named if named.count(name) > 1), None):
        raise RulebookError(f"{path.name}: {twice} 在两组中")
    return tuple(groups)


@lru_cache(maxsize=1)
def groups() -> tuple[Wait, ...]:
    """The product's own groups."""
    return read()


def wait_of(rule: Rule, known: tuple[Wait, ...] | None = None) -> Wait:
    """What a rule that is not enforced waits for: the group that names it, else that of its instrument, else what it has not itself."""
    by_rule, by_instrument = _index(groups() if known is None else known)
    return by_rule.get(rule.id) or by_instrument.get(rule.instrument) or _own(rule)


@lru_cache(maxsize=4)
def _index(known: tuple[Wait, ...]) -> tuple[dict[str, Wait], dict[str, Wait]]:
    """Which group names a rule, and which an instrument: a page asks for hundreds."""
    by_rule = {name: each for each in known for name in each.rules}
    return by_rule, {name: each for each in known for name in each.instruments}


OTHER = "其他"


def _own(rule: Rule) -> Wait:
    if rule.is_periodic:
        return Wait(OTHER, "没有产生和办结这一期限的功能", "nothing opens or meets it")
    if rule.is_clock:
        return Wait(OTHER, "没有起算这一期限的事实", "no fact starts it")
    return Wait(OTHER, "没有核查这一条的步骤或者约束", "no step or constraint checks it")
