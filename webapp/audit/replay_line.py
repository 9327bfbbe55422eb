"""The line of time of a replay: ticks by time, the present one, and the days below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from engine.queries.replay_outline import Look, Tick
from webapp.dates import local_day, plain_day

WIDTH = 1000  # of the drawing, and the thousandths of the time by which the slider counts
LABELS = 5
CLASSES = {Look.RETURN: "r", Look.DONE: "p", Look.NOTE: "z", Look.EFFECT: "e"}
HEIGHTS = {Look.RETURN: 26, Look.DONE: 18, Look.NOTE: 12, Look.EFFECT: 6}
WEIGHT = (Look.EFFECT, Look.NOTE, Look.DONE, Look.RETURN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A tick as it is drawn: where, how high, and its class."""

    x: int
    height: int
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLine:
    """The drawing: as many marks as fit beside one another at most, however many events there are."""

    marks: tuple[Mark, ...]
    here: int
    days: tuple[str, ...]


def line_of_time(ticks: Sequence[Tick], seq: int) -> TimeLine:
    """The line with event `seq` as the present one. Events too near to one another share a tick."""
    first, last = ticks[0].at, ticks[-1].at
    looks: dict[int, Look] = {}
    for tick in ticks:
        place = _place(tick.at, first, last)
        known = looks.get(place, tick.look)
        looks[place] = max(known, tick.look, key=WEIGHT.index)
    return TimeLine(
        marks=tuple(
            Mark(x=place, height=HEIGHTS[look], look=CLASSES[look]) for place, look in sorted(looks.items())
        ),
        here=_place(next(tick.at for tick in ticks if tick.seq == seq), first, last),
        days=_days(first, last),
    )


def _place(at: datetime, first: datetime, last: datetime) -> int:
    return round(WIDTH * ((at - first) / (last - first))) if last > first else 0


def _days(first: datetime, last: datetime) -> tuple[str, ...]:
    """Evenly spaced days; the year is told where it begins or changes. One day is told once."""
    moments = [
        first + timedelta(seconds=(last - first).total_seconds() * n / (LABELS - 1)) for n in range(LABELS)
    ]
    days = [local_day(at) for at in moments]
    if days[0] == days[-1]:
        return (plain_day(days[0]),)
    told = [plain_day(days[0])]
    for before, day in pairwise(days):
        told.append(f"{day.month:02d}/{day.day:02d}" if before.year == day.year else plain_day(day))
    return tuple(told)
