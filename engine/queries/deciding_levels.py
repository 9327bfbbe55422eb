"""The table of deciding levels for its page: what holds today, what begins later, and who changed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.activities.deciding_levels import DECIDING_LEVELS, agency_of_table, all_tables
from engine.domain.identity import Agency, User
from engine.domain.permission import Action, may, may_see_agency
from engine.errors import NotFound
from engine.plan.deciding_levels import DecidingLine, DecidingTable, from_json, shipped_table, table_on
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class TableVersion:
    """One entry of a table, with the lines in which it differs from the one that held before it."""

    table: DecidingTable
    made_by: str
    made_at: datetime
    changed: tuple[DecidingLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidingPage:
    """The table that holds today, those that begin later, and every version, the newest first."""

    today: DecidingTable
    later: tuple[DecidingTable, ...]
    versions: tuple[TableVersion, ...]
    people: Mapping[str, User]
    may_change: bool


def deciding_page(reader: Reader) -> DecidingPage:
    """The table and its history; NotFound for those who see neither the branch nor the administration."""
    may_change = may(reader.actor, Action.CHANGE_DECIDING_LEVELS)
    if not may_change and not may_see_agency(reader.actor, Agency.BRANCH):
        raise NotFound(kind="deciding levels", id="")
    tables = all_tables(reader)
    return DecidingPage(
        today=table_on(tables, reader.today),
        later=tuple(t for t in tables if t.valid_from and t.valid_from > reader.today),
        versions=tuple(reversed(_versions(reader, tables))),
        people={user.id: user for user in reader.organisation.users()},
        may_change=may_change,
    )


def _versions(reader: Reader, tables: tuple[DecidingTable, ...]) -> list[TableVersion]:
    owner = agency_of_table(reader)
    documents = [
        version
        for table in tables
        if table.valid_from
        for version in reader.documents.versions(owner, DECIDING_LEVELS, table.valid_from.isoformat())
    ]
    found: list[TableVersion] = []
    before = shipped_table()
    for document in sorted(documents, key=lambda each: each.made_at):
        table = from_json(document.body)
        changed = tuple(line for line in table.lines if line != before.line(line.kind))
        found.append(
            TableVersion(table=table, made_by=document.made_by, made_at=document.made_at, changed=changed)
        )
        before = table
    return found
