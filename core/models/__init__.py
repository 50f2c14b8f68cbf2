"""Core's tables, split by noun."""

from core.models.access import Grant
from core.models.alerts import Alert
from core.models.calendars import CalendarChange, CalendarMove, CalendarVersion, CalendarYear
from core.models.deliveries import Delivery
from core.models.duties import Duty
from core.models.explanations import Explanation
from core.models.facts import FactRecord
from core.models.idempotency import IdempotentAnswer
from core.models.jobs import Heartbeat, Job
from core.models.ledger import LedgerEntry, LogLeaf, LogNode, LogQueue, Seal
from core.models.numbers import NumberSeries
from core.models.robots import Robot
from core.models.store import StoredFile
from core.models.texts import InstrumentText

__all__ = [
    "Alert",
    "CalendarChange",
    "CalendarMove",
    "CalendarVersion",
    "CalendarYear",
    "Delivery",
    "Duty",
    "Explanation",
    "FactRecord",
    "Grant",
    "Heartbeat",
    "IdempotentAnswer",
    "InstrumentText",
    "Job",
    "LedgerEntry",
    "LogLeaf",
    "LogNode",
    "LogQueue",
    "NumberSeries",
    "Robot",
    "Seal",
    "StoredFile",
]
