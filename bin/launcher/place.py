"""Where one checkout keeps its data, and who holds it now."""

import fcntl
import hashlib
import json
import os
import pwd
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launcher.console import Refusal

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"

# sun_path holds 107 bytes; PostgreSQL's socket is the longest name below `run/`.
LONGEST_HOME = 107 - len("/run/pg/.s.PGSQL.5432")


def dotenv(path: Path) -> dict[str, str]:
    """The variables of a `.env` file, read as django-environ reads them for the settings (a test compares).

    KEY=value, quotes optional; a comment has a line of its own.
    """
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\A(?:export )?([A-Za-z_0-9]+)=(.*)\Z", line):
            key, value = match.groups()
            if single := re.match(r"\A'(.*)'\Z", value):
                value = single[1]
            if double := re.match(r'\A"(.*)"\Z', value):
                value = re.sub(r"\\([^rnt])", r"\1", double[1])
            values[key] = value
    return values


def known_variables() -> set[str]:
    """The names in `.env.example`: everything a person may decide (a test holds it complete)."""
    return set(re.findall(r"^# ([A-Z_]+)=", (CHECKOUT / ".env.example").read_text(encoding="utf-8"), flags=re.M))


def given() -> dict[str, str]:
    """The environment over `.env`: what the person decided."""
    file = Path(os.environ.get("MINGCHA_ENV_FILE", str(CHECKOUT / ".env")))
    return {**dotenv(file), **os.environ}


@dataclass(frozen=True)
class Home:
    """The folder of one checkout's data; runs and tests have one each, so they never meet."""

    path: Path

    @property
    def run(self) -> Path:
        """Sockets. Only the servers' own users and root may enter, so the databases need no password."""
        return self.path / "run"

    @property
    def cluster(self) -> Path:
        return self.path / "postgresql"

    @property
    def redis(self) -> Path:
        return self.path / "redis"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def beat_schedule(self) -> Path:
        return self.path / "beat-schedule"

    def prepare(self) -> None:
        """Make the folder; refuses a path that a socket cannot have or that the servers' users cannot reach."""
        if len(str(self.path)) > LONGEST_HOME:
            raise Refusal(f"MINGCHA_DATA is too long for a socket (over {LONGEST_HOME} characters): {self.path}")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.log.mkdir(exist_ok=True)
        except OSError as error:
            raise Refusal(f"The data folder cannot be made: {error}") from error

    def secret_key(self) -> str:
        """Made once and kept: sessions outlive a restart."""
        file = self.path / "secret_key"
        if not file.exists():
            fresh = file.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(50), encoding="ascii")
            fresh.replace(file)
        return file.read_text(encoding="ascii")

    def open_log(self, name: str, limit: int = 10_000_000) -> IO[bytes]:
        """Append to `log/NAME.log`; a file that grew past `limit` bytes is put aside once."""
        file = self.log / f"{name}.log"
        if file.exists() and file.stat().st_size > limit:
            file.replace(file.with_suffix(".log.1"))
        return file.open("ab")


def home_of(purpose: str = "") -> Home:
    """`purpose` is empty for run and dev, "test" for tests."""
    suffix = f"-{purpose}" if purpose else ""
    if chosen := given().get("MINGCHA_DATA"):
        return Home(Path(chosen + suffix).absolute())
    name = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12] + suffix
    if os.geteuid() == 0:
        return Home(Path("/var/lib/mingcha") / name)
    share = os.environ.get("XDG_DATA_HOME") or str(Path(pwd.getpwuid(os.geteuid()).pw_dir) / ".local" / "share")
    return Home(Path(share) / "mingcha" / name)


class Hold:
    """One launcher at a time per home. The kernel lets go of it however the launcher ends."""

    def __init__(self, home: Home) -> None:
        self.file = (home.path / "launcher.lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.file.seek(0)
            holder = json.loads(self.file.read() or "{}")
            who = f"process {holder.get('pid', '?')}, {holder.get('address', 'starting')}"
            raise Refusal(
                f"Already running from this checkout 已在运行: {who}. Stop it there with Ctrl-C, or: make stop"
            ) from None
        self.note("")

    def note(self, address: str) -> None:
        """Tell a second launcher where this one serves."""
        self.file.seek(0)
        self.file.truncate()
        json.dump({"pid": os.getpid(), "address": address or "starting"}, self.file)
        self.file.flush()
