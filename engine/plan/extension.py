"""When a task may be due later (展期): by how many working days, and who may grant so many (domain 7.17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.plan.calendar import WorkCalendar
from engine.plan.deadlines import Deadline
from engine.plan.rule_error import PlanRuleError


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionLevel:
    """A role that may grant up to so many working days in all; without a number, as many as it likes."""

    role: str
    most_days: int | None = None


# 範例：the agency's own table stands in the setting `extension_levels`.
LEVELS = (
    ExtensionLevel(role="unit_chief", most_days=3),
    ExtensionLevel(role="sec_chief", most_days=6),
    ExtensionLevel(role="director"),
)


def levels_on(day: date, tables: Sequence[Mapping[str, Any]]) -> tuple[ExtensionLevel, ...]:
    """The table that is in force on a day: the one with the latest first day; the shipped one before all."""
    in_force = [table for table in tables if date.fromisoformat(table["valid_from"]) <= day]
    if not in_force:
        return LEVELS
    latest = max(in_force, key=lambda table: str(table["valid_from"]))
    return tuple(ExtensionLevel(role=row["role"], most_days=row["most_days"]) for row in latest["levels"])


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
