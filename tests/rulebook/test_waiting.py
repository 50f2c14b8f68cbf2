"""Every rule that is not enforced says what it waits for, in words of its own matter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rulebook import library, waiting
from rulebook.model import RulebookError
from rulebook.waiting import OTHER, Wait, wait_of

GROUP = 'part = "recording"\nlacks = "没有"\nenglish = "nothing"\n'


def test_every_rule_that_is_not_enforced_says_what_is_missing() -> None:
    unnamed = [rule.id for rule in library.get().rules if not rule.is_enforced and wait_of(rule).part == OTHER]
    assert unnamed == []


def test_the_groups_name_only_what_exists_and_only_what_waits() -> None:
    book = library.get()
    known, instruments = {rule.id for rule in book.rules}, {each.id for each in book.instruments}
    for group in waiting.groups():
        assert set(group.rules) <= known, group.lacks
        assert set(group.instruments) <= instruments, group.lacks
        assert any(wait_of(rule) is group for rule in book.rules if not rule.is_enforced), group.lacks


def test_the_nearest_group_speaks_the_rules_own_before_its_instruments() -> None:
    rule = library.get().rule("CN-PENALTY-51")
    whole = Wait("a", "b", "c", instruments=(rule.instrument,))
    own = Wait("d", "e", "f", rules=(rule.id,))
    assert wait_of(rule, (whole, own)) is own
    assert wait_of(rule, (whole,)) is whole


@pytest.mark.parametrize(
    ("rule", "lacks"),
    [
        ("CN-LICENCE-43", "没有起算这一期限的事实"),
        ("WH-MEAS-8b", "没有产生和办结这一期限的功能"),
        ("CN-PENALTY-51", "没有核查这一条的步骤或者约束"),
    ],
)
def test_a_rule_of_which_nothing_was_said_says_what_it_has_not_itself(rule: str, lacks: str) -> None:
    other = replace(library.get().rule(rule), id="TRY-1", instrument="example-2026")
    assert (wait_of(other).part, wait_of(other).lacks) == (OTHER, lacks)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[group]]\n" + GROUP + 'why = "x"', "未知字段 why"),
        ("[[group]\n" + GROUP, r"^waiting\.toml: 不是有效的TOML：第1行"),
        ('[[group]]\npart = "recording"\nlacks = ""\nenglish = "x"', "每组须有"),
        ("[[group]]\n" + GROUP + 'rules = ["A-1"]\n[[group]]\n' + GROUP + 'rules = ["A-1"]', "A-1 在两组中"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "waiting.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RulebookError, match=reason):
        waiting.read(file)
