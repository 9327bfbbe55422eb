"""Accounts: add, change, disable and enable people, and say which role they hold where and when."""

from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands import organisation
from engine.domain.identity import ROLES
from engine.errors import Conflict, FieldError, Invalid
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.queries.organisation import user_page, users
from webapp.admin.frame import UNPROCESSABLE, admin_page, faults_in
from webapp.dates import local_day
from webapp.door import ask, execute, now

blueprint = Blueprint("admin_users", __name__, url_prefix="/admin/users")


@blueprint.get("")
def index() -> str:
    """Every account with what the person holds today."""
    return admin_page("admin/users.html", rows=ask(users))


@blueprint.post("")
def add() -> Response | tuple[str, int]:
    """Add an account with a first password."""
    user_id = request.form.get("user_id", "").strip()
    try:
        execute(
            organisation.add_user,
            user_id,
            name=request.form.get("name", ""),
            title=request.form.get("title", ""),
            email=request.form.get("email", "").strip() or None,
            password=request.form.get("password", ""),
        )
    except (Invalid, Conflict) as refusal:
        page = admin_page("admin/users.html", rows=ask(users), faults=faults_in(refusal, "user_id"))
        return page, UNPROCESSABLE
    flash(gettext("The account was added. Give it a role next."))
    return redirect(url_for("admin_users.one", user_id=user_id))


@blueprint.get("/<user_id>")
def one(user_id: str) -> str:
    """One account with every role it holds, held and will hold."""
    return _page(user_id)


@blueprint.post("/<user_id>")
def change(user_id: str) -> Response | tuple[str, int]:
    """Change how a person is called and where mail goes."""
    try:
        execute(
            organisation.change_user,
            user_id,
            name=request.form.get("name", ""),
            title=request.form.get("title", ""),
            email=request.form.get("email", "").strip() or None,
        )
    except Invalid as refusal:
        return _page(user_id, refusal), UNPROCESSABLE
    return _back(user_id, gettext("The changes were saved."))


@blueprint.post("/<user_id>/roles")
def grant_role(user_id: str) -> Response | tuple[str, int]:
    """Let a person hold a role in a unit."""
    try:
        valid_from = _day("valid_from", request.form.get("valid_from", ""))
        until = request.form.get("valid_to", "").strip()
        execute(
            organisation.grant,
            user_id,
            role=request.form.get("role", ""),
            unit=request.form.get("unit", ""),
            valid_from=valid_from,
            valid_to=_day("valid_to", until) if until else None,
        )
    except Invalid as refusal:
        return _page(user_id, refusal), UNPROCESSABLE
    return _back(user_id, gettext("The role was given."))


@blueprint.post("/<user_id>/roles/end")
def end_role(user_id: str) -> Response | tuple[str, int]:
    """Let a role end today."""
    try:
        execute(
            organisation.end_membership,
            user_id,
            role=request.form.get("role", ""),
            unit=request.form.get("unit", ""),
            valid_from=_day("valid_from", request.form.get("valid_from", "")),
            valid_to=local_day(now()),
        )
    except Invalid as refusal:
        return _page(user_id, refusal), UNPROCESSABLE
    return _back(user_id, gettext("The role ends today."))


@blueprint.post("/<user_id>/password")
def reset_password(user_id: str) -> Response | tuple[str, int]:
    """Set a first password, which the person has to change."""
    try:
        execute(organisation.reset_password, user_id, password=request.form.get("password", ""))
    except Invalid as refusal:
        return _page(user_id, refusal), UNPROCESSABLE
    return _back(user_id, gettext("The password was set. Tell it to the person yourself."))


@blueprint.post("/<user_id>/disable")
def disable(user_id: str) -> Response | tuple[str, int]:
    """Close an account; its open pages end at once."""
    execute(organisation.disable_user, user_id)
    return _back(user_id, gettext("The account was disabled."))


@blueprint.post("/<user_id>/enable")
def enable(user_id: str) -> Response:
    """Open a closed account again."""
    execute(organisation.enable_user, user_id)
    return _back(user_id, gettext("The account was enabled."))


def _page(user_id: str, refusal: Invalid | None = None) -> str:
    page = ask(user_page, user_id)
    return admin_page(
        "admin/user.html",
        page=page,
        roles=[(role.id, role.label) for role in ROLES.values()],
        unit_choices=[(unit.id, unit.label) for unit in page.units if unit.active],
        faults=faults_in(refusal, "name") if refusal else [],
    )


def _back(user_id: str, said: str) -> Response:
    flash(said)
    return redirect(url_for("admin_users.one", user_id=user_id))


def _day(path: str, text: str) -> date:
    try:
        return parse_roc(text)
    except PlanRuleError as error:
        fault = FieldError(path=path, template="Enter a date, such as 114/1/24")
        raise Invalid((fault,)) from error
