"""Incidents: what could not go on, and trying it again when the cause is mended."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands.timers import try_again
from engine.domain.permission import Action, may
from engine.queries.incidents import incident_list
from webapp.admin.frame import admin_page
from webapp.door import actor, ask, execute

blueprint = Blueprint("admin_incidents", __name__, url_prefix="/admin/incidents")


@blueprint.get("")
def index() -> str:
    """The newest incidents."""
    return admin_page(
        "admin/incidents.html", rows=ask(incident_list), may_try_again=may(actor(), Action.TRY_AGAIN)
    )


@blueprint.post("/<int:instance_id>")
def carry_on(instance_id: int) -> Response:
    """Try again what could not go on in an instance."""
    execute(try_again, instance_id)
    flash(gettext("The process goes on."))
    return redirect(url_for("admin_incidents.index"))
