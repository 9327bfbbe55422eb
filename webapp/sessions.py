"""Signed-in sessions: who a cookie belongs to, when it ends, and the pages that need none."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from engine.clock import Clock, from_micros, to_micros
from engine.commands.passwords import is_too_old
from engine.domain.identity import Actor
from engine.domain.preference import LANGUAGE
from engine.engine import Engine
from engine.errors import NotFound, NotPermitted, NotSignedIn
from engine.queries.organisation import own_account
from webapp.settings import WebSettings

# Whoever adds a page that strangers may open writes it here; everything else asks who is there.
OPEN_TO_ALL = frozenset(
    {
        "static", "account.login", "account.language", "calendar.feed",
        "operations.health", "operations.ready", "operations.metrics",
    }
)  # fmt: skip
# The API knows its callers by their tokens, not by a session.
API = "/api/"
SESSION_ID = "id"
STARTED_AT = "started_at"
SEEN_AT = "seen_at"
PASSWORD_AT = "password_at"  # noqa: S105 - the name of an entry of the session
# A first password was chosen by somebody else: until it is changed, only these pages open.
FREE_WITH_FIRST_PASSWORD = frozenset({"account.password", "account.logout"})
# What a page asks for by itself is no sign that somebody is there: the session ends all the same.
ASKED_BY_PAGES = frozenset({"inbox.counts"})
BLANK = 0x20


@dataclass(slots=True)
class SignedInPerson:
    """What Flask-Login needs to know of a person; the actor is loaded anew for every request."""

    actor: Actor
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.actor.user_id


def session_clock() -> Clock:
    """The clock that sessions are timed by: the machine's own, never that of a demo."""
    return cast(Clock, current_app.extensions["planflow.session_clock"])


def begin_session(person: Actor, password_changed_at: datetime, now: datetime) -> None:
    """Sign a person in on this browser; what an earlier session left in the cookie is dropped."""
    session.clear()
    g.pop("actor", None)
    login_user(SignedInPerson(actor=person))
    session[SESSION_ID] = secrets.token_urlsafe(16)
    session[STARTED_AT] = session[SEEN_AT] = to_micros(now)
    session[PASSWORD_AT] = to_micros(password_changed_at)


def end_session() -> None:
    """Forget the session on this browser."""
    logout_user()
    session.clear()
    g.pop("actor", None)


def install_sessions(app: Flask, engine: Engine, settings: WebSettings, clock: Clock) -> None:
    """Load the signed-in person of every request and refuse every page that is not open to all."""
    app.extensions["planflow.session_clock"] = clock
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader
    def load(user_id: str) -> SignedInPerson | None:
        if g.get("is_unavailable"):
            return None
        try:
            person = engine.actor(user_id)
            standing = engine.ask(person, own_account, session[SESSION_ID])
        except (NotFound, NotPermitted, KeyError):
            return None
        if to_micros(standing.password_changed_at) != session.get(PASSWORD_AT):
            return None
        # A demo moves its clock by months, and its accounts share one password.
        is_old = not settings.demo and is_too_old(standing.password_changed_at, engine.clock.now())
        g.must_change_password = standing.must_change_password or is_old
        g.password_is_too_old = is_old
        g.preferences = standing.preferences
        g.own_language = standing.preferences.get(LANGUAGE)
        return SignedInPerson(actor=person)

    @app.before_request
    def guard() -> Response | None:
        if request.endpoint in OPEN_TO_ALL or request.path.startswith(API):
            return None
        if has_expired(settings, clock.now()):
            end_session()
            return redirect(url_for("account.login", ended=1, next=wanted_page()))
        if not current_user.is_authenticated:
            raise NotSignedIn
        if request.endpoint not in ASKED_BY_PAGES:
            session[SEEN_AT] = to_micros(clock.now())
        if g.must_change_password and request.endpoint not in FREE_WITH_FIRST_PASSWORD:
            return redirect(url_for("account.password"))
        return None


def has_expired(settings: WebSettings, now: datetime) -> bool:
    """True when the session has been idle too long or has lasted a working day; False when there is none."""
    if SEEN_AT not in session:
        return False
    idle = now - from_micros(session[SEEN_AT])
    age = now - from_micros(session[STARTED_AT])
    return idle > settings.idle or age > settings.longest_session


def wanted_page() -> str | None:
    """The address to come back to after signing in: the page that was asked for, or from which was sent.

    What was sent is not carried out by that; the page is looked at again.
    """
    if request.method == "GET":
        return request.full_path.rstrip("?")
    routes = current_app.url_map.bind("")
    return request.path if routes.test(request.path, method="GET") else None


def local_address(address: str | None) -> str | None:
    """The address if it stays on this server, else None: no link leads people away after signing in."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return None
    return address if not any(ord(letter) < BLANK for letter in address) else None
