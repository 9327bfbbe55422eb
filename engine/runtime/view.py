"""The picture of a live instance that readers and diagrams get."""

from typing import Any

from engine.domain.instance import ElementMark, InstanceView
from engine.runtime.driver import Instance
from engine.runtime.events import BoundaryEvent
from engine.runtime.functions import private_copy
from engine.runtime.specs import Repetition
from engine.runtime.variables import Variables, merge, visible
from engine.runtime.waiting import Waiting


def instance_view(instance: Instance, waiting: Waiting) -> InstanceView:
    """Everything is sorted by id and copied."""
    return InstanceView(
        open_tasks=tuple(private_task for _, private_task in sorted(waiting.tasks.items())),
        timers=tuple(timer for _, timer in sorted(waiting.timers.items())),
        subscriptions=tuple(message for _, message in sorted(waiting.messages.items())),
        variables=private_copy(variables_of(instance)),
        marks=marks_of(instance),
        flows={process: dict(flows) for process, flows in instance.run.flows.items()},
    )


def variables_of(instance: Instance) -> Variables:
    """The newest value of each variable over all live tokens."""
    newest: Variables = dict(instance.last_task.data) if instance.last_task is not None else {}
    for scope in instance.scopes():
        for token in scope.live.values():
            merge(newest, token.data)
    return visible(newest)


def marks_of(instance: Instance) -> dict[str, dict[str, ElementMark]]:
    """Completed, active and cancelled counts per process and element."""
    run = instance.run
    active: dict[str, dict[str, int]] = {}
    for scope in instance.scopes():
        for token in scope.live.values():
            if _is_shown(token):
                element = token.task_spec.element
                of_process = active.setdefault(element.process_key, {})
                of_process[element.id] = of_process.get(element.id, 0) + 1
    marks: dict[str, dict[str, ElementMark]] = {}
    for process in sorted({*run.completed, *run.cancelled, *active}):
        counts = [table.get(process, {}) for table in (run.completed, active, run.cancelled)]
        marks[process] = {
            element: ElementMark(
                completed=counts[0].get(element, 0),
                active=counts[1].get(element, 0),
                cancelled=counts[2].get(element, 0),
            )
            for element in sorted({*counts[0], *counts[1], *counts[2]})
        }
    return marks


def _is_shown(token: Any) -> bool:
    spec = token.task_spec
    return spec.element is not None and not isinstance(spec, Repetition | BoundaryEvent)
