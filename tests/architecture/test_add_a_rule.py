"""docs/add-a-rule.md works as written: each step is done with the page's own words, to the duty that the rule opens."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from config.coverage import coverage
from core.models import Duty
from rulebook import library
from rulebook.model import RulebookError
from tests.architecture.howto import ROOT, Howto
from tests.enforcement.factories import Bureau, case_in, make_bureau

PAGE = Howto("add-a-rule.md")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the rulebook to write in."""
    for folder in ("instruments", "profiles"):
        shutil.copytree(ROOT / "rulebook" / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def followed(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps 1 to 4 done, and the product started anew."""
    PAGE.write(shelf, 1, 1, 2, 3)
    profile = PAGE.file_of(4, shelf)
    listed, end, rest = profile.read_text(encoding="utf-8").partition("\n]")
    assert "instruments = [" in listed
    profile.write_text(f"{listed}\n{PAGE.block(4).rstrip()}{end}{rest}", encoding="utf-8")
    book = library.load(shelf)
    monkeypatch.setattr(library, "get", lambda: book)


@pytest.fixture
def bureau(db: None, tmp_path: Path, settings: object) -> Bureau:
    settings.STORE_DIR = tmp_path / "store"  # type: ignore[attr-defined]
    return make_bureau()


def the_test() -> Callable[[Bureau], None]:
    """The test that step 6 writes, as Python understands it."""
    function: Callable[[Bureau], None] = PAGE.test_of(
        6, {"pytest": pytest, "Bureau": Bureau, "Duty": Duty, "case_in": case_in}
    )
    return function


@pytest.mark.usefixtures("followed")
def test_the_product_starts_with_the_rule_and_answers_as_the_page_says() -> None:
    assert [str(error) for error in run_checks() if error.id and error.id.startswith("mingcha")] == []
    typed, _, shown = PAGE.block(5).partition("\n")
    prompt, python, manage, *command = shlex.split(typed)
    assert (prompt, python, manage) == ("$", "python", "manage.py")
    said = StringIO()
    call_command(*command, stdout=said)
    assert shown.strip()
    assert said.getvalue().startswith(shown)


@pytest.mark.usefixtures("followed")
def test_the_pages_own_test_sees_the_rule_open_a_duty(bureau: Bureau) -> None:
    the_test()(bureau)


def test_the_pages_own_test_fails_without_the_rule(bureau: Bureau) -> None:
    with pytest.raises(Duty.DoesNotExist):
        the_test()(bureau)


@pytest.mark.usefixtures("followed")
def test_the_coverage_names_the_code_of_the_page_and_its_test() -> None:
    [mark] = the_test().pytestmark  # type: ignore[attr-defined]
    assert mark.name == "rule"
    [row] = [row for row in coverage({rule: ["the page"] for rule in mark.args}) if row["id"] in mark.args]
    assert f"`{row['enforced_by']}`" in PAGE.step(7)
    assert row["tests"] == ["the page"]


def test_a_rule_without_its_article_is_refused_naming_file_rule_and_reason(shelf: Path) -> None:
    PAGE.write(shelf, 1, 1, 3)
    with pytest.raises(RulebookError) as refused:
        library.load(shelf)
    for part in (PAGE.file_of(1, shelf).name, "TRY-9", "第九条"):
        assert part in str(refused.value)
