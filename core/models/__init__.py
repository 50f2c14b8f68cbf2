"""Core's tables, split by noun."""

from core.models.access import Grant
from core.models.calendars import CalendarVersion, CalendarYear
from core.models.duties import Duty
from core.models.facts import FactRecord
from core.models.idempotency import IdempotentAnswer
from core.models.ledger import LedgerEntry, LogLeaf, LogNode, LogQueue, Seal
from core.models.numbers import NumberSeries
from core.models.store import StoredFile
from core.models.texts import InstrumentText

__all__ = [
    "CalendarVersion",
    "CalendarYear",
    "Duty",
    "FactRecord",
    "Grant",
    "IdempotentAnswer",
    "InstrumentText",
    "LedgerEntry",
    "LogLeaf",
    "LogNode",
    "LogQueue",
    "NumberSeries",
    "Seal",
    "StoredFile",
]
