"""From a request to the engine and back: commands and queries, always for the signed-in person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

from flask import Flask, Response, current_app, g, request
from flask_login import current_user

from engine.commands.sensitive_reads import record_looks
from engine.domain.identity import Actor
from engine.engine import Engine
from engine.errors import NotSignedIn

if TYPE_CHECKING:
    from engine.store.unit_of_work import Reader, UnitOfWork

P = ParamSpec("P")
T = TypeVar("T")


def engine() -> Engine:
    """The engine that this app was made with."""
    return cast(Engine, current_app.extensions["planflow"])


def now() -> datetime:
    """The present instant by the engine's clock (which a demo may have moved)."""
    return engine().clock.now()


def actor() -> Actor:
    """The signed-in person as they are now; NotSignedIn when nobody is."""
    if "actor" not in g:
        if not current_user.is_authenticated:
            raise NotSignedIn
        g.actor = current_user.actor
    return cast(Actor, g.actor)


def execute(command: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Carry out one command in one transaction for the signed-in person.

    A form that carries a `command_id` is carried out once, however often it is sent.
    """
    command_id = request.form.get("command_id") or None
    return engine().execute(actor(), command, *args, command_id=command_id, **kwargs)


def ask(query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The answer to one query, filtered by what the signed-in person may see."""
    answer, looks = engine().look(actor(), query, *args, **kwargs)
    if looks:
        g.setdefault("looks", set()).update(looks)
    return answer


def install_looks(app: Flask) -> None:
    """Tell who was shown what is kept among few, before the answer leaves: once for each request."""
    app.after_request(_tell_looks)


def _tell_looks(response: Response) -> Response:
    looks = g.pop("looks", None)
    if looks and _shows(response):
        engine().execute(actor(), record_looks, looks)
    return response


def _shows(response: Response) -> bool:
    """True for what a person reads: no redirect after an act, no style rules, no receipt of a draft."""
    if response.mimetype == "text/html":
        return response.location is None
    return request.method == "GET" and response.mimetype != "text/css"
