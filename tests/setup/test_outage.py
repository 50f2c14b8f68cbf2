"""R3: PostgreSQL restarted under writers costs only the requests in flight, which are told so; what is sent again is done once."""

import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from http.cookiejar import CookieJar
from urllib.parse import quote, urlencode

import pytest

from tests.setup.conftest import REPOSITORY, Checkout, checkout_of, wait_for

pytestmark = pytest.mark.faults

WRITERS = 4
# Each is sent until it was accepted.
ACTS_OF_EACH = 30


@pytest.fixture
def product() -> Iterator[Checkout]:
    with checkout_of(REPOSITORY) as made:
        made.start(DEMO="1", MINGCHA_ENV_FILE=os.devnull, SECRET_KEY="")
        yield made


class Writer:
    """An official's program: signed in once, it repeats what was not accepted under the same key."""

    def __init__(self, product: Checkout) -> None:
        self.base = f"http://127.0.0.1:{product.port}"
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.refused: list[tuple[int, str, str]] = []
        self.accepted: list[str] = []
        self.send("/desk/login/")
        form = {"username": "zhang", "password": "Mingcha-2026-shili", "csrfmiddlewaretoken": self.token}
        assert self.send("/desk/login/", urlencode(form).encode())[0] == 200

    @property
    def token(self) -> str:
        return next(cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken")

    def send(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str, str]:
        """Status, Retry-After and body; status 0 where the connection broke."""
        request = urllib.request.Request(self.base + path, body, {"Referer": self.base, **headers})
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, "", answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Retry-After", ""), error.read().decode()
        except (OSError, HTTPException):
            return 0, "", ""

    def supplement(self, case: int, marker: str, address: str) -> None:
        body = json.dumps({"happened_at": time.strftime("%Y-%m-%d 00:01"), "addition": marker, "address": address})
        headers = {"Content-Type": "application/json", "Idempotency-Key": quote(marker), "X-CSRFToken": self.token}
        end = time.monotonic() + 90
        while time.monotonic() < end:
            answer = self.send(f"/api/v1/cases/{case}/steps/supplement_source/", body.encode(), **headers)
            if answer[0] == 201:
                self.accepted.append(marker)
                return
            self.refused.append(answer)
            time.sleep(0.1)


def test_r3_a_restarted_database_costs_only_requests_in_flight(product: Checkout) -> None:
    writers = [Writer(product) for _ in range(WRITERS)]
    case = json.loads(writers[0].send("/api/v1/cases/?state=registered")[2])["results"][0]["id"]
    address = product.sql(
        f"SELECT p.address FROM enforcement_case c JOIN enforcement_party p ON p.id = c.party_id WHERE c.id = {case}"
    )
    facts = f"SELECT count(*) FROM core_factrecord WHERE stream = 'case:{case}' AND name = 'enforcement.source_supplemented'"
    assert product.sql(facts) == "0"

    def work(writer: Writer, name: int) -> None:
        for n in range(ACTS_OF_EACH):
            writer.supplement(case, f"补充-{name}-{n}。", address)

    threads = [threading.Thread(target=work, args=(writer, n)) for n, writer in enumerate(writers)]
    for thread in threads:
        thread.start()
    for part, how in enumerate((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL), start=1):
        # fast, immediate, killed; each among writers at work
        wait_for(lambda part=part: sum(len(w.accepted) for w in writers) >= part * WRITERS * ACTS_OF_EACH // 5, 60)
        leader = product.leader("postgres")
        os.kill(leader, how)
        wait_for(lambda leader=leader: product.has_replaced("postgres", leader), 60, "PostgreSQL is started again")
        wait_for(lambda: product.health()[0] == 200, 60, "the product recovers by itself")
    for thread in threads:
        thread.join(120)

    sent = {f"补充-{name}-{n}。" for name in range(WRITERS) for n in range(ACTS_OF_EACH)}
    assert {marker for writer in writers for marker in writer.accepted} == sent
    written = product.sql(
        f"SELECT s.summary FROM enforcement_case c JOIN enforcement_source s ON s.id = c.source_id WHERE c.id = {case}"
    )
    assert {marker: written.count(marker) for marker in sent} == dict.fromkeys(sent, 1)
    assert product.sql(facts) == str(len(sent))

    told = [answer for writer in writers for answer in writer.refused]
    assert told, "no request was in flight"
    for status, retry_after, body in told:
        assert status in (0, 503), (body, product.logs())
        if status == 503:
            assert retry_after == "5"
            assert json.loads(body)["title"] == "数据库暂时不能用，刚才的操作没有写入任何记录"
