"""The chain: what the database computes, what it overwrites, what it refuses."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core import ledger
from core.models import LedgerEntry, LogQueue
from tests.ledger.conftest import as_owner, line_hash


def test_a_line_is_hashed_with_its_place_and_the_line_before(db):
    first = ledger.append("case:1", {"fact": "demo.happened", "text": "威海"})
    second = ledger.append("case:1", {"fact": "demo.happened"})
    other = ledger.append("case:2", {})

    assert [(e.stream, e.seq) for e in (first, second, other)] == [("case:1", 1), ("case:1", 2), ("case:2", 1)]
    assert first.prev_hash == other.prev_hash == "0" * 64
    assert second.prev_hash == first.hash
    for entry in (first, second, other):
        assert entry.hash == line_hash(entry.prev_hash, entry.stream, entry.seq, entry.body)
    assert list(ledger.entries("case:1")) == [first, second]


def test_the_recorded_moment_is_the_databases_and_under_the_hash(db):
    before = timezone.now()
    entry = ledger.append("case:1", {"a": 1})
    entry.refresh_from_db()

    assert list(json.loads(entry.body)) == ["@recorded_at", "a"]
    written = json.loads(entry.body)["@recorded_at"]
    assert written.endswith("+08:00")
    assert datetime.fromisoformat(written) == entry.recorded_at
    assert abs(entry.recorded_at - before).total_seconds() < 60


def test_what_an_inserter_supplies_is_overwritten(db):
    ledger.append("case:1", {})
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_ledgerentry (stream, body, seq, prev_hash, hash, recorded_at) "
            "VALUES ('case:1', '{\"a\":1}', 77, 'x', 'y', '2001-01-01Z')"
        )
    forged = LedgerEntry.objects.get(stream="case:1", seq=2)
    assert forged.hash == line_hash(forged.prev_hash, "case:1", 2, forged.body)
    assert forged.recorded_at.year > 2001
    assert ledger.verify().ok


def test_an_inserter_cannot_choose_the_id(db):
    refused = pytest.raises(ProgrammingError, match="cannot insert a non-DEFAULT value")
    with as_owner(), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_ledgerentry (id, stream, body) VALUES (-5, 'case:1', '{}')")


@pytest.mark.parametrize("body", ["", "[]", "3", '{"@recorded_at":"2001-01-01"}', "{", '{"a":1} {"b":2}', '{"a":}'])
def test_a_body_that_is_no_object_or_claims_a_moment_is_refused(db, body):
    refused = pytest.raises(DatabaseError, match=r"须为 JSON 对象|invalid input syntax for type json")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_ledgerentry (stream, body) VALUES ('case:1', %s)", [body])
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("stream", ["", "case:1\n2", "case\t1", "x" * 201])
def test_a_stream_is_one_short_line(db, stream):
    with pytest.raises(IntegrityError, match="ledger_stream_is_one_short_line"), transaction.atomic():
        ledger.append(stream, {})


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        float("nan"),
        Decimal("1.5"),
        date(2026, 3, 2),
        datetime(2026, 3, 2, tzinfo=UTC),
        b"x",
        {1},
        object(),
        {1: 2},
    ],
)
def test_a_body_holds_plain_values_only(db, value):
    with pytest.raises(TypeError, match=r"body\.payload\[0\]"):
        ledger.append("case:1", {"payload": [value]})
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"])
def test_a_body_holds_no_text_that_the_database_cannot_hold(db, value):
    with pytest.raises(ValueError):
        ledger.append("case:1", {"a": value})


@pytest.mark.parametrize("name", ["@recorded_at", "@", "1", "", "a b"])
def test_members_are_named_like_identifiers(name):
    with pytest.raises(ValueError, match="不是标识符"):
        ledger.canonical({name: 1})


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), plain, max_size=5)


@given(body=bodies)
def test_a_body_has_one_spelling(body):
    text = ledger.canonical(body)
    assert json.loads(text) == body
    assert text == ledger.canonical(dict(reversed(body.items())))
    assert not any(ord(character) < 0x20 for character in text)


@pytest.mark.django_db
@given(body=bodies)
def test_any_body_comes_back_as_it_was_written(body):
    with transaction.atomic():
        entry = LedgerEntry.objects.get(pk=ledger.append("case:1", body).pk)
        read = json.loads(entry.body)
        del read["@recorded_at"]
        assert read == body
        assert entry.hash == line_hash(entry.prev_hash, "case:1", entry.seq, entry.body)
        transaction.set_rollback(True)


def test_many_lines_are_appended_in_their_order(db):
    lines = [(f"case:{n % 7}", {"n": n}) for n in range(2500)]
    written = ledger.append_many(iter(lines))
    assert [(e.stream, json.loads(e.body)["n"]) for e in written] == [(stream, body["n"]) for stream, body in lines]
    assert [e.seq for e in written] == [n // 7 + 1 for n in range(2500)]
    assert LogQueue.objects.count() == 2500
    assert ledger.verify().ok
    assert ledger.append_many([]) == []


def test_many_lines_are_all_or_none(db):
    with pytest.raises(TypeError):
        ledger.append_many([("case:1", {}), ("case:2", {"a": 0.5})])
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.append_many([("case:1", {}), ("", {})])
    assert not LedgerEntry.objects.exists()


def test_a_rollback_leaves_no_gap(db):
    ledger.append("case:1", {})
    try:
        with transaction.atomic():
            ledger.append("case:1", {})
            raise RuntimeError
    except RuntimeError:
        pass
    assert ledger.append("case:1", {}).seq == 2
    assert ledger.verify().ok


def test_rows_are_written_through_the_ledger_only(db):
    entry = ledger.append("case:1", {})
    with pytest.raises(TypeError, match=r"core\.ledger"):
        entry.save()
    with pytest.raises(TypeError, match="不得删除"):
        entry.delete()


@pytest.mark.django_db(transaction=True)
def test_locks_are_for_a_transaction():
    with pytest.raises(transaction.TransactionManagementError, match="lock_streams"):
        ledger.lock_streams("case:1")


def test_a_salted_digest_needs_its_salt_to_be_repeated():
    salt = b"0123456789abcdef"
    assert ledger.salted_digest("张示例", salt) == ledger.salted_digest("张示例", salt)
    assert ledger.salted_digest("张示例", salt) != ledger.salted_digest("张示例", salt[::-1])
    assert ledger.salted_digest("张示例", salt) != ledger.salted_digest("李样本", salt)
    with pytest.raises(ValueError, match="16"):
        ledger.salted_digest("张示例", b"short")


def in_threads(*works):
    """Run at once, each on a connection of its own; raise what they raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work):
        try:
            start.wait(timeout=10)
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("streams", [("case:1", "case:1"), ("case:1", "case:2")])
def test_two_writers_leave_no_gap_and_no_fork(streams):
    def write(stream):
        for n in range(200):
            ledger.append(stream, {"n": n})

    in_threads(*(lambda stream=stream: write(stream) for stream in streams))

    assert LedgerEntry.objects.count() == 400
    for stream in set(streams):
        lines = list(ledger.entries(stream))
        assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
        assert [line.prev_hash for line in lines] == ["0" * 64, *(line.hash for line in lines[:-1])]
    assert ledger.verify().ok


@pytest.mark.django_db(transaction=True)
def test_writers_to_several_streams_do_not_lock_each_other_out():
    def write(*streams):
        for _ in range(100):
            with transaction.atomic():
                ledger.lock_streams(*streams)
                for stream in streams:
                    ledger.append(stream, {})

    in_threads(lambda: write("case:1", "case:2"), lambda: write("case:2", "case:1"))
    assert LedgerEntry.objects.count() == 400
    assert ledger.verify().ok


@pytest.mark.django_db(transaction=True)
def test_a_sealer_among_writers_misses_nothing():
    def write(stream):
        for n in range(150):
            ledger.append(stream, {"n": n})

    def seal():
        for _ in range(15):
            ledger.seal(timezone.now())

    in_threads(lambda: write("case:1"), lambda: write("case:2"), seal, seal)
    last = ledger.seal(timezone.now())
    assert last.size == 300
    assert not LogQueue.objects.exists()
    report = ledger.verify()
    assert report.ok, report.broken
