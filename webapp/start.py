"""Start a process by hand: choose one, fill in its start form."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.commands.instances import AlreadyStarted, start
from engine.errors import FieldError, Invalid
from engine.queries.definitions import StartPage, business_key, start_page, startable
from webapp.definition_words import fault_label, worded_fields
from webapp.door import ask, execute
from webapp.forms import draw, read_values
from webapp.wording import in_words

blueprint = Blueprint("start", __name__, url_prefix="/start")

UNPROCESSABLE = 422


@blueprint.get("")
def choose() -> str:
    """The processes that this person may start."""
    return render_template("start/choose.html", definitions=ask(startable))


@blueprint.get("/<definition_key>")
def form(definition_key: str) -> str:
    """The start form of one process; what the address names stands in it already."""
    page = ask(start_page, definition_key)
    named = MultiDict((name, text) for name, text in request.args.items())
    known = read_values(worded_fields(page.form), named, first={}, files={}) if page.form and named else None
    return _render(page, known.values if known else {})


@blueprint.post("/<definition_key>")
def begin(definition_key: str) -> Response | tuple[str, int]:
    """Start the process with what was filled in."""
    page = ask(start_page, definition_key)
    values: dict[str, Any] = {}
    try:
        if page.form is not None:
            reading = read_values(worded_fields(page.form), request.form, first={}, files={})
            values = reading.values
            if reading.errors:
                raise Invalid(reading.errors)
        entered = {name: value for name, value in values.items() if value is not None}
        key = ask(business_key, page, entered)
        execute(start, definition_key=definition_key, business_key=key, variables=entered)
    except Invalid as refusal:
        return _render(page, values, refusal.errors), UNPROCESSABLE
    except AlreadyStarted as refusal:
        year = "award_year" if "award_year" in values else "roc_year"
        fault = FieldError(path=year, template=refusal.template)
        return _render(page, values, (fault,)), UNPROCESSABLE
    flash(gettext("The process was started. What is yours to do is in the inbox."))
    return redirect(url_for("inbox.page"))


def _render(page: StartPage, values: dict[str, Any], errors: tuple[FieldError, ...] = ()) -> str:
    fields = worded_fields(page.form) if page.form else ()
    drawn = draw(
        fields,
        values,
        first={},
        choices={},
        errors={e.path: in_words(e) for e in errors},
        unfinished=frozenset(),
        yes_no=(gettext("Yes"), gettext("No")),
    )
    faults = [{"path": e.path, "label": fault_label(page.form, e), "message": in_words(e)} for e in errors]
    return render_template("start/form.html", page=page, fields_drawn=drawn, faults=faults)
