"""What nobody does while somebody is away: open tasks that the deputy may not take either (四眼, 迴避)."""

from dataclasses import dataclass, replace
from itertools import islice

from engine.domain.deputy import Deputyship
from engine.domain.permission import may_see_task
from engine.domain.task import Task
from engine.queries.deputies import visible_deputyship
from engine.store.unit_of_work import Reader

MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyGap:
    """How many open tasks wait until the principal is back, and some that the reader may see."""

    waiting: int
    named: tuple[Task, ...]


def deputy_gap(reader: Reader, deputyship_id: int) -> DeputyGap:
    """The open tasks of a principal that exclude the deputy, and that nobody else may take.

    NotFound for a deputyship that the reader's own page does not show.
    """
    deputyship = visible_deputyship(reader, deputyship_id).deputyship
    tasks = [
        task
        for task in reader.tasks.open_excluding(deputyship.deputy)
        if not task.excludes(deputyship.principal)
    ]
    held = [task for task in tasks if task.assignee == deputyship.principal]
    pooled = [task for task in tasks if task.assignee is None]
    waiting = held + _only_of(reader, pooled, deputyship)
    found = reader.instances.of_ids({task.instance_id for task in waiting})
    instances = {instance.id: instance for instance in found}
    named = (t for t in waiting if may_see_task(reader.actor, t, instances[t.instance_id]))
    return DeputyGap(waiting=len(waiting), named=tuple(islice(named, MOST_NAMED)))


def _only_of(reader: Reader, tasks: list[Task], deputyship: Deputyship) -> list[Task]:
    """Those of a pool that somebody may take now, and nobody once the principal is away."""
    away = [replace(task, excluded=(*task.excluded, deputyship.principal)) for task in tasks]
    without = reader.organisation.that_nobody_may_take(away, reader.today)
    already = reader.organisation.that_nobody_may_take(tasks, reader.today)
    return [task for task in tasks if task.id in without - already]
