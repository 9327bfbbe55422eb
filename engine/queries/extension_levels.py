"""Who grants an extension of how many days, for its page: what holds, what begins later, who changed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.activities.deciding_levels import agency_of_table
from engine.activities.extensions import EXTENSION_LEVELS, all_tables
from engine.domain.identity import Agency, User
from engine.domain.permission import Action, may, may_see_agency
from engine.errors import NotFound
from engine.plan.extension import ExtensionTable, from_json, table_on
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionTableVersion:
    """One entry of a table: who made it, and when."""

    table: ExtensionTable
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionLevelsPage:
    """The table that holds today, those that begin later, and every version, the newest first."""

    today: ExtensionTable
    later: tuple[ExtensionTable, ...]
    versions: tuple[ExtensionTableVersion, ...]
    people: Mapping[str, User]
    may_change: bool


def extension_levels_page(reader: Reader) -> ExtensionLevelsPage:
    """The table and its history; NotFound for those who see neither the branch nor the administration."""
    may_change = may(reader.actor, Action.CHANGE_DECIDING_LEVELS)
    if not may_change and not may_see_agency(reader.actor, Agency.BRANCH):
        raise NotFound(kind="extension levels", id="")
    tables = all_tables(reader)
    return ExtensionLevelsPage(
        today=table_on(tables, reader.today),
        later=tuple(t for t in tables if t.valid_from and t.valid_from > reader.today),
        versions=_versions(reader, tables),
        people={user.id: user for user in reader.organisation.users()},
        may_change=may_change,
    )


def _versions(reader: Reader, tables: tuple[ExtensionTable, ...]) -> tuple[ExtensionTableVersion, ...]:
    owner = agency_of_table(reader)
    found = [
        ExtensionTableVersion(table=from_json(each.body), made_by=each.made_by, made_at=each.made_at)
        for table in tables
        if table.valid_from
        for each in reader.documents.versions(owner, EXTENSION_LEVELS, table.valid_from.isoformat())
    ]
    found.sort(key=lambda version: version.made_at)
    return tuple(reversed(found))
