"""The cache of pictures of instances: the chain head tells whether a picture is the present one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Picture = TypeVar("Picture")


class ViewCache(Generic[Picture]):
    """The latest picture of instances that were looked at, the least recently used dropped first.

    A picture is read only, so that any number of readers may have it at once. Whether the history behind it
    is whole is asked anew each time; this only spares executing it again.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[int, tuple[bytes, Picture]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, instance_id: int, head: bytes) -> Picture | None:
        """The picture after the event with this digest, if it is there."""
        with self._lock:
            known = self._entries.get(instance_id)
            if known is None or known[0] != head:
                return None
            self._entries.move_to_end(instance_id)
            return known[1]

    def put(self, instance_id: int, head: bytes, view: Picture) -> None:
        """Put a picture in as the most recently used."""
        with self._lock:
            self._entries[instance_id] = (head, view)
            self._entries.move_to_end(instance_id)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
