"""The proof: whether anything was altered, of everything and of one instance."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands.proofs import ask_for_proof
from engine.queries.proofs import instance_proof, proof_page
from webapp.audit.frame import audit_page
from webapp.audit.proof_words import BADGES, CHECKS
from webapp.door import ask, execute

blueprint = Blueprint("audit_proof", __name__, url_prefix="/audit/proof")


@blueprint.context_processor
def names() -> dict[str, Any]:
    """Which pages there are, so that an event links to the one that shows it."""
    return {"endpoints": current_app.view_functions}


@blueprint.get("")
def page() -> str:
    """What the last proof of everything found, and how far the one under way is."""
    return audit_page("audit/proof.html", page=ask(proof_page), checks=CHECKS)


@blueprint.post("")
def prove_again() -> Response:
    """Let the worker prove everything."""
    if execute(ask_for_proof):
        flash(gettext("The proof was asked for; the worker makes it in the background."))
    return redirect(url_for("audit_proof.page"))


@blueprint.get("/<int:instance_id>")
def instance(instance_id: int) -> str:
    """Prove one instance now."""
    found = ask(instance_proof, instance_id)
    return render_template("audit/instance_proof.html", page=found, checks=CHECKS, badges=BADGES)
