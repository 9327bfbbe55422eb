"""Anchors: their list, the sheet that an office keeps on paper (備查), and the file kept elsewhere."""

import re

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.anchors import make_anchor, tell_export
from engine.queries.anchors import anchor_file, anchor_page, anchor_sheet
from webapp.audit.frame import audit_page
from webapp.characters import whole_number
from webapp.door import ask, execute
from webapp.downloads import content_disposition

blueprint = Blueprint("audit_anchors", __name__, url_prefix="/audit/proof/anchors")


@blueprint.app_template_filter("all_in_fours")
def all_in_fours(digest: str) -> list[str]:
    """A digest in groups of four, as people compare it."""
    return re.findall(r".{4}", digest)


@blueprint.get("")
def index() -> str:
    """The anchors, the newest first."""
    before = request.args.get("before", type=whole_number)
    return audit_page("audit/anchors.html", under="audit_proof", page=ask(anchor_page, before=before))


@blueprint.post("")
def make() -> AnyResponse:
    """Make an anchor now."""
    made = execute(make_anchor)
    flash(gettext("Anchor %(number)s was made.", number=made.id))
    return redirect(url_for("audit_anchors.index"))


@blueprint.get("/<int:number>")
def sheet(number: int) -> str:
    """The sheet of one anchor, to be printed and signed."""
    return audit_page("audit/anchor_sheet.html", under="audit_proof", page=ask(anchor_sheet, number))


@blueprint.get("/anchors.json")
def file_of_all() -> Response:
    """Every anchor with all that it saw."""
    return _file(None)


@blueprint.get("/<int:number>/anchor.json")
def file(number: int) -> Response:
    """One anchor with all that it saw."""
    return _file(number)


def _file(number: int | None) -> Response:
    execute(tell_export, number=number)
    body = ask(lambda reader: "".join(anchor_file(reader, number=number)))
    response = Response(body, mimetype="application/json")
    name = f"anchor-{number}.json" if number else "anchors.json"
    response.headers["Content-Disposition"] = content_disposition(name)
    return response
