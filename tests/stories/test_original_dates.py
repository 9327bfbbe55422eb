"""The first due date of what was extended stays beside the new one: in the inbox, and once it is overdue."""

from datetime import datetime

import pytest

from engine.clock import TAIPEI
from engine.jobs.escalations import report_of_the_week
from engine.queries.overdue import overdue_report
from engine.queries.tasks import inbox
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage
from tests.stories.test_extension import AGREED, CHIEF, DECLINED, EDIT, HANDLER, apply, assigned, decide
from tests.stories.test_overdue import client
from tests.webapp.office import open_office

SCENES = {"cycle": assigned}
LATE = "2026-01-26T10:00"


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def shown(stage: Stage, cycle: int) -> str | None:
    task = stage.task(cycle, EDIT)
    rows = stage.engine.ask(stage.engine.actor(HANDLER), inbox).rows
    (at,) = [row.original_due_at for row in rows if row.task_id == task.id]
    return at.astimezone(TAIPEI).date().isoformat() if at else None


def overdue(stage: Stage) -> list[tuple[str, str | None]]:
    report = stage.engine.ask(stage.engine.actor("sec_chief"), overdue_report)
    return [
        (line.due_on.isoformat(), line.original_on.isoformat() if line.original_on else None)
        for group in report.groups
        for line in group.lines
        if line.label == "單位提報"
    ]


def test_a_task_that_was_not_extended_has_no_other_date(cycle: int, stage: Stage) -> None:
    assert shown(stage, cycle) is None


@pytest.mark.parametrize("answer", [{}, DECLINED])
def test_an_application_alone_shows_nothing(cycle: int, stage: Stage, answer: dict[str, str]) -> None:
    extension = apply(stage, cycle, "2026-01-21")
    if answer:
        decide(stage, extension, CHIEF, **answer)
    assert shown(stage, cycle) is None


def test_the_inbox_shows_the_first_of_several_dates(cycle: int, stage: Stage) -> None:
    decide(stage, apply(stage, cycle, "2026-01-20"), CHIEF, **AGREED)
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **AGREED)
    apply(stage, cycle, "2026-01-22")
    assert shown(stage, cycle) == "2026-01-19"
    assert "原定01/19 (一)" in client(stage, HANDLER).get("/inbox").text


def test_the_inbox_of_the_api_tells_it(cycle: int, stage: Stage) -> None:
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **AGREED)
    office = open_office(stage.engine, stage.clock)
    headers = {"Authorization": f"Bearer {office.token(HANDLER)}"}
    items = office.stranger().get("/api/v1/tasks", headers=headers).get_json()["items"]
    task = stage.task(cycle, EDIT)
    (at,) = [item["original_due_at"] for item in items if item["id"] == task.id]
    assert datetime.fromisoformat(at).astimezone(TAIPEI).date().isoformat() == "2026-01-19"


def test_what_is_overdue_shows_it_as_well(cycle: int, stage: Stage) -> None:
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **AGREED)
    stage.move_to(LATE)
    assert overdue(stage) == [("2026-01-21", "2026-01-19"), ("2026-01-19", None)]
    browser = client(stage, "sec_chief")
    assert "原定01/19 (一)" in browser.get("/overdue").text
    assert "115/01/21,115/01/19," in browser.get("/overdue/overdue.csv").data.decode("utf-8-sig")


def test_the_report_of_a_week_keeps_it(cycle: int, stage: Stage) -> None:
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **AGREED)
    stage.move_to(LATE)
    report_of_the_week(stage.engine)
    kept = client(stage, "sec_chief").get("/overdue?week=2026-01-26")
    assert (kept.status_code, "原定01/19 (一)" in kept.text) == (200, True)
