"""The product itself under the launcher: one start on an empty data folder, real programs, real kills."""

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.setup.conftest import REPOSITORY, Checkout, checkout_of, wait_for

pytestmark = pytest.mark.faults


@pytest.fixture
def product() -> Iterator[Checkout]:
    with checkout_of(REPOSITORY) as made:
        made.start(DEMO="0", SWEEP_SECONDS="1", MINGCHA_ENV_FILE=os.devnull, SECRET_KEY="")
        yield made


def health(product: Checkout) -> dict[str, Any]:
    status, body = product.health()
    return {"status": status, **(json.loads(body) if body.startswith("{") else {})}


def test_every_part_shows_life_and_the_loss_of_each_is_named_and_healed(product: Checkout):
    assert (product.data / "secret_key").stat().st_mode & 0o777 == 0o600
    noted = product.path / ".venv" / "mingcha.env"
    assert noted.stat().st_mode & 0o777 == 0o600
    assert f"REDIS_URL=unix://{product.data}/run/redis/redis.sock" in noted.read_text().splitlines()
    wait_for(lambda: health(product).get("failed") == [], 20, "worker and beat show life")
    assert health(product)["last_seal"] is None

    # Redis frozen: pages answer, and health names it.
    redis = product.leader("redis-server")
    os.kill(redis, signal.SIGSTOP)
    said = health(product)
    assert said["status"] == 200
    assert said["redis"] == "unreachable"
    begun = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{product.port}/", timeout=10) as page:
        assert page.status == 200
    assert time.monotonic() - begun < 5
    os.kill(redis, signal.SIGCONT)

    # The database killed under the product: told as 503 or served again, never a page that hangs.
    os.kill(product.leader("postgres"), signal.SIGKILL)
    wait_for(lambda: health(product)["status"] == 503, 5, "503 without the database")
    wait_for(lambda: health(product).get("database") == "ok", 20, "the database is back and connections with it")

    worker = product.leader("celery -q -A config worker")
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: product.has_replaced("celery -q -A config worker", worker), 20, "a new worker")
    wait_for(
        lambda: health(product).get("failed") == [] and health(product)["worker"] < 2, 30, "the new worker shows life"
    )

    assert product.stop(signal.SIGINT) == 0
    assert product.processes() == {}
