"""Amendments of a plan: the record of changes (修正紀錄), and two versions side by side."""

from flask import Blueprint, render_template, request

from engine.queries.amendments import changes_page, comparison
from webapp.characters import whole_number
from webapp.door import ask
from webapp.plan_pages import AMENDMENT_WORDS

blueprint = Blueprint("amendments", __name__, url_prefix="/amendments")


@blueprint.get("/<int:roc_year>")
def record(roc_year: int) -> str:
    """Who changed which target from what to what, when, under which task, approved by whom."""
    action_id = request.args.get("action", "")
    return render_template(
        "amendments/record.html",
        page=ask(changes_page, roc_year, action_id),
        roc_year=roc_year,
        action_id=action_id,
        state_words=AMENDMENT_WORDS,
    )


@blueprint.get("/<int:roc_year>/compare")
def compare(roc_year: int) -> str:
    """Two versions of a plan, field by field."""
    before, after = (
        request.args.get("before", type=whole_number),
        request.args.get("after", type=whole_number),
    )
    return render_template(
        "amendments/compare.html", page=ask(comparison, roc_year, before, after), roc_year=roc_year
    )
