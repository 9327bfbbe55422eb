"""A small office with the approval of the benchmark: a clerk with every role, and people with one each."""

from dataclasses import dataclass
from typing import Any

from bench import approval_15
from engine.commands import organisation, tasks
from engine.domain.identity import SYSTEM, Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork

PEOPLE = (
    ("handler_01", "unit_handler", "unit_01"), ("colleague_01", "unit_handler", "unit_01"),
    ("handler_02", "unit_handler", "unit_02"), ("chief_01", "unit_chief", "unit_01"),
    ("head", "director", "office"), ("auditor", "auditor", "office"), ("admin", "sysadmin", "office"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Office:
    """The engine with the definition deployed and the people hired."""

    engine: Engine
    clerk: Actor
    digests: dict[str, str]

    def actor(self, user_id: str) -> Actor:
        return self.engine.actor(user_id)

    def start(self, number: int = 1) -> Task:
        """The draft of a new instance."""
        return approval_15.start(self.engine, self.clerk, number)

    def reports(self, number: int = 1) -> list[Task]:
        """The fifteen open tasks of an instance whose draft is done."""
        draft = self.start(number)
        self.complete(self.clerk, draft)
        return self.open(draft.instance_id)

    def open(self, instance_id: int) -> list[Task]:
        return self.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id))

    def complete(self, actor: Actor, task: Task, **changes: Any) -> tasks.Completed:
        """Complete a task as the page of `task` would; `changes` replace parts of the call."""
        call: dict[str, Any] = {
            "values": approval_15.values_for(task.element_id, 1),
            "revision": task.revision,
            "shown_digest": approval_15.shown(task, self.digests),
            **changes,
        }
        return self.engine.execute(actor, tasks.complete, task.id, **call)


def open_office(engine: Engine) -> Office:
    """Hire the people and deploy the definition."""
    clerk = approval_15.prepare(engine)
    engine.execute(SYSTEM, _hire)
    return Office(engine, clerk, approval_15.form_digests(engine))


def _hire(uow: UnitOfWork) -> None:
    for user_id, role, unit in PEOPLE:
        organisation.add_user(uow, user_id, name=user_id, title="科員")
        organisation.grant(uow, user_id, role=role, unit=unit, valid_from=uow.today)
