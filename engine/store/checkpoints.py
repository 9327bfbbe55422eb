"""Checkpoints: what an instance was after some of its events, kept while somebody replays it."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass

from engine.domain.instance import InstanceState
from engine.domain.task_notes import Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """An instance after its event number `seq`, by re-execution from the first event on.

    `digest` is that of the event: whoever starts here asks first whether the history still has it.
    """

    seq: int
    digest: bytes
    picture: bytes
    state: InstanceState
    notes: Notes


class Checkpoints:
    """Checkpoints of instances that were replayed, the least recently used instance dropped first.

    They spare executing a history from its beginning again for each step of a reader. No proof rests on them.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._by_instance: OrderedDict[int, list[Checkpoint]] = OrderedDict()
        self._lock = threading.Lock()

    def latest(self, instance_id: int, seq: int) -> Checkpoint | None:
        """The last one that is not behind event number `seq`, if there is one."""
        with self._lock:
            known = self._by_instance.get(instance_id, [])
            if known:
                self._by_instance.move_to_end(instance_id)
            place = bisect_right(known, seq, key=lambda checkpoint: checkpoint.seq)
            return known[place - 1] if place else None

    def put(self, instance_id: int, checkpoint: Checkpoint) -> None:
        """Keep one; where there is one after the same event already, that one stays."""
        with self._lock:
            known = self._by_instance.setdefault(instance_id, [])
            place = bisect_right(known, checkpoint.seq, key=lambda other: other.seq)
            if place and known[place - 1].seq == checkpoint.seq:
                return
            known.insert(place, checkpoint)
            self._held += len(checkpoint.picture)
            self._by_instance.move_to_end(instance_id)
            while self._held > self._most and len(self._by_instance) > 1:
                self._forget(next(iter(self._by_instance)))

    def drop(self, instance_id: int) -> None:
        """Forget those of one instance, whose history is not what it was."""
        with self._lock:
            self._forget(instance_id)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._by_instance.clear()
            self._held = 0

    def _forget(self, instance_id: int) -> None:
        gone = self._by_instance.pop(instance_id, [])
        self._held -= sum(len(checkpoint.picture) for checkpoint in gone)
