"""What a task shows: the one reading that the task page, the API and the completion share."""

from engine.activities import PREFILLS
from engine.domain.definition import FormDefinition
from engine.domain.form import EMPTY_CONTENT, FormContent
from engine.domain.task import Task
from engine.store.unit_of_work import Reader


def form_of(reader: Reader, task: Task) -> FormDefinition:
    """The form of a task, from the deployment on which its instance runs."""
    deployment_id = reader.instances.get(task.instance_id).deployment_id
    return form_in(reader, task, deployment_id)


def form_in(reader: Reader, task: Task, deployment_id: int) -> FormDefinition:
    """The form of a task in a deployment that is known already."""
    parsed = reader.definitions.parsed(deployment_id)
    key = parsed.processes[task.process_key].elements[task.element_id].form
    return parsed.forms[str(key)]


def content_of(reader: Reader, task: Task, form: FormDefinition) -> FormContent:
    """First values, choices, documents and panels of a task's form."""
    return PREFILLS[form.prefill](reader, task) if form.prefill else EMPTY_CONTENT
