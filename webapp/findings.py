"""Findings of audits about which one was asked, and one's answers to them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands.audit_runs import answer as answer_finding
from engine.errors import Invalid
from engine.queries.audit_runs import own_findings
from webapp.door import ask, execute
from webapp.errors import faults_of

blueprint = Blueprint("findings", __name__, url_prefix="/findings")

UNPROCESSABLE = 422


@blueprint.get("")
def page() -> str:
    """The findings, those that wait for an answer first."""
    return _render()


@blueprint.post("/<int:finding_no>")
def answer(finding_no: int) -> Response | tuple[str, int]:
    """Answer one of them."""
    try:
        execute(answer_finding, finding_no, text=request.form.get("text", ""))
    except Invalid as refusal:
        return _render(list(faults_of(refusal)), finding_no), UNPROCESSABLE
    flash(gettext("Your answer was recorded."))
    return redirect(url_for("findings.page"))


def _render(faults: list[dict[str, str]] | None = None, answering: int | None = None) -> str:
    text = request.form.get("text", "")
    return render_template(
        "findings/page.html", findings=ask(own_findings), faults=faults or [], answering=answering, text=text
    )
