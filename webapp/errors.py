"""Errors as pages: one table from the kinds of engine errors to a status, plain words and a code."""

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.denials import record_denial
from engine.errors import (
    Conflict,
    DeploymentRefused,
    EngineError,
    Invalid,
    NotFound,
    NotPermitted,
    NotSignedIn,
    ProcessFailed,
    Unavailable,
)
from webapp.door import actor, engine
from webapp.sessions import wanted_page
from webapp.wording import in_words

log = logging.getLogger(__name__)

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
BAD_REQUEST = 400
TOO_LARGE = 413
RETRY_SECONDS = "60"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a page says about one kind of error, beside the message of the error itself."""

    status: int
    flag: LazyString
    title: LazyString
    kept: LazyString
    next: LazyString


NOTHING_CHANGED = lazy_gettext("Nothing was changed.")
NOT_DONE = lazy_gettext("Not done")

REFUSALS: dict[type[EngineError], Refusal] = {
    NotFound: Refusal(
        status=404,
        flag=lazy_gettext("Not found"),
        title=lazy_gettext("This page or item does not exist"),
        kept=NOTHING_CHANGED,
        next=lazy_gettext("Check the address, or find the item from your inbox."),
    ),
    NotPermitted: Refusal(
        status=403,
        flag=NOT_DONE,
        title=lazy_gettext("You may not open or do this"),
        kept=lazy_gettext("Nothing was changed. The attempt was recorded."),
        next=lazy_gettext("If this is part of your duties, ask the system administrator to check your role."),
    ),
    Conflict: Refusal(
        status=409,
        flag=lazy_gettext("Not sent"),
        title=lazy_gettext("Somebody else was faster"),
        kept=lazy_gettext("Nothing was recorded in your name. What you saved as a draft is still there."),
        next=lazy_gettext("Look at the present state, then decide whether anything is left to do."),
    ),
    Invalid: Refusal(
        status=422,
        flag=lazy_gettext("Not sent"),
        title=lazy_gettext("Some entries need a correction"),
        kept=NOTHING_CHANGED,
        next=lazy_gettext("Go back, correct the entries named here and send again."),
    ),
    ProcessFailed: Refusal(
        status=500,
        flag=NOT_DONE,
        title=lazy_gettext("The system could not finish this"),
        kept=lazy_gettext("Nothing was changed. What you saved as a draft is still there."),
        next=lazy_gettext("Try once more. If it happens again, tell the support desk the code below."),
    ),
    Unavailable: Refusal(
        status=503,
        flag=NOT_DONE,
        title=lazy_gettext("The system is not available at the moment"),
        kept=lazy_gettext("What was typed stays on your computer. What is sent twice is done once."),
        next=lazy_gettext("Wait a minute, then reload the page or send again."),
    ),
}

UNEXPECTED = lazy_gettext("Something went wrong that nobody had thought of; it was written down.")

HTTP_MESSAGES: dict[int, LazyString] = {
    BAD_REQUEST: lazy_gettext(
        "The page was open too long, or the request was not complete. Reload the page and send again."
    ),
    404: lazy_gettext("There is nothing at this address."),
    405: lazy_gettext("This address cannot be used in this way."),
    TOO_LARGE: lazy_gettext("What you sent is too large."),
}

KINDS_BY_STATUS: dict[int, type[EngineError]] = {403: NotPermitted, 404: NotFound, 405: NotFound}


def refusal_of(error: EngineError) -> Refusal:
    """The row of the table for an error: its own class or the nearest parent."""
    return next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)


def support_code(status: int) -> str:
    """A short code that a person can read out and that stands in the log."""
    letters = [secrets.choice(CODE_LETTERS) for _ in range(8)]
    return f"{status}-{''.join(letters[:4])}-{''.join(letters[4:])}"


def wants_json() -> bool:
    """True for calls of the API, whose errors are problem documents."""
    return request.path.startswith("/api/")


def error_response(
    error: EngineError, *, template: str = "errors/error.html", status: int | None = None, **context: Any
) -> tuple[str | Response, int]:
    """The page (or problem document) of an error; `context` adds to what the template shows."""
    refusal = refusal_of(error)
    return _refuse(
        refusal,
        in_words(error),
        name=type(error).__name__,
        status=status or refusal.status,
        template=template,
        faults=list(faults_of(error)),
        context={"error": error, **context},
    )


def _refuse(
    refusal: Refusal,
    message: str,
    *,
    name: str,
    status: int,
    code: str = "",
    template: str = "errors/error.html",
    faults: list[dict[str, str]] | None = None,
    context: dict[str, Any] | None = None,
) -> tuple[str | Response, int]:
    code = code or support_code(status)
    log.info("refused %s %s: %s [%s]", request.method, request.path, name, code)
    if wants_json():
        return _problem(refusal, message, name=name, status=status, code=code, faults=faults), status
    page = render_template(
        template, refusal=refusal, message=message, code=code, faults=faults or [], **(context or {})
    )
    return page, status


def faults_of(error: EngineError) -> Iterator[dict[str, str]]:
    """Each fault of a refused form or deployment, in words, with the place where it stands."""
    if isinstance(error, DeploymentRefused):
        for finding in error.findings:
            place = f"{finding.file}:{finding.line} {finding.element}".strip()
            yield {"path": place, "label": place, "message": in_words(finding)}
    elif isinstance(error, Invalid):
        for fault in error.errors:
            yield {"path": fault.path, "label": fault.label or fault.path, "message": in_words(fault)}


def _problem(
    refusal: Refusal, message: str, *, name: str, status: int, code: str, faults: list[dict[str, str]] | None
) -> Response:
    """The refusal as an RFC 9457 problem document."""
    body: dict[str, Any] = {
        "type": f"urn:planflow:problem:{name}",
        "title": str(refusal.title),
        "status": status,
        "detail": message,
        "code": code,
    }
    if faults:
        body["errors"] = faults
    response = jsonify(body)
    response.content_type = "application/problem+json"
    return response


def install_error_pages(app: Flask) -> None:
    """Let every error of the engine, of Flask and of our own making become such a page."""

    @app.errorhandler(NotSignedIn)
    def sign_in_first(error: NotSignedIn) -> tuple[str | Response, int, dict[str, str]] | AnyResponse:
        if wants_json():
            page, status = error_response(error, status=401)
            return page, status, {"WWW-Authenticate": "Bearer"}
        return redirect(url_for("account.login", next=wanted_page()))

    @app.errorhandler(NotPermitted)
    def denied(error: NotPermitted) -> tuple[str | Response, int]:
        engine().execute(actor(), record_denial, place=f"{request.method} {request.path}")
        return error_response(error)

    @app.errorhandler(EngineError)
    def refused(error: EngineError) -> tuple[str | Response, int]:
        return error_response(error)

    @app.errorhandler(Unavailable)
    def unavailable(error: Unavailable) -> tuple[str | Response, int, dict[str, str]]:
        g.is_unavailable = True  # the page is drawn for nobody in particular, without asking who is there
        log.error("the database does not answer: %s", error.__cause__)
        page, status = error_response(error)
        return page, status, {"Retry-After": RETRY_SECONDS}

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str | Response, int, dict[str, str]] | HTTPException:
        status = error.code or 500
        if status < BAD_REQUEST:
            return error
        message = str(HTTP_MESSAGES.get(status, HTTP_MESSAGES[BAD_REQUEST]))
        kind = KINDS_BY_STATUS.get(status, Invalid)
        page, status = _refuse(REFUSALS[kind], message, name=error.name.replace(" ", ""), status=status)
        allowed = dict(error.get_headers()).get("Allow")
        return page, status, {"Allow": allowed} if allowed else {}

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[str | Response, int]:
        code = support_code(500)
        log.error("unexpected error [%s]", code, exc_info=error)
        return _refuse(
            REFUSALS[ProcessFailed], str(UNEXPECTED), name=ProcessFailed.__name__, status=500, code=code
        )
