"""The plan of 114 and the shipped office calendars, read once."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import engine.demo
from engine.plan.calendar import WorkCalendar, load_calendars, work_calendar
from engine.plan.document import Plan
from engine.plan.seed import plan_from_yaml_dict


@pytest.fixture(scope="session")
def body_114() -> dict[str, Any]:
    source = Path(engine.demo.__path__[0]) / "plan-114.yaml"
    return yaml.safe_load(source.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def plan_114(body_114: dict[str, Any]) -> Plan:
    return plan_from_yaml_dict(body_114)


@pytest.fixture(scope="session")
def calendar() -> WorkCalendar:
    return work_calendar(load_calendars())
