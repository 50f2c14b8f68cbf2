"""What only the ledger's tests need: a hand that tampers as a database administrator would, and a real login of the
serving role.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from core import ledger, merkle
from core.models import LedgerEntry, LogLeaf, LogNode, Seal

TABLES = ("core_ledgerentry", "core_logleaf", "core_lognode", "core_seal")
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def line_hash(prev_hash: str, stream: str, seq: int, body: str) -> str:
    return hashlib.sha256("\n".join([prev_hash, stream, str(seq), body]).encode("utf-8")).hexdigest()


@contextmanager
def as_owner() -> Iterator[None]:
    """The rights of the role that owns the tables, on the test's own connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
        cursor.execute("RESET ROLE")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f'SET ROLE "{role}"')


@contextmanager
def triggers_off() -> Iterator[None]:
    """As a database administrator would begin."""
    with as_owner(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def tamper(db: None) -> Callable[..., None]:
    """Run SQL with every trigger off."""

    def run(*statements: str) -> None:
        with triggers_off(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                assert cursor.rowcount != 0, f"nothing was altered by {statement}"

    return run


def rewrite_chain(stream: str, from_seq: int) -> None:
    """Recompute a stream's hashes from a line on, as somebody would who knows the formula. Inside `triggers_off`."""
    previous = LedgerEntry.objects.filter(stream=stream, seq=from_seq - 1).values_list("hash", flat=True).first()
    for entry in ledger.entries(stream).filter(seq__gte=from_seq):
        digest = line_hash(previous or "0" * 64, stream, entry.seq, entry.body)
        LedgerEntry.objects.filter(pk=entry.pk).update(prev_hash=previous or "0" * 64, hash=digest)
        previous = digest


def rewrite_log() -> None:
    """Recompute leaves, nodes and seals from the entries that are there, leaving nothing inside the database that
    disagrees.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_logqueue")
        cursor.execute("DELETE FROM core_lognode")
        cursor.execute("DELETE FROM core_logleaf")
        cursor.execute(
            """
            INSERT INTO core_logleaf (log_index, entry_id, stream, seq, hash)
            SELECT row_number() OVER (ORDER BY id) - 1, id, stream, seq, hash FROM core_ledgerentry
            """
        )
        tree = merkle.Frontier()
        for digest in LogLeaf.objects.order_by("log_index").values_list("hash", flat=True):
            for node, node_digest in tree.grow(merkle.leaf_hash(digest)):
                cursor.execute("INSERT INTO core_lognode VALUES (%s, %s, %s)", [node.level, node.index, node_digest])
        last = Seal.objects.latest()
        Seal.objects.exclude(pk=last.pk).delete()
        root, moment = tree.root().hex(), ledger.export_seal(last)["sealed_at"]
        digest = hashlib.sha256(f"{'0' * 64}\n{tree.size}\n{root}\n{moment}".encode()).hexdigest()
        Seal.objects.filter(pk=last.pk).update(size=tree.size, root=root, previous="0" * 64, hash=digest)
    assert LogNode.objects.count() == sum(tree.size >> level for level in range(1, 63))


def serving_login() -> psycopg2.extensions.connection:
    """A connection that logged in as the serving role itself, not one that was lent its rights."""
    parameters = {k: v for k, v in connection.get_connection_params().items() if k in {"host", "port", "password"}}
    parameters |= {"dbname": connection.settings_dict["NAME"], "user": settings.SERVING_ROLE}
    if url := os.environ.get("SERVING_DATABASE_URL"):
        parts = urlsplit(url)
        parameters |= {"user": unquote(parts.username or settings.SERVING_ROLE)}
        if parts.password:
            parameters["password"] = unquote(parts.password)
        if host := (parse_qs(parts.query).get("host", [""])[0] or unquote(parts.hostname or "")):
            parameters["host"] = host
    return psycopg2.connect(**parameters)


@pytest.fixture
def serving(db: None) -> Iterator[psycopg2.extensions.connection]:
    """For what is refused: it sees the tables, not the rows of the test's own transaction, and ends in a rollback."""
    login = serving_login()
    yield login
    login.close()


@pytest.fixture
def serving_for_good(transactional_db: None) -> Iterator[psycopg2.extensions.connection]:
    """For what succeeds: every statement is committed."""
    login = serving_login()
    login.autocommit = True
    yield login
    login.close()


@pytest.fixture
def some_lines(db: None) -> list[LedgerEntry]:
    """Three files, 4 + 3 + 2 lines, interleaved as work would write them."""
    order = ("case:1", "case:2", "case:1", "notice:3", "case:2", "case:1", "notice:3", "case:2", "case:1")
    return [ledger.append(stream, {"fact": "demo.happened", "number": n}) for n, stream in enumerate(order)]
