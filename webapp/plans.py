"""Yearly plans: the list, the page of one, its diff between versions, and corrections of its letters."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response

from engine.activities.letter_entries import ISSUERS
from engine.commands.letters import correct
from engine.domain.letter import Letter
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.plan.numbering import heading
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.plan.vocabulary import LETTER_KINDS
from engine.queries.amendments import amendment_panel
from engine.queries.awards import entries_of_plan
from engine.queries.plan_files import (
    is_signed,
    plan_attachment,
    plan_files,
    plan_signature_file,
    plan_version_file,
)
from engine.queries.plans import STAGES, plan_letter, plan_list, plan_page
from webapp import awards
from webapp.characters import whole_number
from webapp.dates import plain_day
from webapp.door import actor, ask, execute
from webapp.downloads import download, is_digest
from webapp.plan_pages import AMENDMENT_WORDS, STAGE_WORDS, STATE_WORDS, STATUS_MARK, plan_text
from webapp.wording import in_words

blueprint = Blueprint("plans", __name__, url_prefix="/plans")

UNPROCESSABLE = 422
WORDS = ("issuer", "doc_type", "prefix", "number", "subject")
FIELD_WORDS = {
    "issuer": lazy_gettext("Issuer"),
    "doc_type": lazy_gettext("Kind of letter"),
    "prefix": lazy_gettext("Prefix of the number"),
    "number": lazy_gettext("Document number"),
    "subject": lazy_gettext("Subject"),
    "doc_on": lazy_gettext("Date of the letter"),
    "received_on": lazy_gettext("Day of arrival"),
}


@blueprint.get("", endpoint="index")
def listing() -> str:
    """The plans of every year with where they stand."""
    return render_template(
        "plans/index.html", lines=ask(plan_list), stages=_stages(), state_words=STATE_WORDS
    )


@blueprint.get("/<int:roc_year>", endpoint="page")
def show(roc_year: int) -> str:
    """One plan as a document, in one version, compared with another one if asked."""
    page = ask(
        plan_page,
        roc_year,
        no=request.args.get("no", type=whole_number),
        compared_with=request.args.get("with", type=whole_number),
    )
    return render_template(
        "plans/page.html",
        page=page,
        text=plan_text(page),
        files=ask(plan_files, roc_year),
        signed=ask(is_signed, roc_year),
        entries=ask(entries_of_plan, page.plan_key),
        entry_words=awards.STATE_WORDS,
        entry_marks=awards.STATE_MARKS,
        may_start_entry="sec_handler" in actor().roles,
        amendment=ask(amendment_panel, roc_year),
        amendment_words=AMENDMENT_WORDS,
        stages=_stages(),
        state_words=STATE_WORDS,
        status_mark=STATUS_MARK,
        roc_year=roc_year,
        outline=heading,
        process_names=page.process_names,
    )


@blueprint.get("/<int:roc_year>/plan.odt")
def version_file(roc_year: int) -> Response:
    """A version of the plan as an ODT; without `no` the latest."""
    return download(*ask(plan_version_file, roc_year, request.args.get("no", type=whole_number)))


@blueprint.get("/<int:roc_year>/signatures.odt")
def signatures(roc_year: int) -> Response:
    """Who signed the plan, in whose place, when and with what opinion, as an ODT to print."""
    return download(*ask(plan_signature_file, roc_year))


@blueprint.get("/<int:roc_year>/files/<digest>")
def attachment(roc_year: int, digest: str) -> Response:
    """A file of a letter or a delivery of the plan."""
    if not is_digest(digest):
        raise NoSuchPage
    return download(*ask(plan_attachment, roc_year, digest))


@blueprint.get("/<int:roc_year>/letters/<int:letter_id>")
def letter(roc_year: int, letter_id: int) -> str:
    """One letter with its corrections, and the form to correct it."""
    found = ask(plan_letter, roc_year, letter_id)
    return _render_letter(roc_year, found, _entered_before(found), ())


@blueprint.post("/<int:roc_year>/letters/<int:letter_id>")
def correct_letter(roc_year: int, letter_id: int) -> Response | tuple[str, int]:
    """Record a correction entry; the values before stay readable."""
    require(actor(), Action.CORRECT_LETTER)
    found = ask(plan_letter, roc_year, letter_id)
    entered = {name: request.form.get(name, "").strip() for name in _fields(found)}
    entered["number_confirmed"] = request.form.get("number_confirmed", "")
    try:
        execute(
            correct,
            letter_id,
            changes=_changes(found, entered),
            reason=entered["reason"],
            number_confirmed=bool(entered["number_confirmed"]),
        )
    except Invalid as refusal:
        return _render_letter(roc_year, found, entered, refusal.errors), UNPROCESSABLE
    flash(gettext("The correction was entered; what stood there before stays readable."))
    return redirect(url_for("plans.letter", roc_year=roc_year, letter_id=letter_id))


def _stages() -> list[Any]:
    return [STAGE_WORDS[name] for name, _ in STAGES]


def _days(found: Letter) -> tuple[str, ...]:
    """The days of a letter: one that went out has no day of arrival."""
    return ("doc_on",) if found.received_on is None else ("doc_on", "received_on")


def _fields(found: Letter) -> tuple[str, ...]:
    return (*WORDS, *_days(found), "reason")


def _entered_before(found: Letter) -> dict[str, str]:
    days = {name: plain_day(getattr(found, name)) for name in _days(found)}
    return {**{name: getattr(found, name) for name in WORDS}, **days, "reason": ""}


def _changes(found: Letter, entered: dict[str, str]) -> dict[str, Any]:
    """What differs from the entry; Invalid for an empty field, no date, or nothing changed."""
    empty = [name for name in (*WORDS, *_days(found)) if not entered[name]]
    if empty:
        raise Invalid(tuple(FieldError(path=name, template="This field is empty") for name in empty))
    changes: dict[str, Any] = {n: entered[n] for n in WORDS if entered[n] != getattr(found, n)}
    for name in _days(found):
        if (day := _day(name, entered[name])) != getattr(found, name):
            changes[name] = day.isoformat()
    if not changes:
        raise Invalid((FieldError(path="subject", template="Nothing differs from the entry"),))
    return changes


def _day(name: str, entered: str) -> date:
    try:
        return parse_roc(entered)
    except PlanRuleError as error:
        fault = FieldError(path=name, template=error.template, params=dict(error.params))
        raise Invalid((fault,)) from None


def _render_letter(
    roc_year: int, found: Letter, entered: dict[str, str], errors: tuple[FieldError, ...]
) -> str:
    faults = [{"path": error.path, "label": error.label, "message": in_words(error)} for error in errors]
    page = ask(plan_page, roc_year)
    return render_template(
        "plans/letter.html",
        letter=found,
        roc_year=roc_year,
        entered=entered,
        faults=faults,
        page=page,
        issuers=[(name, name) for name in dict.fromkeys((found.issuer, *ISSUERS.values()))],
        kinds=[(kind, kind) for kind in LETTER_KINDS],
        field_words=FIELD_WORDS,
    )
