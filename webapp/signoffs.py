"""The sign record of an instance (簽核紀錄), signing afterwards (補簽) and passing on for reading (傳閱)."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from engine.activities.signoff import DECISIONS
from engine.commands import signoffs
from engine.errors import FieldError, Invalid
from engine.queries.signoff_record import signoff_record
from webapp.definition_words import in_language
from webapp.door import ask, execute
from webapp.wording import in_words

blueprint = Blueprint("signoffs", __name__, url_prefix="/signoffs")

UNPROCESSABLE = 422
KIND_WORDS: dict[str, LazyString] = {
    "paper": lazy_gettext("Signed on paper"),
    "absent": lazy_gettext("Was away at the time"),
    "other": lazy_gettext("Another reason"),
}


@blueprint.get("/<int:instance_id>")
def page(instance_id: int) -> str:
    """Every signature, opinion and change of words, and what came after the decision."""
    return _render(instance_id)


@blueprint.post("/<int:instance_id>/afterwards")
def sign_afterwards(instance_id: int) -> Response | tuple[str, int]:
    """Sign afterwards at a level, with the reason."""
    subject, _, level = request.form.get("at", "").rpartition("/")
    entered = {name: request.form.get(name, "") for name in ("kind", "reason")}
    try:
        execute(
            signoffs.sign_afterwards, instance_id, subject=subject,
            level=int(level) if level.isdecimal() and len(level) < 4 else -1, **entered,
        )  # fmt: skip
    except Invalid as refusal:
        return _render(instance_id, refusal.errors, "afterwards"), UNPROCESSABLE
    flash(gettext("Your signature was added; the decision stays as it is."))
    return redirect(url_for("signoffs.page", instance_id=instance_id))


@blueprint.post("/<int:instance_id>/circulation")
def circulate(instance_id: int) -> Response | tuple[str, int]:
    """Pass a decided subject on for reading."""
    try:
        execute(
            signoffs.circulate, instance_id, subject=request.form.get("subject", ""),
            people=request.form.getlist("people"), units=request.form.getlist("units"),
            note=request.form.get("note", ""),
        )  # fmt: skip
    except Invalid as refusal:
        return _render(instance_id, refusal.errors, "circulation"), UNPROCESSABLE
    flash(gettext("Passed on; every reader finds it in the inbox."))
    return redirect(url_for("signoffs.page", instance_id=instance_id))


def _render(instance_id: int, errors: tuple[FieldError, ...] = (), verb: str = "") -> str:
    faults: list[dict[str, Any]] = [{"path": error.path, "message": in_words(error)} for error in errors]
    return render_template(
        "signoffs/page.html",
        page=ask(signoff_record, instance_id),
        faults=faults,
        verb=verb,
        given=request.form,
        decision_words={value: in_language(label) for value, label in DECISIONS.items()},
        kinds=list(KIND_WORDS.items()),
        kind_words=KIND_WORDS,
    )
