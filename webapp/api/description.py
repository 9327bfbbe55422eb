"""The OpenAPI description, written by the code itself, and how a request that does not fit it is refused."""

from typing import Any

from pydantic import ValidationError
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType

from engine.errors import FieldError, Invalid
from webapp.api.shapes import Problem


def _refuse(_request: Any, _response: Any, error: Exception | None, _instance: Any, _adapter: Any) -> None:
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
    path="api/v1",
    page_templates={},
    mode="strict",
    before=_refuse,
    validation_error_model=Problem,
    security_schemes=[SecurityScheme(name="token", data={"type": SecureType.HTTP, "scheme": "bearer"})],
    security={"token": []},
)


def answers(model: Any = None, *, status: int = 200, conflicts: bool = False) -> Response:
    """The answers of a call: its own, and the problems that every call can have."""
    known: dict[str, Any] = {f"HTTP_{status}": model, "HTTP_401": Problem, "HTTP_403": Problem, "HTTP_404": Problem}
    if conflicts:
        known["HTTP_409"] = Problem
    return Response(**known)
