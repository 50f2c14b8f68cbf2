"""Verification: recompute everything from the entries, in constant memory, and name the first line that does not fit.

Four passes over one snapshot: every chain; the log with its stored nodes; the seals; what waits to be sealed. An
exported seal is compared on the way: what was recomputed or cut off as a whole inside the database shows there only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from core import merkle
from core.ledger.exports import ExportedSeal
from core.ledger.seals import moment_text, seal_hash
from core.models.ledger import LedgerEntry, LogLeaf, LogNode, LogQueue, Seal

GENESIS = "0" * 64
ROWS = 5_000
# Leaves checked at a time; a power of two, so that a block is one complete subtree of the log.
BLOCK_LEVEL = 10
BLOCK = 1 << BLOCK_LEVEL


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """The first line that does not fit. `stream` and `seq` are empty where only the log or a seal was altered."""

    why: str
    stream: str | None = None
    seq: int | None = None
    log_index: int | None = None

    def __str__(self) -> str:
        where = [f"{self.stream} 第{self.seq}行"] if self.stream is not None else []
        if self.log_index is not None:
            where.append(f"封存日志第{self.log_index}位")
        return f"{'，'.join(where)}：{self.why}" if where else self.why


@dataclass(frozen=True, slots=True)
class Report:
    """What was verified, and the first line that does not fit (None: everything fits)."""

    entries: int = 0
    streams: int = 0
    sealed: int = 0
    waiting: int = 0
    seals: int = 0
    exported_size: int | None = None
    broken: BrokenLine | None = None

    @property
    def ok(self) -> bool:
        return self.broken is None

    def as_dict(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}


class _Found(Exception):
    def __init__(self, line: BrokenLine) -> None:
        super().__init__(line.why)
        self.line = line


def _broken(why: str, *, stream: str | None = None, seq: int | None = None, log_index: int | None = None) -> _Found:
    return _Found(BrokenLine(why, stream, seq, log_index))


def verify(seal_export: Mapping[str, Any] | None = None) -> Report:
    """Verify the whole ledger, and against an exported seal where one is given. Writes nothing.

    `seal_export` is what `export_seal` or `read_seal` gave. With its lines, the line is named that was altered or
    cut although everything inside the database was recomputed. Raises NotASeal when the export does not fit itself.
    """
    export = ExportedSeal.check(seal_export) if seal_export is not None else None
    report = Report(exported_size=export.size if export else None)
    with _snapshot():
        try:
            report = _chains(report)
            report = _LogPass(export).walk(report)
            report = _waiting(report)
        except _Found as found:
            report = replace(report, broken=found.line)
    return report


@contextmanager
def _snapshot() -> Iterator[None]:
    """All passes see the same state, whoever writes meanwhile. Inside a transaction it is that transaction's view."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _chains(report: Report) -> Report:
    """Every line of every chain: place, link, hash, and the recorded moment that the body repeats."""
    lines = streams = 0
    stream, seq, last = None, 0, GENESIS
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """
            SELECT stream, seq, body, prev_hash, hash,
                   starts_with(body, '{"@recorded_at":"' || core_ledger_moment(recorded_at) || '"')
              FROM core_ledgerentry ORDER BY stream, seq
            """
        )
        while rows := cursor.fetchmany(ROWS):
            lines += len(rows)
            for of, place, body, prev_hash, stored, moment_fits in rows:
                if of != stream:
                    stream, seq, last = of, 0, GENESIS
                    streams += 1
                seq += 1
                if place > seq:
                    raise _broken("此行缺失", stream=of, seq=seq)
                if place < seq:
                    raise _broken("序号不是从 1 起", stream=of, seq=place)
                if prev_hash != last:
                    raise _broken("与前一行不相接", stream=of, seq=seq)
                last = sha256(f"{prev_hash}\n{of}\n{place}\n{body}".encode()).hexdigest()
                if last != stored:
                    raise _broken("内容与摘要不符", stream=of, seq=seq)
                if not moment_fits:
                    raise _broken("入账时间与内容不符", stream=of, seq=seq)
    return replace(report, entries=lines, streams=streams)


