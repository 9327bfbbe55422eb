"""The OpenAPI description, written by the code itself, and how a request that does not fit it is refused."""

from functools import cache
from typing import Any

from flask import Flask, request
from pydantic import ValidationError
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from engine.errors import FieldError, Invalid
from webapp.api.document import completed
from webapp.api.shapes import Problem

DESCRIPTION_PATH = "/api/v1/openapi.json"
BEARER = SecuritySchemeData(type=SecureType.HTTP, scheme="bearer")


def _refuse(_request: Any, _response: Any, error: Exception | None, _instance: Any, _adapter: Any) -> None:
    if error is not None and request.method == "POST" and not isinstance(request.get_json(silent=True), dict):
        raise Invalid((FieldError(path="", template="Send one JSON object as application/json"),))
    if isinstance(error, ValidationError):
        raise Invalid(
            tuple(
                FieldError(
                    path="/".join(str(part) for part in fault["loc"]),
                    template="This does not fit the description of the call: {fault}",
                    params={"fault": fault["msg"]},
                )
                for fault in error.errors()
            )
        )


description = SpecTree(
    "flask",
    title="planflow",
    version="1",
    path=DESCRIPTION_PATH.lstrip("/"),  # calls below this path are left out, so it is the document alone
    page_templates={},
    mode="strict",
    before=_refuse,
    validation_error_model=Problem,
    security_schemes=[SecurityScheme(name="token", data=BEARER)],
    security={"token": []},
)


def answers(model: Any = None, *, status: int = 200, conflicts: bool = False) -> Response:
    """The answers of a call: its own, and the problems that every call can have."""
    refusals = (401, 403, 404, *((409,) if conflicts else ()))
    known: dict[str, Any] = {f"HTTP_{status}": model, **{f"HTTP_{code}": Problem for code in refusals}}
    return Response(**known)


def install_description(app: Flask) -> None:
    """Serve the description to everybody: it tells how to ask, not what is there."""
    description.app = app

    @cache
    def document() -> dict[str, Any]:
        vars(description).pop("_spec", None)  # made for another app of this process, with other calls
        return completed(description.spec, app)

    app.add_url_rule(DESCRIPTION_PATH, "api_description", lambda: app.json.response(document()))
