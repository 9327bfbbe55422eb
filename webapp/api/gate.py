"""Who calls: the token of the request, and the person behind it as they are now."""

from datetime import date
from inspect import signature
from threading import Lock
from typing import cast

from flask import Blueprint, Flask, current_app, g, request

from engine.domain.identity import SYSTEM, Actor
from engine.errors import FieldError, Invalid, NotSignedIn
from engine.queries.identity import TokenHolder, actor_of_token, organisation_epoch
from webapp.door import engine, now

HOLDERS = "planflow_token_holders"
SCHEME = "bearer"
MOST_KNOWN = 1_000


class KnownHolders:
    """Token holders as of one state of the organisation; any change of it, or a new day, forgets them all."""

    def __init__(self) -> None:
        self._state: tuple[int, date] | None = None
        self._holders: dict[str, TokenHolder] = {}
        self._lock = Lock()

    def find(self, token: str, state: tuple[int, date]) -> TokenHolder | None:
        with self._lock:
            if self._state != state:
                self._state, self._holders = state, {}
            return self._holders.get(token)

    def keep(self, token: str, state: tuple[int, date], holder: TokenHolder) -> None:
        with self._lock:
            if self._state == state and len(self._holders) < MOST_KNOWN:
                self._holders[token] = holder


def holder_of(token: str) -> Actor:
    """The person who holds a token; NotSignedIn for tokens that are unknown, over, or of closed accounts."""
    state = engine().ask(SYSTEM, organisation_epoch)
    known = cast(KnownHolders, current_app.extensions[HOLDERS])
    holder = known.find(token, state)
    if holder is None:
        holder = engine().ask(SYSTEM, actor_of_token, token)
        known.keep(token, state, holder)
    if holder.expires_at is not None and now() >= holder.expires_at:
        raise NotSignedIn
    return holder.actor


def install_gate(app: Flask, blueprint: Blueprint) -> None:
    """Ask for a token before every call of a blueprint; a session of the pages does not count here.

    The app is told, not the blueprint: several apps of one process share the blueprint.
    """
    app.extensions.setdefault(HOLDERS, KnownHolders())
    app.before_request_funcs.setdefault(blueprint.name, []).extend((_load_actor, _refuse_unknown_parameters))


def _load_actor() -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise NotSignedIn
    g.actor = holder_of(token.strip())


def _refuse_unknown_parameters() -> None:
    """Calls that take parameters check them by their shape; the others take none."""
    view = current_app.view_functions[str(request.endpoint)]
    if request.args and "query" not in signature(view).parameters:
        template = "This does not fit the description of the call: {fault}"
        params = {"fault": "it takes no parameters"}
        raise Invalid(tuple(FieldError(path=name, template=template, params=params) for name in request.args))
