"""The time machine: move the demo's clock forward, and let what falls due on the way happen in its order."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from engine.clock import TAIPEI, Clock, from_micros, to_micros
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM, Actor
from engine.engine import Engine
from engine.errors import FieldError, Invalid
from engine.jobs.escalations import MORNING, report_of_the_week, tell_levels
from engine.jobs.timers import fire_due_timers
from engine.store.unit_of_work import Reader, UnitOfWork

SETTING = "demo_clock"
LONGEST_MOVE = timedelta(days=800)


@runtime_checkable
class MovableClock(Clock, Protocol):
    """A clock that can be set."""

    def move_to(self, at: datetime) -> None: ...


def is_demo(reader: Reader) -> bool:
    """True for a database that the demo made: only there may the clock be moved."""
    return reader.organisation.setting(SETTING) is not None


def demo_time(reader: Reader) -> datetime | None:
    """Where the clock of a demo database was left, or its last event if that is later; None elsewhere."""
    kept = reader.organisation.setting(SETTING)
    if kept is None:
        return None
    left_at = from_micros(int(kept))
    return max(left_at, reader.history.latest_at() or left_at)


def keep_time(uow: UnitOfWork, at: datetime) -> None:
    """Remember where the demo's clock stands, with its event."""
    moved = EventDraft(type=EventType.CLOCK_MOVED, data={"at": at.isoformat()})
    uow.organisation.change_setting(SETTING, to_micros(at), moved)


def move_clock(
    engine: Engine, actor: Actor, at: datetime, on_moment: Callable[[datetime], None] | None = None
) -> None:
    """Move the clock of a demo forward to an instant; each timer on the way fires at its own time.

    Every working morning on the way urges by the calendar. Invalid for an instant in the past, too far
    ahead, or outside a demo.
    """
    clock = engine.clock
    if not isinstance(clock, MovableClock) or not engine.ask(SYSTEM, is_demo):
        raise Invalid((FieldError(path="now", template="Only the clock of a demo can be moved"),))
    if at.tzinfo is None:
        raise Invalid((FieldError(path="now", template="Give the instant with its offset, such as +08:00"),))
    if at < clock.now():
        raise Invalid((FieldError(path="now", template="The clock of the demo only goes forward"),))
    if at - clock.now() > LONGEST_MOVE:
        params = {"limit": LONGEST_MOVE.days}
        raise Invalid((FieldError(path="now", template="Move at most {limit} days at once", params=params),))
    for morning in _mornings(clock.now(), at):
        advance(engine, clock, morning, on_moment)
        tell_levels(engine)
        report_of_the_week(engine)
    advance(engine, clock, at, on_moment)
    engine.execute(actor, keep_time, at)


def _mornings(since: datetime, until: datetime) -> Iterator[datetime]:
    """Nine o'clock of every day on the way: then the calendar urges."""
    morning = since.astimezone(TAIPEI).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    while morning <= until:
        if morning > since:
            yield morning
        morning += timedelta(days=1)


def advance(
    engine: Engine, clock: MovableClock, at: datetime, on_moment: Callable[[datetime], None] | None = None
) -> None:
    """Stop at every due time up to an instant and fire what is due there."""
    while (due := engine.ask(SYSTEM, next_due_at)) is not None and due <= at:
        clock.move_to(max(due, clock.now()))
        fired = fire_due_timers(engine)
        if on_moment is not None:
            on_moment(clock.now())
        if fired.failed and not fired.fired:
            break  # an incident tells why; the clock goes on, the timer stays
    clock.move_to(max(at, clock.now()))


def next_due_at(reader: Reader) -> datetime | None:
    """When the next timer falls due."""
    return reader.timers.next_due_at()
