"""The log, its seals and its proofs."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from core import ledger, merkle
from core.models import LedgerEntry, LogLeaf, LogNode, LogQueue, Seal
from tests.ledger import rfc6962
from tests.ledger.conftest import NOW, as_owner, triggers_off


def log() -> list[bytes]:
    return [bytes.fromhex(digest) for digest in LogLeaf.objects.order_by("log_index").values_list("hash", flat=True)]


def append(count: int) -> list[LedgerEntry]:
    return ledger.append_many([(f"case:{n % 5}", {"n": n}) for n in range(count)])


def test_an_empty_ledger_can_be_sealed(db):
    assert ledger.latest_seal() is None
    seal = ledger.seal(NOW)
    assert (seal.size, seal.root) == (0, sha256(b"").hexdigest())
    assert ledger.verify(ledger.export_seal(seal)).ok


@pytest.mark.parametrize("steps", [[1], [2], [7], [1, 1, 1, 1, 1], [3, 5, 8, 1], [64, 1, 63], [100, 29]])
def test_rfc_6962_sealing_in_any_steps_gives_the_root_of_the_definition(db, steps):
    for count in steps:
        append(count)
        seal = ledger.seal(NOW)
        assert seal.size == LedgerEntry.objects.count()
        assert seal.root == rfc6962.mth(log()).hex()
    assert not LogQueue.objects.exists()
    data = log()
    for node in LogNode.objects.all():
        start = node.index << node.level
        assert bytes(node.hash) == rfc6962.mth(data[start : start + (1 << node.level)])
    assert LogNode.objects.count() == sum(len(data) >> level for level in range(1, 10))


def test_seals_are_chained(db):
    append(2)
    first = ledger.seal(NOW)
    append(3)
    second = ledger.seal(NOW + timedelta(days=1))

    assert (first.previous, second.previous) == ("0" * 64, first.hash)
    assert ledger.latest_seal() == second
    text = f"{first.hash}\n5\n{second.root}\n2026-03-03T18:00:00.000000+08:00"
    assert second.hash == sha256(text.encode()).hexdigest()


def test_sealing_twice_is_sealing_once(db):
    append(3)
    assert ledger.seal(NOW) == ledger.seal(NOW + timedelta(hours=1))
    assert Seal.objects.count() == 1


class Rollback(Exception):
    """Ends a transaction on purpose."""


@pytest.mark.parametrize("analysed", ["never", "after a rollback", "with all its lines"])
def test_sealing_costs_what_is_new_not_what_is_there(db, analysed):
    """Counted in rows read and written, so that no clock is asked; whatever the planner believes of the tables."""

    def execute(sql: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None

    def rows_touched() -> int:
        return int(
            execute(
                """
                SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) + n_tup_ins)
                  FROM pg_stat_xact_user_tables
                 WHERE relname IN ('core_ledgerentry', 'core_logleaf', 'core_lognode', 'core_seal')
                """
            )
        )

    def analyse() -> None:
        with as_owner():
            execute("ANALYZE core_logleaf, core_lognode, core_seal")

    if analysed == "after a rollback":
        with suppress(Rollback), transaction.atomic():
            append(3000)
            ledger.seal(NOW)
            raise Rollback
        analyse()
    append(3000)
    ledger.seal(NOW)
    if analysed == "with all its lines":
        analyse()
    append(2)
    before = rows_touched()
    ledger.seal(NOW)
    assert rows_touched() - before < 100


@pytest.mark.parametrize("size", [1, 2, 5, 8, 21])
def test_every_line_proves_its_place_in_the_seal(db, size):
    lines = append(size)
    seal = ledger.seal(NOW)
    data = log()
    for line in lines:
        proof = ledger.inclusion_proof(line, seal)
        assert proof.holds_for(line)
        assert [bytes.fromhex(each) for each in proof.path] == rfc6962.path(proof.log_index, data)
        assert len(proof.path) <= size.bit_length()


def test_a_line_has_no_proof_before_the_seal_that_holds_it(db):
    append(2)
    older = ledger.seal(NOW)
    line = ledger.append("case:9", {})
    assert ledger.inclusion_proof(line, older) is None
    newer = ledger.seal(NOW)
    assert ledger.inclusion_proof(line, older) is None
    assert ledger.inclusion_proof(line, newer).holds_for(line)


def test_a_proof_is_of_its_own_line_only(db):
    lines = append(6)
    seal = ledger.seal(NOW)
    proof = ledger.inclusion_proof(lines[2], seal)
    assert [proof.holds_for(line) for line in lines] == [False, False, True, False, False, False]


def test_proofs_of_a_page_take_as_many_statements_for_ten_lines_as_for_fifty(db, django_assert_num_queries):
    lines = append(80)
    seal = ledger.seal(NOW)
    for count in (10, 50):
        with django_assert_num_queries(3):
            assert len(ledger.inclusion_proofs(lines[:count], seal)) == count


def test_rfc_6962_every_seal_is_the_beginning_of_every_later_one(db):
    seals = []
    for count in (1, 2, 4, 1, 9):
        append(count)
        seals.append(ledger.seal(NOW))
    data = log()
    for position, older in enumerate(seals):
        for newer in seals[position:]:
            path = [bytes.fromhex(each) for each in ledger.consistency_proof(older, newer)]
            assert path == rfc6962.proof(older.size, data[: newer.size])
            assert merkle.extends(
                first=older.size,
                first_root=bytes.fromhex(older.root),
                second=newer.size,
                second_root=bytes.fromhex(newer.root),
                path=path,
            )


def test_a_log_that_lost_a_node_or_its_end_proves_and_seals_nothing(db):
    lines = append(8)
    seal = ledger.seal(NOW)
    with triggers_off():
        LogNode.objects.filter(level=2, index=1).delete()
    with pytest.raises(ledger.LogBroken, match="缺少节点"):
        ledger.inclusion_proof(lines[0], seal)
    with triggers_off():
        LogLeaf.objects.filter(log_index=7).delete()
    append(1)
    with pytest.raises(ledger.LogBroken, match="verify_ledger"):
        ledger.seal(NOW)
    assert Seal.objects.count() == 1


SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """A moment of the day on which the test's lines are recorded, Shanghai time."""
    recorded = LedgerEntry.objects.latest("recorded_at").recorded_at.astimezone(SHANGHAI)
    return recorded.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)


