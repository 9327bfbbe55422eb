"""The notice of the improvement status of a year (考核結果改進情形公告)."""

from flask import Blueprint, render_template

from engine.queries.improvements import improvement_notice
from webapp.door import ask

blueprint = Blueprint("improvements", __name__, url_prefix="/improvements")


@blueprint.get("/<int:roc_year>")
def notice(roc_year: int) -> str:
    """What was published, and how every finding stands today."""
    return render_template("improvements/notice.html", page=ask(improvement_notice, roc_year))