class _LogPass:
    """Every leaf against its entry, every stored node and every seal against the tree grown from the entries."""

    def __init__(self, export: ExportedSeal | None) -> None:
        self.export = export
        self.size = (LogLeaf.objects.aggregate(last=Max("log_index"))["last"] or 0) + LogLeaf.objects.exists()
        self.tree = merkle.Frontier()
        self.seals = _seals()
        self.seal = next(self.seals, None)
        self.seals_checked = 0

    def walk(self, report: Report) -> Report:
        self._compare_roots(0, [])
        for start in range(0, self.size, BLOCK):
            end = min(start + BLOCK, self.size)
            leaves = self._leaves(start, end)
            block = self._compare_nodes(start, end, leaves)
            self._compare_roots(end, leaves)
            if block is not None:
                for node, node_hash in self.tree.grow(block, level=BLOCK_LEVEL):
                    self._compare_upper_node(node, node_hash)
        self._compare_ends()
        return replace(report, sealed=self.size, seals=self.seals_checked)

    def _leaves(self, start: int, end: int) -> list[bytes]:
        """The leaf hashes of a block, computed from its entries."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT count(*),
                       bool_and(coalesce(e.hash = l.hash AND e.stream = l.stream AND e.seq = l.seq, false)),
                       decode(string_agg(e.hash, '' ORDER BY l.log_index), 'hex')
                  FROM core_logleaf l LEFT JOIN core_ledgerentry e ON e.id = l.entry_id
                 WHERE l.log_index >= %s AND l.log_index < %s
                """,
                [start, end],
            )
            count, all_fit, joined = cursor.fetchone()
        if count != end - start or not all_fit:
            raise self._first_unfit(start, end)
        if self.export is not None and (found := self.export.first_difference(start, _log_lines(start, end))):
            raise _since_sealed(*found)
        data = bytes(joined)
        return [sha256(b"\x00" + data[at : at + 32]).digest() for at in range(0, len(data), 32)]

    def _first_unfit(self, start: int, end: int) -> _Found:
        leaves = LogLeaf.objects.filter(log_index__gte=start, log_index__lt=end).order_by("log_index")
        for index, leaf in enumerate(leaves.iterator(), start=start):
            if leaf.log_index != index:
                return _broken("封存日志缺少此位", log_index=index)
            entry = LedgerEntry.objects.filter(pk=leaf.entry_id).first()
            if entry is None:
                return _broken("此行已被删除", stream=leaf.stream, seq=leaf.seq, log_index=index)
            if (entry.stream, entry.seq, entry.hash) != (leaf.stream, leaf.seq, leaf.hash):
                return _broken("封存后被改写", stream=leaf.stream, seq=leaf.seq, log_index=index)
        return _broken("封存日志缺少此位", log_index=end - 1)

    def _compare_nodes(self, start: int, end: int, leaves: list[bytes]) -> bytes | None:
        """The stored nodes over a block; returns the top one of a full block."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT k, string_agg(n.hash, ''::bytea ORDER BY n.index) FROM generate_series(1, %s) AS k
                  JOIN core_lognode n ON n.level = k AND n.index >= %s::bigint >> k AND n.index < %s::bigint >> k
                 GROUP BY k
                """,
                [BLOCK_LEVEL, start, end],
            )
            stored = {level: bytes(joined) for level, joined in cursor.fetchall()}
        row = leaves
        for level in range(1, BLOCK_LEVEL + 1):
            row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]
            if b"".join(row) != stored.get(level, b""):
                raise _broken(f"日志第 {level} 层的节点与记录不符", log_index=start)
        return row[0] if row else None

    def _compare_upper_node(self, node: merkle.Node, node_hash: bytes) -> None:
        stored = LogNode.objects.filter(level=node.level, index=node.index).values_list("hash", flat=True).first()
        if stored is None or bytes(stored) != node_hash:
            raise _broken(f"日志第 {node.level} 层的节点与记录不符", log_index=node.index << node.level)

    def _compare_roots(self, end: int, leaves: list[bytes]) -> None:
        """Seals whose last leaf lies in this block, the exported one too. `leaves` continue the tree, which does not
        hold them yet.
        """
        while self.seal is not None and self.seal.size <= end:
            if self.tree.root(plus=leaves[: self.seal.size - self.tree.size]).hex() != self.seal.root:
                raise _broken(f"{moment_text(self.seal.sealed_at)} 的封存与其前 {self.seal.size} 行不符")
            self.seal = next(self.seals, None)
            self.seals_checked += 1
        if self.export is None or not self.tree.size <= self.export.size <= end:
            return
        if self.tree.root(plus=leaves[: self.export.size - self.tree.size]).hex() != self.export.root:
            raise _broken(f"封存文件所载的前 {self.export.size} 行已被整体改写")

    def _compare_ends(self) -> None:
        if self.export is not None and self.export.size > self.size:
            if found := self.export.first_difference(self.size, []):
                raise _since_sealed(*found)
            raise _broken(
                f"封存文件载有 {self.export.size} 行，日志现有 {self.size} 行：末尾被截去", log_index=self.size
            )
        if self.seal is not None:
            raise _broken(f"封存载有 {self.seal.size} 行，日志现有 {self.size} 行：末尾被截去", log_index=self.size)
        last = Seal.objects.aggregate(size=Max("size"))["size"] or 0
        if last != self.size:
            raise _broken("日志的末尾没有封存", log_index=last)
        if LogNode.objects.count() != sum(self.size >> level for level in range(1, 63)):
            raise _broken("日志含有多余的节点")
        if self.export is not None and not Seal.objects.filter(hash=self.export.hash).exists():
            raise _broken("封存文件所载的封存已不在系统中")


