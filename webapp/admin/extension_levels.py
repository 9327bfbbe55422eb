"""Who grants an extension (展期) of how many working days, from which day on."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands import extension_levels
from engine.domain.identity import ROLES
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.plan.extension import GRANTING, ExtensionLevel, ExtensionTable
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.queries.extension_levels import ExtensionLevelsPage, extension_levels_page
from webapp.admin.frame import UNPROCESSABLE, admin_page
from webapp.definition_words import in_language
from webapp.door import actor, ask, execute
from webapp.wording import in_words

blueprint = Blueprint("admin_extension_levels", __name__, url_prefix="/admin/extension-levels")

NO_NUMBER = -1  # outside every limit, so that the rule of the table refuses it beside its entry


@blueprint.get("")
def page() -> str:
    """The table that holds, those to come, and every change."""
    found = ask(extension_levels_page)
    return _render(found, _given_of(found.today))


@blueprint.post("")
def save() -> Response | tuple[str, int]:
    """Enter the table anew from a day on."""
    found = ask(extension_levels_page)
    require(actor(), Action.CHANGE_DECIDING_LEVELS)
    names = ("valid_from", "basis", "unlimited", *(f"days-{role}" for role in GRANTING))
    given = {name: request.form.get(name, "").strip() for name in names}
    try:
        table = ExtensionTable(
            levels=_levels(given), valid_from=_day(given["valid_from"]), basis=given["basis"]
        )
        execute(extension_levels.change, table)
    except Invalid as refusal:
        return _render(found, given, refusal.errors), UNPROCESSABLE
    flash(gettext("The table was changed; what is applied for already stays with its approver."))
    return redirect(url_for("admin_extension_levels.page"))


def _levels(given: dict[str, str]) -> tuple[ExtensionLevel, ...]:
    """The levels as they were posted: those with a number of days, and the one without a limit."""
    unlimited = given["unlimited"]
    levels = [
        ExtensionLevel(role=role, most_days=None if role == unlimited else _number(given[f"days-{role}"]))
        for role in GRANTING
        if given[f"days-{role}"] or role == unlimited
    ]
    strange = [ExtensionLevel(role=unlimited)] if unlimited and unlimited not in GRANTING else []
    return (*levels, *strange)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= 4 else NO_NUMBER


def _given_of(table: ExtensionTable) -> dict[str, str]:
    """What the form begins with: the table that holds."""
    days = {f"days-{level.role}": str(level.most_days) for level in table.levels if level.most_days}
    unlimited = next((level.role for level in table.levels if level.most_days is None), "")
    return {"valid_from": "", "basis": "", "unlimited": unlimited, **days}


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return parse_roc(text)
    except PlanRuleError as error:
        fault = FieldError(path="valid_from", template=error.template, params=dict(error.params))
        raise Invalid((fault,)) from error


def _render(found: ExtensionLevelsPage, given: dict[str, str], errors: tuple[FieldError, ...] = ()) -> str:
    faults: list[dict[str, Any]] = [
        {"path": f"days-{e.path}" if e.path in GRANTING else e.path, "message": in_words(e)} for e in errors
    ]
    role_words = {role: in_language(ROLES[role].label) for role in GRANTING}
    return admin_page(
        "admin/extension_levels.html", page=found, given=given, faults=faults, role_words=role_words
    )
