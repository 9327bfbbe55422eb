"""Form files: read as they are, refused where they could not be shown or checked."""

import json
from typing import Any

import pytest

from engine.domain.definition import SourceFile
from engine.runtime.form import read_form

GOOD: dict[str, Any] = {
    "title": "分派提報",
    "inputs": ["plan_key", "unit.name"],
    "variables": ["decision"],
    "prefill": "drafting.unit_actions",
    "on_complete": "drafting.write_actions",
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"decision": {"type": "string", "title": "決定"}},
    },
    "ui": {"order": ["decision"]},
}


def file(**changes: Any) -> SourceFile:
    raw = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    return SourceFile(name="forms/plan_drafting.assign_units.json", body=json.dumps(raw).encode())


def rules(**changes: Any) -> list[str]:
    return [finding.rule for finding in read_form(file(**changes))[1]]


def test_a_form_is_read_with_its_key_and_digest() -> None:
    form, findings = read_form(file())
    assert findings == []
    assert form is not None
    assert (form.key, form.title, form.inputs) == (
        "plan_drafting.assign_units",
        "分派提報",
        ("plan_key", "unit.name"),
    )
    assert (form.prefill, form.check, form.on_complete) == (
        "drafting.unit_actions",
        None,
        "drafting.write_actions",
    )
    assert form.digest == file().digest.hex()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"title": None}, "form_without_title"),
        ({"schema": None}, "form_without_schema"),
        ({"schema": {"type": "array"}}, "form_without_schema"),
        (
            {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"x": {"title": "x", "$ref": "http://192.0.2.1/x.json"}},
                },
                "variables": [],
            },
            "remote_reference",
        ),
        ({"ui": []}, "form_without_schema"),
        ({"schema": {"type": "object", "additionalProperties": False, "properties": []}}, "invalid_schema"),
        ({"schema": {"type": "object", "properties": {"decision": {"title": "x"}}}}, "open_schema"),
        ({"variables": ["absent"]}, "unknown_variable"),
        ({"variables": "decision"}, "invalid_names"),
        ({"inputs": [1]}, "invalid_names"),
        ({"check": 5}, "invalid_hook"),
        ({"onComplete": "x"}, "unknown_form_key"),
    ],
)
def test_faults_of_a_form_are_found(changes: dict[str, Any], rule: str) -> None:
    assert rule in rules(**changes)


@pytest.mark.parametrize("name", ["typename", "_hidden"])
def test_reserved_names_of_fields_are_refused_at_any_depth(name: str) -> None:
    row = {"type": "object", "title": "列", "properties": {name: {"type": "string", "title": "x"}}}
    schema = {**GOOD["schema"], "properties": {"decision": row}}
    assert rules(schema=schema) == ["reserved_name"]


def test_a_field_without_a_title_is_refused() -> None:
    schema = {**GOOD["schema"], "properties": {"decision": {"type": "string"}}}
    assert rules(schema=schema) == ["field_without_title"]
