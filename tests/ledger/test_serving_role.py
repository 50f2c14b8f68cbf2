"""R17: the role that serves cannot alter the ledger, nor switch off what protects it, whatever it sets."""

from __future__ import annotations

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from core import ledger
from core.models import LedgerEntry, LogQueue, Seal
from tests.ledger.conftest import NOW, TABLES

DENIED = (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.InvalidParameterValue)


@pytest.fixture
def lines(transactional_db) -> None:
    ledger.append("case:1", {"a": 1})
    ledger.seal(NOW)
    ledger.append("case:1", {"a": 2})


def run(login, *statements):
    with login.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def test_r17_the_login_is_the_serving_role_itself(serving):
    expected = (settings.SERVING_ROLE, settings.SERVING_ROLE, False, False, False)
    assert run(
        serving,
        "SELECT session_user::text, current_user::text, rolsuper, rolcreaterole, rolcreatedb "
        "FROM pg_roles WHERE rolname = session_user",
    ) == [expected]


def test_r17_it_inserts_and_reads_and_seals(serving_for_good, lines):
    run(serving_for_good, "INSERT INTO core_ledgerentry (stream, body) VALUES ('case:1', '{}')")
    run(serving_for_good, "SELECT core_ledger_seal(now())")
    assert LedgerEntry.objects.count() == Seal.objects.latest().size == 3
    assert ledger.verify().ok


@pytest.mark.parametrize("table", [*TABLES, "core_logqueue"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET hash = hash",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "ALTER TABLE {} DISABLE TRIGGER USER",
        "ALTER TABLE {} OWNER TO CURRENT_USER",
        "ALTER TABLE {} RENAME TO elsewhere",
        "DROP TABLE {} CASCADE",
        "CREATE TRIGGER mine BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE mine AS ON INSERT TO {} DO INSTEAD NOTHING",
        "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_r17_no_statement_alters_the_ledger(serving, table, statement):
    with pytest.raises(DENIED, match=r"permission denied|must be owner"):
        run(serving, statement.format(table))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {} DISABLE TRIGGER ledger_append_only",
        "ALTER TABLE {} DISABLE TRIGGER ledger_no_truncate",
        "DROP TRIGGER ledger_append_only ON {}",
        "ALTER TRIGGER ledger_append_only ON {} RENAME TO elsewhere",
    ],
)
def test_r17_no_trigger_is_dropped_or_switched_off(serving, table, statement):
    with pytest.raises(DENIED, match=r"permission denied|must be owner"):
        run(serving, statement.format(table))


@pytest.mark.parametrize("table", [*TABLES, "core_logqueue"])
def test_r17_it_cannot_give_itself_rights(serving, table):
    run(serving, f"GRANT ALL ON {table} TO CURRENT_USER")  # PostgreSQL answers with a warning and grants nothing
    rights = "has_table_privilege('public.{0}', 'UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    assert run(serving, f"SELECT {rights.format(table)}, has_any_column_privilege('public.{table}', 'UPDATE')") == [
        (False, False)
    ]


@pytest.mark.parametrize("table", ["core_logleaf", "core_lognode", "core_seal", "core_logqueue"])
def test_r17_only_the_sealer_writes_log_and_seals(serving, table):
    with pytest.raises(DENIED, match="permission denied"):
        run(serving, f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "SET LOCAL session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', false)",
        "SET ROLE {owner}",
        "SET SESSION AUTHORIZATION {owner}",
        "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
        "ALTER FUNCTION core_ledger_chain() SET search_path = pg_temp",
        "CREATE OR REPLACE FUNCTION public.core_ledger_refuse() RETURNS trigger "
        "LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE public.mine (a int)",
        "DROP FUNCTION core_ledger_refuse() CASCADE",
        "GRANT {owner} TO CURRENT_USER",
        "CREATE ROLE mine SUPERUSER",
        "ALTER DATABASE {database} SET session_replication_role = replica",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999', now())",
        "SELECT setval(pg_get_serial_sequence('core_ledgerentry', 'id'), 1)",
    ],
)
def test_r17_nothing_that_protects_the_ledger_can_be_switched_off(serving, statement):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableowner, current_database() FROM pg_tables WHERE tablename = 'core_ledgerentry'")
        owner, database = cursor.fetchone()
    with pytest.raises(DENIED, match=r"permission denied|must be|must have"):
        run(serving, statement.format(owner=f'"{owner}"', database=f'"{database}"'))


def test_r17_a_shadowing_temporary_table_deceives_no_trigger(serving_for_good, lines):
    """The trigger functions look in pg_catalog first and name the ledger's tables in full."""
    run(
        serving_for_good,
        "CREATE TEMP TABLE core_ledgerentry (LIKE public.core_ledgerentry)",
        "CREATE TEMP TABLE core_logqueue (LIKE public.core_logqueue)",
        "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
        "SET search_path = pg_temp, public, pg_catalog",
        "INSERT INTO public.core_ledgerentry (stream, body) VALUES ('case:1', '{}')",
        "SELECT public.core_ledger_seal(now())",
    )
    assert ledger.entries("case:1").last().seq == 3
    assert not LogQueue.objects.exists()
    assert ledger.verify().ok


def test_r17_what_it_claims_in_a_line_is_overwritten(serving_for_good, lines):
    run(
        serving_for_good,
        "INSERT INTO core_ledgerentry (stream, body, seq, prev_hash, hash, recorded_at) "
        "VALUES ('case:1', '{}', 1, repeat('0', 64), repeat('a', 64), '2001-01-01Z')",
    )
    assert ledger.entries("case:1").last().recorded_at.year > 2001
    assert ledger.verify().ok


def test_r17_it_owns_nothing(serving):
    assert run(
        serving,
        "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = session_user)",
    ) == [(0,)]
    assert run(
        serving, "SELECT count(*) FROM pg_proc WHERE proowner = (SELECT oid FROM pg_roles WHERE rolname = session_user)"
    ) == [(0,)]
    assert run(
        serving,
        "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = session_user",
    ) == [(0,)]


def test_r17_tables_made_later_serve_too(serving):
    """Default privileges: the last migrated table needs no grant of its own."""
    rights = run(
        serving,
        """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
           AND NOT has_table_privilege(c.oid, 'SELECT')
        """,
    )
    assert rights == []
