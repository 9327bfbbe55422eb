"""What one process remembers between units of work; all of it can be forgotten at any moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.domain.definition import SourceFile
from engine.domain.instance import InstanceView
from engine.mining.runs import Trace
from engine.store.checkpoints import Checkpoints
from engine.store.live_cache import LiveCache
from engine.store.view_cache import ViewCache

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment
    from engine.runtime.live import LiveInstance


MOST_VIEWS = 200
MOST_OUTLINES = 20
MOST_TRACES = 1000
MOST_CHECKPOINT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeDoor:
    """The calls by which the store reaches the runtime; handed in, as neither room imports the other."""

    parse: Callable[[tuple[SourceFile, ...], int], ParsedDeployment]
    create: Callable[[ParsedDeployment, str, int], LiveInstance]
    restore: Callable[[ParsedDeployment, str, int, bytes], LiveInstance]


class Memory:
    """Parsed deployments, live instances, pictures and checkpoints of them, numbers of candidate pairs."""

    def __init__(self, runtime: RuntimeDoor, *, cache_size: int, snapshot_every: int) -> None:
        self.runtime = runtime
        self.live = LiveCache(cache_size)
        self.views: ViewCache[InstanceView] = ViewCache(min(cache_size, MOST_VIEWS))
        self.outlines: ViewCache[Any] = ViewCache(min(cache_size, MOST_OUTLINES))  # of whole histories
        self.traces: ViewCache[Trace] = ViewCache(MOST_TRACES)
        self.checkpoints = Checkpoints(MOST_CHECKPOINT_BYTES)
        self.snapshot_every = snapshot_every
        self._parsed: dict[int, ParsedDeployment] = {}
        self._pair_ids: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def parsed(self, deployment_id: int) -> ParsedDeployment | None:
        return self._parsed.get(deployment_id)

    def remember_parsed(self, deployment_id: int, parsed: ParsedDeployment) -> None:
        with self._lock:
            self._parsed[deployment_id] = parsed

    def pair_ids(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The numbers that are known; pairs are never deleted, so a known number stays true."""
        return {pair: self._pair_ids[pair] for pair in pairs if pair in self._pair_ids}

    def remember_pairs(self, pair_ids: dict[tuple[str, str], int]) -> None:
        with self._lock:
            self._pair_ids.update(pair_ids)

    def forget(self) -> None:
        """Forget everything, as a new process would."""
        with self._lock:
            self._parsed.clear()
            self._pair_ids.clear()
        self.live.clear()
        self.views.clear()
        self.checkpoints.clear()
        self.outlines.clear()
        self.traces.clear()
