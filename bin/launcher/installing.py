"""Installs what is missing: Debian packages, and `.venv` as the lock says, both at once where it can."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from launcher import machine
from launcher.console import Refusal, progress, say
from launcher.place import CHECKOUT, PYTHON, VENV
from launcher.processes import die_with_launcher

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# made by mingcha while it installs: no service may start by itself\nexit 101\n"

APT = (
    "apt-get",
    "-q",
    "-y",
    "-o",
    "DPkg::Lock::Timeout=120",
    "-o",
    "Acquire::Retries=3",
    "-o",
    "Acquire::Languages=none",
)
INSTALL = ("install", "--no-install-recommends")


def require(packages: Sequence[str], *, dev: bool = False) -> None:
    """Bring Debian packages and `.venv` up to what is needed; refuses, and names what to install, when it may not.

    On an empty machine both take about as long, so they go side by side.
    """
    missing = machine.missing_packages(packages)
    venv = [] if PYTHON.exists() or importlib.util.find_spec("ensurepip") else [_venv_package()]
    if not missing and not venv:
        require_venv(dev=dev)
        return
    _may_install([*missing, *venv])
    progress(f"Installing Debian packages 安装系统软件包: {' '.join([*missing, *venv])}")
    if "postgresql" in missing:
        _want_no_main_cluster()
    with services_left_alone():
        _Apt("update").wait()
        if venv:
            _Apt(*INSTALL, *venv).wait()
        apt = _Apt(*INSTALL, *missing) if missing else None
        try:
            require_venv(dev=dev)
        finally:
            if apt:
                apt.wait()


def _venv_package() -> str:
    """Debian keeps ensurepip apart from the interpreter."""
    return "python3-venv" if sys.executable == "/usr/bin/python3" else "python{}.{}-venv".format(*sys.version_info)


def _may_install(missing: Sequence[str]) -> None:
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        raise Refusal(f"Not a Debian system; the counterparts of these packages are needed 缺少软件包: {names}")
    if os.geteuid() != 0:
        raise Refusal(
            f"Debian packages are missing and only root may install them 缺少软件包. As root: apt install {names}"
        )


class _Apt:
    """One run of apt-get, begun at once; its words are shown only if it fails.

    Never cut short: dpkg would be left half done.
    """

    def __init__(self, *words: str) -> None:
        self.words, self.said = words, tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self.process = subprocess.Popen(
            [*APT, *words],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=self.said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait(self) -> None:
        while True:
            try:
                code = self.process.wait()
                break
            except KeyboardInterrupt:
                say("Stopping as soon as apt-get has finished 等待 apt-get 完成")
        self.said.seek(0)
        words = self.said.read()
        self.said.close()
        if code:
            say(words[-3000:])
            raise Refusal(f"apt-get failed; its words are above. What was tried: apt-get {' '.join(self.words)}")


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

    The development lock holds everything of the other, so a venv with it serves both. One whose installation was cut
    short is made anew.
    """
    state = VENV / "mingcha-installed.json"
    installed: dict[str, str] = json.loads(state.read_text(encoding="ascii")) if state.exists() else {}
    if "unfinished" in installed or not _works():
        progress("Making .venv 创建虚拟环境")
        made = _quietly(sys.executable, "-m", "venv", "--clear", str(VENV))
        if made.returncode:
            raise Refusal(f"{sys.executable} -m venv failed: {made.stdout.strip()}")
        installed = {}
    wanted = {name: _digest(CHECKOUT / name) for name in ("requirements.txt", "requirements-dev.txt")}
    lock = "requirements-dev.txt" if dev else "requirements.txt"
    if wanted["requirements-dev.txt"] == installed.get("requirements-dev.txt") or wanted[lock] == installed.get(lock):
        return
    progress(f"Installing Python packages 安装 Python 包: {lock}")
    state.write_text(json.dumps({**installed, "unfinished": lock}), encoding="ascii")
    # Bytecode is made at first use, and only of what is used.
    pip = (str(PYTHON), "-m", "pip", "install", "-q", "--no-compile", "--disable-pip-version-check", "--no-input")
    done = _quietly(*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(CHECKOUT / lock))
    if done.returncode == 0:
        installed[lock] = wanted[lock]
    state.write_text(json.dumps(installed), encoding="ascii")
    if done.returncode:
        say(done.stdout[-3000:])
        raise Refusal(
            f"The packages of {lock} could not be installed: pip's words are above. Is a package index reachable?"
        )


def _works() -> bool:
    if not PYTHON.exists():
        return False
    return _quietly(str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))").returncode == 0


def _quietly(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=die_with_launcher(),
        check=False,
    )
