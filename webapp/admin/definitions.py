"""Process definitions: what is deployed, and deploying a checked set of files."""

from pathlib import PurePosixPath

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from engine.commands.definitions import deploy
from engine.domain.definition import SourceFile
from engine.domain.permission import Action, may
from engine.errors import FieldError, Invalid
from engine.queries.definitions import latest_definitions
from webapp.admin.frame import UNPROCESSABLE, admin_page, faults_in
from webapp.door import actor, ask, execute

blueprint = Blueprint("admin_definitions", __name__, url_prefix="/admin/definitions")

FORMS = "forms/"


@blueprint.get("")
def index() -> str:
    """The newest version of every process."""
    return _page()


@blueprint.post("")
def deploy_files() -> Response | tuple[str, int]:
    """Check the files and deploy them; a refusal lists every fault with its place."""
    try:
        files = tuple(source_file(upload) for upload in request.files.getlist("files") if upload.filename)
        if not files:
            raise Invalid((FieldError(path="files", template="Choose the files of the deployment"),))
        execute(deploy, files)
    except Invalid as refusal:
        return _page(faults_in(refusal, "files")), UNPROCESSABLE
    flash(gettext("The files were deployed. New processes start on this version."))
    return redirect(url_for("admin_definitions.index"))


def _page(faults: list[dict[str, str]] | None = None) -> str:
    return admin_page(
        "admin/definitions.html",
        rows=ask(latest_definitions),
        faults=faults or [],
        may_deploy=may(actor(), Action.DEPLOY),
    )


def source_file(upload: FileStorage) -> SourceFile:
    """An uploaded file under its name in a deployment: forms lie in a folder, which browsers do not send."""
    name = PurePosixPath((upload.filename or "").replace("\\", "/")).name
    with upload.stream as stream:
        return SourceFile(name=FORMS + name if name.endswith(".json") else name, body=stream.read())
