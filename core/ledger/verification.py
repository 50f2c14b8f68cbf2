"""Verification: recompute everything from the entries, in constant memory, and name the first line that does not fit.

Over one snapshot: every chain; the log with its stored nodes and seals; and that log and queue together hold the entries,
each once. An exported seal is compared on the way: what was recomputed or cut off as a whole inside the database shows
there only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from secrets import token_hex
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from core import merkle
from core.ledger.exports import Difference, ExportedSeal
from core.ledger.seals import moment_text, seal_hash
from core.models.ledger import LedgerEntry, LogLeaf, LogNode, Seal

GENESIS = "0" * 64
ROWS = 5_000
# Leaves checked at a time; a power of two, so that a block is one complete subtree of the log.
BLOCK_LEVEL = 12
BLOCK = 1 << BLOCK_LEVEL
OTHER_MOMENT = """NOT starts_with(body, '{"@recorded_at":"' || core_ledger_moment(recorded_at) || '"')"""
SAME_LINE = "e.id = {0}.entry_id AND e.stream = {0}.stream AND e.seq = {0}.seq AND e.hash = {0}.hash"


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

    `seal_export` is what `export_seal` or `read_seal` gave. With its lines, the line is named that was altered or cut
    although everything inside the database was recomputed. Raises NotASeal when the export does not fit itself.
    """
    export = ExportedSeal.check(seal_export) if seal_export is not None else None
    balance = _Balance()
    report = Report(exported_size=export.size if export else None)
    with _snapshot():
        try:
            report = _chains(report, balance)
            try:
                report = _LogPass(export, balance).walk(report)
            except _Found as found:
                if found.line.stream is None:
                    _name_the_altered_leaf()
                raise
            report = _waiting(report, balance)
        except _Found as found:
            report = replace(report, broken=found.line)
    return report


class _Balance:
    """Whether two passes saw the same lines, whatever the order, without remembering them.

    Each line goes in once as an entry and comes out once as a leaf or as waiting. The salt is new in every run, so that
    nobody can prepare lines that cancel out.
    """

    def __init__(self) -> None:
        self.salt = token_hex(16)
        self.sum = 0

    def take_out(self, lines: Iterable[str]) -> None:
        salt = self.salt
        self.sum -= sum(hash(salt + line) for line in lines)


