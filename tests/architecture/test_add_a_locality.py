"""docs/add-a-locality.md works as written: each step is done with the page's own words, to the duty that the locality's rule opens."""

from __future__ import annotations

import shlex
import shutil
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.utils import timezone

from agency.models import AgencyProfile
from core import calendars, law
from core.models import Duty
from rulebook import library
from rulebook.model import RulebookError
from tests.architecture.howto import ROOT, Howto
from tests.enforcement.factories import Bureau, case_in, make_bureau

PAGE = Howto("add-a-locality.md")
LOCALITY = "example-city-hrss"


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
    PAGE.write(shelf, 4, 4)
    book = library.load(shelf)
    monkeypatch.setattr(library, "get", lambda: book)


@pytest.fixture
def bureau(db: None, tmp_path: Path, settings: Any) -> Bureau:
    settings.STORE_DIR = tmp_path / "store"
    return make_bureau(profile=LOCALITY)


@pytest.mark.usefixtures("followed")
def test_the_product_starts_with_the_locality_and_answers_as_the_page_says() -> None:
    assert [str(error) for error in run_checks() if error.id and error.id.startswith("mingcha")] == []
    typed, _, shown = PAGE.block(5).partition("\n")
    prompt, python, manage, *command = shlex.split(typed)
    assert (prompt, python, manage) == ("$", "python", "manage.py")
    said = StringIO()
    call_command(*command, stdout=said)
    assert shown.strip()
    assert said.getvalue().startswith(shown)


@pytest.mark.usefixtures("followed")
def test_the_pages_own_test_sees_the_rules_bind_its_bureau(bureau: Bureau) -> None:
    known = {
        "pytest": pytest,
        "Bureau": Bureau,
        "Duty": Duty,
        "case_in": case_in,
        "calendars": calendars,
        "law": law,
        "date": date,
        "localdate": timezone.localdate,
    }
    PAGE.test_of(7, known)(bureau)


@pytest.mark.usefixtures("followed")
def test_an_agency_is_set_up_with_it(db: None) -> None:
    assert f"--profile {LOCALITY}" in PAGE.step(6)
    call_command(
        "create_agency", name="示例市人力资源和社会保障局", short_name="示例人社局", profile=LOCALITY, document_prefix="示人社",
        system_admin="张示例", system_admin_username="system", security_admin="李样本", security_admin_username="security",
    )  # fmt: skip
    assert AgencyProfile.objects.get().profile == LOCALITY


def test_a_profile_that_names_what_is_not_there_is_refused_naming_file_and_reason(shelf: Path) -> None:
    PAGE.write(shelf, 4, 4)
    with pytest.raises(RulebookError) as refused:
        library.load(shelf)
    missing = f"{LOCALITY}.toml: instruments 所列 example-city-hrss-2026-disclosure 不存在："
    assert str(refused.value).startswith(missing)
