"""The imported office calendars, one table per year."""

import json
from typing import Any

import sqlalchemy as sa

from engine.domain.canonical import canonical_json
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.plan.calendar import WorkCalendar, work_calendar
from engine.store import tables
from engine.store.repository import Repository

_YEAR = tables.calendar_year.c


class Calendars(Repository):
    """Yearly tables as JSON, in the form that `engine.plan.calendar` reads."""

    def tables(self) -> dict[int, dict[str, Any]]:
        """Every imported table by AD year."""
        rows = self.core.execute(sa.select(tables.calendar_year).order_by(_YEAR.year))
        return {row.year: json.loads(row.body) for row in rows}

    def work_calendar(self) -> WorkCalendar:
        """The calendar of every imported year."""
        return work_calendar(self.tables())

    def save(self, year: int, table: dict[str, Any]) -> None:
        """Import a year's table or replace it; the event holds the whole table."""
        body = canonical_json(table)
        insert = self.insert(tables.calendar_year).values(year=year, body=body)
        self.write(insert.on_conflict_do_update(index_elements=["year"], set_={"body": body}))
        told = {"year": year, "table": table}
        self.writer.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.CALENDAR_IMPORTED, data=told))
        self.writer.__dict__.pop("calendar", None)
