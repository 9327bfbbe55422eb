"""The cache of live instances: the chain head tells whether a cached tree is the present one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.runtime.live import LiveInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedInstance:
    """A live instance together with the number and digest of the last event that it has seen."""

    seq: int
    head: bytes
    live: LiveInstance


class LiveCache:
    """Live instances by id, the least recently used dropped first.

    An entry is taken out by the holder of the instance's row lock and put back before the commit: nobody
    else can reach it before the lock goes, and the next holder finds it there.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[int, CachedInstance] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, instance_id: int) -> CachedInstance | None:
        """Take the entry out."""
        with self._lock:
            return self._entries.pop(instance_id, None)

    def holds(self, instance_id: int, head: bytes) -> bool:
        """Whether the entry of an instance is there and has seen all its events up to this digest."""
        with self._lock:
            entry = self._entries.get(instance_id)
        return entry is not None and entry.head == head

    def put(self, instance_id: int, entry: CachedInstance) -> None:
        """Put an entry in as the most recently used."""
        with self._lock:
            self._entries[instance_id] = entry
            self._entries.move_to_end(instance_id)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def drop(self, instance_id: int) -> None:
        """Forget an entry whose transaction failed."""
        with self._lock:
            self._entries.pop(instance_id, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
