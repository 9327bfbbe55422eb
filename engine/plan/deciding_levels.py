"""分層負責: which levels sign what, and which of them decides, as a table with the day on which it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.plan.rule_error import PlanRuleError

# From the lowest level to the head of the agency (domain 1.3).
LEVELS = ("unit_chief", "sec_chief", "hr_chief", "deputy_director", "director")
HEAD = "director"
# 層: the first is the head of the agency, the second his deputy, the third the heads of units (domain 7.14).
LAYERS = {"director": 1, "deputy_director": 2, "unit_chief": 3, "sec_chief": 3, "hr_chief": 3}
_THREE = ("sec_chief", "deputy_director", "director")
SHIPPED: Mapping[str, tuple[str, ...]] = {
    "plan": _THREE,
    "plan_again": ("sec_chief", "director"),
    "amendment": _THREE,
    "amendment_again": ("sec_chief", "director"),
    "errata": ("director",),
    "assessment": _THREE,
    "d1": ("sec_chief",),
    "correction": ("sec_chief",),
    "d2": _THREE,
    "entry_memo": _THREE,
    "award_entry": _THREE,
    "reward_list": ("hr_chief", "deputy_director", "director"),
}
# These are signed once, by who decides; where nobody can, the level above does.
SIGNED_ONCE = frozenset({"d1", "correction"})
ABOVE = ("sec_chief", "deputy_director", "director")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidingLine:
    """One kind of subject: the levels that sign it, from below, and the one that decides."""

    kind: str
    levels: tuple[str, ...]
    deciding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidingTable:
    """The whole table; it holds from a day on, until a later one begins. The shipped one has no day."""

    lines: tuple[DecidingLine, ...]
    valid_from: date | None = None
    basis: str = ""

    def line(self, kind: str) -> DecidingLine:
        """The line of a kind of subject; KeyError for a kind that does not exist."""
        return {line.kind: line for line in self.lines}[kind]


def shipped_table() -> DecidingTable:
    """The example (範例) that is shipped: the chains of the house before anybody changed the table."""
    return DecidingTable(
        lines=tuple(
            DecidingLine(kind=kind, levels=levels, deciding=levels[-1]) for kind, levels in SHIPPED.items()
        )
    )


def pools_from(line: DecidingLine) -> tuple[str, ...]:
    """Who signs what is signed once: the deciding level, then those above it."""
    return ABOVE[ABOVE.index(line.deciding) :]


def table_faults(table: DecidingTable, today: date) -> Iterator[tuple[str, PlanRuleError]]:
    """What hinders a table, by the entry that it belongs to; empty when it holds."""
    if table.valid_from is None or table.valid_from < today:
        yield (
            "valid_from",
            PlanRuleError("Choose today or a later day; what was signed before stays as it is"),
        )
    if len(table.basis.strip()) < 2:
        yield "basis", PlanRuleError("Name the basis of the change, such as the number of a letter")
    if [line.kind for line in table.lines] != list(SHIPPED):
        yield "lines", PlanRuleError("The table needs one line for every subject")
    for line in table.lines:
        for fault in _line_faults(line):
            yield line.kind, fault


def _line_faults(line: DecidingLine) -> Iterator[PlanRuleError]:
    known = [level for level in LEVELS if level in line.levels]
    if not line.deciding:
        yield PlanRuleError("Choose who decides")
    elif not set(line.levels) | {line.deciding} <= set(LEVELS):
        yield PlanRuleError("This role signs nothing")
    elif not line.levels or line.levels != tuple(known) or line.levels[-1] != line.deciding:
        yield PlanRuleError("Who decides is the highest of the levels that sign")
    elif line.kind in SIGNED_ONCE and (len(line.levels) > 1 or line.deciding not in ABOVE):
        yield PlanRuleError("This is signed once: choose one level of the secretariat or above")


def to_json(table: DecidingTable) -> dict[str, Any]:
    """The table as JSON."""
    return {
        "valid_from": table.valid_from.isoformat() if table.valid_from else None,
        "basis": table.basis,
        "lines": [
            {"kind": line.kind, "levels": list(line.levels), "deciding": line.deciding}
            for line in table.lines
        ],
    }


def from_json(body: Mapping[str, Any]) -> DecidingTable:
    """The table of such JSON; a kind that came later than the table has its shipped line."""
    kept = {row["kind"]: _line(row) for row in body["lines"]}
    lines = tuple(kept.get(line.kind, line) for line in shipped_table().lines)
    return DecidingTable(
        lines=lines, valid_from=date.fromisoformat(body["valid_from"]), basis=str(body["basis"])
    )


def table_on(tables: Sequence[DecidingTable], day: date) -> DecidingTable:
    """The table that holds on a day: the latest that has begun, else the shipped one."""
    begun = [table for table in tables if table.valid_from is not None and table.valid_from <= day]
    return max(begun, key=lambda table: table.valid_from or date.min, default=shipped_table())


def _line(row: Mapping[str, Any]) -> DecidingLine:
    return DecidingLine(kind=row["kind"], levels=tuple(row["levels"]), deciding=row["deciding"])
