"""Urging by the calendar (稽催, L0 to L3): who hears of a dated task on which working day, and once."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine.clock import TAIPEI
from engine.commands import extensions, instances, tasks
from engine.commands.escalations import tell_level
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.errors import NotPermitted
from engine.jobs.escalations import tell_levels
from engine.jobs.poller import Poller
from engine.plan.escalation import Level
from engine.replay import verify
from tests.stories import actors
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import HANDLER, own
from tests.stories.stage import Stage


def notices(stage: Stage, instance_id: int) -> list[tuple[int, list[str]]]:
    """Level and people of every notice that the calendar gave."""
    told = actors.events(stage, instance_id, EventType.TASK_NOTICE_GIVEN)
    return [(event["level"], event["users"]) for event in told]


def mails(stage: Stage) -> list[dict[str, Any]]:
    return [entry.payload for entry in stage.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())]


def morning(stage: Stage, day: str) -> int:
    """Nine o'clock of a day: the timers of the diagrams first, as the poller does it."""
    stage.move_to(f"{day}T09:00")
    return tell_levels(stage.engine)


@pytest.fixture
def assigning(fresh_stage: Stage) -> int:
    """The secretariat's handler has to assign the plan's methods by the next working day, 2026-01-06."""
    begun = actors.begin_year(fresh_stage)
    cycle = actors.start_cycle(begun)
    actors.register(begun, cycle)
    return cycle


def due_days(stage: Stage, cycle: int) -> str:
    due_at = stage.task(cycle, "assign_units").due_at
    assert due_at is not None
    return str((due_at + timedelta(hours=8)).date())


def test_each_level_adds_those_above_on_its_working_day(fresh_stage: Stage, assigning: int) -> None:
    assert due_days(fresh_stage, assigning) == "2026-01-07"
    found = [
        morning(fresh_stage, day)
        for day in (
            "2026-01-07",  # L0: due today
            "2026-01-08",  # L1: the first working day after
            "2026-01-09",
            "2026-01-10",  # a Saturday
            "2026-01-12",  # L2: the third
            "2026-01-13",
            "2026-01-14",  # L3: the fifth
            "2026-01-15",
        )
    ]
    assert found == [1, 1, 0, 0, 1, 0, 1, 0]
    assert notices(fresh_stage, assigning) == [
        (0, ["sec_handler"]),
        (1, ["sec_chief", "sec_handler"]),
        (2, ["sec_chief", "sec_handler"]),
        (3, ["director", "sec_chief", "sec_handler"]),
    ]


def test_a_notice_is_a_mail_to_each_and_the_history_holds(fresh_stage: Stage, assigning: int) -> None:
    morning(fresh_stage, "2026-01-08")
    task = fresh_stage.task(assigning, "assign_units")
    told = [(mail["user"], mail["task"], mail["params"]["due"]) for mail in mails(fresh_stage)]
    assert told == [("sec_chief", task.id, "115/01/07"), ("sec_handler", task.id, "115/01/07")]
    report = fresh_stage.engine.ask(SYSTEM, verify, assigning)
    assert report.faults == ()


def test_who_looked_away_for_a_week_is_told_the_highest_level_only(
    fresh_stage: Stage, assigning: int
) -> None:
    assert morning(fresh_stage, "2026-01-20") == 1
    assert [level for level, _ in notices(fresh_stage, assigning)] == [3]


def test_nothing_is_told_before_nine_or_on_a_day_off(fresh_stage: Stage, assigning: int) -> None:
    fresh_stage.move_to("2026-01-08T08:59")
    early = tell_levels(fresh_stage.engine)
    assert [early, morning(fresh_stage, "2026-01-10"), morning(fresh_stage, "2026-01-12")] == [0, 0, 1]


def test_a_task_that_was_done_is_never_urged(fresh_stage: Stage, assigning: int) -> None:
    actors.assign(fresh_stage, assigning)
    morning(fresh_stage, "2026-01-08")
    assert notices(fresh_stage, assigning) == []


