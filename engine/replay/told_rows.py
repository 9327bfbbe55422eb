"""Rows that events tell one by one: what they must be, and where the stored ones differ."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.replay.report import Check, Fault
from engine.store.proof_rows import Columns, Told

Key = tuple[Any, ...]
StreamFault = tuple[int, Fault]
UNREADABLE = (KeyError, ValueError, TypeError, AttributeError)
_TEMPLATES = {
    "missing": "The row {key} of the table {table} is missing",
    "strange": "The row {key} of the table {table} follows from no event",
    "different": "The row {key} of the table {table} differs from the history ({where})",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A row as the event that told it last says."""

    stream: int
    seq: int
    columns: dict[str, Any]


Rows = dict[Key, Expected]


def expect(rows: Rows, key: Key, event: Told, **columns: Any) -> None:
    """Let an event tell a row, in the place of what an earlier event told of it."""
    rows[key] = Expected(stream=event.stream, seq=event.seq, columns=columns)


def fold(events: Iterable[Told], read: Callable[[Told], None]) -> Iterator[StreamFault]:
    """Read every event; a fault for one that does not tell what its type must tell."""
    for event in events:
        try:
            read(event)
        except UNREADABLE:
            yield (
                event.stream,
                Fault(
                    check=Check.PROJECTION,
                    seq=event.seq,
                    template="The event {seq} does not tell what a {type} must tell",
                    params={"seq": event.seq, "type": event.type},
                ),
            )


def readable(faults: Iterable[StreamFault], place: int) -> Iterator[StreamFault]:
    """The faults, and one more at `place` if rows hold what nobody can read, as an edited SQLite may."""
    try:
        yield from faults
    except UNREADABLE as error:
        template = "Rows beside the histories cannot be read: {reason}"
        params = {"reason": str(error)[:200]}
        yield place, Fault(check=Check.PROJECTION, seq=None, template=template, params=params)


def by_key(rows: Iterable[Columns], *names: str) -> dict[Key, Columns]:
    """Stored rows by the columns that tell them apart."""
    return {tuple(row[name] for name in names): row for row in rows}


def compared(
    table: str, expected: Rows, stored: dict[Key, Columns], stream_of: Callable[[Columns], int]
) -> Iterator[tuple[int, Key, Fault]]:
    """(stream, key, fault) for every row that is not as it was told; `stream_of` places rows that nothing
    told."""
    for key, wanted in expected.items():
        found = stored.get(key)
        if found is None:
            yield wanted.stream, key, _fault(table, key, "missing", wanted.seq)
            continue
        wrong = sorted(name for name, value in wanted.columns.items() if found[name] != value)
        if wrong:
            yield wanted.stream, key, _fault(table, key, "different", wanted.seq, ", ".join(wrong))
    for key, found in stored.items():
        if key not in expected:
            yield stream_of(found), key, _fault(table, key, "strange", None)


def _fault(table: str, key: Key, what: str, seq: int | None, where: str = "") -> Fault:
    shown = "/".join(str(part) for part in key)
    params = {"table": table, "key": shown, "where": where}
    return Fault(check=Check.PROJECTION, seq=seq, template=_TEMPLATES[what], params=params)
