"""What the machine must have: Python, room, a port, Debian packages, and `.venv` as the lock says."""

import hashlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from launcher.console import Refusal, progress, say
from launcher.place import CHECKOUT, PYTHON, VENV
from launcher.processes import die_with_launcher

LEAST_FREE = 500 * 1024 * 1024
LEAST_MEMORY = 1024 * 1024 * 1024

DATABASE_PACKAGES = ("postgresql",)
BROKER_PACKAGES = ("redis-server",)
DOCUMENT_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk")
TEST_PACKAGES = ("chromium", "poppler-utils")

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# made by mingcha while it installs: no service may start by itself\nexit 101\n"


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


def require_packages(wanted: Sequence[str]) -> None:
    """Install what is missing, as root on Debian; else refuse and name exactly what to install."""
    missing = missing_packages(wanted)
    if importlib.util.find_spec("ensurepip") is None and not PYTHON.exists():
        missing.append(
            "python3-venv"
            if sys.executable == "/usr/bin/python3"
            else f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    if not missing:
        return
    by_hand = f"apt install {' '.join(missing)}"
    if not shutil.which("apt-get"):
        raise Refusal(
            f"Not a Debian system; the counterparts of these packages are needed 缺少软件包: {' '.join(missing)}"
        )
    if os.geteuid() != 0:
        raise Refusal(f"Debian packages are missing and only root may install them 缺少软件包. As root: {by_hand}")
    progress(f"Installing Debian packages 安装系统软件包: {' '.join(missing)}")
    if "postgresql" in missing:
        _want_no_main_cluster()
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with services_left_alone():
        for step in (["update"], ["install", "--no-install-recommends", *missing]):
            done = subprocess.run(
                [*apt, *step], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
            if done.returncode:
                say(done.stdout[-3000:] + done.stderr[-3000:])
                raise Refusal(f"apt-get {step[0]} failed (its words are above). When it works: {by_hand}")


def _want_no_main_cluster() -> None:
    """Debian would make and start a cluster of its own on port 5432; ours is private."""
    config = Path("/etc/postgresql-common/createcluster.conf")
    config.parent.mkdir(parents=True, exist_ok=True)
    if not config.exists():
        config.write_text("create_main_cluster = false\n", encoding="ascii")


@contextmanager
def services_left_alone() -> Iterator[None]:
    """Packages bring services that would start by themselves; Debian asks policy-rc.d first."""
    if POLICY.exists() and POLICY.read_text(errors="replace") != POLICY_TEXT:
        yield
        return
    POLICY.write_text(POLICY_TEXT, encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def require_venv(*, dev: bool = False) -> None:
    """Bring `.venv` to what the lock names, hash by hash; nothing to do when the lock is the one last installed.

    The development lock holds everything of the other, so a venv with it serves both.
    """
    state = VENV / "mingcha-installed.json"
    if (
        not PYTHON.exists()
        or subprocess.run(
            [str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False
        ).returncode
    ):
        progress("Making .venv 创建虚拟环境")
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise Refusal(f"{sys.executable} -m venv failed: {(made.stdout + made.stderr).strip()}")
    installed: dict[str, str] = json.loads(state.read_text(encoding="ascii")) if state.exists() else {}
    wanted = {name: _digest(CHECKOUT / name) for name in ("requirements.txt", "requirements-dev.txt")}
    lock = "requirements-dev.txt" if dev else "requirements.txt"
    if installed.get("requirements-dev.txt") == wanted["requirements-dev.txt"] or installed.get(lock) == wanted[lock]:
        return
    progress(f"Installing Python packages 安装 Python 包: {lock}")
    pip = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
    ]
    order = [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(CHECKOUT / lock)]
    if subprocess.run(order, stdin=subprocess.DEVNULL, preexec_fn=die_with_launcher(), check=False).returncode:
        raise Refusal(
            f"The packages of {lock} could not be installed (pip's words are above); is a package index reachable?"
        )
    installed[lock] = wanted[lock]
    state.write_text(json.dumps(installed, indent=1), encoding="ascii")


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
