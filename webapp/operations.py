"""For those who run the service: whether it lives, whether it can serve, and what it measures.

`/health` and `/ready` are open to all and tell nothing but yes or no. `/metrics` answers a scraper that knows
PLANFLOW_METRICS_TOKEN, in the text format of Prometheus; without that setting it does not exist. Several
processes of one machine count together when the library's own PROMETHEUS_MULTIPROC_DIR names a folder.
"""

import logging
import os
from hmac import compare_digest
from time import perf_counter

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from engine.domain.identity import SYSTEM
from engine.errors import NotFound
from engine.queries.operations import Backlog, backlog
from webapp.door import engine
from webapp.settings import WebSettings

log = logging.getLogger(__name__)
requests = logging.getLogger("planflow.requests")
blueprint = Blueprint("operations", __name__)

UNAVAILABLE = 503
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
# Per process, as the library counts; an application of a test counts into the same one.
ANSWERS = Histogram(
    "planflow_answer_seconds", "Time until an answer was ready", ["endpoint", "method", "status"],
    buckets=SECONDS,
)  # fmt: skip
GAUGES = {
    "timers_due": "Timers of running instances that are due",
    "timer_age": "Seconds for which the oldest of them has been due",
    "mails_waiting": "Mails whose time to leave has come",
    "mail_age": "Seconds since the time of the oldest of them",
    "mails_failing": "Mails that failed at least once and are tried again",
    "anchor_age": "Seconds since the last anchor",
}


@blueprint.get("/health")
def health() -> Response:
    """The process answers."""
    return _plain("ok")


@blueprint.get("/ready")
def ready() -> Response:
    """The process can serve: its database answers and has the tables of this program."""
    try:
        engine().ask(SYSTEM, backlog)
    except Exception as failure:  # whatever it is, this process cannot serve now
        log.warning("not ready: %s", type(failure).__name__)
        return _plain("not ready", UNAVAILABLE)
    return _plain("ready")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Times of answers, and what waits for background work."""
    wanted = current_app.extensions["planflow.metrics_token"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not compare_digest(given.encode(), wanted.encode()):
        raise NotFound(kind="page", id=request.path)
    text = _answers() + generate_latest(_gauges(engine().ask(SYSTEM, backlog)))
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def install_operations(app: Flask, settings: WebSettings) -> None:
    """Measure and log every request: who, what, how it ended, how long it took; never what was entered."""
    app.extensions["planflow.metrics_token"] = settings.metrics_token
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = perf_counter()


def _end(response: Response) -> Response:
    seconds = perf_counter() - g.pop("began", perf_counter())
    endpoint = request.endpoint or "none"
    ANSWERS.labels(endpoint, request.method, response.status_code).observe(seconds)
    told = {
        "method": request.method, "endpoint": endpoint, "path": request.path, "status": response.status_code,
        "milliseconds": round(seconds * 1e3, 1), "user": getattr(g.get("actor"), "user_id", None),
    }  # fmt: skip
    requests.info("%s %s %s", request.method, request.path, response.status_code, extra=told)
    return response


def _answers() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        registry = CollectorRegistry()
        registry.register(ANSWERS)
        return generate_latest(registry)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _gauges(waiting: Backlog) -> CollectorRegistry:
    registry = CollectorRegistry()
    for name, help_text in GAUGES.items():
        Gauge(f"planflow_{name}", help_text, registry=registry).set(getattr(waiting, name))
    return registry


def _plain(word: str, status: int = 200) -> Response:
    return Response(word + "\n", status, content_type="text/plain; charset=utf-8")
