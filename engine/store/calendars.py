"""The imported office calendars, one table per year."""

import json
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.domain.canonical import canonical_json
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.plan.calendar import WorkCalendar, YearTable, work_calendar, year_table_json
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
        told = {"year": year, "table": table}
        self._save(year, table, EventDraft(type=EventType.CALENDAR_IMPORTED, data=told))

    def stop_work(self, table: YearTable, on: date, basis: str) -> None:
        """Keep a year's table with one more day off; the event holds day, basis and the whole table."""
        body = year_table_json(table)
        told = {"year": table.year, "day": on.isoformat(), "basis": basis, "table": body}
        self._save(table.year, body, EventDraft(type=EventType.WORK_STOPPED, data=told))

    def _save(self, year: int, table: dict[str, Any], draft: EventDraft) -> None:
        body = canonical_json(table)
        insert = self.insert(tables.calendar_year).values(year=year, body=body)
        self.write(insert.on_conflict_do_update(index_elements=["year"], set_={"body": body}))
        self.writer.record_note(ORGANISATION_STREAM, draft)
        self.writer.__dict__.pop("calendar", None)
