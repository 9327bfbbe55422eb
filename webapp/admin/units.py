"""Units: add, rename, move and close them; they are master data and never deleted."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands import organisation
from engine.errors import Conflict, FieldError, Invalid
from engine.queries.organisation import unit, units
from webapp.admin.frame import UNPROCESSABLE, admin_page, faults_in
from webapp.door import ask, execute

blueprint = Blueprint("admin_units", __name__, url_prefix="/admin/units")


@blueprint.get("")
def index() -> str:
    """Every unit in the order in which people list them."""
    return admin_page("admin/units.html", rows=ask(units))


@blueprint.post("")
def add() -> Response | tuple[str, int]:
    """Add a unit."""
    try:
        execute(
            organisation.add_unit,
            request.form.get("unit_id", "").strip(),
            label=request.form.get("label", ""),
            kind=request.form.get("kind", ""),
            agency=request.form.get("agency", ""),
            position=_position(),
        )
    except (Invalid, Conflict) as refusal:
        page = admin_page("admin/units.html", rows=ask(units), faults=faults_in(refusal, "unit_id"))
        return page, UNPROCESSABLE
    flash(gettext("The unit was added."))
    return redirect(url_for("admin_units.index"))


@blueprint.get("/<unit_id>")
def one(unit_id: str) -> str:
    """One unit."""
    return admin_page("admin/unit.html", unit=ask(unit, unit_id))


@blueprint.post("/<unit_id>")
def change(unit_id: str) -> Response | tuple[str, int]:
    """Rename, move or close a unit."""
    known = ask(unit, unit_id)
    try:
        execute(
            organisation.change_unit,
            unit_id,
            label=request.form.get("label", ""),
            kind=request.form.get("kind", ""),
            agency=known.agency,
            position=_position(),
            active=request.form.get("active") == "yes",
        )
    except Invalid as refusal:
        return admin_page("admin/unit.html", unit=known, faults=faults_in(refusal, "label")), UNPROCESSABLE
    flash(gettext("The changes were saved."))
    return redirect(url_for("admin_units.index"))


def _position() -> int:
    text = request.form.get("position", "").strip()
    if not text.isdecimal() or len(text) > 6:
        raise Invalid((FieldError(path="position", template="Enter a whole number"),))
    return int(text)
