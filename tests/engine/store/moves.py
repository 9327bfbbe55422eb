"""The smallest commands over the store: what the tests of this room move instances with."""

from pathlib import Path
from typing import Any

from engine.domain.definition import SourceFile
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM, Actor, Agency
from engine.domain.task import Task
from engine.engine import Engine
from engine.errors import TaskNotOpen
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import Reader, UnitOfWork

DIAGRAMS = Path(__file__).parents[2] / "diagrams"
DUE = "2025-01-08T17:00:00+08:00"
VALUES: dict[str, dict[str, Any]] = {
    "draft": {"subject": "年度計畫"},
    "report": {"progress": 40},
    "approve": {"decision": "approve"},
}


def person(user_id: str, *pairs: tuple[str, str], number: int = 7) -> Actor:
    return Actor(
        user_id=user_id,
        number=number,
        name=user_id,
        title="",
        pairs=frozenset(pairs),
        agencies=frozenset({Agency.BRANCH}),
    )


CLERK = person("clerk", ("sec_handler", "office"), ("director", "head"), ("unit_handler", "kinmen"))


def files_of(folder: str) -> tuple[SourceFile, ...]:
    root = DIAGRAMS / folder
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return tuple(SourceFile(name=p.relative_to(root).as_posix(), body=p.read_bytes()) for p in paths)


def deploy(uow: UnitOfWork, folder: str = "review") -> int:
    return uow.definitions.deploy(files_of(folder))


def start(uow: UnitOfWork, units: int = 1, plan_key: str = "branch:114") -> int:
    """A review that asks so many units."""
    handle = uow.instances.create(
        definition_key="review",
        deployment_id=uow.definitions.latest("review").deployment_id,
        agency="branch",
        business_key=plan_key,
        plan_key=plan_key,
        command_id=uow.command_id,
    )
    names = ["kinmen", *(f"unit_{number}" for number in range(2, units + 1))]
    variables = {"roc_year": 114, "plan_key": plan_key, "units": names, "due": DUE}
    step = handle.live.start(uow.now, variables)
    handle.record(EventDraft(type=EventType.INSTANCE_STARTED, data={"variables": variables}), step)
    return handle.id


def complete(uow: UnitOfWork, task_id: int, values: dict[str, Any] | None = None) -> tuple[Task, ...]:
    """Complete a task and run the activity that may follow."""
    handle = uow.instances.open_for_task(task_id)
    task = handle.task
    assert task is not None
    if not task.is_open:
        raise TaskNotOpen
    variables = VALUES[task.element_id] if values is None else values
    step = handle.live.complete(uow.now, task_id, variables)
    cause = EventDraft(
        type=EventType.TASK_COMPLETED,
        task_id=task_id,
        element_id=task.element_id,
        data={"values": variables, "variables": variables},
    )
    opened = handle.record(cause, step, role=task.candidates[0].role, unit=task.candidates[0].unit)
    return opened + _run_activities(uow, handle, step.activities)


def _run_activities(uow: UnitOfWork, handle: InstanceHandle, requests: Any) -> tuple[Task, ...]:
    opened: tuple[Task, ...] = ()
    for request in requests:
        uow.documents.put(handle.instance.business_key, "plan", "", {"units": request.data["units"]})
        step = handle.live.return_activity(uow.now, request.task_id, {})
        returned = EventDraft(
            type=EventType.ACTIVITY_RETURNED,
            task_id=request.task_id,
            element_id=request.element_id,
            data={"activity": request.activity, "result": {}},
        )
        opened += handle.record(returned, step)
    return opened


def claim(uow: UnitOfWork, task_id: int) -> Task:
    handle = uow.instances.open_for_task(task_id)
    assert handle.task is not None
    draft = EventDraft(type=EventType.TASK_CLAIMED, task_id=task_id, data={})
    return handle.hold(handle.task, draft, assignee=uow.actor.user_id)


def fire(uow: UnitOfWork, task_id: int) -> bool:
    """Fire a timer unless somebody else did."""
    timer = uow.timers.find(task_id)
    if timer is None:
        return False
    handle = uow.instances.open(timer.instance_id)
    if uow.timers.find(task_id) is None:
        return False
    step = handle.live.fire(uow.now, task_id)
    data = {"due_at": timer.due_at.isoformat()}
    handle.record(
        EventDraft(type=EventType.TIMER_FIRED, task_id=task_id, element_id=timer.element_id, data=data), step
    )
    return True


def recall(uow: UnitOfWork, instance_id: int) -> None:
    """Send the message for which the approval waits."""
    handle = uow.instances.open(instance_id)
    (waiting,) = uow.messages.of_instance(instance_id)
    subscription = waiting.subscription
    step = handle.live.receive(uow.now, subscription.task_id, {"reason": "誤送"})
    data = {"name": subscription.name, "payload": {"reason": "誤送"}, "from": None}
    handle.record(
        EventDraft(
            type=EventType.MESSAGE_RECEIVED,
            task_id=subscription.task_id,
            element_id=subscription.element_id,
            data=data,
        ),
        step,
    )


def open_tasks(reader: Reader, instance_id: int) -> list[Task]:
    return reader.tasks.open_of_instance(instance_id)


def at_approval(engine: Engine, units: int = 1) -> tuple[int, Task]:
    """A deployed, started review that waits for the approval."""
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start, units)
    return instance_id, to_approval(engine, instance_id)


def to_approval(engine: Engine, instance_id: int) -> Task:
    """Complete until only the approval is open."""
    while True:
        tasks = engine.ask(SYSTEM, open_tasks, instance_id)
        if tasks[0].element_id == "approve":
            return tasks[0]
        for task in tasks:
            engine.execute(CLERK, complete, task.id)


def played_through(engine: Engine, units: int = 1) -> int:
    """An instance from start to end."""
    instance_id, approval = at_approval(engine, units)
    engine.execute(CLERK, complete, approval.id)
    return instance_id
