"""R1, R2, R4: real workers, beats, Redis and mail; killed, stopped, flushed, frozen, doubled. The rows decide."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import pytest
from django.db import connection, connections
from django.utils import timezone

from agency.models import Unit
from core import alerts, calendars
from core.models import Alert, Delivery, Duty, Heartbeat, Job
from rulebook.model import AlertPlan
from tests.alerts.conftest import found_bureau, owe
from tests.alerts.oracle import at_work, everything
from tests.alerts.servers import Servers, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
KILLS = int(os.environ.get("MINGCHA_KILL_ROUNDS", "16"))


@pytest.fixture
def servers() -> Iterator[Servers]:
    # A short path: a socket's name has a hundred bytes.
    running = Servers(Path(tempfile.mkdtemp(prefix="mc-")))
    yield running
    running.close()
    for each in connections.all():
        each.close()


@pytest.fixture
def section(transactional_db: None) -> Unit:
    return found_bureau()


def end_of_day(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(hour=23, minute=59, second=59, microsecond=0)


def raised() -> set[tuple[int, str]]:
    return set(Alert.objects.filter(duty__isnull=False).values_list("recipient", "key"))


def all_is_done() -> bool:
    return all_is_raised() and not owed_to_send() and not Job.objects.waiting().exists()


def all_is_raised() -> bool:
    """Outside working hours only what is counted in hours is told; what was told before stays told."""
    now = timezone.now()
    told, wanted = raised(), everything(now)
    if at_work(now):
        return told == wanted
    return in_hours(told) == in_hours(wanted)


def in_hours(told: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Of what is counted in hours: its key ends with a day and a minute."""
    return {(official, key) for official, key in told if "T" in key.rpartition(":")[2]}


def next_morning() -> datetime:
    """Nine o'clock of the next working day, as SWEEP_NEXT_MORNING says it."""
    day = calendars.current().nth_working_day(timezone.localdate(), 1)
    return datetime.combine(day, clock_time(9), tzinfo=timezone.get_default_timezone())


def owed_to_send() -> set[int]:
    """Officials to whom a mail is owed now: what cannot wait, and in working hours the day's first digest."""
    now, waiting = timezone.now(), Alert.objects.waiting_for_mail()
    owed = set(waiting.filter(at_once=True).values_list("recipient", flat=True))
    if alerts.speaks(AlertPlan(), now):
        had = Delivery.objects.filter(kind=Delivery.Kind.DIGEST, key__endswith=f".{timezone.localdate(now)}")
        owed |= set(waiting.exclude(recipient__in=had.values("recipient")).values_list("recipient", flat=True))
    return owed


def told_zhang(duty: Duty) -> list[str]:
    return list(
        Alert.objects.filter(duty=duty, recipient__username="张示例")
        .order_by("rank")
        .values_list("threshold", flat=True)
    )


def test_worker_and_beat_tell_before_on_and_after_the_day_in_the_app_and_by_mail(
    section: Unit, servers: Servers
) -> None:
    now = timezone.now()
    soon = calendars.current().nth_working_day(timezone.localdate(now), 2)
    before = owe(section, end_of_day(now + (soon - timezone.localdate(now))), title="将到期的")
    on = owe(section, end_of_day(now), title="今天到期的")
    after = owe(section, now - timedelta(seconds=1), title="刚刚逾期的")
    later = owe(section, end_of_day(now + timedelta(days=60)), title="还早的")
    servers.worker()
    servers.beat()
    assert wait_until(all_is_done, 60), servers.logs()
    assert told_zhang(after)[:3] == ["before-24h", "before-4h", "after-0h"]
    is_open = at_work(now) and at_work(timezone.now())
    assert not is_open or [told_zhang(duty) for duty in (before, on, later)] == [["before-2"], ["before-2", "day"], []]
    # What was crossed outside working hours, and the digest, come in the morning of a working day.
    assert servers.run("-c", SWEEP_NEXT_MORNING).returncode == 0
    assert raised() == everything(next_morning())
    morning = [["before-2"], ["before-2", "day", "after-1"], []]
    assert [told_zhang(duty) for duty in (before, on, later)] == morning
    assert len(servers.mailbox.ids()) == len(set(servers.mailbox.ids()))
    to_zhang = [mail for mail in servers.mailbox.mails if mail["To"] == "zhang@mail.example"]
    text = "".join(mail.get_payload(decode=True).decode() for mail in to_zhang)
    assert all(title in text for title in ("将到期的", "今天到期的", "刚刚逾期的"))
    assert "还早的" not in text
    assert wait_until(lambda: set(Heartbeat.objects.values_list("name", flat=True)) == {"worker", "beat"}, 10)


