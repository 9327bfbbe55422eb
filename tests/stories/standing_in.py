"""Deputyships on the stage: naming one, acting by name, and what the history says of who did it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from engine.commands.deputies import name_deputy
from engine.domain.deputy import Deputyship
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from tests.stories.stage import Stage

DEPUTY = "registry"


def name(stage: Stage, principal: str, deputy: str = DEPUTY, **changes: Any) -> Deputyship:
    """Name who stands in for a person from today to the end of the year."""
    today = stage.engine.ask(SYSTEM, lambda reader: reader.today)
    call: dict[str, Any] = {
        "valid_from": today, "valid_to": date(today.year, 12, 31), "cause": "official_duty", **changes,
    }  # fmt: skip
    return stage.engine.execute(stage.engine.actor(principal), name_deputy, principal, deputy=deputy, **call)


def do(stage: Stage, by: str, command: Callable[..., Any], number: int, /, **entered: Any) -> Any:
    """Give a command by name."""
    return stage.engine.execute(stage.engine.actor(by), command, number, **entered)


def told(stage: Stage, instance: int, event_type: EventType) -> tuple[str, str | None]:
    """Who did it last, and in whose place, as the history says."""
    found = stage.engine.ask(SYSTEM, lambda reader: list(reader.history.events(instance)))
    event = next(event for event in reversed(found) if event.type is event_type)
    return event.actor, event.on_behalf_of


def held(stage: Stage, task: Task) -> tuple[str | None, str | None]:
    """Who holds a task now, and for whom it is prepared."""
    stored = stage.engine.ask(SYSTEM, lambda reader: reader.tasks.get(task.id))
    return stored.assignee, stored.owner
