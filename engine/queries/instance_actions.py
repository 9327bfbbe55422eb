"""The actions that an instance offers beside its tasks: a person sends a message that it waits for."""

from dataclasses import dataclass

from engine.domain.definition import FormDefinition
from engine.domain.instance import Instance
from engine.domain.permission import may_send
from engine.errors import NotFound
from engine.queries.instances import visible_instance
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPage:
    """One action with its form, if it asks for anything."""

    instance: Instance
    element_id: str
    label: str
    form: FormDefinition | None


def action_page(reader: Reader, instance_id: int, element_id: str) -> ActionPage:
    """An action that is offered now to the reader or a role of theirs; NotFound for everything else."""
    instance = visible_instance(reader, instance_id)
    waiting = reader.messages.of_instance(instance_id)
    offered = next((s.subscription for s in waiting if s.subscription.element_id == element_id), None)
    if offered is None or not may_send(reader.actor, offered):
        raise NotFound(kind="action", id=element_id)
    parsed = reader.definitions.parsed(instance.deployment_id)
    return ActionPage(
        instance=instance,
        element_id=element_id,
        label=parsed.processes[offered.process_key].elements[element_id].name,
        form=parsed.forms[offered.form] if offered.form is not None else None,
    )
