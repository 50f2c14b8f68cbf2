"""PostgreSQL and Redis of one home: private sockets, no port, no password, no other user let in."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

from launcher import leftovers
from launcher.console import Refusal, progress
from launcher.place import CHECKOUT, Home
from launcher.processes import Program, Supervisor

ROLES = CHECKOUT / "docker" / "roles.sql"
DATABASE, OWNER, SERVING = "mingcha", "mingcha_owner", "mingcha_app"


def _user(name: str) -> str | None:
    """PostgreSQL refuses to run as root; as anybody else the servers run as that person."""
    return name if os.geteuid() == 0 else None


def _own_folder(path: Path, user: str | None) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    if user:
        account = pwd.getpwnam(user)
        os.chown(path, account.pw_uid, account.pw_gid)
        if subprocess.run(
            ["test", "-x", str(path)], user=account.pw_uid, group=account.pw_gid, extra_groups=[], check=False
        ).returncode:
            raise Refusal(f"The user {user} cannot enter {path}; set MINGCHA_DATA to a folder outside /root.")


class Postgres:
    """A cluster of our own. Tests do without durability: their data are thrown away."""

    def __init__(self, home: Home, *, durable: bool = True) -> None:
        self.home, self.durable, self.user = home, durable, _user("postgres")
        self.sockets = home.run / "pg"

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address that libpq, psycopg and the settings read alike: the sockets' folder percent-encoded in the host's place."""
        return f"postgres://{role}@{quote(str(self.sockets), safe='')}/{database}"

    def binary(self, name: str) -> str:
        """The program of the version that made the cluster; of the newest one for a new cluster."""
        made_by = self.home.cluster / "PG_VERSION"
        wanted = made_by.read_text().strip() if made_by.exists() else "*"
        found = sorted(Path("/usr/lib/postgresql").glob(f"{wanted}/bin/{name}"), key=lambda path: int(path.parts[4]))
        if found:
            return str(found[-1])
        if wanted == "*" and (on_path := shutil.which(name)):
            return on_path
        package = "postgresql" if wanted == "*" else f"postgresql-{wanted}"
        raise Refusal(
            f"PostgreSQL is missing, or not of the version that made {self.home.cluster}: apt install {package}"
        )

    def prepare(self) -> None:
        """Make folders and, the first time, the cluster: in a folder beside it that is renamed when whole."""
        self.home.run.mkdir(mode=0o755, exist_ok=True)
        _own_folder(self.sockets, self.user)
        if (self.home.cluster / "PG_VERSION").exists():
            return
        progress("Making the database cluster 创建数据库")
        unfinished = self.home.path / "postgresql.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        _own_folder(unfinished, self.user)
        account = pwd.getpwnam(self.user) if self.user else None
        made = subprocess.run(
            [
                self.binary("initdb"), "-D", str(unfinished), "-U", "postgres", "--locale=C.UTF-8", "--encoding=UTF8",
                "--data-checksums", "--auth-local=trust", "--auth-host=reject",
                *(() if self.durable else ("--no-sync",)),
            ],
            cwd="/", user=account.pw_uid if account else None, group=account.pw_gid if account else None,
            extra_groups=[] if account else None, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise Refusal(f"initdb failed: {made.stderr.strip()}")
        unfinished.rename(self.home.cluster)

    def program(self) -> Program:
        settings = {
            "listen_addresses": "", "unix_socket_directories": str(self.sockets), "max_connections": "100",
            "shared_buffers": "256MB", "jit": "off", "lc_messages": "C", "log_timezone": "Asia/Shanghai",
        }  # fmt: skip
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # What a test wrote it takes back. Statistics made meanwhile call such tables empty, and a page takes minutes.
            settings |= {"autovacuum": "off"}
        return Program(
            name="db",
            argv=[
                self.binary("postgres"),
                "-D",
                str(self.home.cluster),
                *(part for key, value in settings.items() for part in ("-c", f"{key}={value}")),
            ],
            environment={"PATH": os.environ.get("PATH", "/usr/bin"), "LC_ALL": "C.UTF-8"},
            folder=self.home.cluster,
            grace=None,
            stop_by=signal.SIGINT,  # fast: open transactions are rolled back, nobody is waited for
            user=self.user,
            log=lambda: self.home.open_log("postgresql"),
            before=lambda: leftovers.drop_stale_pid_file(self.home),
            sweep_group=False,
        )

    def answers(self) -> bool:
        ready = [self.binary("pg_isready"), "-q", "-h", str(self.sockets), "-U", "postgres", "-d", "postgres"]
        return subprocess.run(ready, check=False).returncode == 0

    def query(self, sql: str, database: str = "postgres") -> str:
        done = subprocess.run(
            [
                self.binary("psql"),
                "-XqAt",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                self.sockets,
                "-U",
                "postgres",
                "-d",
                database,
            ],
            input=sql,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Refusal(f"PostgreSQL refused: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self, supervisor: Supervisor) -> None:
        """Start, wait, make roles and database. After a crash the old back ends may need some seconds to leave."""
        self.prepare()
        child = supervisor.start(self.program())
        supervisor.wait_until(
            self.answers, seconds=300, what=f"PostgreSQL ({self.home.log / 'postgresql.log'})", child=child, falls=6
        )
        self.query(ROLES.read_text(encoding="utf-8"))
        if not self.query(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):  # noqa: S608  (a constant)
            self.query(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


class Redis:
    """A broker and cache of our own. What must not be lost stands in PostgreSQL; this one keeps a log all the same."""

    def __init__(self, home: Home, *, durable: bool = True) -> None:
        self.home, self.durable, self.user = home, durable, _user("redis")
        self.folder = home.run / "redis"
        self.socket = self.folder / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def program(self) -> Program:
        return Program(
            name="redis",
            argv=[
                "redis-server", "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
                "--dir", str(self.home.redis), "--appendonly", "yes" if self.durable else "no", "--save", "",
                "--maxmemory-policy", "noeviction", "--daemonize", "no",
            ],
            environment={"PATH": os.environ.get("PATH", "/usr/bin"), "LC_ALL": "C.UTF-8"},
            folder=self.home.redis,
            grace=20,
            user=self.user,
            log=lambda: self.home.open_log("redis"),
        )  # fmt: skip

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def start(self, supervisor: Supervisor) -> None:
        self.home.run.mkdir(mode=0o755, exist_ok=True)
        _own_folder(self.folder, self.user)
        _own_folder(self.home.redis, self.user)
        child = supervisor.start(self.program())
        supervisor.wait_until(self.answers, seconds=60, what=f"Redis ({self.home.log / 'redis.log'})", child=child)
