"""What an instance waits for, kept in step with its tokens: open tasks, activities, timers and messages."""

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.domain.history import EventDraft, EventType
from engine.domain.instance import ActivityRequest, OpenedTask, Step, Subscription, WaitingTimer
from engine.runtime import opening
from engine.runtime.driver import Run
from engine.runtime.events import Catching
from engine.runtime.gateways import EventBasedGateway
from engine.runtime.specs import ServiceTask, UserTask


class Waiting:
    """The things that can move an instance, by task id."""

    def __init__(self) -> None:
        self.tasks: dict[int, OpenedTask] = {}
        self.activities: dict[int, str] = {}
        self.timers: dict[int, WaitingTimer] = {}
        self.messages: dict[int, Subscription] = {}
        self._of_gateway: dict[int, list[int]] = {}

    @property
    def is_empty(self) -> bool:
        return not (self.tasks or self.activities or self.timers or self.messages)

    def holds(self, task_id: int) -> bool:
        return any(task_id in things for things in (self.tasks, self.activities, self.timers, self.messages))

    def take(self, task_id: int) -> None:
        """What a cause has used up is neither withdrawn nor dropped."""
        for things in (self.tasks, self.activities, self.timers, self.messages):
            things.pop(task_id, None)

    def restore(self, tokens: list[Any], title: str) -> None:
        """Build the tables anew from the live tokens of a restored instance."""
        for token in sorted(tokens, key=lambda t: t.id):
            self._arrive(token, title, _Changes())

    def follow(self, run: Run, title: str) -> "Step":
        """Compare with the tokens that moved in this step, and tell the difference."""
        changes = _Changes()
        for task_id in sorted(run.touched):
            token = run.touched[task_id]
            if task_id in token.workflow.live:
                run.current = token
                self._arrive(token, title, changes)
            else:
                self._leave(task_id, changes)
        return Step(
            effects=(*run.effects, *changes.events()),
            opened=tuple(changes.opened),
            withdrawn=tuple(task.id for task in changes.withdrawn),
            timers_set=tuple(changes.timers_set),
            timers_dropped=tuple(timer.task_id for timer in changes.timers_dropped),
            awaited=tuple(changes.awaited),
            unawaited=tuple(message.task_id for message in changes.unawaited),
            activities=tuple(changes.activities),
            thrown=tuple(run.thrown),
            reasons=tuple(run.reasons),
        )

    def _arrive(self, token: Any, title: str, changes: "_Changes") -> None:
        spec, state = token.task_spec, token.state
        if state == TaskState.READY and isinstance(spec, UserTask):
            if token.id not in self.tasks:
                task = self.tasks[token.id] = opening.opened_task(token, title)
                changes.opened.append(task)
        elif state == TaskState.READY and isinstance(spec, ServiceTask):
            if token.id not in self.activities:
                self.activities[token.id] = spec.element.id
                changes.activities.append(opening.activity_request(token))
        elif state == TaskState.WAITING and isinstance(spec, EventBasedGateway):
            self._of_gateway[token.id] = [child.id for child in token.children]
            for child in token.children:
                self._await(child, changes)
        elif state == TaskState.WAITING and isinstance(spec, Catching):
            self._await(token, changes)

    def _await(self, token: Any, changes: "_Changes") -> None:
        element = token.task_spec.element
        if element.message is not None and token.id not in self.messages:
            message = self.messages[token.id] = opening.subscription(token)
            changes.awaited.append(message)
        elif element.timer is not None and token.id not in self.timers:
            timer = opening.waiting_timer(token)
            if timer is not None:
                self.timers[token.id] = timer
                changes.timers_set.append(timer)

    def _leave(self, token_id: int, changes: "_Changes") -> None:
        for task_id in (token_id, *self._of_gateway.pop(token_id, ())):
            self.activities.pop(task_id, None)
            if (task := self.tasks.pop(task_id, None)) is not None:
                changes.withdrawn.append(task)
            if (timer := self.timers.pop(task_id, None)) is not None:
                changes.timers_dropped.append(timer)
            if (message := self.messages.pop(task_id, None)) is not None:
                changes.unawaited.append(message)


class _Changes:
    """What came and went in one step."""

    def __init__(self) -> None:
        self.opened: list[OpenedTask] = []
        self.withdrawn: list[OpenedTask] = []
        self.activities: list[ActivityRequest] = []
        self.timers_set: list[WaitingTimer] = []
        self.timers_dropped: list[WaitingTimer] = []
        self.awaited: list[Subscription] = []
        self.unawaited: list[Subscription] = []

    def events(self) -> list[EventDraft]:
        """What went, then what came, each by task id."""
        return [
            *(_event(EventType.TASK_WITHDRAWN, t.element_id, t.id, path=t.path) for t in self.withdrawn),
            *(_event(EventType.TIMER_DROPPED, t.element_id, t.task_id) for t in self.timers_dropped),
            *(
                _event(EventType.MESSAGE_UNAWAITED, m.element_id, m.task_id, name=m.name)
                for m in self.unawaited
            ),
            *(task.event() for task in self.opened),
            *(
                _event(EventType.TIMER_SET, t.element_id, t.task_id, due_at=t.due_at.isoformat())
                for t in self.timers_set
            ),
            *(
                _event(
                    EventType.MESSAGE_AWAITED, m.element_id, m.task_id, name=m.name, correlation=m.correlation
                )
                for m in self.awaited
            ),
            *(
                _event(EventType.ACTIVITY_REQUESTED, a.element_id, a.task_id, activity=a.activity)
                for a in self.activities
            ),
        ]


def _event(kind: EventType, element_id: str, task_id: int, **data: Any) -> EventDraft:
    return EventDraft(type=kind, element_id=element_id, task_id=task_id, data=data)
