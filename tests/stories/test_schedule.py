"""The schedule of a year as data: entered before the cycle begins, and used when its dates are computed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.activities.deadlines import plan_deadline
from engine.activities.year_schedule import schedule_of
from engine.commands import schedules
from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotFound, NotPermitted
from engine.plan.schedule import Schedule, default_schedule, from_json, to_json
from engine.queries.schedules import schedule_page
from tests.stories import actors
from tests.stories.actors import KEY
from tests.stories.stage import Stage

LETTER = "經標秘字第11590000120號函"


def changed(stage: Stage, letter: str = "", user: str = "sec_handler", **changes: Any) -> Schedule:
    """The schedule of 115 with other dates."""
    before = stage.engine.ask(SYSTEM, schedule_of, KEY)
    dates = {**before.dates, **{id: on for id, on in changes.items() if isinstance(on, date)}}
    others = {name: value for name, value in changes.items() if name not in dates}
    return stage.engine.execute(
        stage.engine.actor(user), schedules.change, 115, replace(before, dates=dates, **others), letter=letter
    )  # fmt: skip


def due(stage: Stage, id: str) -> Any:
    return stage.engine.ask(SYSTEM, plan_deadline, KEY, id)


def refused(stage: Stage, letter: str = "", **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        changed(stage, letter, **changes)
    return [(error.path, str(error)) for error in refusal.value.errors]


def test_a_cycle_computes_its_dates_by_the_schedule_of_its_year(stage: Stage) -> None:
    changed(stage, assessment_open=date(2026, 11, 2), enacting_days=10)
    actors.register(stage, actors.start_cycle(stage))
    assert (due(stage, "assessment_open").nominal_on, due(stage, "K1").nominal_on) == (
        date(2026, 11, 2),
        date(2026, 1, 20),
    )


def test_without_an_entry_the_dates_are_those_of_the_plans_text(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    assert due(stage, "K2").nominal_on == default_schedule(115).dates["K2"] == date(2026, 12, 31)


def test_units_are_asked_as_early_as_the_schedule_says(stage: Stage) -> None:
    changed(stage, unit_lead_days=7)
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    rows = stage.shown("sec_handler", cycle, "assign_units")["assignments"]
    assert rows[0]["unit_due"] == "2026-01-15"


def test_a_letter_of_the_bureau_moves_its_dates_and_is_their_basis(stage: Stage) -> None:
    changed(stage, LETTER, K3=date(2027, 1, 8))
    actors.register(stage, actors.start_cycle(stage))
    moved = due(stage, "K3")
    assert (moved.nominal_on, moved.basis, due(stage, "K4").basis) == (date(2027, 1, 8), LETTER, None)


def test_the_letter_that_registers_the_bureaus_plan_goes_before_the_schedule(stage: Stage) -> None:
    changed(stage, LETTER, K3=date(2027, 1, 8))
    actors.register(stage, actors.start_cycle(stage), k3_on="2027-01-11")
    assert due(stage, "K3").nominal_on == date(2027, 1, 11)


@pytest.mark.parametrize(
    ("letter", "changes", "path", "words"),
    [
        ("", {"K2": date(2026, 12, 30)}, "letter",
         "Only a letter of the head office moves K2, K3 and K4: enter its number"),
        ("號函", {"K4": date(2027, 1, 22)}, "letter", "號函 is not a document number"),
        ("", {"enacting_days": 0}, "enacting_days", "Enter a number from 1 to 60"),
        ("", {"unit_lead_days": 31}, "unit_lead_days", "Enter a number from 1 to 30"),
        ("", {"progress": "daily"}, "progress", "Choose one of the options"),
        ("", {"assessment_units": date(2026, 11, 1)}, "assessment_units",
         "This date may not lie before the one above it"),
    ],
)  # fmt: skip
def test_a_schedule_is_refused(
    stage: Stage, letter: str, changes: dict[str, Any], path: str, words: str
) -> None:
    assert refused(stage, letter, **changes) == [(path, words)]


def test_the_schedule_stands_once_the_cycle_has_computed_its_dates(stage: Stage) -> None:
    actors.register(stage, actors.start_cycle(stage))
    assert refused(stage, enacting_days=10) == [
        ("", "The cycle of this year has begun: only a letter of the head office moves its dates now")
    ]


def test_only_the_secretariat_changes_the_schedule(stage: Stage) -> None:
    changed(stage, user="sec_chief", enacting_days=12)
    with pytest.raises(NotPermitted):
        changed(stage, user="unit_chief.metrology", enacting_days=12)


def test_a_year_outside_the_calendar_is_refused(stage: Stage) -> None:
    with pytest.raises(Invalid):
        stage.engine.execute(
            stage.engine.actor("sec_handler"), schedules.change, 99, default_schedule(115), letter=""
        )  # fmt: skip


def test_the_page_tells_nominal_day_internal_due_and_late_after(stage: Stage) -> None:
    found = stage.engine.ask(stage.engine.actor("unit_handler.metrology"), schedule_page, 115)
    line = next(line for line in found.lines if line.id == "K2")
    first = next(line for line in found.lines if line.id == "K1")
    assert line.due is not None
    assert (line.clause, line.due.internal_due_on, found.may_change) == (
        "陸.一(一)",
        date(2026, 12, 31),
        False,
    )
    assert (first.nominal_on, first.due) == (None, None)


def test_the_page_keeps_who_changed_it(stage: Stage) -> None:
    changed(stage, LETTER, K3=date(2027, 1, 8))
    actors.register(stage, actors.start_cycle(stage))
    found = stage.engine.ask(stage.engine.actor("sec_handler"), schedule_page, 115)
    assert [(v.made_by, v.note) for v in found.versions] == [("sec_handler", LETTER)]
    assert (found.k0_on, found.may_change) == (date(2026, 1, 6), False)


def test_a_year_without_an_office_calendar_shows_only_the_nominal_days(stage: Stage) -> None:
    found = stage.engine.ask(stage.engine.actor("sec_handler"), schedule_page, 150)
    assert {line.due for line in found.lines} == {None}


def test_the_bureau_does_not_see_the_branchs_schedule(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor("bureau_sec_handler"), schedule_page, 115)


def award_line(stage: Stage) -> Any:
    found = stage.engine.ask(stage.engine.actor("sec_handler"), schedule_page, 115)
    return next(line for line in found.lines if line.id == "K6")


def test_k6_has_no_day_before_the_award_has_its_schedule(stage: Stage) -> None:
    line = award_line(stage)
    assert (line.clause, line.nominal_on, line.due) == ("陸.二(二)", None, None)


def test_k6_is_kept_like_every_other_date(stage: Stage) -> None:
    changed(stage, K6=date(2027, 4, 10))
    line = award_line(stage)
    assert (line.nominal_on, line.due.internal_due_on, line.due.late_after_on) == (
        date(2027, 4, 10), date(2027, 4, 9), date(2027, 4, 12),
    )  # fmt: skip


def test_k6_is_entered_when_the_cycle_has_begun_and_nothing_else(stage: Stage) -> None:
    actors.register(stage, actors.start_cycle(stage))
    changed(stage, K6=date(2027, 4, 15))
    assert (award_line(stage).nominal_on, refused(stage, K6=date(2027, 4, 16), K5=date(2027, 3, 1))) == (
        date(2027, 4, 15),
        [("", "The cycle of this year has begun: only a letter of the head office moves its dates now")],
    )


def test_k6_does_not_lie_before_the_survey(stage: Stage) -> None:
    assert refused(stage, K6=date(2027, 2, 1)) == [("K6", "This date may not lie before the one above it")]


def test_a_schedule_comes_back_from_its_json() -> None:
    schedule = replace(default_schedule(115, "monthly"), letters={"K3": LETTER})
    assert from_json(to_json(schedule)) == schedule