def test_r1_two_beats_two_workers_killed_at_random_moments_redis_flushed_and_restarted_nothing_lost_nothing_doubled(
    section: Unit, servers: Servers
) -> None:
    dice = random.Random(20221117)
    workers = [servers.worker(), servers.worker()]
    for _ in range(2):
        servers.beat()
    assert wait_until(lambda: Heartbeat.objects.filter(name="worker").exists(), 120), servers.logs()
    for number in range(KILLS):
        for _ in range(20):
            due_at = timezone.now() - timedelta(days=dice.randrange(0, 40), seconds=1)
            owe(section, dice.choice((due_at, end_of_day(due_at))))
        time.sleep(dice.uniform(0, 0.6))
        which = dice.randrange(2)
        if number % 5 == 4:
            servers.kill(workers[which])
        else:
            servers.kill_child(workers[which])
        if number == KILLS // 3:
            servers.flush_redis()
        if number == 2 * KILLS // 3:
            servers.stop_redis()
            servers.start_redis()
        # Whoever is gone is started again, as the launcher does.
        workers = [worker if worker.poll() is None else servers.worker() for worker in workers]
    wait_until(all_is_done, 20)
    for process in servers.processes:
        servers.kill(process)
    # The broker may hold a killed worker's messages back; the next sweep of any kind does the rest.
    for _ in range(2):
        swept = servers.run("-c", SWEEP_NEXT_MORNING)
        assert swept.returncode == 0, swept.stderr
    assert raised() == everything(next_morning())
    mails = servers.mailbox
    sent = set(Delivery.objects.filter(sent_at__isnull=False).values_list("key", flat=True))
    assert not Delivery.objects.filter(sent_at__isnull=True).exists()
    assert {each.strip("<>").rpartition("@")[0] for each in mails.ids()} == sent
    assert not owed_to_send()


