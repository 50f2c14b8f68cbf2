"""The board as a spreadsheet: one line a unit, one an article. No cell of it is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Final, cast

import xlsxwriter
from django.utils import timezone

from disclosure.exchange import harmless
from supervision.boards import Board
from supervision.figures import STATES, Figures

HEAD: Final = ("统计口径", "编号", "名称", *STATES.values(), "按期率（%）", "下一期限")
SPOOLED: Final = 4 * 1024 * 1024
Row = list[str | int]


def rows(board: Board) -> Iterator[Row]:
    """Head, total, units, articles."""
    yield list(HEAD)
    yield _row("合计", "", f"{board.year}年", board.total)
    for unit in board.units:
        yield _row("科室", unit.key, unit.name, unit.figures)
    for line in board.articles:
        yield _row("条文", line.rule.id, f"{line.citation.text} {line.rule.title}", line.figures)


def _row(kind: str, key: str, name: str, counted: Figures) -> Row:
    percent = counted.in_time_percent
    return [
        kind,
        harmless(key),
        harmless(name),
        *(getattr(counted, state) for state in STATES),
        "" if percent is None else percent,
        f"{timezone.localtime(counted.next_due):%Y-%m-%d %H:%M}" if counted.next_due else "",
    ]


def as_csv(board: Board) -> bytes:
    """UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows(board))
    return ("\ufeff" + text.getvalue()).encode()


def as_xlsx(board: Board) -> IO[bytes]:
    """A workbook of texts and whole numbers."""
    target = cast("IO[bytes]", SpooledTemporaryFile(max_size=SPOOLED))  # noqa: SIM115  (the response closes it)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(f"{board.year}年监督看板")
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 3)
        sheet.set_column(2, 2, 48)
        for place, row in enumerate(rows(board)):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(place, column, value)
                else:
                    sheet.write_string(place, column, value, bold if place == 0 else None)
    target.seek(0)
    return target
