"""Who calls: the token of the request, and the person behind it as they are now."""

from datetime import date
from threading import Lock
from typing import TypeVar

from flask import Blueprint, Flask, g, request

from engine.domain.identity import SYSTEM, Actor
from engine.errors import NotSignedIn
from engine.queries.identity import TokenHolder, actor_of_token, organisation_epoch
from webapp.door import engine, now

T = TypeVar("T")
SCHEME = "Bearer "
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


_known: dict[int, KnownHolders] = {}


def holder_of(token: str) -> Actor:
    """The person who holds a token; NotSignedIn for tokens that are unknown, over, or of closed accounts."""
    state = engine().ask(SYSTEM, organisation_epoch)
    known = _known.setdefault(id(engine()), KnownHolders())
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
    app.before_request_funcs.setdefault(blueprint.name, []).append(_load_actor)


def _load_actor() -> None:
    given = request.headers.get("Authorization", "")
    if not given.startswith(SCHEME):
        raise NotSignedIn
    g.actor = holder_of(given.removeprefix(SCHEME).strip())
