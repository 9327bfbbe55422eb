"""The one place that asks for the time; every other part is told it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Tells the present instant as an aware UTC datetime."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is moved: for tests, the demo and replays."""

    at: datetime = field(default_factory=lambda: datetime(2025, 1, 6, 1, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def move_to(self, at: datetime) -> None:
        """Set the clock; naive datetimes are refused because they name no instant."""
        if at.tzinfo is None:
            raise ValueError("A clock needs an aware datetime")
        self.at = at.astimezone(UTC)


@dataclass(slots=True)
class DemoClock:
    """Runs beside the machine's clock, as far off as it was moved: the clock of a served demonstration."""

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def move_to(self, at: datetime) -> None:
        """Let the clock show another instant and go on from there."""
        self.offset = at - datetime.now(UTC)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 in UTC: how instants lie in tables and events."""
    delta = at - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of a stored instant."""
    return EPOCH + timedelta(microseconds=micros)
