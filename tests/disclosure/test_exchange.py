"""The export in the fields of the exchange: nothing in it is a formula, and only what is published stands in it."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure import exchange
from disclosure.models import EXCHANGE_CODES, Notice
from tests.disclosure.flow import Bureau, decided_case, publish
from tests.disclosure.test_desk import signed_in

SIGNS = "=+-@＝＋－＠\t\r\n"


@pytest.mark.parametrize("sign", list(SIGNS))
def test_s7_a_cell_that_begins_like_a_formula_gets_an_apostrophe(sign: str) -> None:
    for text in (f"{sign}1+1", f"  {sign}cmd", f"\u3000{sign}HYPERLINK()"):
        assert exchange.harmless(text) == f"'{text}"


@given(st.text(max_size=30))
def test_s7_no_text_at_all_stays_a_formula(text: str) -> None:
    assert not exchange.harmless(text).lstrip(" \u3000").startswith(tuple(SIGNS))


@given(st.text(alphabet="示例有限公司〔2026〕7号2.000000", max_size=30))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert exchange.harmless(text) == text


def sample(**values: str) -> Notice:
    return Notice(decided_on=date(2026, 3, 2), party_category="organisation", **values)


def test_the_table_has_the_thirty_fields_in_their_order() -> None:
    table = list(csv.reader(io.StringIO(b"".join(exchange.as_csv([sample(party_name="=cmd|x")])).decode("utf-8-sig"))))
    assert table[0] == list(EXCHANGE_CODES)
    row = dict(zip(*table, strict=True))
    assert row["CF_XDR_MC"] == "'=cmd|x"
    assert row["CF_JDRQ"] == "2026-03-02"


def test_the_workbook_holds_text_only() -> None:
    with exchange.as_xlsx([sample(party_name="=1+1", facts="http://example.cn")]) as file:
        sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower()
    assert "'=1+1" in sheet


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_only_published_notices_are_exported(bureau: Bureau, notice: Notice, kind: str) -> None:
    decided_case(bureau, party_name="未公示样本有限公司")
    publish(bureau, notice)
    answer = signed_in(bureau.officer).get(f"/desk/disclosure/export.{kind}")
    assert answer.status_code == 200
    content = answer.getvalue()
    if kind == "xlsx":
        book = zipfile.ZipFile(io.BytesIO(content))
        text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    else:
        text = content.decode()
    assert "示例建筑有限公司" in text
    assert "未公示样本有限公司" not in text
    assert "no-store" in answer["Cache-Control"]


def test_another_kind_of_export_is_absent(bureau: Bureau) -> None:
    assert signed_in(bureau.officer).get("/desk/disclosure/export.pdf").status_code == 404
