"""Who looked at what is kept among few, who took what away, and who was refused."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.commands.looks import tell_looks_taken
from engine.documents.cells import csv_file
from engine.domain.sensitive import Kept
from engine.errors import FieldError, Invalid
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.queries.looks import Look, LookFilter, LookKind, look_page, looks_for_file
from webapp.audit.frame import audit_page
from webapp.dates import moment_words
from webapp.door import ask, execute
from webapp.downloads import content_disposition
from webapp.errors import faults_of
from webapp.wording import say

blueprint = Blueprint("audit_looks", __name__, url_prefix="/audit/proof/looks")

KIND_WORDS: dict[LookKind, LazyString] = {
    LookKind.READ: lazy_gettext("Looked at"),
    LookKind.TAKEN: lazy_gettext("Took away"),
    LookKind.REFUSED: lazy_gettext("Was refused"),
}
# What an export tells of beside instances, by the field that names it.
THINGS: dict[str, LazyString] = {
    "question": lazy_gettext("Answer to a standing question"),
    "anchors": lazy_gettext("Anchors"),
    "looks": lazy_gettext("Looks and refusals"),
}
KIND_ICONS = {LookKind.READ: "eye", LookKind.TAKEN: "download", LookKind.REFUSED: "slash-circle"}


@blueprint.get("")
def page() -> str:
    """Looks, exports and refusals, the newest first."""
    faults: list[dict[str, str]] = []
    try:
        wanted = _wanted()
    except Invalid as refusal:
        wanted, faults = LookFilter(), list(faults_of(refusal))
    given = {name: request.args.get(name, "").strip() for name in ("who", "kind", "from", "to")}
    found = ask(look_page, wanted, request.args.get("cursor", ""))
    return audit_page(
        "audit/looks.html",
        under="audit_proof",
        page=found,
        people=[(user.id, f"{user.name} {user.title}".strip()) for user in found.people],
        given=given,
        chosen={name: value for name, value in given.items() if value},
        faults=faults,
        kinds=[(str(kind), word) for kind, word in KIND_WORDS.items()],
        kind_words=KIND_WORDS,
        kind_icons=KIND_ICONS,
        what=what_of,
    )


@blueprint.get("/looks.csv")
def file() -> Response:
    """The same as a file for spreadsheets; that it was taken is told as well."""
    looks = ask(looks_for_file, _wanted())
    execute(tell_looks_taken, rows=len(looks))
    response = Response(csv_file(_rows(looks)), mimetype="text/csv")
    response.headers["Content-Disposition"] = content_disposition("looks.csv")
    return response


def what_of(look: Look) -> str:
    """What was looked at, taken or refused, in words."""
    told = look.told
    if look.kind is LookKind.REFUSED:
        return str(told.get("place", ""))
    if told.get("kind") == Kept.REWARD_LIST:
        return say("Reward lists of %(edition)s", edition=told.get("edition", ""))
    if "instance" in told:
        return _in_format(say("Process %(number)s", number=told["instance"]), told)
    named = next((word for name, word in THINGS.items() if name in told), lazy_gettext("A list"))
    return _in_format(str(named), told)


def _in_format(thing: str, told: dict[str, Any]) -> str:
    return say("%(thing)s as %(format)s", thing=thing, format=told["format"]) if told.get("format") else thing


def _rows(looks: Sequence[Look]) -> list[list[str]]:
    head = [gettext("Time"), gettext("Account"), gettext("Name"), gettext("Kind"), gettext("What")]
    body = [
        [
            moment_words(look.at), look.actor, look.person.name if look.person else "",
            str(KIND_WORDS[look.kind]), what_of(look),
        ]
        for look in looks
    ]  # fmt: skip
    return [head, *body]


def _wanted() -> LookFilter:
    kind = request.args.get("kind", "")
    return LookFilter(
        user_id=request.args.get("who", "").strip(),
        kind=LookKind(kind) if kind in set(LookKind) else None,
        first_on=_day("from"),
        last_on=_day("to"),
    )


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return parse_roc(text)
    except PlanRuleError as error:
        raise Invalid((FieldError(path=name, template=error.template, params=error.params),)) from error
