"""1, 1b, 1c, 1d, 2: the list of cases and a case, by real requests to the real server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

from bench.figures import Figure, ratio
from bench.harness import Runner, race
from bench.servers import Browser, gunicorn
from bench.stage import Stage

USERNAME = "staff-0-0"
ROWS = 50
_LINK = re.compile(r'<td class="what"><b><a href="/desk/cases/(\d+)/">')
ALL = "/desk/cases/?state="

SEEN = """
SELECT c.id, (extract(epoch FROM c.last_step_at) * 1000000)::bigint FROM enforcement_case c
 WHERE c.unit_id IN (SELECT a.unit_id FROM agency_appointment a JOIN agency_official o ON o.id = a.official_id
                      WHERE o.username = %s)
 ORDER BY c.last_step_at DESC, c.id DESC
"""


def _shows(expected: list[int]) -> Any:
    def check(page: str) -> str:
        shown = [int(pk) for pk in _LINK.findall(page)]
        return "" if shown == expected else f"shows {len(shown)} cases, not the {len(expected)} expected in their order"

    return check


def _holds(expected: list[int]) -> Any:
    def check(page: str) -> str:
        shown = [row["id"] for row in json.loads(page)["results"]]
        return "" if shown == expected else f"holds {len(shown)} rows, not the {len(expected)} expected in their order"

    return check


def measure(stage: Stage) -> Iterator[Figure]:
    """Start product and floor side by side and race their pages."""
    from config.loadtest.bureau import PASSWORD

    line = stage.database.connect()
    with line.cursor() as cursor:
        cursor.execute(SEEN, [USERNAME])
        seen = cursor.fetchall()
        cursor.execute("SELECT id FROM floor_case ORDER BY last_step_at DESC, id DESC LIMIT %s", [ROWS])
        bare = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            "SELECT c.id, c.title FROM enforcement_case c WHERE c.id = ANY (%s) AND c.state = 'served' ORDER BY c.id LIMIT 1",
            [[pk for pk, _ in seen]],
        )
        [(one, title)] = cursor.fetchall()
    line.close()
    ids = [pk for pk, _ in seen]
    pk, moment = seen[-ROWS - 1]
    deepest = f"{ALL}&cursor=after-{moment}-{pk}"
    environment = stage.database.environment
    with (
        gunicorn("config.wsgi:application", environment) as product_port,
        gunicorn("bench.floor.wsgi:application", environment) as floor_port,
    ):
        official, visitor = Browser(product_port), Browser(floor_port)
        official.sign_in(USERNAME, PASSWORD)
        pages = race(
            [
                Runner("list", lambda: official.get(ALL), _shows(ids[:ROWS])),
                Runner("deepest", lambda: official.get(deepest), _shows(ids[-ROWS:])),
                Runner("case", lambda: official.get(f"/desk/cases/{one}/"), lambda page: "" if f"<h1>{title}</h1>" in page else "another case"),
                Runner("floor", lambda: visitor.get("/keyset/"), _holds(bare)),
                Runner("numbered floor", lambda: visitor.get("/numbered/"), _holds(bare)),
                Runner("floor detail", lambda: visitor.get(f"/cases/{one}/"), lambda page: "" if json.loads(page)["title"] == title else "another case"),
            ],
            floor="floor", rounds=stage.size.rounds,
        )  # fmt: skip
    many = f"{stage.size.cases:,} cases, {len(seen):,} of them the section's"
    yield ratio(
        "1",
        "staff case list, 50 rows, section-scoped",
        "DRF list, keyset pages",
        pages,
        "list",
        "floor",
        must=4,
        aim=2,
        note=many,
    )
    yield ratio("1'", "the same", "DRF list, numbered pages (COUNT)", pages, "list", "numbered floor", must=4, aim=2)
    yield ratio(
        "1b", "the deepest page that the pages lead to", "its first page", pages, "deepest", "list", must=1.5, aim=1.1
    )
    yield ratio("2", "case page", "DRF detail", pages, "case", "floor detail", must=7, aim=3.5)
    if not pages.void:
        for name, what in (("list", "case list"), ("case", "case page")):
            yield Figure(
                "1c",
                f"p95 / p50 of the {what}",
                "its median",
                pages.times[name].tail,
                1.6,
                1.25,
                rounds=len(pages.times[name].calls),
            )
    yield from _statements()


def _statements() -> Iterator[Figure]:
    """1d: statements of the list at 10 rows and at 50, counted in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from agency.models import Official
    from core.paging import page_of

    client = Client()
    client.force_login(Official.objects.get(username=USERNAME), backend="agency.backends.OfficialBackend")
    counted = {}
    for rows in (10, ROWS):
        with mock.patch.dict(page_of.__kwdefaults__, size=rows):
            client.get(ALL, headers={"Host": "localhost"})
            with CaptureQueriesContext(connection) as asked:
                page = client.get(ALL, headers={"Host": "localhost"})
        shown = len(_LINK.findall(page.content.decode()))
        if shown != rows:
            yield Figure(
                "1d", "SQL statements of the case list", "", None, 15, 8, void=f"{shown} rows instead of {rows}"
            )
            return
        counted[rows] = len(asked)
    few, many = counted[10], counted[ROWS]
    void = "" if few == many else f"{few} statements at 10 rows, {many} at 50"
    yield Figure(
        "1d",
        "SQL statements of the case list, equal at 10 and 50 rows",
        "a number",
        None if void else many,
        15,
        8,
        void=void,
        is_count=True,
    )
