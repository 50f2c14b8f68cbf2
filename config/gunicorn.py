"""gunicorn's settings, read by `make run` and by the container alike."""

import gc
import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# A slow page is a fault of ours; a large hand-in comes in small pieces.
timeout = 60
graceful_timeout = 8
keepalive = 5
preload_app = True
# Nobody manages it at run time, and its socket would lie in the home folder.
control_socket_disable = True
loglevel = "warning"
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None


def when_ready(server: object) -> None:
    """Put everything loaded so far out of the collector's sight.

    Full collections would otherwise walk it in every process and make the slowest pages slow.
    """
    gc.collect()
    gc.freeze()


def post_fork(server: object, worker: object) -> None:
    """A worker shares no database connection with its parent, and looks for garbage less often than the default."""
    from django.db import connections

    connections.close_all()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
