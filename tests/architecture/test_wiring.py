"""The rulebook names nothing that code does not have, and the borders hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.core.checks import run_checks

ROOT = Path(__file__).resolve().parents[2]


def test_every_fact_and_guard_of_the_rulebook_exists() -> None:
    assert [str(error) for error in run_checks() if error.id and error.id.startswith("mingcha")] == []


def test_imports_go_downwards_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
