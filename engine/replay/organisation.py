"""Master data (people, units, deputies, settings, calendars) against the organisation's stream."""

import json
from collections.abc import Iterator
from datetime import date, datetime

from engine.clock import to_micros
from engine.domain.canonical import canonical_json
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.replay.told_rows import Rows, StreamFault, by_key, compared, expect, fold
from engine.store import tables
from engine.store.deputy_tables import deputyship
from engine.store.proof_rows import Columns, ProofRows, Told
from engine.store.unit_of_work import Reader

CLOCK_SETTING = "demo_clock"  # told by clock_moved, whose words are those of people
_USER_TYPES = (
    EventType.USER_ADDED,
    EventType.USER_CHANGED,
    EventType.USER_DISABLED,
    EventType.USER_ENABLED,
)
_UNIT_TYPES = (EventType.UNIT_ADDED, EventType.UNIT_CHANGED)
_MEMBERSHIP_TYPES = (EventType.MEMBERSHIP_GRANTED, EventType.MEMBERSHIP_ENDED)
_TYPES = (
    *_USER_TYPES,
    *_UNIT_TYPES,
    *_MEMBERSHIP_TYPES,
    EventType.SETTING_CHANGED,
    EventType.CLOCK_MOVED,
    EventType.CALENDAR_IMPORTED,
    EventType.WORK_STOPPED,
    EventType.DEPUTY_NAMED,
    EventType.DEPUTYSHIP_ENDED,
)


class ToldOrganisation:
    """The organisation as its stream tells it."""

    def __init__(self) -> None:
        self.users: Rows = {}
        self.units: Rows = {}
        self.memberships: Rows = {}
        self.settings: Rows = {}
        self.years: Rows = {}
        self.deputyships: Rows = {}

    def read_stream(self, reader: Reader, until: int | None = None) -> Iterator[StreamFault]:
        """Take over every change, or those up to an instant in microseconds; faults of events that tell
        nothing."""
        events = ProofRows(reader).told(ORGANISATION_STREAM, _TYPES, until=until)
        yield from fold(events, self.read)

    def read(self, event: Told) -> None:
        """Take over one change."""
        told = event.data
        if event.type in _USER_TYPES:
            columns = {name: told[name] for name in ("number", "name", "title", "active", "email")}
            expect(self.users, (told["user"],), event, **columns)
        elif event.type in _UNIT_TYPES:
            columns = {name: told[name] for name in ("label", "kind", "agency", "position", "active")}
            expect(self.units, (told["unit"],), event, **columns)
        elif event.type in _MEMBERSHIP_TYPES:
            key = (told["user"], told["role"], told["unit"], date.fromisoformat(told["from"]))
            last = date.fromisoformat(told["to"]) if told["to"] else None
            expect(self.memberships, key, event, valid_to=last)
        elif event.type == EventType.SETTING_CHANGED:
            expect(self.settings, (told["key"],), event, value=canonical_json(told["value"]))
        elif event.type == EventType.CLOCK_MOVED:
            at = to_micros(datetime.fromisoformat(told["at"]))
            expect(self.settings, (CLOCK_SETTING,), event, value=canonical_json(at))
        elif event.type == EventType.DEPUTY_NAMED:
            expect(self.deputyships, (told["deputyship"],), event, **_named(event))
        elif event.type == EventType.DEPUTYSHIP_ENDED:
            named = self.deputyships[(told["deputyship"],)].columns
            ended = {"ended_at": event.occurred_at, "ended_by": event.actor}
            expect(self.deputyships, (told["deputyship"],), event, **named | ended)
        else:
            expect(self.years, (told["year"],), event, body=canonical_json(told["table"]))


def organisation_faults(reader: Reader) -> Iterator[StreamFault]:
    """(stream, fault) for every row of the organisation that is not as its stream tells."""
    rows, told = ProofRows(reader), ToldOrganisation()
    yield from told.read_stream(reader)
    settings = [_plain(row) for row in rows.rows(tables.setting)]
    for table, expected, stored in (
        (tables.user, told.users, by_key(rows.rows(tables.user), "id")),
        (tables.unit, told.units, by_key(rows.rows(tables.unit), "id")),
        (
            tables.membership,
            told.memberships,
            by_key(rows.rows(tables.membership), "user_id", "role", "unit", "valid_from"),
        ),
        (tables.setting, told.settings, by_key(settings, "key")),
        (tables.calendar_year, told.years, by_key(rows.rows(tables.calendar_year), "year")),
        (deputyship, told.deputyships, by_key(rows.rows(deputyship), "id")),
    ):
        for stream, _, fault in compared(table.name, expected, stored, lambda _: ORGANISATION_STREAM):
            yield stream, fault


def _named(event: Told) -> Columns:
    told = event.data
    return {
        **{name: told[name] for name in ("principal", "deputy", "cause", "kind", "may_decide")},
        "valid_from": date.fromisoformat(told["from"]),
        "valid_to": date.fromisoformat(told["to"]),
        "roles": " ".join(told["roles"]),
        "named_by": event.actor,
        "ended_at": None,
        "ended_by": None,
    }


def _plain(row: Columns) -> Columns:
    """A setting with its value in the one spelling that the history keeps; unreadable text stays."""
    try:
        return {**row, "value": canonical_json(json.loads(row["value"]))}
    except ValueError:
        return row
