"""Firing what fell due."""

import logging
import random
from collections.abc import Collection
from dataclasses import dataclass

from engine.commands.timers import fire_due_of_instance
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import EngineError
from engine.store.unit_of_work import Reader

logger = logging.getLogger(__name__)
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringReport:
    """Which instances were moved by a timer, and which could not be."""

    fired: tuple[int, ...]
    failed: tuple[int, ...]


def fire_due_timers(engine: Engine, resting: Collection[int] = ()) -> FiringReport:
    """Fire every timer that is due, one transaction per instance, until none is left.

    What fell due earlier fires earlier, after a pause of the worker too: what a timer brings about, among it
    timers that are due already, comes before whatever fell due later. An instance that fails is left alone
    for this time: its incident is recorded, its timers stay. Instances that are `resting` are not tried.
    """
    fired: list[int] = []
    failed: list[int] = []
    while waiting := engine.ask(SYSTEM, instances_with_due_timers, [*failed, *resting]):
        random.shuffle(waiting)  # workers that look at the same moment do not queue behind each other
        for instance_id in waiting:
            try:
                engine.execute(SYSTEM, fire_due_of_instance, instance_id)
                fired.append(instance_id)
            except EngineError:
                logger.exception("The timers of instance %s could not fire", instance_id)
                failed.append(instance_id)
    return FiringReport(fired=tuple(fired), failed=tuple(failed))


def instances_with_due_timers(reader: Reader, without: Collection[int]) -> list[int]:
    """The instances with a timer of the earliest due moment, so many as are fired before looking again."""
    due = [t for t in reader.timers.due(reader.now, BATCH + len(without)) if t.instance_id not in without]
    return list(dict.fromkeys(timer.instance_id for timer in due if timer.due_at == due[0].due_at))
