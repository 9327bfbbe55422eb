"""Taking the history of one instance away: the formats, and a receipt of what was taken."""

from flask import Blueprint, Response, current_app, render_template

from engine.queries.export_receipts import instance_exports
from webapp.door import actor, ask, engine
from webapp.downloads import handed_out
from webapp.export_words import FORMAT_WORDS
from webapp.exporting import export_instance

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.get("/<int:instance_id>")
def page(instance_id: int) -> str:
    """The formats with what each is for, and the reader's own receipts."""
    return render_template("exports/page.html", page=ask(instance_exports, instance_id), formats=FORMAT_WORDS)


@blueprint.get("/<int:instance_id>/<any(dossier, ods, csv, json, xes, ocel):format_>")
def file(instance_id: int, format_: str) -> Response:
    """The file, which is told before it leaves."""
    return handed_out(export_instance(current_app, engine(), actor(), instance_id, format_))
