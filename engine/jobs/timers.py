"""Firing what fell due."""

import logging
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from engine.commands.timers import NotTogether, fire_due_of_instance, fire_due_together
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import EngineError, TransientConflict, Unavailable

logger = logging.getLogger(__name__)
# So many instances are locked together: others wait for them no longer than people notice.
BATCH = 25
# After so many a worker rests, so that a storm takes no more of the machine than the people at work leave.
REST_SECONDS = 0.04
PAUSE_SECONDS = 0.02
MOST_PAUSES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringReport:
    """Which instances were moved by a timer, and which could not be."""

    fired: tuple[int, ...]
    failed: tuple[int, ...]


def fire_due_timers(engine: Engine, resting: Collection[int] = ()) -> FiringReport:
    """Fire every timer that is due, until none is left.

    What fell due earlier fires earlier, after a pause of the worker too: what a timer brings about, among it
    timers that are due already, comes before whatever fell due later. So a worker that finds the rest of a
    moment in the hands of others waits a little for them, and no longer than a second.

    Instances of one moment fire together. An instance that fails is left alone for this time: its incident is
    recorded, its timers stay. Instances that are `resting` are not tried.
    """
    fired: list[int] = []
    failed: list[int] = []
    pauses = 0
    while pauses < MOST_PAUSES:
        try:
            firing = engine.execute(SYSTEM, fire_due_together, without={*failed, *resting}, limit=BATCH)
        except NotTogether as refusal:
            logger.info("Timers fire one by one: %s", refusal.__cause__)
            moved, stuck = _one_by_one(engine, refusal.instance_ids)
            failed += stuck
        else:
            if firing.is_last:
                break
            moved = firing.fired
        fired += moved
        if moved:
            pauses = 0
            if len(moved) == BATCH:
                time.sleep(REST_SECONDS)
        else:
            pauses += 1
            time.sleep(PAUSE_SECONDS)
    return FiringReport(fired=tuple(fired), failed=tuple(failed))


def _one_by_one(engine: Engine, instance_ids: Iterable[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The instances that were moved, each in a transaction of its own, and those that failed."""
    moved: list[int] = []
    failed: list[int] = []
    for instance_id in instance_ids:
        try:
            if engine.execute(SYSTEM, fire_due_of_instance, instance_id):
                moved.append(instance_id)
        except Unavailable:
            raise
        except TransientConflict:
            continue  # others were faster again and again: it is no fault of the instance
        except EngineError:
            logger.exception("The timers of instance %s could not fire", instance_id)
            failed.append(instance_id)
    return tuple(moved), tuple(failed)
