"""Form files: `forms/<form key>.json` as FormDefinition."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import jsonschema_rs

from engine.domain.definition import FormDefinition, SourceFile
from engine.errors import LintFinding
from engine.runtime.source import read_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KEYS = {
    "title", "inputs", "variables", "prefill", "check", "on_complete", "schema", "ui",
}  # fmt: skip


def form_key(name: str) -> str:
    """The key of a form file: its name without folder and ending."""
    return PurePosixPath(name).name.removesuffix(".json")


def read_form(file: SourceFile) -> tuple[FormDefinition | None, list[LintFinding]]:
    """The form of a file and what is wrong with it; raises Unreadable for a file that is no JSON object."""
    raw = read_json(file)
    findings: list[LintFinding] = []

    def find(rule: str, template: str, **params: Any) -> None:
        findings.append(
            LintFinding(
                file=file.name,
                element=form_key(file.name),
                line=0,
                rule=rule,
                template=template,
                params=params,
            )
        )

    for key in sorted(raw.keys() - _KEYS):
        find("unknown_form_key", "Remove the unknown key “{key}”", key=key)
    schema, ui = raw.get("schema"), raw.get("ui", {})
    if not isinstance(raw.get("title"), str):
        find("form_without_title", "Give the form a “title”")
    if not isinstance(schema, dict) or schema.get("type") != "object" or not isinstance(ui, dict):
        find("form_without_schema", "Give the form a “schema” of type object, and “ui” as an object")
        return None, findings
    try:
        jsonschema_rs.meta.validate(schema | {"$schema": DIALECT})
    except jsonschema_rs.ValidationError as error:
        find("invalid_schema", "The schema is not valid JSON Schema 2020-12: {reason}", reason=error.message)
        return None, findings
    for reference in _references(schema):
        if not reference.startswith("#"):
            find(
                "remote_reference",
                "Put what “{reference}” names into the form: nothing is fetched",
                reference=reference,
            )
            return None, findings
    if schema.get("additionalProperties") is not False and schema.get("unevaluatedProperties") is not False:
        find("open_schema", "Set “additionalProperties” of the schema to false")
    if _has_reserved_name(schema):
        find("reserved_name", "No field may be named “typename” or begin with an underscore")
    inputs, variables = raw.get("inputs", []), raw.get("variables", [])
    for name, value in (("inputs", inputs), ("variables", variables)):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            find("invalid_names", "“{name}” must be a list of names", name=name)
            return None, findings
    properties = schema.get("properties", {})
    for name in variables:
        if name not in properties:
            find("unknown_variable", "“variables” names “{name}”, which is no field of the schema", name=name)
    for name, field in properties.items():
        if isinstance(field, dict) and not field.get("title") and "$ref" not in field:
            find("field_without_title", "Give the field “{name}” a title", name=name)
    for hook in ("prefill", "check", "on_complete"):
        if raw.get(hook) is not None and not isinstance(raw[hook], str):
            find("invalid_hook", "“{name}” must be the name of a function", name=hook)
    return (
        FormDefinition(
            key=form_key(file.name),
            title=str(raw.get("title", "")),
            schema=schema,
            ui=ui,
            inputs=tuple(inputs),
            variables=tuple(variables),
            prefill=raw.get("prefill"),
            check=raw.get("check"),
            on_complete=raw.get("on_complete"),
            digest=file.digest.hex(),
        ),
        findings,
    )


def _references(schema: Any) -> Iterator[str]:
    """What a schema refers to; a name outside the file would be fetched when values are checked."""
    parts = list(schema.values()) if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    if isinstance(schema, dict):
        named = (schema.get(word) for word in ("$ref", "$dynamicRef", "$recursiveRef"))
        yield from (reference for reference in named if isinstance(reference, str))
    for part in parts:
        yield from _references(part)


def _has_reserved_name(schema: Any) -> bool:
    if isinstance(schema, dict):
        names = schema.get("properties")
        if isinstance(names, dict) and any(n == "typename" or n.startswith("_") for n in names):
            return True
        return any(_has_reserved_name(part) for part in schema.values())
    return isinstance(schema, list) and any(_has_reserved_name(part) for part in schema)
