"""What the machine must have: room, a port, memory, Debian packages."""

import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.console import Refusal, say

LEAST_FREE = 500 * 1024 * 1024
LEAST_MEMORY = 1024 * 1024 * 1024

DATABASE_PACKAGES = ("postgresql",)
BROKER_PACKAGES = ("redis-server",)
DOCUMENT_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk")
TEST_PACKAGES = ("chromium", "poppler-utils")


def require_room(*places: Path, least: int = LEAST_FREE) -> None:
    """Refuses when a place has less than `least` bytes free."""
    for place in places:
        there = place
        while not there.exists():
            there = there.parent
        free = shutil.disk_usage(there).free
        if free < least:
            raise Refusal(f"Disk full 磁盘空间不足: {free // 2**20} MB free at {there}, {least // 2**20} MB needed.")


def require_port(host: str, port: int) -> None:
    """Refuses when somebody listens there already."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except (OSError, OverflowError) as error:
        raise Refusal(
            f"Port in use or not allowed 端口不可用: {host}:{port} ({error}). Choose another: PORT=8080 make run"
        ) from error


def warn_of_little_memory() -> None:
    figures = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
    available = int(figures["MemAvailable"].split()[0]) * 1024
    if available < LEAST_MEMORY:
        say(
            f"Warning 内存偏少: {available // 2**20} MB of memory available; {LEAST_MEMORY // 2**20} MB is comfortable."
        )


def missing_packages(wanted: Sequence[str]) -> list[str]:
    """Those of `wanted` that dpkg does not have installed; everything on a machine without dpkg."""
    if not shutil.which("dpkg-query"):
        return list(wanted)
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    present = {line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in present]


def owns_database(environment: Mapping[str, str]) -> bool:
    return not environment.get("DATABASE_URL")


def owns_broker(environment: Mapping[str, str]) -> bool:
    return not environment.get("REDIS_URL")


def packages_for(environment: Mapping[str, str], *, tests: bool = False) -> list[str]:
    """The Debian packages this start needs: no server is installed that is given from elsewhere."""
    return [
        *(DATABASE_PACKAGES if owns_database(environment) else ()),
        *(BROKER_PACKAGES if owns_broker(environment) else ()),
        *DOCUMENT_PACKAGES,
        *(TEST_PACKAGES if tests else ()),
    ]
