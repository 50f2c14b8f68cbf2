"""bin/prove-setup measures from `make run` to the first answer, and a start that took too long fails it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.setup.conftest import REPOSITORY, free_port

SCRIPT = REPOSITORY / "bin" / "prove-setup"
# Answers only after a while, as a product that is being installed does; ends well when it is told to stop.
SLOW = """
import http.server, pathlib, signal, sys, time
port, seconds, number = int(sys.argv[1]), float(sys.argv[2]), pathlib.Path(sys.argv[3])
time.sleep(seconds)
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"well")
    def log_message(self, *words): pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
import os; number.write_text(str(os.getpid()))
http.server.HTTPServer(("127.0.0.1", port), Health).serve_forever()
"""


def serve(folder: Path, seconds: float, *options: str, which: str = "again") -> subprocess.CompletedProcess[str]:
    """One start measured by the script's own functions, with a server that is slow in place of the empty machine's."""
    (folder / "slow.py").write_text(SLOW)
    script = f"""
        source {SCRIPT}
        read_options {" ".join(options)} {folder}/machine run
        port={free_port()}
        sleep() {{ command sleep 0.1; }}
        inside() {{
            case "$*" in
                *"make run"*) exec {sys.executable} {folder}/slow.py "$port" {seconds} {folder}/number ;;
                *"make stop"*) kill "$(cat {folder}/number)" ;;
                *) "$@" ;;
            esac
        }}
        serve_once {which}
    """
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)


def test_a_start_within_its_time_passes_and_says_how_long_it_took(tmp_path: Path):
    ran = serve(tmp_path, 0.5)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "make run, again: first answer after " in ran.stdout
    assert "(allowed: 10 s)" in ran.stdout
    assert "too slow" not in ran.stdout


@pytest.mark.parametrize("which", ["first", "again"])
def test_a_start_beyond_its_time_fails_and_a_slow_line_may_be_given_more(tmp_path: Path, which: str):
    slow = serve(tmp_path, 1.5, f"--{which}", "1", which=which)
    assert slow.returncode == 1
    assert f"make run, {which}: too slow" in slow.stdout
    assert "(allowed: 1 s)" in slow.stdout
    assert serve(tmp_path, 1.5, f"--{which}", "30", which=which).returncode == 0


def test_a_start_that_ends_without_an_answer_fails(tmp_path: Path):
    ran = serve(tmp_path, -1)
    assert ran.returncode == 1
    assert "ended without an answer" in ran.stdout


def test_unasked_the_first_start_may_take_90_seconds_and_the_next_10():
    told = subprocess.run(
        ["bash", "-c", f'source {SCRIPT}; echo "${{allowed[first]}} ${{allowed[again]}}"'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout == "90 10\n"


@pytest.mark.parametrize(
    "words", [[], ["--first"], ["--first", "soon", "x"], ["--third", "9", "x"], ["x", "all"], ["x", "run", "y"]]
)
def test_a_wrong_command_line_is_answered_with_the_usage(words: list[str], tmp_path: Path):
    ran = subprocess.run([str(SCRIPT), *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("usage: bin/prove-setup")
    assert not list(tmp_path.iterdir())
