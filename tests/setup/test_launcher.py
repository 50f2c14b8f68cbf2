"""The launcher with real servers: what it heals, what it leaves behind, what it refuses."""

import os
import signal
import subprocess
import threading
from contextlib import suppress

import psycopg2
import pytest

from tests.setup.conftest import PROGRAMS, Checkout, wait_for

pytestmark = pytest.mark.faults


def test_any_killed_child_comes_back_and_data_survive(checkout: Checkout):
    checkout.start()
    checkout.sql("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')")
    assert checkout.health() == (200, "1")
    for program in PROGRAMS:
        fallen = checkout.leader(program)
        os.kill(fallen, signal.SIGKILL)
        wait_for(
            lambda program=program, fallen=fallen: checkout.has_replaced(program, fallen),
            what=f"{program} is replaced",
        )
        wait_for(lambda: checkout.health() == (200, "1"), what=f"pages answer after {program} fell")
    assert checkout.sql("SELECT word FROM kept") == "still here"
    assert checkout.stop(signal.SIGINT) == 0
    assert checkout.processes() == {}


def test_terminate_stops_all_and_the_next_start_repeats_no_work_even_after_a_power_cut(checkout: Checkout):
    checkout.start()
    checkout.sql("CREATE TABLE kept (word text)")
    assert not (checkout.data / "secret_key").exists(), "a given SECRET_KEY needs no made one"
    assert checkout.stop(signal.SIGTERM) == 0
    assert checkout.processes() == {}
    assert not (checkout.data / "postgresql" / "postmaster.pid").exists()
    assert checkout.said.index("Stopping") < checkout.said.index("Stopped")

    # After a power cut the number in postmaster.pid may belong to anybody.
    owner = (checkout.data / "postgresql").stat()
    bystander = subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid, extra_groups=[])
    try:
        checkout.plant_pid_file(bystander.pid)
        checkout.start()
        assert bystander.poll() is None, "a process that is not ours was stopped"
    finally:
        bystander.kill()
        bystander.wait()
    assert checkout.health() == (200, "1")
    for once in ("Installing", "Making the database cluster", "Collecting static files"):
        assert once not in checkout.said


def test_everything_killed_at_once_under_writers_keeps_all_that_was_committed(checkout: Checkout):
    """As near to a power cut as one can come with the machine left on: no process gets to say or write another word."""
    checkout.start()
    for safeguard in ("fsync", "synchronous_commit", "full_page_writes"):
        assert checkout.sql(f"SHOW {safeguard}") == "on"
    checkout.sql("CREATE TABLE kept (writer int, number int, filler text)")
    told: list[tuple[int, int]] = []

    def write(writer: int) -> None:
        line = psycopg2.connect(host=str(checkout.data / "run" / "pg"), user="mingcha_owner", dbname="mingcha")
        line.autocommit = True
        with suppress(psycopg2.Error), line.cursor() as cursor:
            for number in range(1_000_000):
                cursor.execute("INSERT INTO kept VALUES (%s, %s, repeat('x', 2000))", [writer, number])
                told.append((writer, number))

    writers = [threading.Thread(target=write, args=[writer], daemon=True) for writer in range(4)]
    for thread in writers:
        thread.start()
    wait_for(lambda: len(told) > 400, 60, "the writers write")
    assert checkout.launcher
    # The launcher first, so that it heals nothing.
    for number in (checkout.launcher.pid, *checkout.processes()):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    checkout.launcher.wait(10)
    for thread in writers:
        thread.join(20)
        assert not thread.is_alive()
    wait_for(lambda: not checkout.processes(), 20, "nothing is left")
    assert (checkout.data / "postgresql" / "postmaster.pid").exists(), "it was stopped, not cut"

    checkout.start()
    assert checkout.health() == (200, "1")
    rows = [tuple(map(int, row.split("|"))) for row in checkout.sql("SELECT writer, number FROM kept").splitlines()]
    assert set(told) <= set(rows)
    # A row on its way when all went dark may be there, once; nothing is doubled.
    assert len(rows) == len(set(rows)) <= len(told) + len(writers)


def test_a_killed_launcher_takes_its_children_along_and_does_not_break_the_next_start(checkout: Checkout):
    checkout.start()
    checkout.sql("CREATE TABLE kept (word text)")
    checkout.stop(signal.SIGKILL)
    wait_for(lambda: not checkout.processes(), 30, "children are gone")
    checkout.start()
    assert checkout.health() == (200, "1")


def test_servers_that_outlived_their_launcher_are_stopped_first(checkout: Checkout):
    checkout.start()
    checkout.sql("CREATE TABLE kept (word text)")
    old = checkout.leader("postgres")
    for program in PROGRAMS:
        # a frozen process cannot obey the signal that the launcher's death sends
        os.kill(checkout.leader(program), signal.SIGSTOP)
    checkout.stop(signal.SIGKILL)
    frozen = set(checkout.processes())
    assert old in frozen
    thaw = subprocess.Popen(
        ["sh", "-c", f"sleep 1.5; kill -CONT {' '.join(map(str, frozen))}"], stderr=subprocess.DEVNULL
    )
    checkout.start()
    thaw.wait()
    assert checkout.health() == (200, "1")
    assert "stopping what it left" in checkout.said
    assert not frozen & set(checkout.processes())


def test_a_second_start_of_the_same_checkout_is_told_where_the_first_serves(checkout: Checkout):
    checkout.start()
    second = checkout.command("run")
    assert second.returncode == 1
    assert "Already running from this checkout" in second.stdout
    assert f"http://localhost:{checkout.port}/" in second.stdout
    assert checkout.holder()["pid"] == checkout.launcher.pid
    assert checkout.health()[0] == 200
    stopped = checkout.command("stop")
    assert stopped.returncode == 0
    assert checkout.launcher.wait(5) == 0
    assert checkout.processes() == {}
