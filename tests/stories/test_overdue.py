"""What is overdue by unit: the list, its files, the report of every week, and urging several at once."""

import csv
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from engine.commands import organisation
from engine.commands.overdue_reports import make_weekly
from engine.commands.tasks import claim
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import NotPermitted
from engine.jobs.escalations import report_of_the_week
from engine.queries.overdue import overdue_report
from engine.replay import verify_all
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage
from tests.webapp.office import PASSWORD, open_office

UNITS = ["度量衡科", "金門辦事處"]


@pytest.fixture
def late(fresh_stage: Stage) -> int:
    """Two units owe their actions since last week; it is Monday, 2026-01-26."""
    begun = actors.begin_year(fresh_stage)
    cycle = actors.start_cycle(begun)
    actors.register(begun, cycle)
    actors.assign(begun, cycle)
    begun.move_to("2026-01-26T10:00")
    return cycle


def client(stage: Stage, user: str) -> FlaskClient:
    """The browser of somebody who has signed in."""
    stage.engine.execute(SYSTEM, organisation.reset_password, user, password=PASSWORD)
    stage.engine.execute(SYSTEM, free, user)
    return open_office(stage.engine, stage.clock).client(user)


def free(uow: UnitOfWork, user: str) -> None:
    """Let the first password stay."""
    stored = uow.accounts.password(user)
    assert stored is not None
    told = EventDraft(type=EventType.PASSWORD_CHANGED, data={"user": user, "must_change": False})
    uow.accounts.set_password(user, stored.hash, told, must_change=False)


def groups(engine: Engine, user: str) -> dict[str, list[str]]:
    found = engine.ask(engine.actor(user), overdue_report)
    return {group.label: [line.label for line in group.lines] for group in found.groups}


def test_the_secretariat_sees_every_unit(fresh_stage: Stage, late: int) -> None:
    assert groups(fresh_stage.engine, "sec_chief") == {unit: ["單位提報"] for unit in UNITS}


def test_a_chief_sees_the_own_unit(fresh_stage: Stage, late: int) -> None:
    assert groups(fresh_stage.engine, "unit_chief.kinmen") == {"金門辦事處": ["單位提報"]}


@pytest.mark.parametrize("user", ["unit_handler.kinmen", "registry", "bureau_sec_handler"])
def test_nobody_else_reads_the_list(fresh_stage: Stage, late: int, user: str) -> None:
    with pytest.raises(NotPermitted):
        groups(fresh_stage.engine, user)