@contextmanager
def _snapshot() -> Iterator[None]:
    """All passes see the same state, whoever writes meanwhile. Inside a transaction it is that transaction's view."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _chains(report: Report, balance: _Balance) -> Report:
    """Every line of every chain: place, link, hash, and the recorded moment that the body repeats."""
    lines = streams = total = 0
    salt = balance.salt
    stream, seq, last = None, 0, GENESIS
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT stream, seq, body, prev_hash, hash FROM core_ledgerentry ORDER BY stream, seq")
        while rows := cursor.fetchmany(ROWS):
            lines += len(rows)
            for of, place, body, prev_hash, stored in rows:
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
                total += hash(f"{salt}{of}\t{place}\t{stored}")
    balance.sum += total
    # Looking for any needs no order, so that the database may read the table as it lies and on several processors.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM core_ledgerentry WHERE {OTHER_MOMENT}")  # noqa: S608  (constant text)
        if cursor.fetchone()[0]:
            _name_first(
                "入账时间与内容不符",
                f"SELECT stream, seq FROM core_ledgerentry WHERE {OTHER_MOMENT} ORDER BY stream, seq LIMIT 1",  # noqa: S608  (constant text)
            )
    return replace(report, entries=lines, streams=streams)


def _name_first(why: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        if row := cursor.fetchone():
            raise _broken(why, stream=row[0], seq=row[1])


class _LogPass:
    """Every stored node and every seal against the tree grown from the leaves, which must be the entries (the balance)."""

    def __init__(self, export: ExportedSeal | None, balance: _Balance) -> None:
        self.export = export
        self.balance = balance
        self.size = (LogLeaf.objects.aggregate(last=Max("log_index"))["last"] or 0) + LogLeaf.objects.exists()
        self.tree = merkle.Frontier()
        self.seals = _seals()
        self.seal = next(self.seals, None)
        self.seals_checked = 0

    def walk(self, report: Report) -> Report:
        self._compare_roots(0, b"")
        for start in range(0, self.size, BLOCK):
            end = min(start + BLOCK, self.size)
            leaves = self._leaves(start, end)
            block = self._compare_nodes(start, end, leaves)
            self._compare_roots(end, leaves)
            if block:
                for node, node_hash in self.tree.grow(block, level=BLOCK_LEVEL):
                    self._compare_upper_node(node, node_hash)
        self._compare_ends()
        return replace(report, sealed=self.size, seals=self.seals_checked)

    def _leaves(self, start: int, end: int) -> bytes:
        """The leaf hashes of a block, in log order, joined."""
        with connection.cursor() as cursor:
            cursor.execute(
                r"""
                SELECT string_agg(line, E'\n') FROM (
                    SELECT stream || E'\t' || seq || E'\t' || hash AS line FROM core_logleaf
                     WHERE log_index >= %s AND log_index < %s ORDER BY log_index
                ) AS in_order
                """,
                [start, end],
            )
            (joined,) = cursor.fetchone()
        lines = joined.split("\n") if joined else []
        if len(lines) != end - start:
            raise _broken("封存日志缺少此位", log_index=_first_gap(start, end))
        if self.export is not None and (difference := self.export.first_difference(start, lines)):
            raise _since_sealed(difference)
        self.balance.take_out(lines)
        return b"".join([sha256(b"\x00" + bytes.fromhex(line[-64:])).digest() for line in lines])

    def _compare_nodes(self, start: int, end: int, leaves: bytes) -> bytes:
        """The stored nodes over a block; returns the top one, nothing where the block is not full."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT k, (
                    SELECT string_agg(hash, ''::bytea) FROM (
                        SELECT n.hash FROM core_lognode n
                         WHERE n.level = k AND n.index >= %s::bigint >> k AND n.index < %s::bigint >> k ORDER BY n.index
                    ) AS in_order
                ) FROM generate_series(1, %s) AS k
                """,
                [start, end, BLOCK_LEVEL],
            )
            stored = {level: bytes(joined or b"") for level, joined in cursor.fetchall()}
        row = leaves
        for level in range(1, BLOCK_LEVEL + 1):
            pairs = range(0, len(row) - 63, 64)
            row = b"".join([sha256(b"\x01" + row[at : at + 64]).digest() for at in pairs])
            if row != stored[level]:
                raise _broken(f"日志第 {level} 层的节点与记录不符", log_index=start)
        return row

    def _compare_upper_node(self, node: merkle.Node, node_hash: bytes) -> None:
        stored = LogNode.objects.filter(level=node.level, index=node.index).values_list("hash", flat=True).first()
        if stored is None or bytes(stored) != node_hash:
            raise _broken(f"日志第 {node.level} 层的节点与记录不符", log_index=node.index << node.level)

    def _compare_roots(self, end: int, leaves: bytes) -> None:
        """Seals whose last leaf lies in this block, the exported one too. `leaves` continue the tree, which does not
        hold them yet.
        """
        while self.seal is not None and self.seal.size <= end:
            if self._root_of(self.seal.size, leaves) != self.seal.root:
                raise _broken(f"{moment_text(self.seal.sealed_at)} 的封存与其前 {self.seal.size} 行不符")
            self.seal = next(self.seals, None)
            self.seals_checked += 1
        if self.export is None or not self.tree.size <= self.export.size <= end:
            return
        if self._root_of(self.export.size, leaves) != self.export.root:
            raise _broken(f"封存文件所载的前 {self.export.size} 行已被整体改写")

    def _root_of(self, size: int, leaves: bytes) -> str:
        end = (size - self.tree.size) * 32
        return self.tree.root(plus=[leaves[at : at + 32] for at in range(0, end, 32)]).hex()

    def _compare_ends(self) -> None:
        if self.export is not None and self.export.size > self.size:
            if difference := self.export.first_difference(self.size, []):
                raise _since_sealed(difference)
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


def _first_gap(start: int, end: int) -> int:
    places = LogLeaf.objects.filter(log_index__gte=start, log_index__lt=end).order_by("log_index")
    for expected, index in enumerate(places.values_list("log_index", flat=True), start=start):
        if index != expected:
            return expected
    return end - 1


def _since_sealed(difference: Difference) -> _Found:
    """What became of a line that an exported seal holds at this place and the log does not."""
    stream, seq, sealed = difference.stream, difference.seq, difference.hash
    now = LedgerEntry.objects.filter(stream=stream, seq=seq).values_list("hash", flat=True).first()
    why = "封存后被删除" if now is None else "在封存日志中的位置被改动" if now == sealed else "封存后被改写"
    return _broken(why, stream=stream, seq=seq, log_index=difference.log_index)


def _waiting(report: Report, balance: _Balance) -> Report:
    """Every entry is in the log or waits for it, exactly once."""
    waiting = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(r"SELECT stream || E'\t' || seq || E'\t' || hash FROM core_logqueue")
        while rows := cursor.fetchmany(ROWS):
            waiting += len(rows)
            balance.take_out(line for (line,) in rows)
    if balance.sum != 0 or report.entries != report.sealed + waiting:
        _name_the_imbalance()
    return replace(report, waiting=waiting)


def _name_the_altered_leaf() -> None:
    """The first leaf, in log order, that is not its entry."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT l.stream, l.seq, l.log_index, EXISTS (SELECT FROM core_ledgerentry e WHERE e.id = l.entry_id)
              FROM core_logleaf l LEFT JOIN core_ledgerentry e ON {SAME_LINE.format("l")}
             WHERE e.id IS NULL ORDER BY l.log_index LIMIT 1
            """  # noqa: S608  (constant text)
        )
        if row := cursor.fetchone():
            stream, seq, log_index, still_there = row
            why = "封存后被改写" if still_there else "封存后被删除"
            raise _broken(why, stream=stream, seq=seq, log_index=log_index)


def _name_the_imbalance() -> None:
    """Entries, log and queue do not hold the same lines: find the first."""
    _name_the_altered_leaf()
    _name_first(
        "待封存的行已被删除或改写",
        f"""
        SELECT q.stream, q.seq FROM core_logqueue q LEFT JOIN core_ledgerentry e ON {SAME_LINE.format("q")}
         WHERE e.id IS NULL ORDER BY q.stream, q.seq LIMIT 1
        """,  # noqa: S608  (constant text)
    )
    _name_first(
        "已封存的行又列为待封存",
        """
        SELECT q.stream, q.seq FROM core_logqueue q JOIN core_logleaf l USING (entry_id)
         ORDER BY q.stream, q.seq LIMIT 1
        """,
    )
    _name_first(
        "绕过写入程序插入的行（既不在日志，也不待封存）",
        """
        SELECT e.stream, e.seq FROM core_ledgerentry e
         WHERE NOT EXISTS (SELECT FROM core_logleaf l WHERE l.entry_id = e.id)
           AND NOT EXISTS (SELECT FROM core_logqueue q WHERE q.entry_id = e.id)
         ORDER BY e.stream, e.seq LIMIT 1
        """,
    )
    raise _broken("记录、日志与待封存之列不是同样的行")
