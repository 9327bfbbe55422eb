"""The table of deciding levels (分層負責): who signs what, who decides, from which day on."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from engine.commands import deciding_levels
from engine.domain.identity import ROLES
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.plan.deciding_levels import LAYERS, LEVELS, SHIPPED, DecidingLine, DecidingTable
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.queries.deciding_levels import DecidingPage, deciding_page
from webapp.admin.frame import UNPROCESSABLE, admin_page
from webapp.definition_words import in_language
from webapp.door import actor, ask, execute
from webapp.wording import in_words

blueprint = Blueprint("admin_levels", __name__, url_prefix="/admin/deciding-levels")

SUBJECT_WORDS: dict[str, LazyString] = {
    "plan": lazy_gettext("Yearly plan"),
    "plan_again": lazy_gettext("Yearly plan, revised for the head office"),
    "amendment": lazy_gettext("Amendment of the plan"),
    "amendment_again": lazy_gettext("Amendment, revised for the head office"),
    "errata": lazy_gettext("Errata of the plan"),
    "assessment": lazy_gettext("Self-assessment of the year"),
    "d1": lazy_gettext("Result data (D1)"),
    "correction": lazy_gettext("Correction of results"),
    "d2": lazy_gettext("Result report (D2)"),
    "entry_memo": lazy_gettext("Memo of an award entry"),
    "award_entry": lazy_gettext("Award entry"),
    "reward_list": lazy_gettext("Reward list"),
}
LAYER_WORDS: dict[int, LazyString] = {
    1: lazy_gettext("First layer"),
    2: lazy_gettext("Second layer"),
    3: lazy_gettext("Third layer"),
}


@blueprint.get("")
def page() -> str:
    """The table that holds, those to come, and every change."""
    found = ask(deciding_page)
    return _render(found, found.today.lines, {"valid_from": "", "basis": ""})


@blueprint.post("")
def save() -> Response | tuple[str, int]:
    """Enter the table anew from a day on."""
    found = ask(deciding_page)
    require(actor(), Action.CHANGE_DECIDING_LEVELS)
    given = {name: request.form.get(name, "").strip() for name in ("valid_from", "basis")}
    lines = tuple(_line(kind) for kind in SHIPPED)
    try:
        table = DecidingTable(lines=lines, valid_from=_day(given["valid_from"]), basis=given["basis"])
        execute(deciding_levels.change, table)
    except Invalid as refusal:
        return _render(found, lines, given, refusal.errors), UNPROCESSABLE
    flash(gettext("The table was changed; rounds that are open keep their levels."))
    return redirect(url_for("admin_levels.page"))


def _line(kind: str) -> DecidingLine:
    """A line as it was posted: the levels that are ticked, from below, and who decides."""
    ticked = request.form.getlist(f"levels-{kind}")
    strange = [level for level in ticked if level not in LEVELS]
    levels = (*(level for level in LEVELS if level in ticked), *strange)
    return DecidingLine(kind=kind, levels=levels, deciding=request.form.get(f"deciding-{kind}", ""))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return parse_roc(text)
    except PlanRuleError as error:
        fault = FieldError(path="valid_from", template=error.template, params=dict(error.params))
        raise Invalid((fault,)) from error


def _render(
    found: DecidingPage,
    lines: tuple[DecidingLine, ...],
    given: dict[str, str],
    errors: tuple[FieldError, ...] = (),
) -> str:
    faults: list[dict[str, Any]] = [
        {"path": f"deciding-{e.path}" if e.path in SHIPPED else e.path, "message": in_words(e)}
        for e in errors
    ]
    return admin_page(
        "admin/levels.html",
        page=found,
        lines=lines,
        given=given,
        faults=faults,
        subject_words=SUBJECT_WORDS,
        level_words={level: in_language(ROLES[level].label) for level in LEVELS},
        layer_words={level: LAYER_WORDS[layer] for level, layer in LAYERS.items()},
    )
