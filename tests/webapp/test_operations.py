"""For those who run the service: health, readiness, figures, logs."""

import json
import logging
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from engine.clock import FixedClock
from engine.engine import Engine
from engine.settings import LogFormat, Settings
from tests.webapp.office import Office
from webapp.app import create_app
from webapp.logs import install_logs
from webapp.settings import WebSettings

TOKEN = "a-token-of-tests-only"


def measured(office: Office) -> FlaskClient:
    """A browser of an application that shows its figures."""
    settings = WebSettings(secret_key="a-secret-of-tests-only", metrics_token=TOKEN)
    return create_app(office.engine, settings, office.clock).test_client()


def test_a_process_that_lives_and_can_serve_says_so(shared_office: Office) -> None:
    answers = [shared_office.stranger().get(path) for path in ("/health", "/ready")]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "ok\n"), (200, "ready\n")]


def test_a_process_without_its_tables_lives_and_cannot_serve(tmp_path: Path, clock: FixedClock) -> None:
    engine = Engine(f"sqlite:///{tmp_path / 'empty.db'}", clock)
    client = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only"), clock).test_client()
    answers = [client.get(path) for path in ("/health", "/ready")]
    engine.close()
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "ok\n"), (503, "not ready\n")]


@pytest.mark.parametrize("header", ["", "Bearer another", TOKEN[:-1], "Bearer 代碼"])
def test_figures_are_for_those_who_know_the_token(office: Office, header: str) -> None:
    answer = measured(office).get("/metrics", headers={"Authorization": header})
    assert answer.status_code == 404


def test_without_a_token_there_are_no_figures(shared_office: Office) -> None:
    answer = shared_office.stranger().get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404


def test_the_figures_tell_answers_and_what_waits(office: Office) -> None:
    client = measured(office)
    client.get("/login")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert sorted(name for name in found if not name.startswith("planflow_answer_seconds")) == [
        "planflow_anchor_age", "planflow_mail_age", "planflow_mails_failing", "planflow_mails_waiting",
        "planflow_timer_age", "planflow_timers_due",
    ]  # fmt: skip
    counted = [
        sample.labels["status"] for sample in found["planflow_answer_seconds"].samples
        if sample.name.endswith("_count") and sample.labels["endpoint"] == "account.login"
    ]  # fmt: skip
    assert "200" in counted


def test_a_request_is_logged_without_what_was_entered(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    client = office.client("sec_handler")
    with caplog.at_level(logging.INFO, "planflow.requests"):
        client.get("/search?q=secret")
    (record,) = [r for r in caplog.records if r.name == "planflow.requests"]
    told = {name: getattr(record, name) for name in ("method", "endpoint", "path", "status", "user")}
    assert told == {
        "method": "GET", "endpoint": "search.page", "path": "/search", "status": 200, "user": "sec_handler",
    }  # fmt: skip
    assert "secret" not in record.getMessage()


def test_logs_are_objects_where_programs_read_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = root.level
    install_logs(Settings(log_format=LogFormat.JSON, log_level="info"))
    install_logs(Settings(log_format=LogFormat.TEXT))
    logging.getLogger("planflow.requests").info("GET /inbox 200", extra={"status": 200})
    root.setLevel(level)
    told = json.loads(capsys.readouterr().err)
    assert (told["message"], told["name"], told["status"]) == ("GET /inbox 200", "planflow.requests", 200)
