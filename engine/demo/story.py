"""The story of the demo: the plan of 114 up to its archive and its award, and the plan of 115 at work."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.resources import files
from typing import Any

import yaml

from engine.commands import instances, messages
from engine.demo.agency import make_agency
from engine.demo.entries import ENTRIES
from engine.demo.entries.award import award_story
from engine.demo.paces import PACES, TURNS
from engine.demo.player import Act, Player
from engine.demo.time_machine import MovableClock, keep_time
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.plan.award import screening_key
from engine.plan.document import Plan, to_json
from engine.plan.seed import plan_from_yaml_dict
from engine.store.unit_of_work import Reader, UnitOfWork

AGENCY_ID = "bsmi_khh"
LIFECYCLE = "annual_plan_lifecycle"
BEGINNING = datetime.fromisoformat("2025-01-06T09:00:00+08:00")
START_OF_115 = datetime.fromisoformat("2026-01-28T09:00:00+08:00")
SCREENING_OF_115 = datetime.fromisoformat("2026-01-30T14:00:00+08:00")
OUTSIDE_ENTRIES = datetime.fromisoformat("2026-02-24T14:20:00+08:00")
SCREENING_OF_116 = datetime.fromisoformat("2026-12-24T14:00:00+08:00")
EARLY_SURVEY = datetime.fromisoformat("2026-12-28T10:30:00+08:00")
AMENDMENTS_OF_115 = tuple(
    datetime.fromisoformat(f"{day}T09:30:00+08:00") for day in ("2026-08-05", "2026-11-02", "2026-12-21")
)
PRESENT = datetime.fromisoformat("2027-01-04T09:00:00+08:00")

OnTask = Callable[[datetime, str, str], None]


def make_demo(
    engine: Engine,
    clock: MovableClock,
    password: str,
    on_task: OnTask | None = None,
    until: datetime = PRESENT,
) -> None:
    """Fill an empty database with the story up to a moment, and leave the clock there."""
    begin_demo(engine, clock, password)
    storyteller(engine, clock, on_task).play(until, acts())
    engine.execute(SYSTEM, keep_time, until)


def begin_demo(engine: Engine, clock: MovableClock, password: str) -> None:
    """The agency and its people, and the tree of the year before as a starting point for drafting."""
    clock.move_to(BEGINNING)
    engine.upgrade()
    make_agency(engine, password)
    engine.execute(SYSTEM, _record_year_before)
    engine.execute(SYSTEM, keep_time, BEGINNING)


def storyteller(engine: Engine, clock: MovableClock, on_task: OnTask | None = None) -> Player:
    """The player who knows what everybody of the story writes, and when."""
    return Player(engine, clock, ENTRIES, PACES, engine.ask(SYSTEM, _calendar), on_task, TURNS)


def acts() -> tuple[Act, ...]:
    """What people of the story begin of their own accord, in any order."""
    return (
        Act(at=BEGINNING, do=partial(start_cycle, roc_year=114)),
        Act(at=START_OF_115, do=partial(start_cycle, roc_year=115)),
        *award_acts(),
        Act(at=SCREENING_OF_116, do=partial(start_screening, award_year=116)),
        Act(at=EARLY_SURVEY, do=partial(survey_early, award_year=116)),
        *(Act(at=at, do=partial(start_amendment, roc_year=115)) for at in AMENDMENTS_OF_115),
    )


def award_acts() -> tuple[Act, ...]:
    """What begins the award of 115: the survey of the ministry, and the answers from outside."""
    return (
        Act(at=SCREENING_OF_115, do=partial(start_screening, award_year=115)),
        *(
            Act(at=OUTSIDE_ENTRIES, do=partial(register_outside, award_year=115, values=values))
            for values in award_story()["outside"]
        ),
    )


def start_cycle(engine: Engine, roc_year: int) -> int:
    """Start the cycle of a year as the secretariat does; gives the instance id."""
    return engine.execute(
        engine.actor("sec_handler"), instances.start, definition_key=LIFECYCLE,
        business_key=f"{AGENCY_ID}:{roc_year}", variables={"roc_year": roc_year},
        command_id=f"demo:start:{roc_year}",
    )  # fmt: skip


def start_amendment(engine: Engine, roc_year: int) -> int:
    """Start an amendment of the plan of a year, as the secretariat does; gives the instance id."""
    return engine.execute(
        engine.actor("sec_handler"), instances.start, definition_key="plan_amendment",
        business_key=f"{AGENCY_ID}:{roc_year}", variables={"roc_year": roc_year},
    )  # fmt: skip


def start_screening(engine: Engine, award_year: int) -> int:
    """Start the screening of an award year, as the ministry does; gives the instance id."""
    return engine.execute(
        engine.actor("ministry_handler"), instances.start, definition_key="ministry_screening",
        business_key=screening_key(award_year), variables={"award_year": award_year},
    )  # fmt: skip


def survey_early(engine: Engine, award_year: int) -> None:
    """The Lunar New Year comes early: the ministry does not wait for February."""
    act_on_screening(engine, award_year, "issue_survey_now", {"reason": "春節連假在二月上旬，提前辦理調查。"})


def register_outside(engine: Engine, award_year: int, values: Mapping[str, Any]) -> None:
    """Enter what an agency without accounts answered to the survey, as the ministry does."""
    act_on_screening(engine, award_year, "register_outside_entry", values)


def act_on_screening(engine: Engine, award_year: int, element_id: str, values: Mapping[str, Any]) -> None:
    """Take an action that the screening of a year offers to the ministry."""
    key = screening_key(award_year)
    screening = engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(key))[0].id
    engine.execute(
        engine.actor("ministry_handler"), messages.act, screening, element_id=element_id, values=dict(values)
    )


def plan_of_114() -> Plan:
    """The plan of 114 in our own words."""
    body: dict[str, Any] = yaml.safe_load(
        (files("engine.demo") / "plan-114.yaml").read_text(encoding="utf-8")
    )
    return plan_from_yaml_dict(body)


def _calendar(reader: Reader) -> Any:
    return reader.calendar


def _record_year_before(uow: UnitOfWork) -> None:
    # Drafting starts from last year's tree; the plan of 113 is not at hand, so the rows of 114 stand in.
    before = replace(plan_of_114(), roc_year=113, title="113年度提升服務效能執行計畫")
    uow.documents.put(f"{AGENCY_ID}:113", "plan", "", to_json(before), note="demo")
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={"demo": True}))
