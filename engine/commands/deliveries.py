"""Messages and linked starts: what one instance sets going in others, inside the same transaction."""

from typing import Any

from engine.commands.steps import Progress, carry_on, check_running, fire_due
from engine.domain.history import EventDraft, EventType
from engine.domain.instance import Subscription, ThrownMessage
from engine.errors import ProcessFailed
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import UnitOfWork

MAX_DELIVERIES = 500


def deliver_all(uow: UnitOfWork, progress: Progress) -> None:
    """Deliver every thrown message and start every instance that an activity asked for, until none is left.

    A message that nobody waits for and that starts nothing is no fault: the sender's history holds it.
    """
    for _ in range(MAX_DELIVERIES):
        if progress.thrown:
            sender, message = progress.thrown.popleft()
            deliver(uow, message, sender=sender, progress=progress)
        elif progress.starts:
            parent, request = progress.starts.popleft()
            start_linked(
                uow, request.definition_key, request.business_key, request.variables,
                parent_id=parent, progress=progress,
            )  # fmt: skip
        else:
            return
    raise ProcessFailed(reason=f"more than {MAX_DELIVERIES} messages without a pause")


def deliver(uow: UnitOfWork, message: ThrownMessage, *, sender: int | None, progress: Progress) -> list[int]:
    """Hand a message to everybody who waits for it, or start what it starts; gives the instances.

    InstanceSuspended when a receiver is suspended: the sender waits, because a message must not be lost.
    """
    reached = []
    for waiting in uow.messages.waiting(message.name, message.correlation):
        handle = uow.instances.open(waiting.instance_id)
        check_running(handle)
        fire_due(uow, handle, progress)
        if handle.live.awaits(waiting.subscription.task_id):
            receive(uow, handle, waiting.subscription, message, sender=sender, progress=progress)
            reached.append(handle.id)
    started = None if reached else uow.definitions.started_by_message(message.name)
    if started is not None:
        business_key = message.correlation or str(message.payload.get("plan_key", ""))
        reached.append(
            start_linked(uow, started.key, business_key, message.payload, parent_id=sender, progress=progress)
        )
    return reached


def receive(
    uow: UnitOfWork,
    handle: InstanceHandle,
    subscription: Subscription,
    message: ThrownMessage,
    *,
    sender: int | None,
    progress: Progress,
) -> None:
    """Give a message to one catch event of an instance that is open in this unit of work."""
    step = handle.live.receive(uow.now, subscription.task_id, message.payload)
    received = EventDraft(
        type=EventType.MESSAGE_RECEIVED,
        element_id=subscription.element_id,
        task_id=subscription.task_id,
        data={"name": message.name, "payload": message.payload, "from": sender},
    )
    carry_on(uow, handle, received, step, progress=progress)


def start_linked(
    uow: UnitOfWork,
    definition_key: str,
    business_key: str,
    variables: dict[str, Any],
    *,
    parent_id: int | None,
    progress: Progress,
    command_id: str | None = None,
) -> int:
    """Start an instance of the newest version of a process; the caller has checked the right to."""
    deployed = uow.definitions.latest(definition_key)
    definition = uow.definitions.parsed(deployed.deployment_id).processes[definition_key]
    start_variables = {**variables, "business_key": business_key}
    handle = uow.instances.create(
        definition_key=definition_key,
        deployment_id=deployed.deployment_id,
        agency=deployed.agency,
        business_key=business_key,
        plan_key=str(start_variables.get("plan_key", business_key)),
        parent_id=parent_id,
        command_id=command_id,
        restricted_to=definition.restricted_to,
    )
    step = handle.live.start(uow.now, start_variables)
    started = EventDraft(
        type=EventType.INSTANCE_STARTED,
        data={
            "process": definition_key,
            "variables": start_variables,
            "deployment": deployed.deployment_id,
            "definition": deployed.digest.hex(),
            "title": handle.live.title,
            "business_key": business_key,
            "parent": parent_id,
        },
    )
    carry_on(uow, handle, started, step, progress=progress)
    return handle.id
