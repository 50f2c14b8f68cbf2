"""What the machine lacks is said in one sentence, and the exit code is not 0."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from launcher import installing, leftovers, machine, place
from launcher.console import Refusal

from tests.setup.conftest import REPOSITORY, Checkout


def test_a_port_in_use_is_named(checkout: Checkout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", checkout.port))
        taken.listen()
        refused = checkout.command("run")
    assert refused.returncode == 1
    assert f"Port in use or not allowed 端口不可用: 127.0.0.1:{checkout.port}" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    assert not (checkout.data / "postgresql").exists()


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(checkout: Checkout, port: str):
    refused = checkout.command("run", PORT=port)
    assert refused.returncode == 1
    assert "PORT must be a number from 1 to 65535" in refused.stdout


def test_an_older_python_is_named_with_what_to_install():
    pretend = (
        "import sys, runpy; sys.version_info = (3, 9, 2, 'final', 0); sys.argv = ['bin/mingcha', 'run'];"
        "runpy.run_path('bin/mingcha', run_name='__main__')"
    )
    refused = subprocess.run(
        [sys.executable, "-c", pretend], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "Python 3.11 or newer is needed" in refused.stderr
    assert "is 3.9" in refused.stderr
    assert "apt install python3 python3-venv" in refused.stderr


def test_make_without_any_python_says_what_to_install():
    make = shutil.which("make")
    refused = subprocess.run([make, "run", "PYTHON="], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "apt install python3 python3-venv" in refused.stderr


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path: Path):
    with pytest.raises(Refusal, match=r"Disk full 磁盘空间不足: \d+ MB free at .*, \d+ MB needed"):
        machine.require_room(tmp_path / "not" / "yet" / "there", least=2**60)
    machine.require_room(tmp_path, least=1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_full_disk_is_refused_on_a_really_small_one(checkout: Checkout):
    checkout.data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(checkout.data)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount")
    try:
        refused = checkout.command("run")
        assert refused.returncode == 1
        assert "Disk full" in refused.stdout
        assert "500 MB needed" in refused.stdout
        assert not (checkout.data / "postgresql").exists()
    finally:
        subprocess.run(["umount", str(checkout.data)], check=True)


def test_without_root_missing_packages_are_named_exactly(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(
        machine, "missing_packages", lambda wanted: [name for name in wanted if name != "libpango-1.0-0"]
    )
    with pytest.raises(Refusal) as refusal:
        installing.require(machine.packages_for({}))
    assert str(refusal.value).endswith(
        "As root: apt install postgresql redis-server libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"
    )


def test_servers_given_from_elsewhere_are_not_installed():
    given = {"DATABASE_URL": "postgres://db/mingcha", "REDIS_URL": "redis://redis"}
    assert machine.packages_for(given) == list(machine.DOCUMENT_PACKAGES)
    assert "chromium" in machine.packages_for(given, tests=True)


def test_what_dpkg_does_not_have_is_missing():
    assert machine.missing_packages(["base-files", "no-such-package-of-debian"]) == ["no-such-package-of-debian"]


def test_a_data_folder_too_long_for_a_socket_is_refused(checkout: Checkout):
    refused = checkout.command("run", MINGCHA_DATA="/tmp/" + "x" * 100)
    assert refused.returncode == 1
    assert "MINGCHA_DATA is too long for a socket" in refused.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="as anybody else the servers run as that person")
def test_a_data_folder_closed_to_the_servers_is_refused(checkout: Checkout):
    closed = Path(tempfile.mkdtemp(prefix="mc-"))
    try:
        refused = checkout.command("run", MINGCHA_DATA=str(closed / "data"))
        assert refused.returncode == 1
        assert "The user postgres cannot enter" in refused.stdout
    finally:
        shutil.rmtree(closed)


def test_an_unknown_command_lists_the_known_ones(checkout: Checkout):
    asked = checkout.command("fly")
    assert asked.returncode == 2
    assert "run|dev|stop|test|lint" in asked.stdout


def test_a_dotenv_is_read_as_the_settings_read_it(tmp_path: Path):
    import environ

    file = tmp_path / ".env"
    lines = [
        "# a comment",
        "PLAIN=one",
        "export QUOTED='two words'",
        'DOUBLE="x=\\"y\\" \\n"',
        "URL=postgres://a@b/c?d=e",
        "EMPTY=",
    ]
    file.write_text("\n".join([*lines, "KEPT=three # four", " INDENTED=no", "SPACED = no"]) + "\n")

    class Separate(environ.Env):
        ENVIRON: dict[str, str] = {}

    Separate.read_env(str(file))
    assert len(Separate.ENVIRON) == 6
    assert place.dotenv(file) == Separate.ENVIRON


def test_run_and_test_keep_their_data_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MINGCHA_DATA", raising=False)
    monkeypatch.setenv("MINGCHA_ENV_FILE", os.devnull)
    assert place.home_of().path != place.home_of("test").path
    monkeypatch.setenv("MINGCHA_DATA", "/srv/mingcha")
    assert [place.home_of().path, place.home_of("test").path] == [Path("/srv/mingcha"), Path("/srv/mingcha-test")]


def test_a_pid_file_is_never_dropped_while_somebody_works_on_the_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home = place.Home(tmp_path)
    home.cluster.mkdir()
    (home.cluster / "postmaster.pid").write_text("4242\n")
    monkeypatch.setattr(leftovers, "found", lambda home: [leftovers.Leftover(os.getpid(), "postgres")])
    leftovers.drop_stale_pid_file(home, patience=0)
    assert (home.cluster / "postmaster.pid").exists()
    monkeypatch.setattr(leftovers, "found", lambda home: [])
    leftovers.drop_stale_pid_file(home, patience=0)
    assert not (home.cluster / "postmaster.pid").exists()


def test_a_venv_whose_installation_was_cut_short_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Files of a package may lie there half; pip would take it for installed."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (venv / "mingcha-installed.json").write_text('{"unfinished": "requirements.txt"}')
    (venv / "half-a-package").touch()
    ran: list[tuple[str, ...]] = []

    def note(*words: str) -> subprocess.CompletedProcess[str]:
        ran.append(words)
        return subprocess.CompletedProcess(words, 0 if "pip" in words else subprocess.call(words), "")

    monkeypatch.setattr(installing, "VENV", venv)
    monkeypatch.setattr(installing, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(installing, "_quietly", note)
    installing.require_venv()
    assert not (venv / "half-a-package").exists()
    assert [words[1:3] for words in ran] == [("-m", "venv"), ("-m", "pip")]
    assert {"--require-hashes", "--only-binary"} <= set(ran[1])
    installing.require_venv()
    assert [words[1:3] for words in ran[2:]] == [("-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))")]
