"""Process definitions: list what is deployed, deploy a set of files."""

from typing import TYPE_CHECKING

from flask import Blueprint, request

from engine.commands.definitions import deploy
from engine.domain.definition import SourceFile
from engine.errors import FieldError, Invalid
from engine.queries.definitions import latest_definitions
from webapp.api.description import answers, description
from webapp.api.document import takes_files
from webapp.api.shapes import DefinitionItem, DefinitionsAnswer, DeploymentAnswer
from webapp.door import ask, execute

if TYPE_CHECKING:
    from engine.store.definitions import DeployedProcess

FIELD = "files"

blueprint = Blueprint("api_definitions", __name__, url_prefix="/process-definitions")


@blueprint.get("")
@description.validate(resp=answers(DefinitionsAnswer), tags=["process definitions"])
def list_definitions() -> DefinitionsAnswer:
    """The newest version of every process definition."""
    return DefinitionsAnswer(items=[_item(process) for process in ask(latest_definitions)])


@blueprint.post("")
@description.validate(resp=answers(DeploymentAnswer, status=201), tags=["process definitions"])
@takes_files(FIELD, "The BPMN, DMN and form files, each named by its path in the deployment.")
def deploy_files() -> tuple[DeploymentAnswer, int]:
    """Deploy the files of a multipart request together; each is named by its path in the deployment."""
    files = tuple(
        SourceFile(name=file.filename or "", body=file.read()) for file in request.files.getlist(FIELD)
    )
    _refuse_other_fields()
    if not files:
        raise Invalid((FieldError(path=FIELD, template="This entry is required"),))
    deployment_id = execute(deploy, files)
    items = [_item(p) for p in ask(latest_definitions) if p.deployment_id == deployment_id]
    return DeploymentAnswer(deployment_id=deployment_id, definitions=items), 201


def _refuse_other_fields() -> None:
    others = sorted({str(name) for name in (*request.form, *request.files)} - {FIELD})
    if others:
        template = "This does not fit the description of the call: {fault}"
        params = {"fault": "it takes files alone"}
        raise Invalid(tuple(FieldError(path=name, template=template, params=params) for name in others))


def _item(process: "DeployedProcess") -> DefinitionItem:
    return DefinitionItem(
        key=process.key, name=process.name, version=process.version, deployment_id=process.deployment_id,
        agency=process.agency,
    )  # fmt: skip
