"""Children: started so that they die with the launcher, healed when they die alone, stopped in order."""

import contextlib
import ctypes
import os
import pwd
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from launcher.console import Refusal, say

PR_SET_PDEATHSIG = 1
MARK = "MINGCHA_CHILD_OF"

_prctl = ctypes.CDLL(None, use_errno=True).prctl


def die_with_launcher(by: signal.Signals = signal.SIGTERM, *, parent: int | None = None) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `by` when the launcher ends, even by `kill -9`.

    A change of user clears this, so it is asked for after that.
    """
    parent = parent or os.getpid()

    def ask_kernel() -> None:
        _prctl(PR_SET_PDEATHSIG, int(by))
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


@dataclass(frozen=True)
class Program:
    """One long-running child. `grace` is in seconds, after which it is killed; None means it never is (a database)."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    grace: float | None
    stop_by: signal.Signals = signal.SIGTERM
    user: str | None = None
    log: Callable[[], IO[bytes]] | None = None
    before: Callable[[], None] = lambda: None
    # Whether what is left of its process group may be killed when its leader is gone.
    sweep_group: bool = True


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    again_at: float = 0.0
    rest: bytes = b""


@dataclass
class Errand:
    """A command that ends by itself, and what it said so far."""

    process: subprocess.Popen[bytes]
    said: bytearray = field(default_factory=bytearray)


class Stopping(Exception):
    """A signal asked for an end while something was awaited."""


class Supervisor:
    """One thread, one loop: output, signals and deaths arrive at the same selector, so a fork meets no other thread."""

    FIRST_PAUSE, LONGEST_PAUSE, SETTLED = 0.5, 30.0, 30.0

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.children: list[Child] = []
        self.errands: list[Errand] = []
        self.signals: list[int] = []
        self.selector = selectors.DefaultSelector()
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.selector.register(reading, selectors.EVENT_READ, None)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _: self.signals.append(received))
        signal.signal(signal.SIGCHLD, lambda *_: None)

    # starting

    def start(self, program: Program) -> Child:
        child = Child(program)
        self.children.append(child)
        self._spawn(child)
        return child

    def _spawn(self, child: Child) -> None:
        program = child.program
        program.before()
        out = program.log() if program.log else subprocess.PIPE
        account = pwd.getpwnam(program.user) if program.user else None
        child.process = subprocess.Popen(
            program.argv,
            cwd=program.folder,
            env={**program.environment, MARK: self.mark},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_launcher(program.stop_by),
        )
        child.started = time.monotonic()
        if child.process.stdout:
            os.set_blocking(child.process.stdout.fileno(), False)
            self.selector.register(child.process.stdout, selectors.EVENT_READ, child)
        elif not isinstance(out, int):
            out.close()

    def begin(self, argv: Sequence[str], environment: Mapping[str, str], folder: Path, *, show: bool = False) -> Errand:
        """Begin one command that ends by itself; `finish` waits for it."""
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env={**environment, MARK: self.mark},
            stdin=subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            preexec_fn=die_with_launcher(),
        )
        errand = Errand(process)
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
            self.selector.register(process.stdout, selectors.EVENT_READ, errand.said)
        self.errands.append(errand)
        return errand

    def finish(self, errand: Errand) -> tuple[int, str]:
        """Tend the children until the command ends; returns its exit code and, unless shown, its output.

        Raises Stopping when a signal came meanwhile; the command is told to stop first and waited for.
        """
        asked = 0
        while errand.process.poll() is None:
            self.turn(1.0)
            if len(self.signals) > asked:
                asked = len(self.signals)
                errand.process.send_signal(signal.SIGINT if asked == 1 else signal.SIGKILL)
        if errand.process.stdout:
            self._drain(errand.process.stdout, errand.said)
            errand.process.stdout.close()
        self.errands.remove(errand)
        if self.signals:
            raise Stopping
        return errand.process.returncode, errand.said.decode(errors="replace")

    def call(
        self, argv: Sequence[str], environment: Mapping[str, str], folder: Path, *, show: bool = False
    ) -> tuple[int, str]:
        """Begin and finish at once."""
        return self.finish(self.begin(argv, environment, folder, show=show))

    def wait_until(
        self, ready: Callable[[], bool], *, seconds: float, what: str, child: Child | None = None, falls: int = 3
    ) -> None:
        """Tend until `ready`; refuses after `seconds`, or when `child` has fallen `falls` times."""
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end or (child and child.falls >= falls):
                raise Refusal(f"{what} does not start; its last words are above or in its log.")
            self.turn(0.05)
            if self.signals:
                raise Stopping

    # tending

    def tend(self) -> None:
        """Heal until a signal asks for the end."""
        while not self.signals:
            self.turn(1.0)

    def turn(self, longest: float) -> None:
        """One turn of the loop: print what was said, restart what fell and has paused long enough."""
        self._listen(longest)
        now = time.monotonic()
        for child in self.children:
            if child.process and self._is_over(child):
                if now - child.started > self.SETTLED:
                    child.falls = 0
                pause = min(self.FIRST_PAUSE * 2**child.falls, self.LONGEST_PAUSE)
                child.falls += 1
                child.again_at = now + pause
                say(f"{child.program.name} ended ({_ending(child.process.returncode)}); again in {pause:g} s 重新启动")
                child.process = None
            elif not child.process and now >= child.again_at and not self.signals:
                self._spawn(child)

    def _is_over(self, child: Child) -> bool:
        """Reap it if it died; first kill what is left of its group, while the group's number still cannot be reused."""
        if child.process is None:
            return False
        if os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        if child.program.sweep_group:
            kill_group(child.process.pid)
        child.process.wait()
        if child.process.stdout:
            self._drain(child.process.stdout, child)
            if child.process.stdout in self.selector.get_map():
                self.selector.unregister(child.process.stdout)
            child.process.stdout.close()
        return True

    def _drain(self, pipe: IO[bytes], to: "Child | bytearray") -> None:
        while True:
            try:
                chunk = os.read(pipe.fileno(), 65536)
            except BlockingIOError:
                return
            if not chunk:
                if pipe in self.selector.get_map():
                    self.selector.unregister(pipe)
                return
            if isinstance(to, bytearray):
                to += chunk
                continue
            *lines, to.rest = (to.rest + chunk).split(b"\n")
            for line in lines:
                say(f"{to.program.name:<6} | {line.decode(errors='replace')}")

    # stopping

    def stop(self) -> None:
        """Stop in reverse order of starting, each one wholly before the next.

        A further signal hurries everything but databases.
        """
        for errand in self.errands:
            errand.process.kill()
            errand.process.wait()
        for child in reversed(self.children):
            if not child.process:
                continue
            process, program = child.process, child.program
            begun, patience, killed = time.monotonic(), len(self.signals), False
            process.send_signal(program.stop_by)
            while not self._is_over(child):
                hurried = time.monotonic() - begun > (program.grace or 0) or len(self.signals) > patience
                if hurried and program.grace is not None and not killed:
                    say(f"{program.name} does not stop; killing it 强制结束")
                    kill_group(process.pid)
                    killed = True
                self._listen(0.1)
            child.process = None
        self.children.clear()

    def _listen(self, longest: float) -> None:
        for key, _ in self.selector.select(longest):
            if key.data is None:
                os.read(key.fd, 4096)
            else:
                self._drain(key.fileobj, key.data)  # type: ignore[arg-type]  # only pipes are registered


def kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
