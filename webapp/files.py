"""Files: bring one, and take one from where it may be seen. They are downloaded, never shown in the page."""

from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import NotFound as NoSuchPage

from engine.commands.files import add_file
from engine.queries.files import file_body
from webapp.door import ask, execute

blueprint = Blueprint("files", __name__, url_prefix="/files")

DIGEST_LENGTH = 64
HEX = frozenset("0123456789abcdef")
CREATED = 201


@blueprint.post("")
def upload() -> tuple[Response, int]:
    """Keep one file of the signed-in person; its reference goes into a form."""
    sent = request.files.get("file")
    ref = execute(add_file, name=(sent.filename or "") if sent else "", body=sent.read() if sent else b"")
    return jsonify(ref.json()), CREATED


@blueprint.get("/<digest>")
def download(digest: str) -> Response:
    """A file as a download; `task` or `instance` names where the person sees it."""
    if len(digest) != DIGEST_LENGTH or not HEX.issuperset(digest):
        raise NoSuchPage
    ref, body = ask(
        file_body,
        digest,
        task_id=_number(request.args.get("task")),
        instance_id=_number(request.args.get("instance")),
    )
    response = Response(body, mimetype=ref.media_type)
    response.headers["Content-Disposition"] = content_disposition(ref.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def content_disposition(name: str) -> str:
    """An attachment and its name as RFC 6266 and RFC 5987 write it; no character can end the header."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
