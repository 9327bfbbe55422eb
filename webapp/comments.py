"""Comments on an instance and its tasks: read them, write one, mention people."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands.comments import comment
from engine.errors import FieldError, Invalid
from engine.queries.comments import comment_page
from webapp.characters import whole_number
from webapp.door import ask, execute
from webapp.wording import in_words

blueprint = Blueprint("comments", __name__, url_prefix="/comments")

UNPROCESSABLE = 422


@blueprint.get("/<int:instance_id>")
def page(instance_id: int) -> str:
    """The comments, and the form of a new one; `task` says of which task."""
    return _render(instance_id)


@blueprint.post("/<int:instance_id>")
def write(instance_id: int) -> Response | tuple[str, int]:
    """Write a comment."""
    task_id = request.args.get("task", type=whole_number)
    try:
        execute(comment, instance_id, text=request.form.get("text", ""), task_id=task_id)
    except Invalid as refusal:
        return _render(instance_id, refusal.errors), UNPROCESSABLE
    flash(gettext("Your comment was recorded."))
    return redirect(url_for("comments.page", instance_id=instance_id, task=task_id))


def _render(instance_id: int, errors: tuple[FieldError, ...] = ()) -> str:
    shown = ask(comment_page, instance_id, request.args.get("task", type=whole_number))
    faults = [{"path": error.path, "message": in_words(error)} for error in errors]
    return render_template(
        "comments/page.html", page=shown, faults=faults, entered=request.form.get("text", "")
    )
