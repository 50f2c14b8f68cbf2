"""Tables that leave for spreadsheets: no cell of one is a formula, and no cache keeps one. Every export is made here."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Final, cast

import xlsxwriter
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

Cell = str | int

# A cell that begins with one of these is a formula to some spreadsheet; the full-width and small forms are to some.
FORMULA_SIGNS: Final = frozenset("=+-@|%\t\r\n＝＋－＠｜％﹦﹢﹣﹫﹪−")
SPOOLED: Final = 8 * 1024 * 1024
# Excel's own limits: of a cell's text, and of the whole numbers that it keeps to the last digit.
LONGEST_CELL: Final = 32_767
LARGEST_NUMBER: Final = 10**15
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Table:
    """What is exported: `rows` with the head first, as they are; they are made harmless on the way out."""

    name: str
    sheet: str
    rows: Iterable[Sequence[Cell]]
    frozen_columns: int = 0
    widths: Mapping[int, int] = field(default_factory=dict)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before one that looks like it, also after what is not seen."""
    for sign in text:
        if sign in FORMULA_SIGNS:
            return f"'{text}"
        if not (sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf")):
            break
    return text


def answer(table: Table, kind: str) -> StreamingHttpResponse | FileResponse:
    """The table as a download, `kind` csv or xlsx. Raises Http404 for another kind."""
    made: StreamingHttpResponse | FileResponse
    if kind == "csv":
        made = StreamingHttpResponse(as_csv(table), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        made = FileResponse(as_xlsx(table), content_type=WORKBOOK)
    else:
        raise Http404
    filename = f"{table.name}.{kind}"
    made["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    made["X-Content-Type-Options"] = "nosniff"
    made["Cache-Control"] = "private, no-store"
    return made


def as_csv(table: Table) -> Iterator[bytes]:
    """UTF-8 with the mark by which Excel knows it, line by line."""
    yield "\ufeff".encode()
    for row in table.rows:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL).writerow(
            [cell if isinstance(cell, int) else harmless(cell) for cell in row]
        )
        yield line.getvalue().encode()


def as_xlsx(table: Table) -> IO[bytes]:
    """A workbook of texts and whole numbers; nothing in it is a formula or a link."""
    target = cast("IO[bytes]", SpooledTemporaryFile(max_size=SPOOLED))  # noqa: SIM115  (the response closes it)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(table.sheet)
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, table.frozen_columns)
        for column, width in table.widths.items():
            sheet.set_column(column, column, width)
        for place, row in enumerate(table.rows):
            for column, cell in enumerate(row):
                if isinstance(cell, int) and abs(cell) < LARGEST_NUMBER:
                    sheet.write_number(place, column, cell)
                else:
                    text = harmless(str(cell))[:LONGEST_CELL]
                    sheet.write_string(place, column, text, bold if place == 0 else None)
    target.seek(0)
    return target