def test_the_days_seal_waits_for_its_hour(db):
    append(1)
    recorded = LedgerEntry.objects.get().recorded_at.astimezone(SHANGHAI)
    hour = (recorded.hour + 1) % 24
    due = at(hour, days=1 if hour == 0 else 0)

    assert ledger.seal_if_due(due - timedelta(seconds=1), hour=hour) is None
    assert ledger.seal_if_due(due, hour=hour).size == 1
    assert ledger.seal_if_due(due + timedelta(minutes=5), hour=hour) is None


def test_a_missed_hour_is_made_up_for_and_a_quiet_day_makes_no_seal(db):
    append(1)
    assert ledger.seal_if_due(at(9, days=3), hour=18).size == 1
    assert ledger.seal_if_due(at(18, days=4), hour=18) is None
    assert Seal.objects.count() == 1


def test_proof_sheet_is_what_a_reader_needs(db, some_lines):
    assert ledger.proof_sheet("case:1")["seal"] is None
    seal = ledger.seal(NOW)
    later = ledger.append("case:1", {})
    sheet = ledger.proof_sheet("case:1")

    assert sheet["seal"] == ledger.export_seal(seal)
    assert [entry["seq"] for entry in sheet["entries"]] == [1, 2, 3, 4, 5]
    assert sheet["entries"][-1] == {
        "seq": 5,
        "body": later.body,
        "prev_hash": later.prev_hash,
        "hash": later.hash,
        "proof": None,
    }
    for entry in sheet["entries"][:-1]:
        assert merkle.includes(
            root=bytes.fromhex(seal.root),
            size=seal.size,
            index=entry["proof"]["log_index"],
            leaf=merkle.leaf_hash(entry["hash"]),
            path=[bytes.fromhex(each) for each in entry["proof"]["path"]],
        )