def test_who_took_the_task_is_told_in_place_of_the_pool(fresh_stage: Stage, assigning: int) -> None:
    task = fresh_stage.task(assigning, "assign_units")
    fresh_stage.grant("registry", "sec_handler", "secretariat")
    fresh_stage.engine.execute(fresh_stage.engine.actor("registry"), tasks.claim, task.id)
    morning(fresh_stage, "2026-01-08")
    assert notices(fresh_stage, assigning) == [(1, ["registry", "sec_chief"])]


def test_a_suspended_process_is_not_urged(fresh_stage: Stage, assigning: int) -> None:
    director = fresh_stage.engine.actor("director")
    fresh_stage.engine.execute(director, instances.suspend, assigning, reason="等候總局釋示")
    assert morning(fresh_stage, "2026-01-08") == 0
    fresh_stage.engine.execute(director, instances.resume, assigning, reason="總局已釋示")
    assert morning(fresh_stage, "2026-01-09") == 1


def test_what_a_diagram_told_is_not_told_again(fresh_stage: Stage) -> None:
    """The publication reminds 2 working days before and tells the secretariat's chief 1 after."""
    fresh_stage.move_to("2025-02-10T10:00")
    instance = fresh_stage.start("plan_publication", publication_reason="first")
    days = ("2025-02-13", "2025-02-14", "2025-02-18", "2025-02-20", "2025-02-24")
    assert [morning(fresh_stage, day) > 0 for day in days] == [False, False, False, False, True]
    web = fresh_stage.task(instance, "publish_web").id
    told = fresh_stage.engine.ask(
        SYSTEM, lambda r: r.history.last_of_type(instance, EventType.TASK_NOTICE_GIVEN, web)
    )
    assert told is not None
    assert '"users":["director","sec_chief","web_owner"]' in told.data


def test_the_poller_tells_once_a_day(fresh_stage: Stage, assigning: int) -> None:
    poller = Poller(fresh_stage.engine, None, seconds=1)
    for moment in ("2026-01-08T08:00", "2026-01-08T09:00", "2026-01-08T09:05", "2026-01-09T10:00"):
        fresh_stage.move_to(moment)
        poller.once()
    assert [level for level, _ in notices(fresh_stage, assigning)] == [1]


def test_of_a_reward_list_nobody_outside_hears(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, HANDLER, own("deputy_director", "other_merit"))
    reward.session(fresh_stage, instance)
    task = fresh_stage.task(instance, "sign")
    fresh_stage.clock.move_to(fresh_stage.clock.at + timedelta(days=60))
    tell_levels(fresh_stage.engine)
    told = dict(notices(fresh_stage, instance))
    assert told == {3: sorted({"hr_chief", "sec_chief", "director"} - set(task.excluded))}


def test_only_the_calendar_tells_levels(fresh_stage: Stage, assigning: int) -> None:
    task = fresh_stage.task(assigning, "assign_units")
    with pytest.raises(NotPermitted):
        fresh_stage.engine.execute(fresh_stage.engine.actor("sec_chief"), tell_level, task.id, Level.REMINDER)


def test_an_extension_that_is_applied_for_stops_the_urging(fresh_stage: Stage, assigning: int) -> None:
    """Kinmen asks in time, metrology does not; both are late on the day after."""
    actors.assign(fresh_stage, assigning)
    task = fresh_stage.task(assigning, "edit_actions@kinmen")
    fresh_stage.engine.execute(
        fresh_stage.engine.actor("unit_handler.kinmen"), extensions.apply, task.id,
        new_on=date(2026, 1, 21), reason="量測儀器送校，數據須待校正後填報。",
    )  # fmt: skip
    fresh_stage.clock.move_to(datetime(2026, 1, 20, 9, tzinfo=TAIPEI))  # the diagram's timers rest
    tell_levels(fresh_stage.engine)
    told = actors.events(fresh_stage, assigning, EventType.TASK_NOTICE_GIVEN)
    assert [(event["level"], event["users"]) for event in told] == [
        (1, ["unit_chief.metrology", "unit_handler.metrology"])
    ]  # fmt: skip
