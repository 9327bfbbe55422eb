"""Open tasks as people ask for them: who owes what until when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from engine.clock import TAIPEI
from engine.domain.identity import User, role_label
from engine.domain.task import Candidate, Task, may_assign, may_prioritise, may_see
from engine.queries.working_time import days_left
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task that somebody owes: `holder` when somebody took it, else who may take it.

    It is late after `late_after_on` only. `nobody_may_take`: everybody who holds one of the roles is excluded
    (迴避), so that somebody has to help.
    """

    task: Task
    holder: User | None
    wanted: tuple[tuple[str, str], ...]
    due_on: date | None
    late_after_on: date | None
    days_left: int | None
    may_open: bool
    may_assign: bool
    may_prioritise: bool
    nobody_may_take: bool


def owed_by_due_date(
    reader: Reader, tasks: Collection[Task], people: Mapping[str, User]
) -> tuple[OpenTask, ...]:
    """Open tasks of instances that the reader sees, the most urgent first; what has no due date comes last.

    One statement, however many tasks there are.
    """
    unowned = reader.organisation.that_nobody_may_take(tasks, reader.today)
    lines = (_open_task(reader, task, people, nobody_may_take=task.id in unowned) for task in tasks)
    return tuple(sorted(lines, key=lambda line: (line.due_on is None, line.due_on or date.max, line.task.id)))


def _open_task(reader: Reader, task: Task, people: Mapping[str, User], *, nobody_may_take: bool) -> OpenTask:
    due_on = task.due_at.astimezone(TAIPEI).date() if task.due_at else None
    late_after_on = task.late_after_at.astimezone(TAIPEI).date() if task.late_after_at else None
    return OpenTask(
        task=task,
        holder=people.get(task.assignee or ""),
        wanted=tuple(_pair(candidate) for candidate in task.candidates),
        due_on=due_on,
        late_after_on=late_after_on,
        days_left=days_left(reader.today, due_on, late_after_on, reader.calendar),
        may_open=may_see(reader.actor, task),
        may_assign=may_assign(reader.actor, task),
        may_prioritise=may_prioritise(reader.actor, task),
        nobody_may_take=nobody_may_take,
    )


def _pair(candidate: Candidate) -> tuple[str, str]:
    return (role_label(candidate.role), candidate.unit)
