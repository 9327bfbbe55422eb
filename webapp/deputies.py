"""Deputies (職務代理): who stands in for whom, naming somebody for an absence, and ending it early."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from engine.commands.deputies import end_deputyship, name_deputy
from engine.domain.deputy import DeputyKind
from engine.domain.identity import ROLES, User
from engine.errors import FieldError, Invalid
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.queries.deputies import deputies_page
from engine.queries.deputy_gaps import DeputyGap, deputy_gap
from webapp.definition_words import in_language
from webapp.deputy_words import CAUSE_WORDS, KIND_WORDS
from webapp.door import actor, ask, execute
from webapp.errors import faults_of

blueprint = Blueprint("deputies", __name__, url_prefix="/deputies")

UNPROCESSABLE = 422
REQUIRED = (
    FieldError(path="deputy", template="Choose who stands in"),
    FieldError(path="valid_from", template="Enter the first day"),
    FieldError(path="valid_to", template="Enter the last day"),
    FieldError(path="cause", template="Choose the reason of the absence"),
)
# In the form a kind says when it is right.
KIND_CHOICES: dict[DeputyKind, LazyString] = {
    DeputyKind.ACTING: lazy_gettext("Acting: an absence, or a vacant post"),
    DeputyKind.IN_ABSENCE: lazy_gettext("In the absence of the head of the agency"),
    DeputyKind.BY_AUTHORITY: lazy_gettext("Deciding by delegated authority"),
}
STATE_MARKS: dict[str, tuple[str, LazyString]] = {
    "active": ("active", lazy_gettext("in effect")),
    "coming": ("not_yet", lazy_gettext("not yet")),
    "over": ("skipped", lazy_gettext("over")),
    "ended": ("void", lazy_gettext("ended early")),
}


@blueprint.get("")
def page() -> str:
    """Own absences, whom one stands in for, and the people below."""
    return _render()


@blueprint.post("")
def add() -> Response | tuple[str, int]:
    """Name a deputy."""
    given = request.form
    principal, role = given.get("principal") or actor().user_id, given.get("role", "")
    try:
        _require_entries()
        named = execute(
            name_deputy,
            principal,
            deputy=given.get("deputy", ""),
            valid_from=_day("valid_from"),
            valid_to=_day("valid_to"),
            cause=given.get("cause", ""),
            kind=given.get("kind", ""),
            roles=(role,) if role else (),
            may_decide="may_decide" in given,
        )
    except Invalid as refusal:
        return _render(list(faults_of(refusal))), UNPROCESSABLE
    flash(gettext("The deputy was named."))
    _warn(ask(deputy_gap, named.id))
    return redirect(url_for("deputies.page"))


@blueprint.post("/<int:deputyship_id>/end")
def end(deputyship_id: int) -> Response | tuple[str, int]:
    """End a deputyship before its last day."""
    try:
        execute(end_deputyship, deputyship_id, reason=request.form.get("reason", ""))
    except Invalid as refusal:
        return _render(list(faults_of(refusal)), ending=deputyship_id), UNPROCESSABLE
    flash(gettext("The deputyship has ended; what was taken stays with the principal."))
    return redirect(url_for("deputies.page"))


def _warn(gap: DeputyGap) -> None:
    """Say what will wait for nobody: it can still be done before the absence."""
    if not gap.waiting:
        return
    words = ngettext(
        "%(num)d open task waits until the principal is back: the deputy has to stand aside, and nobody "
        "else may take it.",
        "%(num)d open tasks wait until the principal is back: the deputy has to stand aside, and nobody "
        "else may take them.",
        gap.waiting,
    )
    names = [f"{in_language(task.label)}　{task.subject}".strip() for task in gap.named]
    flash(words + (f" {'、'.join(names)}" if names else ""))


def _require_entries() -> None:
    missing = tuple(fault for fault in REQUIRED if not request.form.get(fault.path, "").strip())
    if missing:
        raise Invalid(missing)


def _day(name: str) -> date:
    try:
        return parse_roc(request.form.get(name, "").strip())
    except PlanRuleError as error:
        raise Invalid((FieldError(path=name, template=error.template, params=error.params),)) from error


def _render(faults: list[dict[str, str]] | None = None, ending: int | None = None) -> str:
    given: dict[str, Any] = dict(request.form) if faults and ending is None else {"may_decide": "true"}
    found = ask(deputies_page)
    return render_template(
        "deputies/page.html",
        page=found,
        roles=[(role, in_language(label)) for role, label in found.roles],
        faults=faults or [],
        given=given,
        ending=ending,
        causes=list(CAUSE_WORDS.items()),
        cause_words=CAUSE_WORDS,
        kinds=list(KIND_CHOICES.items()),
        kind_words=KIND_WORDS,
        state_marks=STATE_MARKS,
        called=_called,
        duties=_duties,
    )


def _called(users: Iterable[User]) -> list[tuple[str, str]]:
    return [(user.id, f"{user.name} {user.title}".strip()) for user in users]


def _duties(roles: Iterable[str]) -> str:
    return "、".join(in_language(ROLES[role].label) for role in roles) or str(gettext("All duties"))
