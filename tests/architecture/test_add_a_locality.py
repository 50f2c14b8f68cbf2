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
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from agency.models import AgencyProfile
from core import calendars, duties, law
from core.models import Duty
from rulebook import library
from rulebook.model import RulebookError
from supervision.models import PlanReport
from tests.architecture.howto import ROOT, Howto
from tests.enforcement.factories import Bureau, at, case_in, make_bureau

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
def test_the_yearly_rule_opens_a_duty_that_is_reported_on_the_page_and_met(bureau: Bureau) -> None:
    duties.open_periodic(at("2026-01-05 09:00"))
    duty = Duty.objects.get(obligation="publish_annual_figures", period_key="2026")
    assert (duty.rule_id, duty.owner_unit, duty.due_at) == ("EXC-6", bureau.legal, at("2026-01-15 23:59:59"))
    office = Client()
    office.force_login(bureau.reviewer, backend="agency.backends.OfficialBackend")
    address = f"/desk/supervision/plan/2026/publish_annual_figures/{bureau.legal.pk}/"
    assert f'href="{address}"' in office.get("/desk/supervision/plan/?year=2026").content.decode()
    sent = {"remarks": "", "happened_at": "2026-01-14T10:00"}
    assert "请上传附件（《示例市" in office.post(address, sent).content.decode()
    attached = SimpleUploadedFile("数据.pdf", b"%PDF-1.4 x", content_type="application/pdf")
    answer = office.post(address, sent | {"attachment": attached}, follow=True)
    assert "公开年度执法数据" in answer.content.decode()
    duty.refresh_from_db()
    assert (duty.state, duty.met_at) == ("met", at("2026-01-14 10:00"))
    assert office.get(f"/desk/ledger/{PlanReport.objects.get().stream}/").status_code == 200


@pytest.mark.usefixtures("followed")
def test_a_quarterly_rule_with_nil_returns_is_toml_only_too(
    bureau: Bureau, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = PAGE.file_of(1, shelf)
    file.write_text(
        file.read_text(encoding="utf-8")
        + """
[[rule]]
id = "EXC-6a"
article = "第六条"
quote = "每季度一次"
title = "每季度报送检查情况"
kind = "period"
obligation = "report_inspections"
each = "quarter"
met_by = "supervision.plan_item_reported"
nil_allowed = true
""",
        encoding="utf-8",
    )
    book = library.load(shelf)
    monkeypatch.setattr(library, "get", lambda: book)
    duties.open_periodic(at("2026-05-06 09:00"))
    duty = Duty.objects.get(obligation="report_inspections", unit=bureau.section)
    assert (duty.period_key, duty.due_at) == ("2026Q2", at("2026-06-30 23:59:59"))
    clerk = Client()
    clerk.force_login(bureau.lead, backend="agency.backends.OfficialBackend")
    address = f"/desk/supervision/plan/2026Q2/report_inspections/{bureau.section.pk}/"
    sent = {"remarks": "本季度没有检查", "is_nil": "on", "happened_at": "2026-06-30T10:00"}
    assert clerk.post(address, sent).status_code == 302
    duty.refresh_from_db()
    assert duty.state == "met"


def test_a_yearly_rule_that_no_report_could_meet_stops_the_start(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PAGE.write(shelf, 1, 1, 2, 3)
    PAGE.write(shelf, 4, 4)
    file = PAGE.file_of(1, shelf)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("supervision.plan_item_reported", "disclosure.published"), encoding="utf-8")
    book = library.load(shelf)
    monkeypatch.setattr(library, "get", lambda: book)
    (error,) = [each for each in run_checks() if each.id == "mingcha.E004"]
    assert str(error.msg).endswith(
        "example-city-hrss-2026-disclosure.toml: EXC-6: fixed_date 只能由 supervision.plan_item_reported 办结"
    )


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
