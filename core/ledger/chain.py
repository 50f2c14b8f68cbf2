"""Appending to the chain, and reading it. The database computes `seq`, `prev_hash`, `hash` and `recorded_at`."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet

from core.models.ledger import LedgerEntry

_ALLOWED = "记录内容只能是文本、整数、真假、空值及其列表和字典"

# Rows of one statement; also keeps a statement's stream locks well below what the lock table holds.
BATCH = 1000


def _checked(value: object, where: str) -> object:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError(f"{where}：不得含空字符 (NUL)")
        value.encode()  # a lone surrogate has no UTF-8: UnicodeEncodeError is a ValueError
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"{where}：键只能是文本")
        return {_checked(key, where): _checked(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_checked(item, f"{where}[{place}]") for place, item in enumerate(value)]
    raise TypeError(f"{where}：{_ALLOWED}，不能是 {type(value).__name__}")


def canonical(body: Mapping[str, object]) -> str:
    """The one way to write a body down: JSON in one line, members sorted, no spaces, characters as they are.

    Refuses floats, moments, bytes and other objects (TypeError): a moment goes in as ISO text, an amount as a whole
    number or text. Members are named like identifiers (ValueError), so that `@recorded_at`, which the database adds,
    is alone and first.
    """
    checked = _checked(body, "body")
    if not isinstance(checked, dict):
        raise TypeError("body：记录内容须为字典")
    for name in checked:
        if not name.isidentifier():
            raise ValueError(f"body：“{name}”不是标识符")
    return json.dumps(checked, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def append(stream: str, body: Mapping[str, object]) -> LedgerEntry:
    """Add one line to a file's chain and return it as the database wrote it.

    Holds the stream's lock to the end of the transaction. What writes to several streams in one transaction calls
    `lock_streams` first.
    """
    return _insert([(stream, canonical(body))])[0]


@transaction.atomic
def append_many(lines: Iterable[tuple[str, Mapping[str, object]]]) -> list[LedgerEntry]:
    """Add lines in the order given, all or none. For a few thousand streams at a time: each holds a lock to the end."""
    rows = [(stream, canonical(body)) for stream, body in lines]
    lock_streams(*{stream for stream, _ in rows})
    return [entry for start in range(0, len(rows), BATCH) for entry in _insert(rows[start : start + BATCH])]


def _insert(rows: Sequence[tuple[str, str]]) -> list[LedgerEntry]:
    if not rows:
        return []
    streams, bodies = zip(*rows, strict=True)
    return list(
        LedgerEntry.objects.raw(
            """
            INSERT INTO core_ledgerentry (stream, body)
            SELECT stream, body FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS line (stream, body, place)
             ORDER BY place
            RETURNING id, stream, seq, body, prev_hash, hash, recorded_at
            """,
            [list(streams), list(bodies)],
        )
    )


def lock_streams(*streams: str) -> None:
    """Take several streams' locks before the first line, in the one order everybody uses. In a transaction only."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock_streams 须在事务之内 (needs a transaction)")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_advisory_xact_lock(key) FROM (
                SELECT DISTINCT core_ledger_lock_key(stream) AS key FROM unnest(%s::text[]) AS stream
                 ORDER BY key OFFSET 0
            ) AS in_order
            """,
            [list(streams)],
        )


def entries(stream: str) -> QuerySet[LedgerEntry]:
    """The lines of one file, in order."""
    return LedgerEntry.objects.filter(stream=stream).order_by("seq")


def salted_digest(value: str, salt: bytes) -> str:
    """What a body may hold instead of a name or a number of a person: HMAC-SHA-256 in hex. The salt stays with the
    row, never in the body.
    """
    if len(salt) < 16:
        raise ValueError("盐值至少 16 字节")
    return hmac.new(salt, value.encode(), hashlib.sha256).hexdigest()
