"""The commands behind the Makefile."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher import installing, leftovers, machine, quality, roster
from launcher.console import Refusal, progress, say
from launcher.place import CHECKOUT, PYTHON, VENV, Hold, Home, given, home_of, known_variables
from launcher.processes import Errand, Stopping, Supervisor, die_with_launcher
from launcher.servers import OWNER, SERVING, Postgres, Redis

MANAGE = (str(PYTHON), "manage.py")


def main(words: list[str]) -> int:
    """Run one command; a refusal is one sentence and exit code 1."""
    os.umask(0o022)
    commands: dict[str, Callable[[list[str]], int]] = {
        "run": lambda _: serve(),
        "dev": lambda _: serve(dev=True),
        "stop": lambda _: stop(),
        "test": test,
        "lint": lambda _: lint(),
        "lock": lambda _: lock(),
        "bench": bench,
        "vendor": vendor,
        "clean": lambda _: clean(),
    }
    if not words or words[0] not in commands:
        say(f"Usage: bin/mingcha {'|'.join(commands)}")
        return 2
    if os.environ.get("MAKELEVEL"):
        # make cannot pass on its own kill -9: follow it
        die_with_launcher(signal.SIGTERM, parent=os.getppid())()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return commands[words[0]](words[1:])
    except Refusal as refusal:
        say(f"✗ {refusal}")
        return 1
    except (Stopping, KeyboardInterrupt):
        say("Stopped 已停止")
        return 130


# make run, make dev


def serve(*, dev: bool = False) -> int:
    """Install, start, load, serve; tend the children until a signal; stop them in order."""
    begun = time.monotonic()
    environment = given()
    port, host = _port(environment), environment.get("HOST", "127.0.0.1")
    home = home_of()
    home.prepare()
    hold = Hold(home)
    leftovers.clear(home)
    machine.require_port(host, port)
    machine.require_room(home.path, CHECKOUT)
    installing.require(machine.packages_for(environment), dev=dev)
    machine.warn_of_little_memory()
    address = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0', '::'} else host}:{port}/"  # noqa: S104  (a comparison)
    environment = _settings_for(environment, home, host=host, port=port, debug=dev)
    hold.note(address)
    with servers(home, environment) as supervisor:
        _note_for_commands_by_hand(environment)
        _prepare(supervisor, home, environment)
        progress("Starting web, worker and beat 启动服务")
        running = {program.name: supervisor.start(program) for program in roster.programs(home, environment, dev=dev)}
        supervisor.wait_until(lambda: _answers(host, port), seconds=90, what="The web server", child=running["web"])
        say(f"\n  明察 Mingcha is up ({time.monotonic() - begun:.0f} s) 已启动: {address}")
        say(f"  Staff workbench 工作台: {address}desk/")
        _tell_accounts(supervisor, environment)
        say("  Stop with Ctrl-C 按 Ctrl-C 停止\n")
        supervisor.tend()
        progress("Stopping 正在停止")
    say("Stopped 已停止")
    return 0


@contextmanager
def servers(home: Home, environment: dict[str, str], *, durable: bool = True) -> Iterator[Supervisor]:
    """Our own PostgreSQL and Redis, those not given from elsewhere, whose addresses are put into `environment`.

    Whatever happens inside, everything started is stopped.
    """
    supervisor = Supervisor(mark=str(home.path))
    try:
        if machine.owns_database(environment):
            postgres = Postgres(home, durable=durable)
            postgres.start(supervisor)
            environment["DATABASE_URL"] = postgres.url(SERVING)
            environment["MIGRATE_DATABASE_URL"] = postgres.url(OWNER)
        if machine.owns_broker(environment):
            redis = Redis(home, durable=durable)
            redis.start(supervisor)
            environment["REDIS_URL"] = redis.url
        yield supervisor
    finally:
        supervisor.stop()


def _port(environment: dict[str, str]) -> int:
    said = environment.get("PORT", "8000")
    if not said.isdigit() or not 0 < int(said) < 65536:
        raise Refusal(f"PORT must be a number from 1 to 65535, not {said!r}.")
    return int(said)


def _settings_for(environment: dict[str, str], home: Home, *, host: str, port: int, debug: bool) -> dict[str, str]:
    """What the product needs to know and nobody decided; what is given wins."""
    defaults = {
        "DEBUG": "1" if debug else "0",
        "DEMO": "1",
        "PUBLIC_BASE_URL": f"http://localhost:{port}",
        "STORE_DIR": str(home.path / "store"),
        "STATIC_ROOT": str(home.path / "static"),
    }
    if _is_true(environment.get("DEMO", "1")):
        # A demonstration writes its mails into a folder: everybody can read what would have been sent, and nobody is sent it.
        defaults["EMAIL_URL"] = f"filemail:///{home.path / 'mail'}"
    fixed = {
        "HOST": host,
        "PORT": str(port),
        "PATH": f"{VENV / 'bin'}:{environment.get('PATH', '/usr/bin:/bin')}",
        "PYTHONUNBUFFERED": "1",
        # Celery warns of root at every start; who runs this as root has decided so. The containers do not.
        "PYTHONWARNINGS": "ignore:You're running the worker",
    }
    chosen = {**defaults, **environment, **fixed}
    if not chosen.get("SECRET_KEY"):
        chosen["SECRET_KEY"] = home.secret_key()
    return chosen


def _note_for_commands_by_hand(environment: dict[str, str]) -> None:
    """`manage.py` typed by a person finds the same database: config/settings.py reads this file last."""
    file = VENV / "mingcha.env"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    names = sorted(known_variables() & set(environment))
    file.write_text("".join(f"{name}={environment[name]}\n" for name in names), encoding="utf-8")


def _is_true(said: str) -> bool:
    return said.strip().lower() in {"1", "true", "yes", "on", "y", "ok", "t"}


def _prepare(supervisor: Supervisor, home: Home, environment: dict[str, str]) -> None:
    """Migrate as the owner, collect static files meanwhile, load the demonstration into an empty database."""
    collecting = None if _is_true(environment["DEBUG"]) else _StaticFiles(home, environment)
    if collecting and collecting.are_stale():
        collecting.begin(supervisor)
    progress("Migrating 更新数据库结构")
    owner = {**environment, "DATABASE_URL": environment.get("MIGRATE_DATABASE_URL") or environment["DATABASE_URL"]}
    _manage(supervisor, owner, "migrate", "--noinput", "-v", "0")
    if _is_true(environment["DEMO"]) and _has_command("demo"):
        empty = "import sys; from agency.models import Unit; sys.exit(0 if Unit.objects.exists() else 3)"
        if supervisor.call([*MANAGE, "shell", "--no-imports", "-c", empty], environment, CHECKOUT)[0] == 3:
            progress("Loading the demonstration bureau 载入演示单位")
            _manage(supervisor, environment, "demo")
    if collecting:
        collecting.finish(supervisor)


class _StaticFiles:
    """Collected anew only when a static file, a package or the settings changed since the last time."""

    def __init__(self, home: Home, environment: dict[str, str]) -> None:
        self.environment, self.state = environment, home.path / "static-collected"
        self.errand: Errand | None = None
        sources = [
            *(CHECKOUT / "static").rglob("*"),
            CHECKOUT / "requirements.txt",
            CHECKOUT / "config" / "settings.py",
        ]
        seen = sorted(f"{file} {file.stat().st_mtime_ns} {file.stat().st_size}" for file in sources if file.is_file())
        self.wanted = hashlib.sha256("\n".join([environment["STATIC_ROOT"], *seen]).encode()).hexdigest()

    def are_stale(self) -> bool:
        there = self.state.exists() and Path(self.environment["STATIC_ROOT"]).is_dir()
        return not there or self.state.read_text() != self.wanted

    def begin(self, supervisor: Supervisor) -> None:
        progress("Collecting static files 收集静态文件")
        # The API has no browsable pages, so their files are not needed.
        words = ("collectstatic", "--noinput", "--clear", "--ignore", "rest_framework", "-v", "0")
        self.errand = supervisor.begin([*MANAGE, *words], self.environment, CHECKOUT)

    def finish(self, supervisor: Supervisor) -> None:
        if self.errand:
            _succeed(*supervisor.finish(self.errand), what="collectstatic")
            self.state.write_text(self.wanted)


def _manage(supervisor: Supervisor, environment: dict[str, str], *words: str) -> None:
    _succeed(*supervisor.call([*MANAGE, *words], environment, CHECKOUT), what=words[0])


def _succeed(code: int, said: str, *, what: str) -> None:
    if code:
        say(said)
        raise Refusal(f"manage.py {what} failed; its words are above.")


def _has_command(name: str) -> bool:
    return any(CHECKOUT.glob(f"*/management/commands/{name}.py"))


def _tell_accounts(supervisor: Supervisor, environment: dict[str, str]) -> None:
    if _is_true(environment["DEMO"]) and _has_command("demo"):
        code, said = supervisor.call([*MANAGE, "demo", "--accounts"], environment, CHECKOUT)
        if code == 0:
            say(said.rstrip())
    else:
        say("  First administrators 首批管理员: .venv/bin/python manage.py create_agency")


def _answers(host: str, port: int) -> bool:
    """Whether the web server speaks HTTP; what it says of the rest is for /healthz to tell."""
    there = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    try:
        urllib.request.urlopen(
            urllib.request.Request(f"http://{there}:{port}/healthz", headers={"Host": "localhost"}), timeout=5
        ).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def stop() -> int:
    """Ask the launcher of this checkout to stop, from another terminal."""
    file = home_of().path / "launcher.lock"
    try:
        Hold(home_of())
    except Refusal:
        pid = int(json.loads(file.read_text())["pid"])
        os.kill(pid, signal.SIGTERM)
        while leftovers.is_running(pid):
            time.sleep(0.1)
    except FileNotFoundError:
        pass
    say("Stopped 已停止")
    return 0


# make test, lint, lock, bench, vendor, clean


def test(words: list[str]) -> int:
    """Everything the tests need, then pytest with `words`; without any, all tests on two processes."""
    # What a person decided for serving must not change what the tests see, and never lend them a database.
    decided = known_variables()
    environment = {name: value for name, value in os.environ.items() if name not in decided}
    home = home_of("test")
    home.prepare()
    hold = Hold(home)
    hold.note("tests")
    leftovers.clear(home)
    machine.require_room(home.path, CHECKOUT)
    installing.require(machine.packages_for(environment, tests=True), dev=True)
    with servers(home, environment, durable=False) as supervisor:
        environment |= {
            "SECRET_KEY": "for tests only, and long enough to be taken for a real one",
            "SERVING_DATABASE_URL": environment["DATABASE_URL"],
            "DATABASE_URL": environment["MIGRATE_DATABASE_URL"],
            "SERVING_ROLE": SERVING,
            "STORE_DIR": str(home.path / "store"),
            "STATIC_ROOT": str(home.path / "static"),
            "MINGCHA_ENV_FILE": os.devnull,
            "PATH": f"{VENV / 'bin'}:{environment.get('PATH', '/usr/bin:/bin')}",
        }
        Path(environment["STATIC_ROOT"]).mkdir(exist_ok=True)
        progress("Testing 运行测试")
        chosen = words or ["-n", "2", "--dist", "worksteal"]
        code, _ = supervisor.call([str(PYTHON), "-m", "pytest", *chosen], environment, CHECKOUT, show=True)
    return code


def lint() -> int:
    """Every check that needs no server; all are run, any failure fails."""
    installing.require(machine.DOCUMENT_PACKAGES, dev=True)
    return quality.check_all()


def lock() -> int:
    """Write both locks anew from pyproject.toml, with hashes and without the name of any host."""
    installing.require(())
    uv = shutil.which("uv")
    if not uv:
        tools = CHECKOUT / ".tools"
        uv = str(tools / "bin" / "uv")
        if not Path(uv).exists():
            subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)
            subprocess.run([str(tools / "bin" / "python"), "-m", "pip", "install", "-q", "uv"], check=True)
    compile_ = [
        uv,
        "pip",
        "compile",
        "pyproject.toml",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-header",
        "-q",
    ]
    subprocess.run([*compile_, "-o", "requirements.txt"], cwd=CHECKOUT, check=True)
    subprocess.run(
        [*compile_, "--extra", "dev", "-c", "requirements.txt", "-o", "requirements-dev.txt"], cwd=CHECKOUT, check=True
    )
    return 0


def bench(words: list[str]) -> int:
    """The benchmarks, on servers of their own, as durable as those of production."""
    decided = known_variables()
    environment = {name: value for name, value in os.environ.items() if name not in decided}
    home = home_of("bench")
    home.prepare()
    hold = Hold(home)
    hold.note("benchmarks")
    leftovers.clear(home)
    machine.require_room(home.path, CHECKOUT, least=4 * machine.LEAST_FREE)
    installing.require(machine.packages_for(environment), dev=True)
    with servers(home, environment) as supervisor:
        settings = _settings_for(environment, home, host="127.0.0.1", port=8000, debug=False) | {
            "MINGCHA_ENV_FILE": os.devnull
        }
        return supervisor.call([str(PYTHON), "-m", "bench.run", *words], settings, CHECKOUT, show=True)[0]


def vendor(words: list[str]) -> int:
    return subprocess.run([str(CHECKOUT / "bin" / "vendor"), *words], cwd=CHECKOUT, check=False).returncode


def clean() -> int:
    """Remove .venv, caches and the data of tests and benchmarks; where there are data of a run, only with YES=1."""
    homes = [home_of(purpose) for purpose in ("", "test", "bench")]
    if (homes[0].path / "postgresql").exists() and not _is_true(os.environ.get("YES", "")):
        raise Refusal(f"This would delete the data in {homes[0].path}. To do so: YES=1 make clean")
    for home in homes:
        if home.path.exists():
            held = Hold(home)
            leftovers.clear(home)
            shutil.rmtree(home.path)
            held.file.close()
            say(f"Removed {home.path}")
    for name in (
        ".venv",
        ".tools",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        ".import_linter_cache",
        "staticfiles",
        "test-results",
    ):
        shutil.rmtree(CHECKOUT / name, ignore_errors=True)
    return 0
