"""Steps taken on paper (轉紙本): the scan, the reason, the true values, and the rest of the round."""

from typing import Any

import pytest

from engine.activities.content import content_of, form_of
from engine.commands import files, instances, tasks
from engine.commands.paper import Paper
from engine.domain.form import shown_digest
from engine.domain.history import EventType
from engine.domain.task import Task
from engine.errors import Conflict, Invalid, NotPermitted, TaskNotOpen
from engine.queries.task_page import task_page
from engine.store.unit_of_work import Reader
from tests.stories import actors
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage
from tests.stories.test_overdue import client
from tests.webapp.office import open_office
from webapp.sign_strip import sign_strip

REASON = "系統停機，主管已於紙本簽核。"
APPROVED = {"decision": "approve", "opinion": "如擬"}


def compiled(stage: Stage) -> None:
    """The plan waits for its first signature."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)
    actors.contribute_all(stage, cycle)
    actors.compile_plan(stage, cycle)


SCENES = {"cycle": compiled}


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def scan(stage: Stage, user: str) -> dict[str, Any]:
    return actors.pdf(stage, user)


def on_paper(stage: Stage, user: str, task: Task, paper: Paper, **values: Any) -> None:
    def read(reader: Reader) -> tuple[dict[str, Any], str]:
        form = form_of(reader, task)
        content = content_of(reader, task, form)
        return content.values, shown_digest(task.id, form.digest, task.inputs, content)

    actor = stage.engine.actor(user)
    shown, digest = stage.engine.ask(actor, read)
    stage.engine.execute(
        actor, tasks.complete, task.id, values={**shown, **values}, revision=task.revision,
        shown_digest=digest, paper=paper,
    )  # fmt: skip


def first(stage: Stage, cycle: int) -> Task:
    return stage.task_for("sec_chief", cycle, "sign")


def signed(stage: Stage, cycle: int) -> None:
    """The first level has signed on paper."""
    paper = Paper(reason=REASON, scan=scan(stage, "sec_chief"))
    on_paper(stage, "sec_chief", first(stage, cycle), paper, **APPROVED)


def strip(stage: Stage, user: str, cycle: int) -> list[tuple[str, bool]]:
    page = stage.engine.ask(stage.engine.actor(user), task_page, stage.task(cycle, "sign").id)
    with open_office(stage.engine, stage.clock).app.test_request_context():
        return [(cell.state, cell.is_on_paper) for cell in sign_strip(page)]


def test_the_strip_tells_which_signature_stands_on_paper(cycle: int, stage: Stage) -> None:
    signed(stage, cycle)
    assert strip(stage, "deputy_director", cycle) == [
        ("signed", False), ("signed", True), ("now", False), ("todo", False),
    ]  # fmt: skip
    browser, task_id = client(stage, "deputy_director"), stage.task(cycle, "sign").id
    task, record = (browser.get(address).text for address in (f"/tasks/{task_id}", f"/signoffs/{cycle}"))
    assert (task.count("<small>紙本</small>"), record.count("、紙本</span>")) == (1, 1)


def test_a_signature_by_login_is_none_on_paper(cycle: int, stage: Stage) -> None:
    actors.sign(stage, cycle, "sec_chief", "approve")
    assert [on_paper for _, on_paper in strip(stage, "deputy_director", cycle)] == [False] * 4


def ways(stage: Stage, cycle: int) -> list[str | None]:
    events = actors.events(stage, cycle, EventType.TASK_COMPLETED)
    return [event.get("sign_method") for event in events][-2:]


def test_the_process_goes_on_with_the_values_and_the_event_keeps_the_scan(cycle: int, stage: Stage) -> None:
    signed(stage, cycle)
    assert stage.task_for("deputy_director", cycle, "sign").element_id == "sign"
    told = actors.events(stage, cycle, EventType.TASK_COMPLETED)[-1]
    assert (told["values"]["decision"], told["sign_method"], told["paper"]["reason"]) == (
        "approve", "paper", REASON,
    )  # fmt: skip
    assert told["paper"]["scan"]["media_type"] == "application/pdf"
    assert stage.faults_of_history(cycle) == []


def test_a_signature_by_login_is_told_as_one(cycle: int, stage: Stage) -> None:
    stage.complete_task("sec_chief", first(stage, cycle), **APPROVED)
    assert ways(stage, cycle) == [None, "login"]


def test_the_rest_of_the_round_stays_on_paper(cycle: int, stage: Stage) -> None:
    signed(stage, cycle)
    task = stage.task_for("deputy_director", cycle, "sign")
    words = "This round of signatures goes on on paper: attach the scan of the signed sheet"
    assert stage.faults_of("deputy_director", task, **APPROVED) == [("", words)]
    paper = Paper(reason=REASON, scan=scan(stage, "deputy_director"))
    on_paper(stage, "deputy_director", task, paper, **APPROVED)
    assert ways(stage, cycle) == ["paper", "paper"]


def test_the_next_round_begins_online(cycle: int, stage: Stage) -> None:
    paper = Paper(reason=REASON, scan=scan(stage, "sec_chief"))
    returned = {"decision": "return", "return_reason": ["incomplete"], "return_to": "handler",
                "opinion": "請補充說明後再送。"}  # fmt: skip
    on_paper(stage, "sec_chief", first(stage, cycle), paper, **returned)
    actors.compile_plan(stage, cycle)
    stage.complete_task("sec_chief", first(stage, cycle), **APPROVED)
    assert ways(stage, cycle)[-1] == "login"
    assert stage.faults_of_history(cycle) == []


def test_the_scan_of_somebody_else_is_refused(cycle: int, stage: Stage) -> None:
    paper = Paper(reason=REASON, scan=scan(stage, "sec_handler"))
    with pytest.raises(Invalid) as refusal:
        on_paper(stage, "sec_chief", first(stage, cycle), paper, **APPROVED)
    assert [str(error) for error in refusal.value.errors] == [
        "Attach the scan of the signed sheet as PDF, PNG or JPG"
    ]


def test_a_text_is_no_scan(cycle: int, stage: Stage) -> None:
    actor = stage.engine.actor("sec_chief")
    text = stage.engine.execute(actor, files.add_file, name="note.txt", body="簽名".encode()).json()
    with pytest.raises(Invalid):
        on_paper(stage, "sec_chief", first(stage, cycle), Paper(reason=REASON, scan=text), **APPROVED)


def test_a_reason_is_asked_for(cycle: int, stage: Stage) -> None:
    paper = Paper(reason="", scan=scan(stage, "sec_chief"))
    with pytest.raises(Invalid) as refusal:
        on_paper(stage, "sec_chief", first(stage, cycle), paper, **APPROVED)
    assert [error.path for error in refusal.value.errors] == ["reason"]


def test_the_values_are_checked_as_online(cycle: int, stage: Stage) -> None:
    paper = Paper(reason=REASON, scan=scan(stage, "sec_chief"))
    with pytest.raises(Invalid) as refusal:
        on_paper(stage, "sec_chief", first(stage, cycle), paper, decision="agree")
    assert [error.path for error in refusal.value.errors] == ["decision"]


def test_paper_gives_nobody_a_right(cycle: int, stage: Stage) -> None:
    task = first(stage, cycle)
    paper = Paper(reason=REASON, scan=scan(stage, "director"))
    with pytest.raises(NotPermitted):
        on_paper(stage, "director", task, paper, **APPROVED)


def test_what_was_signed_already_is_not_signed_on_paper(cycle: int, stage: Stage) -> None:
    task = first(stage, cycle)
    stage.complete_task("sec_chief", task, **APPROVED)
    with pytest.raises(Conflict):
        stage.engine.execute(
            stage.engine.actor("sec_chief"), tasks.complete, task.id, values=APPROVED, revision=1,
            shown_digest="-", paper=Paper(reason=REASON, scan=scan(stage, "sec_chief")),
        )  # fmt: skip


def test_what_was_withdrawn_is_not_signed_on_paper_either(cycle: int, stage: Stage) -> None:
    task, paper = first(stage, cycle), Paper(reason=REASON, scan=scan(stage, "sec_chief"))
    stage.engine.execute(
        stage.engine.actor("director"),
        instances.cancel,
        cycle,
        reason="本案併入下年度辦理，不再續行，特此說明。",
    )
    with pytest.raises(TaskNotOpen):
        on_paper(stage, "sec_chief", task, paper, **APPROVED)
    assert stage.faults_of_history(cycle) == []
