"""What the generated description of the API does not know: files in and out, problems, the span of ids."""

import copy
import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from webapp.api.shapes import LARGEST_ID

V = TypeVar("V", bound=Callable[..., Any])
Document = dict[str, Any]

JSON = "application/json"
PROBLEM = "application/problem+json"
FIRST_REFUSAL = 400
BINARY = {"type": "string", "format": "binary"}
ID = {"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST_ID}
WITHOUT_TOKEN = {"WWW-Authenticate": {"schema": {"type": "string"}}}


def gives(*media_types: str) -> Callable[[V], V]:
    """Say that a call answers with a file of one of these types."""
    return _marked("media_types", media_types)


def takes_files(field: str, what: str) -> Callable[[V], V]:
    """Say that a call takes files as the field of a multipart body."""
    files = {"type": "array", "items": BINARY, "minItems": 1, "description": what}
    schema = {"type": "object", "properties": {field: files}, "required": [field]}
    return _marked("body", {"required": True, "content": {"multipart/form-data": {"schema": schema}}})


def _marked(name: str, value: Any) -> Callable[[V], V]:
    def mark(view: V) -> V:
        setattr(view, name, value)
        return view

    return mark


def completed(generated: Document, app: Flask) -> Document:
    """The description of an app's calls as they are served."""
    document = copy.deepcopy(generated)
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                _complete(operation, app.view_functions[rule.endpoint])
    return document


def _complete(operation: Document, view: Callable[..., Any]) -> None:
    responses = operation["responses"]
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter["schema"] = ID
    if body := getattr(view, "body", None):
        operation["requestBody"] = body
    if "requestBody" in operation:
        responses["413"] = {**responses["422"], "description": "Content Too Large"}
    for status, response in responses.items():
        if int(status) >= FIRST_REFUSAL:
            response["content"] = {PROBLEM: response["content"].get(JSON, response["content"].get(PROBLEM))}
        elif media_types := getattr(view, "media_types", ()):
            response["content"] = {media_type: {"schema": BINARY} for media_type in media_types}
    responses["401"]["headers"] = WITHOUT_TOKEN
