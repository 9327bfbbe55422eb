"""停止上班: a day off that was announced late moves the due dates that are set afterwards, and no other."""

from datetime import date

import pytest

from engine.commands import opinions
from engine.commands.organisation import LONGEST_BASIS, stop_work
from engine.domain.history import ORGANISATION_STREAM
from engine.domain.identity import SYSTEM, Actor
from engine.errors import Invalid, NotPermitted
from engine.replay.verify import verify_all
from tests.stories import actors
from tests.stories.stage import Stage

SCENES = {"cycle": actors.draft}
BASIS = "高雄市政府公告停止上班"


def stop(stage: Stage, on: date, basis: str = BASIS, by: Actor = SYSTEM) -> None:
    stage.engine.execute(by, stop_work, on, basis=basis)


def faults(stage: Stage, on: date, basis: str = BASIS) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        stop(stage, on, basis)
    return [(error.path, str(error)) for error in refusal.value.errors]


def next_day(stage: Stage) -> date:
    """The working day after the present one."""
    return stage.engine.ask(SYSTEM, lambda reader: reader.calendar.add_working_days(reader.today, 1))


def due_of_question(stage: Stage, cycle: int, user: str) -> date:
    """The day on which a question that is asked now has to be answered."""
    instance = stage.engine.execute(
        stage.engine.actor("sec_chief"), opinions.ask_opinion, stage.task(cycle, "sign").id, user=user,
        question="離島場次是否足夠？",
    )  # fmt: skip
    return due_on(stage, instance)


def due_on(stage: Stage, instance: int) -> date:
    (task,) = stage.tasks(instance, "give_opinion")
    assert task.due_at is not None
    return task.due_at.date()


def test_what_falls_due_later_leaves_the_day_out_and_what_was_set_stays(cycle: int, stage: Stage) -> None:
    sign = stage.task(cycle, "sign")
    before = due_of_question(stage, cycle, "unit_handler.kinmen")
    stop(stage, next_day(stage))
    after = due_of_question(stage, cycle, "unit_handler.metrology")
    calendar = stage.engine.ask(SYSTEM, lambda reader: reader.calendar)
    assert (calendar.working_days_between(before, after), stage.task(cycle, "sign").due_at) == (
        1, sign.due_at,
    )  # fmt: skip
    assert stage.faults_of_history(cycle) == []


def test_the_day_and_its_basis_are_history_that_proves_the_table(stage: Stage) -> None:
    on = next_day(stage)
    stop(stage, on, f" {BASIS};停課 ")
    (told,) = [
        event for event in stage.engine.ask(SYSTEM, lambda r: r.history.events(ORGANISATION_STREAM))
        if event.type == "work_stopped"
    ]  # fmt: skip
    calendar = stage.engine.ask(SYSTEM, lambda reader: reader.calendar)
    assert (told.actor, calendar.closures(on.year)) == (SYSTEM.user_id, {on: f"{BASIS}；停課"})
    reports = stage.engine.ask(SYSTEM, lambda reader: list(verify_all(reader)))
    assert [fault for report in reports for fault in report.faults] == []


def test_a_day_is_entered_once(stage: Stage) -> None:
    on = next_day(stage)
    stop(stage, on)
    assert faults(stage, on) == [("day", "This day is off already")]


@pytest.mark.parametrize(
    ("on", "basis", "fault"),
    [
        (date(2026, 7, 11), BASIS, ("day", "This day is off already")),
        (
            date(2039, 1, 3), BASIS,
            ("day", "The office calendar of ROC year 128 has not been imported"),
        ),
        (date(2026, 7, 10), " ", ("basis", "This entry is required")),
        (date(2026, 7, 10), "x" * (LONGEST_BASIS + 1), ("basis", "Use at most 200 characters")),
    ],
    ids=["a weekend", "no table", "no basis", "too long"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(stage: Stage, on: date, basis: str, fault: tuple[str, str]) -> None:
    assert faults(stage, on, basis) == [fault]


@pytest.mark.parametrize("who", ["sec_handler", "sec_chief", "director"])
def test_nobody_stops_work_who_is_no_administrator(stage: Stage, who: str) -> None:
    with pytest.raises(NotPermitted):
        stop(stage, next_day(stage), by=stage.engine.actor(who))