def test_a_reward_list_is_in_no_report(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    assert fresh_stage.task(instance, "nominate_persons").due_at is not None
    fresh_stage.clock.move_to(fresh_stage.clock.at.replace(month=12))
    assert groups(fresh_stage.engine, "sec_chief") == {}


def test_the_report_of_a_week_is_made_once_and_told_to_the_chiefs(fresh_stage: Stage, late: int) -> None:
    made = [report_of_the_week(fresh_stage.engine) for _ in range(2)]
    fresh_stage.move_to("2026-01-27T10:00")
    made.append(report_of_the_week(fresh_stage.engine))
    fresh_stage.move_to("2026-02-02T09:00")
    made.append(report_of_the_week(fresh_stage.engine))
    assert made == [True, False, False, True]
    mails = [entry.payload for entry in fresh_stage.engine.ask(SYSTEM, lambda r: r.outbox.unsent())]
    told = [(m["user"], m["params"]["unit"], m["params"]["count"]) for m in mails if "path" in m][:3]
    assert sorted(told) == [
        ("sec_chief", "全分局", 2), ("unit_chief.kinmen", "金門辦事處", 1),
        ("unit_chief.metrology", "度量衡科", 1),
    ]  # fmt: skip


def test_the_report_is_an_event_and_every_proof_holds(fresh_stage: Stage, late: int) -> None:
    report_of_the_week(fresh_stage.engine)
    told = fresh_stage.engine.ask(
        SYSTEM, lambda r: r.history.last_of_type(ORGANISATION_STREAM, EventType.DOCUMENT_RECORDED)
    )
    assert told is not None
    assert '"users":["sec_chief","unit_chief.kinmen","unit_chief.metrology"]' in told.data
    proofs = fresh_stage.engine.ask(SYSTEM, lambda reader: list(verify_all(reader)))
    assert [proof.faults for proof in proofs if proof.faults] == []


def test_a_report_stays_as_it_was(fresh_stage: Stage, late: int) -> None:
    report_of_the_week(fresh_stage.engine)
    actors.contribute(fresh_stage, late, "kinmen")
    actors.approve_unit(fresh_stage, late, "kinmen")
    browser = client(fresh_stage, "sec_chief")
    kept, present = (
        BeautifulSoup(browser.get(address).text, "html.parser").select(".of-month")
        for address in ("/overdue?week=2026-01-26", "/overdue")
    )
    assert (len(kept), len(present)) == (2, 1)


@pytest.mark.parametrize("week", ["2026-01-19", "yesterday"])
def test_a_week_without_a_report_is_not_there(fresh_stage: Stage, late: int, week: str) -> None:
    assert client(fresh_stage, "sec_chief").get(f"/overdue?week={week}").status_code == 404


def test_only_the_calendar_makes_a_report(fresh_stage: Stage, late: int) -> None:
    with pytest.raises(NotPermitted):
        fresh_stage.engine.execute(fresh_stage.engine.actor("sec_chief"), make_weekly)


def test_a_report_before_the_first_working_morning_is_not_made(fresh_stage: Stage, late: int) -> None:
    fresh_stage.move_to("2026-01-31T10:00")  # a Saturday
    assert report_of_the_week(fresh_stage.engine) is False


def rename(uow: UnitOfWork) -> None:
    organisation.change_unit(
        uow, "kinmen", label="=HYPERLINK(1)", kind="line", agency="branch", position=9, active=True
    )


def test_files_hold_no_formula(fresh_stage: Stage, late: int) -> None:
    fresh_stage.engine.execute(SYSTEM, rename)
    browser = client(fresh_stage, "sec_chief")
    body = browser.get("/overdue/overdue.csv")
    rows = list(csv.reader(io.StringIO(body.data.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["單位", "度量衡科", "'=HYPERLINK(1)"]
    sheet = browser.get("/overdue/overdue.ods")
    assert sheet.data.startswith(b"PK")
    assert "overdue.ods" in sheet.headers["Content-Disposition"]


def outcomes(answer: Any) -> list[str]:
    page = BeautifulSoup(answer.text, "html.parser")
    return [" ".join(cell.stripped_strings) for cell in page.select(".outcomes tbody td:first-child")]


def test_several_are_urged_at_once_each_by_itself(fresh_stage: Stage, late: int) -> None:
    tasks = [task.id for task in fresh_stage.tasks(late, "edit_actions")]
    answer = client(fresh_stage, "sec_handler").post(
        "/overdue/urge", data={"task": tasks, "note": "請今日提報"}
    )
    assert outcomes(answer) == ["已催辦", "已催辦"]
    told = actors.events(fresh_stage, late, EventType.TASK_URGED)
    assert [event["note"] for event in told] == ["請今日提報", "請今日提報"]


def test_what_was_done_meanwhile_is_reported_and_not_urged(fresh_stage: Stage, late: int) -> None:
    tasks = [task.id for task in fresh_stage.tasks(late, "edit_actions")]
    browser = client(fresh_stage, "sec_handler")
    actors.contribute(fresh_stage, late, "kinmen")
    answer = browser.post("/overdue/urge", data={"task": [*tasks, "1", "x"]})
    assert outcomes(answer) == ["已催辦"]
    assert "所選有3件已不逾期" in answer.text


def test_a_note_that_is_too_long_is_told_per_task(fresh_stage: Stage, late: int) -> None:
    tasks = [task.id for task in fresh_stage.tasks(late, "edit_actions")]
    answer = client(fresh_stage, "sec_handler").post(
        "/overdue/urge", data={"task": tasks, "note": "長" * 501}
    )
    assert outcomes(answer) == ["未催辦", "未催辦"]
    assert actors.events(fresh_stage, late, EventType.TASK_URGED) == []


def test_a_chief_urges_nobody(fresh_stage: Stage, late: int) -> None:
    answer = client(fresh_stage, "unit_chief.kinmen").post("/overdue/urge", data={"task": ["1"]})
    assert answer.status_code == 403


def lines(page: str) -> list[str]:
    table = BeautifulSoup(page, "html.parser").select(".overdue tbody tr:not(.of-month) th")
    return [" ".join(cell.stripped_strings) for cell in table]


def test_a_long_list_is_read_in_pages_without_gap_or_repetition(
    fresh_stage: Stage, late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client(fresh_stage, "sec_chief")
    whole = lines(browser.get("/overdue").text)
    monkeypatch.setattr("webapp.overdue.LINES_OF_A_PAGE", 1)
    seen, address = list[str](), "/overdue"
    while address:
        text = browser.get(address).text
        following = BeautifulSoup(text, "html.parser").select_one("a[rel=next]")
        seen, address = [*seen, *lines(text)], str(following["href"]) if following else ""
    assert (len(whole), sorted(seen)) == (2, sorted(whole))


def test_a_cursor_that_was_made_up_is_refused(fresh_stage: Stage, late: int) -> None:
    assert client(fresh_stage, "sec_chief").get("/overdue?cursor=x").status_code == 422


def test_a_chief_sees_what_somebody_of_the_unit_has_taken(fresh_stage: Stage, late: int) -> None:
    task = fresh_stage.task(late, "edit_actions@kinmen")
    fresh_stage.engine.execute(fresh_stage.engine.actor("unit_handler.kinmen"), claim, task.id)
    assert groups(fresh_stage.engine, "unit_chief.kinmen") == {"金門辦事處": ["單位提報"]}
