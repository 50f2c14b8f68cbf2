"""Sealing the log, and proving from its stored nodes: that a line is in a seal, that a seal continues an older one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django.db import InternalError, connection, transaction

from core import merkle
from core.models.ledger import LedgerEntry, LogLeaf, LogQueue, Seal

FORMAT = "mingcha-seal/1"
BEIJING = timezone(timedelta(hours=8))
SHANGHAI = ZoneInfo("Asia/Shanghai")


class LogBroken(RuntimeError):
    """The stored log does not hold together: nothing is sealed or proved from it; `verify_ledger` says where."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands at `log_index` of the log of `size` entries with this `root`. `path`: sibling hashes,
    nearest first.
    """

    log_index: int
    size: int
    root: str
    path: tuple[str, ...]

    def holds_for(self, entry: LedgerEntry) -> bool:
        return merkle.includes(
            root=bytes.fromhex(self.root),
            size=self.size,
            index=self.log_index,
            leaf=merkle.leaf_hash(entry.hash),
            path=[bytes.fromhex(sibling) for sibling in self.path],
        )


def moment_text(moment: datetime) -> str:
    """A moment as it goes under a hash: always +08:00, always microseconds."""
    return moment.astimezone(BEIJING).isoformat(timespec="microseconds")


def seal_hash(*, previous: str, size: int, root: str, sealed_at: str) -> str:
    return sha256(f"{previous}\n{size}\n{root}\n{sealed_at}".encode()).hexdigest()


def export_seal(seal: Seal) -> dict[str, Any]:
    """A seal as it leaves the system; `core.ledger.verify` takes it back."""
    return {
        "format": FORMAT,
        "size": seal.size,
        "root": seal.root,
        "previous": seal.previous,
        "sealed_at": moment_text(seal.sealed_at),
        "hash": seal.hash,
    }


@transaction.atomic
def seal(now: datetime) -> Seal:
    """Put every waiting entry into the log and seal it. With nothing new the latest seal is returned, so twice is once.

    Two at once wait for each other. Raises LogBroken when the log no longer fits its last seal.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT core_ledger_seal(%s)", [now])
            (made,) = cursor.fetchone()
    except InternalError as error:
        raise LogBroken(str(error).splitlines()[0]) from error
    return Seal.objects.get(pk=made)


def seal_if_due(now: datetime, *, hour: int) -> Seal | None:
    """The day's seal: made once an entry waits that was recorded before the last `hour` o'clock (Shanghai); else None.

    An hour missed (the worker was down) is made up for at the next call.
    """
    local = now.astimezone(SHANGHAI)
    last = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if last > local:
        last -= timedelta(days=1)
    if not LogQueue.objects.filter(entry__recorded_at__lt=last).exists():
        return None
    return seal(now)


def latest_seal() -> Seal | None:
    return Seal.objects.order_by("-size").first()


def inclusion_proof(entry: LedgerEntry, seal: Seal) -> Proof | None:
    """None while the seal does not hold the entry: 将于今日封存后可验证."""
    return inclusion_proofs([entry], seal).get(entry.pk)


def inclusion_proofs(lines: Iterable[LedgerEntry], seal: Seal) -> dict[int, Proof]:
    """Proofs by entry id, for all lines of a page in three statements; lines that the seal does not hold are absent."""
    places = dict(
        LogLeaf.objects.filter(entry__in=[line.pk for line in lines], log_index__lt=seal.size)
        .values_list("entry_id", "log_index")
    )  # fmt: skip
    paths = {entry: merkle.inclusion_path(place, seal.size) for entry, place in places.items()}
    hash_of = _span_hashes(span for path in paths.values() for span in path)
    return {
        entry: Proof(places[entry], seal.size, seal.root, tuple(hash_of[span].hex() for span in path))
        for entry, path in paths.items()
    }


def consistency_proof(older: Seal, newer: Seal) -> list[str]:
    """That the older seal's log is the beginning of the newer's (hex, as RFC 6962 orders them); empty from an empty
    log.
    """
    if older.size == 0:
        return []
    path = merkle.consistency_path(older.size, newer.size)
    hash_of = _span_hashes(path)
    return [hash_of[span].hex() for span in path]


def _span_hashes(spans: Iterable[merkle.Span]) -> dict[merkle.Span, bytes]:
    """Tree hashes of spans of the log, folded from its stored nodes."""
    subtrees = {span: span.complete_subtrees() for span in spans}
    wanted = {node for nodes in subtrees.values() for node in nodes}
    stored = {
        merkle.Node(0, index): merkle.leaf_hash(entry_hash)
        for index, entry_hash in LogLeaf.objects.filter(log_index__in=[n.index for n in wanted if n.level == 0])
        .values_list("log_index", "hash")
    }  # fmt: skip
    inner = [node for node in wanted if node.level > 0]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.level, n.index, n.hash FROM unnest(%s::smallint[], %s::bigint[]) AS wanted (level, index)
              JOIN core_lognode n ON n.level = wanted.level AND n.index = wanted.index
            """,
            [[node.level for node in inner], [node.index for node in inner]],
        )
        stored.update({merkle.Node(level, index): bytes(node_hash) for level, index, node_hash in cursor.fetchall()})
    try:
        return {span: merkle.fold([stored[node] for node in nodes]) for span, nodes in subtrees.items()}
    except KeyError as missing:
        raise LogBroken(f"封存日志缺少节点 {missing} (a node of the log is missing)") from missing
