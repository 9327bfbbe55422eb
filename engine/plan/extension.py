"""When a task may be due later (展期): by how many working days, and who may grant so many (domain 7.17)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.plan.calendar import WorkCalendar
from engine.plan.deadlines import Deadline
from engine.plan.rule_error import PlanRuleError

# Who may be given the power to extend, from the lowest level to the head of the agency (domain 7.17).
GRANTING = ("unit_chief", "sec_chief", "deputy_director", "director")
MOST_DAYS = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionLevel:
    """A role that may grant up to so many working days in all; without a number, as many as it likes."""

    role: str
    most_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionTable:
    """The whole table; it holds from a day on, until a later one begins. The shipped one has no day."""

    levels: tuple[ExtensionLevel, ...]
    valid_from: date | None = None
    basis: str = ""


# 範例：the agency enters its own table.
SHIPPED = ExtensionTable(
    levels=(
        ExtensionLevel(role="unit_chief", most_days=3),
        ExtensionLevel(role="sec_chief", most_days=6),
        ExtensionLevel(role="director"),
    )
)


def table_on(tables: Sequence[ExtensionTable], day: date) -> ExtensionTable:
    """The table that holds on a day: the latest that has begun, else the shipped one."""
    begun = [table for table in tables if table.valid_from is not None and table.valid_from <= day]
    return max(begun, key=lambda table: table.valid_from or date.min, default=SHIPPED)


def table_faults(table: ExtensionTable, today: date) -> Iterator[tuple[str, PlanRuleError]]:
    """What hinders a table, by the entry that it belongs to (a role, or a field); empty when it holds."""
    if table.valid_from is None or table.valid_from < today:
        yield "valid_from", PlanRuleError("Choose today or a later day")
    if len(table.basis.strip()) < 2:
        yield "basis", PlanRuleError("Name the basis of the change, such as the number of a letter")
    roles = [level.role for level in table.levels]
    if roles != [role for role in GRANTING if role in roles]:
        yield "unlimited", PlanRuleError("This role grants no extensions")
    elif not roles or table.levels[-1].most_days is not None:
        yield "unlimited", PlanRuleError("The highest level grants without a limit: choose which one it is")
    yield from _faults_of_days(table.levels)


def _faults_of_days(levels: Iterable[ExtensionLevel]) -> Iterator[tuple[str, PlanRuleError]]:
    """Every level grants more days than the one below it; none stands above the one without a limit."""
    below: int | None = 0
    for level in levels:
        most = level.most_days
        if below is None:
            yield level.role, PlanRuleError("Nothing is left to grant above the level without a limit")
        elif most is not None and not 1 <= most <= MOST_DAYS:
            fault = PlanRuleError("Give a whole number of working days from 1 to {most}", most=MOST_DAYS)
            yield level.role, fault
        elif most is not None and most <= below:
            yield level.role, PlanRuleError("Each level grants more days than the one below it")
        below = most if below is not None else None


def to_json(table: ExtensionTable) -> dict[str, Any]:
    """The table as JSON."""
    return {
        "valid_from": table.valid_from.isoformat() if table.valid_from else None,
        "basis": table.basis,
        "levels": [{"role": level.role, "most_days": level.most_days} for level in table.levels],
    }


def from_json(body: Mapping[str, Any]) -> ExtensionTable:
    """The table of such JSON."""
    return ExtensionTable(
        levels=tuple(ExtensionLevel(role=row["role"], most_days=row["most_days"]) for row in body["levels"]),
        valid_from=date.fromisoformat(body["valid_from"]),
        basis=str(body["basis"]),
    )


def granting_roles(days: int, levels: Iterable[ExtensionLevel]) -> tuple[str, ...]:
    """The roles that may grant an extension of so many working days in all, the lowest one first."""
    return tuple(level.role for level in levels if level.most_days is None or days <= level.most_days)


def extended_to(asked_on: date, due_on: date, calendar: WorkCalendar) -> date:
    """The working day until which a task is extended: the day asked for, or the next working day.

    PlanRuleError when that is not later than the present due date.
    """
    new_on = calendar.next_working_day_on_or_after(asked_on)
    if new_on <= due_on:
        raise PlanRuleError("Choose a day after the present due date")
    return new_on


def days_in_all(original_on: date, new_on: date, calendar: WorkCalendar) -> int:
    """How many working days all extensions of a task come to, from its first due date on."""
    return calendar.working_days_between(original_on, new_on)


def check_before_deadline(due_on: date, new_on: date, deadlines: Iterable[Deadline]) -> None:
    """An internal date never moves past the deadline that it serves, which law or the bureau has set.

    That is the first one on or after the present due date. PlanRuleError names it.
    """
    served = min(
        (one for one in deadlines if one.internal_due_on >= due_on),
        key=lambda one: one.internal_due_on,
        default=None,
    )
    if served is not None and new_on > served.internal_due_on:
        raise PlanRuleError(
            "The new date lies after the deadline of {clause} ({day}), which cannot be extended",
            clause=served.clause,
            day=served.internal_due_on.isoformat(),
        )
