"""Messages from outside: a door or a person sends one to the instances that wait for it."""

from typing import Any

from engine.commands.deliveries import deliver, deliver_all, receive
from engine.commands.files import refuse_foreign_files
from engine.commands.steps import Progress, check_running, fire_due
from engine.domain.form import EMPTY_CONTENT, structural_fault
from engine.domain.instance import ThrownMessage
from engine.domain.permission import Action, may_see_instance, may_send, require
from engine.domain.task import Task, may_complete
from engine.errors import FieldError, Invalid, NobodyWaits, NotFound, NotPermitted, TaskNotOpen
from engine.forms import accept_values
from engine.store.messages import StoredSubscription
from engine.store.unit_of_work import Reader, UnitOfWork


def send(uow: UnitOfWork, *, name: str, correlation: str, payload: dict[str, Any]) -> list[int]:
    """Deliver a message from outside by name and correlation; NobodyWaits when no instance waits for it.

    Messages that processes send to one another are theirs alone: who could send the bureau's reply would sign
    for the bureau. What people may send from an instance's page goes through its form (`act`).
    """
    require(uow.actor, Action.SEND_MESSAGE)
    if fault := structural_fault(payload):
        raise Invalid((FieldError(path=fault[0], template=fault[1]),))
    _check_from_outside(uow, name, correlation)
    progress = Progress.none()
    message = ThrownMessage(element_id=name, name=name, correlation=correlation, payload=payload)
    reached = deliver(uow, message, sender=None, progress=progress)
    if not reached:
        raise NobodyWaits(name=name)
    deliver_all(uow, progress)
    return reached


def act(uow: UnitOfWork, instance_id: int, *, element_id: str, values: dict[str, Any]) -> tuple[Task, ...]:
    """Send the message of a catch event that an instance offers to the actor or their role, with its form.

    Gives the tasks of the instance that opened and that the actor may take: what was taken back, for one.
    """
    handle = uow.instances.open(instance_id)
    offered = offered_action(uow, instance_id, element_id)
    check_running(handle)
    subscription = offered.subscription
    parsed = uow.definitions.parsed(handle.instance.deployment_id)
    if subscription.form is not None:
        values, errors = accept_values(parsed.forms[subscription.form], EMPTY_CONTENT, values)
        if errors:
            raise Invalid(errors)
        refuse_foreign_files(uow, parsed.forms[subscription.form], values)
    progress = fire_due(uow, handle)
    if not handle.live.awaits(subscription.task_id):
        raise TaskNotOpen
    message = ThrownMessage(
        element_id=element_id, name=subscription.name, correlation=subscription.correlation, payload=values
    )
    receive(uow, handle, subscription, message, sender=None, progress=progress)
    deliver_all(uow, progress)
    opened = (task for task in progress.still_open() if task.instance_id == instance_id)
    return tuple(task for task in opened if may_complete(uow.actor, task))


def _check_from_outside(uow: UnitOfWork, name: str, correlation: str) -> None:
    waiting = uow.messages.waiting(name, correlation)
    receivers = [uow.instances.get(s.instance_id) for s in waiting]
    is_hidden = not all(may_see_instance(uow.actor, receiver) for receiver in receivers)
    if is_hidden:
        waiting, receivers = [], []  # answered as if nobody waited: no refusal tells of a hidden receiver
    if any(s.subscription.is_for_people for s in waiting):
        raise NotPermitted
    concerned = {receiver.deployment_id for receiver in receivers}
    concerned |= {process.deployment_id for process in uow.definitions.all_latest()}
    if any(name in uow.definitions.parsed(number).thrown_messages for number in concerned):
        raise NotPermitted
    if is_hidden:
        raise NobodyWaits(name=name)


def offered_action(reader: Reader, instance_id: int, element_id: str) -> StoredSubscription:
    """The subscription behind an action that the actor may take now; NotFound where none is offered."""
    if not may_see_instance(reader.actor, reader.instances.get(instance_id)):
        raise NotFound(kind="process instance", id=instance_id)
    found = next(
        (s for s in reader.messages.of_instance(instance_id) if s.subscription.element_id == element_id), None
    )
    if found is None or not found.subscription.is_action:
        raise NotFound(kind="action", id=element_id)
    if not may_send(reader.actor, found.subscription):
        raise NotPermitted
    return found
