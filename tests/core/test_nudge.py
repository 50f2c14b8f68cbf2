"""A nudge tells the broker that there is work; a web process loads Celery only for that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.utils.module_loading import import_string

from core import jobs

ROOT = Path(__file__).resolve().parents[2]


def test_a_nudge_reaches_the_broker() -> None:
    application = import_string("config.celery.app")
    with application.connection_for_read() as connection:
        queue = connection.SimpleQueue(application.conf.task_default_queue)
        queue.clear()
        jobs._Nudger().nudge()
        message = queue.get(timeout=20)
        message.ack()
    assert message.headers["task"] == "core.tasks.drain_jobs"


def test_a_web_process_starts_without_celery() -> None:
    loaded = "import sys, config.wsgi; print([name for name in sys.modules if name.partition('.')[0] in ('celery', 'kombu')])"
    said = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