def _seals() -> Iterator[Seal]:
    """The seals in order, each checked against the one before."""
    previous = GENESIS
    for seal in Seal.objects.order_by("size").iterator():
        sealed_at = moment_text(seal.sealed_at)
        if seal.previous != previous:
            raise _broken(f"{sealed_at} 的封存与前一封存不相接")
        if seal.hash != seal_hash(previous=previous, size=seal.size, root=seal.root, sealed_at=sealed_at):
            raise _broken(f"{sealed_at} 的封存与其摘要不符")
        previous = seal.hash
        yield seal


def _log_lines(start: int, end: int) -> Iterator[tuple[str, int, str]]:
    leaves = LogLeaf.objects.filter(log_index__gte=start, log_index__lt=end).order_by("log_index")
    return leaves.values_list("stream", "seq", "hash").iterator()


def _since_sealed(log_index: int, stream: str, seq: int, entry_hash: str) -> _Found:
    """What became of a line that an exported seal holds at this place and the log does not."""
    now = LedgerEntry.objects.filter(stream=stream, seq=seq).values_list("hash", flat=True).first()
    why = "封存后被删除" if now is None else "在封存日志中的位置被改动" if now == entry_hash else "封存后被改写"
    return _broken(why, stream=stream, seq=seq, log_index=log_index)


def _waiting(report: Report) -> Report:
    """Every entry is in the log or waits for it, exactly once."""
    checks = {
        "待封存的行已被删除或改写": """
            SELECT q.stream, q.seq FROM core_logqueue q LEFT JOIN core_ledgerentry e
                ON e.id = q.entry_id AND e.stream = q.stream AND e.seq = q.seq AND e.hash = q.hash
             WHERE e.id IS NULL ORDER BY q.stream, q.seq LIMIT 1
        """,
        "已封存的行又列为待封存": """
            SELECT q.stream, q.seq FROM core_logqueue q JOIN core_logleaf l USING (entry_id)
             ORDER BY q.stream, q.seq LIMIT 1
        """,
    }
    waiting = LogQueue.objects.count()
    # Each leaf and each waiting row has its own entry, so that equal numbers leave no entry over.
    if report.entries != report.sealed + waiting:
        checks["绕过写入程序插入的行（既不在日志，也不待封存）"] = """
            SELECT e.stream, e.seq FROM core_ledgerentry e
             WHERE NOT EXISTS (SELECT FROM core_logleaf l WHERE l.entry_id = e.id)
               AND NOT EXISTS (SELECT FROM core_logqueue q WHERE q.entry_id = e.id)
             ORDER BY e.stream, e.seq LIMIT 1
        """
    with connection.cursor() as cursor:
        for why, statement in checks.items():
            cursor.execute(statement)
            if row := cursor.fetchone():
                raise _broken(why, stream=row[0], seq=row[1])
    return replace(report, waiting=waiting)
