"""The export in the fields of the exchange: nothing in it is a formula, and only what is published stands in it."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from disclosure import exchange
from disclosure.models import EXCHANGE_CODES, Notice, public_field_labels
from tests.core.test_spreadsheets import (
    PAYLOADS,
    assert_harmless,
    assert_leaves_no_trace,
    cells_of_csv,
    cells_of_workbook,
)
from tests.disclosure.flow import Bureau, decided_case, publish
from tests.disclosure.test_desk import signed_in


def sample(**values: str) -> Notice:
    return Notice(decided_on=date(2026, 3, 2), party_category="organisation", **values)


def test_the_table_has_the_thirty_fields_in_their_order() -> None:
    table = exchange.table([sample(party_name="示例建筑有限公司")], date(2026, 3, 9))
    assert table.name == "行政处罚公示信息-20260309"
    head, values = table.rows
    assert head == list(EXCHANGE_CODES)
    row = dict(zip(head, values, strict=True))
    assert row["CF_XDR_MC"] == "示例建筑有限公司"
    assert row["CF_JDRQ"] == "2026-03-02"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_s7_no_text_of_a_notice_reaches_a_spreadsheet_as_a_formula(payload: str) -> None:
    texts = {name: payload for name in public_field_labels() if name not in ("party_category", "decided_on")}
    for cells_of in (cells_of_csv, cells_of_workbook):
        cells = cells_of(exchange.table([sample(**texts)], date(2026, 3, 9)))
        assert sum(payload in cell for cell in cells) >= len(texts)
        assert_harmless(cells)


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
    assert_leaves_no_trace(answer, f".{kind}")


def test_another_kind_of_export_is_absent(bureau: Bureau) -> None:
    assert signed_in(bureau.officer).get("/desk/disclosure/export.pdf").status_code == 404
