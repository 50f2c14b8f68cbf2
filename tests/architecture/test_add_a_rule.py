"""docs/add-a-rule.md works as written: its own snippets are used."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from rulebook import library, workdays
from rulebook.deadlines import SHANGHAI, due
from rulebook.model import RulebookError

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "add-a-rule.md").read_text(encoding="utf-8")
INSTRUMENT = "weihai-2020-supervision-measures.toml"


def snippets() -> list[str]:
    return [re.sub(r"^   ", "", block, flags=re.M) for block in re.findall(r"```toml\n(.*?)```", PAGE, flags=re.S)]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the rulebook to write in."""
    for folder in ("instruments", "profiles"):
        shutil.copytree(ROOT / "rulebook" / folder, tmp_path / folder)
    return tmp_path


def test_the_page_added_to_an_instrument_makes_a_rule_that_binds_and_counts(shelf: Path) -> None:
    article, rule = snippets()
    file = shelf / "instruments" / INSTRUMENT
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{article}\n{rule}", encoding="utf-8")

    book = library.load(shelf)

    opened = book.rules_for("enforcement.case_closed", {}, "weihai-hrss", datetime(2026, 2, 11, tzinfo=SHANGHAI).date())
    assert [each.id for each in opened] == ["TRY-99"]
    answer = due("TRY-99", datetime(2026, 2, 11, 9, tzinfo=SHANGHAI), calendar=workdays.get(), rulebook=book)
    assert answer.due.isoformat() == "2026-03-03T23:59:59+08:00"
    assert book.cite("TRY-99").text == "《威海市行政执法监督办法》第九十九条"


def test_a_rule_without_its_article_is_refused_naming_file_rule_and_reason(shelf: Path) -> None:
    _, rule = snippets()
    file = shelf / "instruments" / INSTRUMENT
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{rule}", encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        library.load(shelf)
    assert INSTRUMENT in str(refused.value)
    assert "TRY-99" in str(refused.value)
    assert "第九十九条" in str(refused.value)
