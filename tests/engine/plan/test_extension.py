"""Extensions: by how many working days, who may grant so many, and which deadline they may not pass."""

from datetime import date

import pytest

from engine.plan.calendar import WorkCalendar
from engine.plan.deadlines import Deadline
from engine.plan.extension import (
    SHIPPED,
    ExtensionLevel,
    ExtensionTable,
    check_before_deadline,
    days_in_all,
    extended_to,
    granting_roles,
    table_faults,
    table_on,
)
from engine.plan.rule_error import PlanRuleError

FRIDAY, SATURDAY, MONDAY = date(2025, 3, 14), date(2025, 3, 15), date(2025, 3, 17)
TABLES = [
    ExtensionTable(levels=(ExtensionLevel(role="director"),), valid_from=date(2025, 2, 1)),
    ExtensionTable(levels=(ExtensionLevel(role="sec_chief"),), valid_from=date(2025, 3, 1)),
]


def test_a_day_that_is_no_working_day_moves_to_the_next_one(calendar: WorkCalendar) -> None:
    assert extended_to(SATURDAY, FRIDAY, calendar) == MONDAY


@pytest.mark.parametrize("asked", [FRIDAY, date(2025, 3, 13)])
def test_a_day_that_is_not_later_is_refused(calendar: WorkCalendar, asked: date) -> None:
    with pytest.raises(PlanRuleError):
        extended_to(asked, FRIDAY, calendar)


def test_days_count_from_the_first_due_date(calendar: WorkCalendar) -> None:
    assert days_in_all(FRIDAY, date(2025, 3, 19), calendar) == 3


@pytest.mark.parametrize(
    ("days", "roles"),
    [
        (3, ("unit_chief", "sec_chief", "director")),
        (4, ("sec_chief", "director")),
        (6, ("sec_chief", "director")),
        (7, ("director",)),
    ],
)
def test_more_days_need_a_higher_level(days: int, roles: tuple[str, ...]) -> None:
    assert granting_roles(days, SHIPPED.levels) == roles


@pytest.mark.parametrize(
    ("day", "table"),
    [
        (date(2025, 1, 31), SHIPPED),
        (date(2025, 2, 1), TABLES[0]),
        (date(2025, 3, 1), TABLES[1]),
    ],
)
def test_the_latest_table_that_has_begun_is_in_force(day: date, table: ExtensionTable) -> None:
    assert table_on(TABLES, day) == table


@pytest.mark.parametrize(
    ("levels", "faults"),
    [
        ([("unit_chief", 3), ("director", None)], []),
        ([("director", None)], []),
        ([], ["unlimited"]),
        ([("unit_chief", 3), ("director", 9)], ["unlimited"]),
        ([("auditor", None)], ["unlimited"]),
        ([("director", 3), ("unit_chief", None)], ["unlimited"]),
        ([("unit_chief", 3), ("sec_chief", 3), ("director", None)], ["sec_chief"]),
        ([("unit_chief", 0), ("sec_chief", 251), ("director", None)], ["unit_chief", "sec_chief"]),
        ([("sec_chief", None), ("director", 9)], ["unlimited", "director"]),
        ([("sec_chief", None), ("director", None)], ["director"]),
    ],
)
def test_days_rise_from_level_to_level_and_the_last_one_has_no_limit(
    levels: list[tuple[str, int | None]], faults: list[str]
) -> None:
    table = ExtensionTable(
        levels=tuple(ExtensionLevel(role=role, most_days=days) for role, days in levels),
        valid_from=FRIDAY,
        basis="115年分層負責明細表",
    )
    assert [path for path, _ in table_faults(table, FRIDAY)] == faults


def served(on: date) -> Deadline:
    return Deadline(id="K3", clause="陸.一(二)", nominal_on=on, internal_due_on=on, late_after_on=on)


def test_an_internal_date_never_passes_the_deadline_that_it_serves() -> None:
    check_before_deadline(FRIDAY, MONDAY, [served(MONDAY), served(date(2025, 3, 1))])
    with pytest.raises(PlanRuleError) as refusal:
        check_before_deadline(FRIDAY, MONDAY, [served(FRIDAY)])
    assert refusal.value.params == {"clause": "陸.一(二)", "day": "2025-03-14"}
