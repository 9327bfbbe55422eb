"""The settings of gunicorn: `gunicorn -c python:webapp.gunicorn 'webapp.wsgi:application()'`.

SIGTERM lets every request that is under way finish before its process ends; `planflow worker` is another
program, so that a slow mail server holds nobody up.
"""

import os
from typing import Any

from prometheus_client import multiprocess

from engine.settings import Settings

_SETTINGS = Settings()

bind = f"{_SETTINGS.host}:{_SETTINGS.port}"
workers = _SETTINGS.workers
worker_class = "gthread"
threads = _SETTINGS.threads
keepalive = 30
graceful_timeout = 30


def child_exit(server: Any, worker: Any) -> None:
    """Take a process that ended out of the figures that count the living."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
