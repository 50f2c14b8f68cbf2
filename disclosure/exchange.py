"""Published notices as a table in the fields of the credit-information exchange (双公示), for spreadsheets and other systems.

Field codes as `Notice.exchange_fields` has them. Compare them with the official standard before an installation relies on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from core.spreadsheets import Table
from disclosure.models import EXCHANGE_CODES, Notice


def table(notices: Iterable[Notice], today: date) -> Table:
    """The head, then one line a notice, read as the table is written."""
    return Table(name=f"行政处罚公示信息-{today:%Y%m%d}", sheet="行政处罚", rows=_rows(notices))


def _rows(notices: Iterable[Notice]) -> Iterator[list[str]]:
    yield list(EXCHANGE_CODES)
    for notice in notices:
        yield list(notice.exchange_fields().values())
