"""Files: bring one, and take one from where it may be seen. They are downloaded, never shown in the page."""

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import NotFound as NoSuchPage

from engine.commands.files import add_file
from engine.queries.files import file_body
from webapp.door import ask, execute
from webapp.downloads import download, is_digest

blueprint = Blueprint("files", __name__, url_prefix="/files")

CREATED = 201


@blueprint.post("")
def upload() -> tuple[Response, int]:
    """Keep one file of the signed-in person; its reference goes into a form."""
    sent = request.files.get("file")
    ref = execute(add_file, name=(sent.filename or "") if sent else "", body=sent.read() if sent else b"")
    return jsonify(ref.json()), CREATED


@blueprint.get("/<digest>", endpoint="download")
def get(digest: str) -> Response:
    """A file as a download; `task` or `instance` names where the person sees it."""
    if not is_digest(digest):
        raise NoSuchPage
    ref, body = ask(
        file_body,
        digest,
        task_id=_number(request.args.get("task")),
        instance_id=_number(request.args.get("instance")),
    )
    return download(ref, body)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