# Jobs that a kill put off are done as if their pause were over.
SWEEP_AHEAD = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from core import jobs, sweeping
sweeping.sweep(timezone.now())
jobs.drain(1000, now=timezone.now() + timedelta(hours=2))
"""


SWEEP_NEXT_MORNING = """
import django; django.setup()
from datetime import datetime, time, timedelta
from django.utils import timezone
from core import calendars, jobs, sweeping
day = calendars.current().nth_working_day(timezone.localdate(), 1)
sweeping.sweep(datetime.combine(day, time(9), tzinfo=timezone.get_default_timezone()))
jobs.drain(1000, now=timezone.now() + timedelta(hours=2))
"""


def test_two_sweeps_in_one_morning_compose_one_digest_a_person_and_none_is_lost_to_a_kill(
    section: Unit, servers: Servers
) -> None:
    for days in (1, 4, 9):
        owe(section, end_of_day(timezone.now() - timedelta(days=days)))
    killed = servers.spawn("-c", SWEEP_NEXT_MORNING)
    wait_until(lambda: Alert.objects.exists(), 30)
    servers.kill(killed)
    both = [servers.spawn("-c", SWEEP_NEXT_MORNING) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0], servers.logs()
    assert servers.run("-c", SWEEP_NEXT_MORNING).returncode == 0
    digests = Counter(Delivery.objects.filter(kind=Delivery.Kind.DIGEST).values_list("recipient__username", flat=True))
    assert digests["张示例"] == digests["赵样本"] == max(digests.values()) == 1
    assert not Delivery.objects.filter(sent_at=None).exists()
    mailed = servers.mailbox.keys()
    assert mailed >= {alert.key for alert in Alert.objects.filter(recipient__username="张示例").current() if alert.duty}
    # A kill between the server's answer and our note doubles a mail, with the same Message-ID.
    assert {each.strip("<>").rpartition("@")[0] for each in servers.mailbox.ids()} == set(
        Delivery.objects.values_list("key", flat=True)
    )


def test_r4_two_beats_three_workers_and_the_same_task_five_times_have_one_effect(
    section: Unit, servers: Servers
) -> None:
    for days in range(30):
        owe(section, timezone.now() - timedelta(days=days, seconds=1))
    for _ in range(3):
        servers.worker()
    for _ in range(2):
        servers.beat(0.5)
    servers.send_sweep(5)
    assert wait_until(all_is_done, 60), servers.logs()
    assert len(servers.mailbox.ids()) == len(set(servers.mailbox.ids()))
    before = _versions()
    beats = Heartbeat.objects.get(name="beat").at
    servers.send_sweep(5)
    assert wait_until(lambda: Heartbeat.objects.get(name="beat").at > beats + timedelta(seconds=3), 30)
    assert _versions() == before


def _versions() -> dict[str, list[tuple[object, ...]]]:
    """Every row's id and the transaction that wrote it: a write of any kind shows."""
    found = {}
    with connection.cursor() as cursor:
        for table in ("core_alert", "core_delivery", "core_job", "core_duty"):
            cursor.execute(f"SELECT id, xmin::text FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
    return found


ASK_WITHOUT_BROKER = """
import time
import django; django.setup()
from django.db import transaction
from django.conf import settings
from django.test import Client
from agency.models import Official
from core import jobs
client = Client(HTTP_HOST="localhost")
client.force_login(Official.objects.get(username="张示例"), backend=settings.AUTHENTICATION_BACKENDS[-1])
client.get("/desk/messages/")  # loads the addresses and templates
start = time.monotonic()
answer = client.get("/desk/messages/")
assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
with transaction.atomic():
    for number in range(20):
        jobs.enqueue("alerts.send", key=f"lost-{number}-%s", delivery=0)
print(round(time.monotonic() - start, 2))
"""


@pytest.mark.parametrize("fault", ["stopped", "frozen"])
def test_r2_without_a_broker_pages_answer_jobs_are_kept_and_commands_work(
    section: Unit, servers: Servers, fault: str
) -> None:
    owe(section, timezone.now() - timedelta(seconds=1))
    assert servers.redis is not None
    if fault == "stopped":
        servers.stop_redis()
    else:
        servers.redis.send_signal(signal.SIGSTOP)
    # Static files were not collected here.
    asked = servers.run("-c", ASK_WITHOUT_BROKER % fault, DEBUG="1")
    assert asked.returncode == 0, asked.stderr[-3000:]
    # Waiting for the broker would take five seconds to connect and ten to be answered.
    assert float(asked.stdout.strip().splitlines()[-1]) < 4
    assert Job.objects.filter(key__startswith="lost-").count() == 20
    Job.objects.all().delete()
    swept = servers.run("manage.py", "sweep")
    assert "提醒" in swept.stdout, swept.stderr[-3000:]
    assert all_is_done()
    assert servers.mailbox.mails


def test_r2_a_flushed_broker_loses_nothing(section: Unit, servers: Servers) -> None:
    owe(section, timezone.now() - timedelta(days=3))
    servers.send_sweep(3)
    servers.flush_redis()
    servers.worker()
    servers.beat()
    assert wait_until(all_is_done, 60), servers.logs()


def test_a_mail_server_that_refuses_gets_the_mail_later_once(section: Unit, servers: Servers) -> None:
    owe(section, timezone.now() - timedelta(seconds=1))
    servers.mailbox.refuses = True
    assert servers.run("-c", SWEEP_AHEAD).returncode == 0
    assert not servers.mailbox.mails
    assert Delivery.objects.filter(sent_at=None).count() == Delivery.objects.count() >= 1
    servers.mailbox.refuses = False
    for _ in range(2):
        Job.objects.waiting().update(run_after=timezone.now())
        assert servers.run("-c", SWEEP_AHEAD).returncode == 0
    assert len(servers.mailbox.ids()) == len(set(servers.mailbox.ids())) == Delivery.objects.count()
