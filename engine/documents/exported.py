"""What is exported of an instance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.clock import TAIPEI, from_micros
from engine.domain.history import HistoryEvent
from engine.domain.instance import Instance

EVENT_COLUMNS = (
    "stream", "seq", "type", "origin", "actor", "on_behalf_of", "role", "unit", "occurred_at", "command_id",
    "element_id", "task_id", "data",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceHistory:
    """What is exported: an instance and all of its events.

    `labels` are the names of elements by process key, then element id; `name` is that of the process.
    """

    instance: Instance
    events: tuple[HistoryEvent, ...]
    labels: Mapping[str, Mapping[str, str]]
    exported_at: datetime
    name: str = ""

    def label(self, element_id: str, process: str | None = None) -> str:
        """The name of an element; of elements of one id, that of the named or the instance's own process."""
        own = [process, self.instance.definition_key, *self.labels]
        return next(
            (found for key in own if key and (found := self.labels.get(key, {}).get(element_id))), element_id
        )


def local_time(event: HistoryEvent) -> str:
    """When an event occurred, in the time of Taiwan."""
    return from_micros(event.occurred_at).astimezone(TAIPEI).isoformat()


def event_columns(event: HistoryEvent) -> dict[str, Any]:
    """Every column that the digest of an event covers."""
    columns: dict[str, Any] = {name: getattr(event, name) for name in EVENT_COLUMNS}
    return columns | {"type": str(event.type), "origin": str(event.origin)}
