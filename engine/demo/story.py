"""The story of the demo: last year's tree, the plan of 114 from the letter to closing, the start of 115."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Any

import yaml

from engine.commands import instances
from engine.demo.agency import make_agency
from engine.demo.entries import ENTRIES, PACES
from engine.demo.player import Player
from engine.demo.time_machine import MovableClock, keep_time
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.plan.document import Plan, to_json
from engine.plan.seed import plan_from_yaml_dict
from engine.store.unit_of_work import Reader, UnitOfWork

AGENCY_ID = "bsmi_khh"
LIFECYCLE = "annual_plan_lifecycle"
BEGINNING = datetime.fromisoformat("2025-01-06T09:00:00+08:00")
PRESENT = datetime.fromisoformat("2026-01-28T09:00:00+08:00")

OnTask = Callable[[datetime, str, str], None]


def make_demo(engine: Engine, clock: MovableClock, password: str, on_task: OnTask | None = None) -> None:
    """Fill an empty database with the demo, and leave the clock at its present: 115/01/28, 09:00."""
    begin_demo(engine, clock, password)
    play_114(engine, clock, on_task)
    start_cycle(engine, 115)
    engine.execute(SYSTEM, keep_time, PRESENT)


def begin_demo(engine: Engine, clock: MovableClock, password: str) -> None:
    """The agency and its people, and the tree of the year before as a starting point for drafting."""
    clock.move_to(BEGINNING)
    engine.upgrade()
    make_agency(engine, password)
    engine.execute(SYSTEM, _record_year_before)
    engine.execute(SYSTEM, keep_time, BEGINNING)


def play_114(engine: Engine, clock: MovableClock, on_task: OnTask | None = None) -> None:
    """The cycle of 114, every step by the account that owes it, on its own date; improvements stay open."""
    start_cycle(engine, 114)
    calendar = engine.ask(SYSTEM, _calendar)
    player = Player(engine, clock, ENTRIES, PACES, calendar, on_task)
    player.play(f"{AGENCY_ID}:114", PRESENT)


def start_cycle(engine: Engine, roc_year: int) -> int:
    """Start the cycle of a year as the secretariat does; gives the instance id."""
    return engine.execute(
        engine.actor("sec_handler"), instances.start, definition_key=LIFECYCLE,
        business_key=f"{AGENCY_ID}:{roc_year}", variables={"roc_year": roc_year},
        command_id=f"demo:start:{roc_year}",
    )  # fmt: skip


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
