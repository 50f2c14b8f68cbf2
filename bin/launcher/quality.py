"""`make lint`: the checks that read the source. They need `.venv` and no server."""

import os
import subprocess
import time

from launcher.console import say
from launcher.place import CHECKOUT, PYTHON, VENV

# As a hardened installation has it: check --deploy must find nothing. No server is asked.
PRODUCTION = {
    "DEBUG": "0",
    "HTTPS": "1",
    "SECRET_KEY": "lint-3f0c9d17a64b8e25d1c7b09a5e8f42d6-this-key-signs-nothing",
    "ALLOWED_HOSTS": "mingcha.example",
    "DATABASE_URL": "postgres://mingcha_app@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "MINGCHA_ENV_FILE": os.devnull,
}

CHECKS: dict[str, tuple[str, ...]] = {
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy", "."),
    "import borders": (str(VENV / "bin" / "lint-imports"),),
    "djlint": ("-m", "djlint", "--quiet", "--lint", "templates"),
    "migrations": ("-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run"),
    "check --deploy": ("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
    "locks": ("bin/check-locks",),
    "rule coverage": ("bin/rule-coverage", "--check"),
}


def check_all() -> int:
    """Run every check, show the words of those that fail, return 1 if any did."""
    environment = {**os.environ, **PRODUCTION, "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '')}"}
    failed = []
    for name, words in CHECKS.items():
        begun = time.monotonic()
        done = subprocess.run(
            [str(PYTHON), *words],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        say(f"{'✓' if done.returncode == 0 else '✗'} {name} ({time.monotonic() - begun:.0f} s)")
        if done.returncode:
            failed.append(name)
            say((done.stdout + done.stderr).rstrip())
    if failed:
        say(f"Failed 未通过: {', '.join(failed)}")
        return 1
    return 0
