"""The OpenAPI document: valid, whole, and true for whatever calls are made up from it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.clock import FixedClock
from engine.demo.time_machine import keep_time
from engine.domain.identity import SYSTEM
from tests.webapp.api.desk import Desk, open_desk

MADE_UP = settings(
    max_examples=8, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
KEPT = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip


@pytest.fixture(scope="module")
def demo(shared_desk: Desk) -> Desk:
    """The desk of a demonstration, which has every call, with work under way."""
    shared_desk.engine.execute(SYSTEM, keep_time, shared_desk.clock.now())
    shared_desk.office.reports()
    return open_desk(shared_desk.office, FixedClock(), demo=True)


@pytest.fixture(scope="module")
def document(demo: Desk) -> dict[str, Any]:
    answer = demo.get(None, "/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, calls in document["paths"].items():
        for method, operation in calls.items():
            yield path, method, operation


def test_every_call_is_described_and_nothing_else(demo: Desk, document: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in demo.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api_description"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations(document)} == served


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(document)
    schema.validate()
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert (document["openapi"], len(names)) == ("3.1.0", len(set(names)))


def test_a_call_that_is_absent_is_not_described(shared_desk: Desk) -> None:
    assert "/api/v1/demo/clock" not in shared_desk.get(None, "/openapi.json").get_json()["paths"]


def test_refusals_are_problem_documents(document: dict[str, Any]) -> None:
    media = {
        media_type
        for _, _, operation in operations(document)
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for media_type in answer["content"]
    }
    assert media == {"application/problem+json"}


def test_every_call_asks_for_the_token(document: dict[str, Any]) -> None:
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}


def test_files_of_a_deployment_are_a_multipart_body(document: dict[str, Any]) -> None:
    content = document["paths"]["/api/v1/process-definitions"]["post"]["requestBody"]["content"]
    (schema,) = (media["schema"] for media in content.values())
    assert ([*content], schema["required"]) == (["multipart/form-data"], ["files"])
    assert schema["properties"]["files"]["items"] == {"type": "string", "format": "binary"}


@pytest.mark.parametrize("path", ["process-instances", "tasks/{task_id}/complete"])
def test_the_key_of_a_repeatable_call_is_described(document: dict[str, Any], path: str) -> None:
    parameters = document["paths"][f"/api/v1/{path}"]["post"]["parameters"]
    assert [p["required"] for p in parameters if p["name"] == "Idempotency-Key"] == [False]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("who", ["clerk", "admin", "auditor"])
def test_made_up_calls_are_answered_as_described(demo: Desk, who: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", demo.app)
    headers = {"Authorization": f"Bearer {demo.tokens[who]}"}

    def call_it(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=KEPT)

    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in schemathesis.GenerationMode:
            _each(operation.as_strategy(generation_mode=mode), call_it)


def _each(cases: Any, call_it: Any) -> None:
    MADE_UP(given(case=cases)(call_it))()
