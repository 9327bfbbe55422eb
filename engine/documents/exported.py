"""What is exported of an instance."""

from dataclasses import dataclass
from datetime import datetime

from engine.clock import TAIPEI, from_micros
from engine.domain.history import HistoryEvent
from engine.domain.instance import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceHistory:
    """What is exported: an instance and all of its events."""

    instance: Instance
    events: tuple[HistoryEvent, ...]
    labels: dict[str, str]
    exported_at: datetime


def local_time(event: HistoryEvent) -> str:
    """When an event occurred, in the time of Taiwan."""
    return from_micros(event.occurred_at).astimezone(TAIPEI).isoformat()
