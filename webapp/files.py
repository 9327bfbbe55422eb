"""Files: bring one, take one from where it may be seen, and look at one without taking it."""

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from werkzeug.exceptions import NotFound as NoSuchPage

from engine.commands.files import add_file
from engine.domain.document import FileRef
from engine.queries.files import file_body
from webapp.door import ask, execute
from webapp.downloads import PREVIEWED, download, is_digest, preview_text, shown_in_browser

blueprint = Blueprint("files", __name__, url_prefix="/files")

CREATED = 201


@blueprint.app_context_processor
def previews() -> dict[str, frozenset[str]]:
    """Which kinds of files have a look beside their download."""
    return {"previewed": PREVIEWED}


@blueprint.post("")
def upload() -> tuple[Response, int]:
    """Keep one file of the signed-in person; its reference goes into a form."""
    sent = request.files.get("file")
    ref = execute(add_file, name=(sent.filename or "") if sent else "", body=sent.read() if sent else b"")
    return jsonify(ref.json()), CREATED


@blueprint.get("/<digest>", endpoint="download")
def get(digest: str) -> Response:
    """A file as a download; `task` or `instance` names where the person sees it."""
    return download(*_found(digest))


@blueprint.get("/<digest>/preview")
def preview(digest: str) -> Response | str:
    """A picture or a text on a page of its own, a PDF in the browser's own reader; NotFound for the rest."""
    ref, body = _found(digest)
    if ref.media_type not in PREVIEWED:
        raise NoSuchPage
    if ref.media_type == "application/pdf":
        return shown_in_browser(ref, body)
    task, instance = (_number(request.args.get(name)) for name in ("task", "instance"))
    address = url_for("files.download", digest=digest, task=task, instance=instance)
    text = None if ref.media_type.startswith("image/") else preview_text(body)
    return render_template("files/preview.html", file=ref, address=address, text=text)


def _found(digest: str) -> tuple[FileRef, bytes]:
    if not is_digest(digest):
        raise NoSuchPage
    return ask(
        file_body,
        digest,
        task_id=_number(request.args.get("task")),
        instance_id=_number(request.args.get("instance")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
