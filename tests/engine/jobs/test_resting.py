"""A timer whose activity a rule refuses: an incident tells it, and the instance rests until it is mended."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.activities.calls import ActivityCall
from engine.clock import FixedClock
from engine.commands import definitions, instances, timers
from engine.commands.steps import ACTIVITIES
from engine.domain.definition import SourceFile
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM, Actor, Agency
from engine.engine import Engine
from engine.errors import NotFound, NotPermitted, ProcessFailed
from engine.jobs.timers import FiringReport, fire_due_timers
from engine.plan.rule_error import PlanRuleError
from engine.queries.incidents import incident_list
from engine.queries.instances import page
from engine.replay.verify import verify
from engine.store.unit_of_work import UnitOfWork

PROCESS = Path(__file__).with_name("computing.bpmn")
UNTIL = {"waits_until": "2025-01-07T09:00:00+08:00"}
RULE = "No office calendar of {year}"
ACTIVITY = "cycle.compute_deadlines"


def refuses(_uow: UnitOfWork, _call: ActivityCall) -> dict[str, Any]:
    raise PlanRuleError(RULE, year=2031)


def finds_nothing(_uow: UnitOfWork, _call: ActivityCall) -> dict[str, Any]:
    raise NotFound(kind="document", id="plan")


def person(role: str) -> Actor:
    return Actor(
        user_id=role, number=1, name=role, title="", pairs=frozenset({(role, "secretariat")}),
        agencies=frozenset({Agency.BRANCH}),
    )  # fmt: skip


@pytest.fixture
def resting(engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> int:
    """An instance whose timer is due, and whose next step a rule refuses."""
    monkeypatch.setitem(ACTIVITIES, ACTIVITY, refuses)
    return waiting(engine, clock)


def waiting(engine: Engine, clock: FixedClock) -> int:
    file = SourceFile(name=PROCESS.name, body=PROCESS.read_bytes())
    engine.execute(SYSTEM, definitions.deploy, (file,))
    started = engine.execute(
        SYSTEM, instances.start, definition_key="computing", business_key="1", variables=UNTIL
    )
    clock.move_to(clock.at + timedelta(days=1))
    return int(started)


def test_the_incident_names_the_instance_the_element_and_the_rule(engine: Engine, resting: int) -> None:
    assert fire_due_timers(engine) == FiringReport(fired=(), failed=(resting,))
    (line,) = engine.ask(person("sysadmin"), incident_list)
    assert line.instance is not None
    assert (line.instance.id, line.element, [str(rule) for rule in line.rules], line.rests) == (
        resting, "計算期限", ["No office calendar of 2031"], True,
    )  # fmt: skip


def test_what_an_activity_does_not_find_is_told_in_the_same_way(
    engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACTIVITIES, ACTIVITY, finds_nothing)
    waiting(engine, clock)
    fire_due_timers(engine)
    (line,) = engine.ask(person("auditor"), incident_list)
    assert [str(rule) for rule in line.rules] == ["There is no document “plan”."]


def test_the_page_of_the_instance_says_why_it_rests(engine: Engine, resting: int) -> None:
    fire_due_timers(engine)
    told = engine.ask(SYSTEM, page, resting).rests_since
    assert told is not None
    assert (told.element, told.details["rules"]) == (
        "計算期限", [{"template": RULE, "params": {"year": "2031"}}],
    )  # fmt: skip


def test_it_goes_on_when_the_cause_is_mended(
    engine: Engine, resting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire_due_timers(engine)
    monkeypatch.setitem(ACTIVITIES, ACTIVITY, lambda _uow, _call: {})
    engine.execute(person("sec_handler"), timers.try_again, resting)
    (line,) = engine.ask(person("sysadmin"), incident_list)
    shown = engine.ask(SYSTEM, page, resting)
    assert (shown.instance.state.has_ended, shown.rests_since, line.rests) == (True, None, False)
    assert [str(fault) for fault in engine.ask(SYSTEM, verify, resting).faults] == []


def test_who_made_it_go_on_stands_in_its_history(
    engine: Engine, resting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire_due_timers(engine)
    monkeypatch.setitem(ACTIVITIES, ACTIVITY, lambda _uow, _call: {})
    engine.execute(person("sec_handler"), timers.try_again, resting)
    noted = engine.ask(
        SYSTEM, lambda reader: reader.history.last_of_type(resting, EventType.INSTANCE_TRIED_AGAIN)
    )
    assert noted is not None
    assert noted.actor == person("sec_handler").user_id


def test_trying_again_before_it_is_mended_leaves_another_incident(engine: Engine, resting: int) -> None:
    fire_due_timers(engine)
    with pytest.raises(ProcessFailed):
        engine.execute(person("sysadmin"), timers.try_again, resting)
    assert len(engine.ask(person("sysadmin"), incident_list)) == 2


@pytest.mark.parametrize("role", ["director", "unit_handler", "auditor"])
def test_only_the_secretariat_and_administrators_try_again(engine: Engine, resting: int, role: str) -> None:
    with pytest.raises(NotPermitted):
        engine.execute(person(role), timers.try_again, resting)


def test_only_administrators_and_auditors_read_incidents(engine: Engine) -> None:
    with pytest.raises(NotPermitted):
        engine.ask(person("sec_handler"), incident_list)
