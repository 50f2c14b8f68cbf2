"""Whether this container works: `web` by its page, `worker` and `beat` by their signs of life in the database."""

import os
import sys
import urllib.request

import psycopg2

SWEEPS_MISSED = 4


def web() -> bool:
    """The page answers 200; asked as the proxy would, so that HTTPS=1 does not redirect."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".*") or "localhost"
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
    request = urllib.request.Request(address, headers={"Host": host, "X-Forwarded-Proto": "https"})
    with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310  (our own address)
        return bool(answer.status == 200)


def lives(name: str) -> bool:
    """The last sign of life is younger than a few sweeps."""
    newest = SWEEPS_MISSED * float(os.environ.get("SWEEP_SECONDS", "60"))
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        sql = "SELECT now() - at < make_interval(secs => %s) FROM core_heartbeat WHERE name = %s"
        cursor.execute(sql, (newest, name))
        row = cursor.fetchone()
    return bool(row and row[0])


if __name__ == "__main__":
    part = sys.argv[1]
    sys.exit(0 if (web() if part == "web" else lives(part)) else 1)
