"""Published notices as a table in the fields of the credit-information exchange (双公示), for spreadsheets and other systems.

Field codes as `Notice.exchange_fields` has them. Compare them with the official standard before an installation relies on it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Final, cast

import xlsxwriter

from disclosure.models import EXCHANGE_CODES, Notice

# A cell that begins with one of these is a formula to some spreadsheet, the full-width forms included.
FORMULA_SIGNS: Final = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t",
    "\r",
    "\n",
    "﹦",
    "﹢",
    "﹣",
    "﹫",
    "−",
    "|",
    "%",
)
SPOOLED: Final = 8 * 1024 * 1024
# Excel's own limit of a cell.
LONGEST_CELL: Final = 32_767


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before one that looks like it, also after blanks."""
    looks = text.lstrip(" \u3000\ufeff\u200b\xa0")
    return f"'{text}" if looks.startswith(FORMULA_SIGNS) else text


def rows(notices: Iterable[Notice]) -> Iterator[list[str]]:
    """The head, then one line a notice, every cell harmless."""
    yield list(EXCHANGE_CODES)
    for notice in notices:
        yield [harmless(value) for value in notice.exchange_fields().values()]


def as_csv(notices: Iterable[Notice]) -> Iterator[bytes]:
    """UTF-8 with the mark by which Excel knows it, streamed line by line."""
    yield "\ufeff".encode()
    for row in rows(notices):
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL).writerow(row)
        yield line.getvalue().encode()


def as_xlsx(notices: Iterable[Notice]) -> IO[bytes]:
    """A workbook of text cells; nothing in it is a formula, a number or a link."""
    target = cast("IO[bytes]", SpooledTemporaryFile(max_size=SPOOLED))  # noqa: SIM115  (the response closes it)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("行政处罚")
        sheet.freeze_panes(1, 0)
        for place, row in enumerate(rows(notices)):
            for column, value in enumerate(row):
                sheet.write_string(place, column, value[:LONGEST_CELL])
    target.seek(0)
    return target
