"""As of a moment: inboxes, open processes, the organisation and plans as they stood, and each as a file."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.commands.exports import record_moment_taken
from engine.documents.cells import csv_file
from engine.domain.permission import Action, require
from engine.errors import Invalid, NotFound
from engine.queries.moments import inbox_then, open_then, organisation_then
from engine.queries.plan_moments import plans_then
from webapp.audit.frame import audit_page
from webapp.audit.moment_entry import moment_of, offered, shown_moment, told_moment
from webapp.audit.moment_words import (
    Table,
    action_words,
    deputy_state,
    held_by,
    holder_words,
    inbox_table,
    open_table,
    organisation_table,
    people,
    people_choices,
    person_words,
    plans_table,
    role_words,
    state_words,
    way_words,
)
from webapp.characters import whole_number
from webapp.deputy_words import CAUSE_WORDS
from webapp.door import actor, ask, execute, now
from webapp.downloads import content_disposition
from webapp.plan_pages import STATE_WORDS
from webapp.wording import in_words

blueprint = Blueprint("audit_moments", __name__, url_prefix="/audit/moments")

UNPROCESSABLE = 422
# So many lines leave in one file; a house has not that many open matters.
MOST = 20_000
REPLAY = "audit_replay.page"
VIEWS: dict[str, LazyString] = {
    "inbox": lazy_gettext("Inbox of a person"),
    "open": lazy_gettext("Open processes"),
    "organisation": lazy_gettext("Organisation"),
    "plans": lazy_gettext("Plans"),
}
_WORDS: dict[str, Callable[..., Any]] = {
    word.__name__: word
    for word in (
        action_words, deputy_state, held_by, holder_words, people, person_words, role_words, state_words,
        way_words,
    )
}  # fmt: skip


@blueprint.get("")
def page() -> str | tuple[str, int]:
    """One view of a moment."""
    require(actor(), Action.AUDIT)
    what = request.args.get("what", "inbox")
    if what not in VIEWS:
        raise NotFound(kind="view", id=what[:20])
    typed = request.args.get("at", "")
    try:
        at = moment_of(typed, now())
        found = _found(what, at)
    except Invalid as refusal:
        faults = [{"path": error.path, "message": in_words(error)} for error in refusal.errors]
        return _render(what, now(), None, typed=typed, faults=faults), UNPROCESSABLE
    return _render(what, at, found, typed=shown_moment(at), faults=[])


@blueprint.get("/<any(inbox, open, organisation, plans):what>.csv")
def file(what: str) -> Response:
    """A view as a file for spreadsheets; that it was taken away is an event."""
    require(actor(), Action.AUDIT)
    at, person = moment_of(request.args.get("at", ""), now()), request.args.get("person", "")
    if what == "inbox" and not person:
        raise NotFound(kind="user", id="")
    rows = _table(what, at, person)
    taken_of = person if what == "inbox" else None
    execute(record_moment_taken, what, format_="csv", at=at, person=taken_of, rows=len(rows) - 1)
    response = Response(csv_file(rows), mimetype="text/csv")
    name = f"{at:%Y-%m-%d}-{what}{'-' + person if taken_of else ''}.csv"
    response.headers["Content-Disposition"] = content_disposition(name)
    return response


def _found(what: str, at: datetime) -> Any:
    person = request.args.get("person", "")
    if what == "open":
        return ask(open_then, at, before=_number("before"))
    if what == "plans":
        return ask(plans_then, at, roc_year=_number("year"), no=_number("no"))
    if what == "inbox" and person:
        return ask(inbox_then, at, person, start=_number("start") or 0)
    return ask(organisation_then, at)


def _table(what: str, at: datetime, person: str) -> Table:
    if what == "inbox":
        return inbox_table(ask(inbox_then, at, person, limit=MOST))
    if what == "open":
        return open_table(ask(open_then, at, limit=MOST))
    if what == "plans":
        return plans_table(ask(plans_then, at, roc_year=_number("year"), no=_number("no")))
    return organisation_table(ask(organisation_then, at))


def _render(what: str, at: datetime, found: Any, *, typed: str, faults: list[dict[str, str]]) -> str:
    person = request.args.get("person", "")
    office = getattr(found, "office", found)
    kept = {"what": what, **({"person": person} if person else {})}
    return audit_page(
        "audit/moments.html",
        what=what, views=VIEWS, at=at, told=told_moment(at), typed=typed, faults=faults, found=found,
        office=office, person=person, choices=people_choices(office) if office else [],
        offered=offered(at, now(), kept), has_replay=REPLAY in current_app.view_functions, words=_WORDS,
        state_of=STATE_WORDS, cause_of=CAUSE_WORDS,
    )  # fmt: skip


def _number(name: str) -> int | None:
    return request.args.get(name, type=whole_number)
