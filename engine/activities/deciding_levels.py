"""分層負責 in use: the table as a document of the agency, and the levels that a round has by it."""

from collections.abc import Mapping
from typing import Any

from engine.activities.next_signer import Pool
from engine.activities.working_plan import AGENCY_ID
from engine.domain.identity import ANY_UNIT, ROLES
from engine.plan.deciding_levels import DecidingTable, from_json, pools_from, table_on
from engine.store.unit_of_work import Reader

DECIDING_LEVELS = "deciding_levels"
_CHECKING = {"sec_chief": "秘書室主任核稿"}
_DECIDING = {
    "unit_chief": "單位主管決行",
    "sec_chief": "秘書室主任決行",
    "hr_chief": "人事室主任決行",
    "deputy_director": "副分局長決行",
    "director": "分局長決行",
}
# How rounds were named before there was a table: instances that run since then still say it.
_BEFORE_THE_TABLE = {
    "full": "plan", "short": "plan_again", "director": "errata", "personnel": "reward_list"
}  # fmt: skip


def agency_of_table(reader: Reader) -> str:
    """Whose table it is."""
    return str(reader.organisation.setting("agency_id", AGENCY_ID))


def all_tables(reader: Reader) -> tuple[DecidingTable, ...]:
    """Every table that was entered, by the day on which it begins."""
    found = reader.documents.list(agency_of_table(reader), DECIDING_LEVELS)
    return tuple(from_json(document.body) for document in found)


def table_today(reader: Reader) -> DecidingTable:
    """The table that holds today."""
    return table_on(all_tables(reader), reader.today)


def chain_levels(reader: Reader, name: str, handler_unit: str = ANY_UNIT) -> list[dict[str, Any]]:
    """The levels that sign a kind of subject today, from below; the last one decides (決行)."""
    line = table_today(reader).line(_BEFORE_THE_TABLE.get(name, name))
    return [
        {
            "role": role,
            "unit": handler_unit if role == "unit_chief" else ANY_UNIT,
            "label": level_label(role, decides=role == line.deciding),
        }
        for role in line.levels
    ]


def deciding_pools(reader: Reader, kind: str) -> tuple[Pool, ...]:
    """Who signs what is signed once, and who does where nobody there can."""
    return tuple((role, ANY_UNIT) for role in pools_from(table_today(reader).line(kind)))


def level_label(role: str, *, decides: bool) -> str:
    """What a level is called in the strip of signatures."""
    return _DECIDING[role] if decides else _CHECKING.get(role, ROLES[role].label)


def pinned(table: DecidingTable) -> Mapping[str, Any]:
    """By which table a round was opened, for whoever asks later."""
    return {"valid_from": table.valid_from.isoformat() if table.valid_from else None, "basis": table.basis}
