"""Whoever looks at a reward list is told in their own stream, once for each look, by every door (8.15)."""

import json
from typing import Any

import pytest

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.queries.task_page import task_page
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage
from tests.webapp.office import Office

API = "/api/v1"
Listed = tuple[Office, int, int]


@pytest.fixture(scope="module")
def listed(shared_office: Office) -> Listed:
    """A reward list and its open task: the first signature, by the chief of personnel."""
    stage = Stage(shared_office.engine, shared_office.clock)
    instance = reward.commendation(stage, "finalist")
    reward.to_committee(stage, instance, reward.HANDLER)
    reward.session(stage, instance)
    return shared_office, instance, stage.task(instance, "sign").id


def told(office: Office, user: str) -> list[dict[str, Any]]:
    """What the stream of a person tells of looks and of files that were taken."""
    number = office.engine.actor(user).number
    events = office.engine.ask(SYSTEM, lambda reader: list(reader.history.events(-number)))
    wanted = (EventType.SENSITIVE_READ, EventType.EXPORTED)
    return [{"type": str(e.type), **json.loads(e.data)} for e in events if e.type in wanted]


def looked(
    office: Office, user: str, method: str, path: str, **request: Any
) -> tuple[int, list[dict[str, Any]]]:
    """The status of one request, and what the stream of the person tells since."""
    before = len(told(office, user))
    if path.startswith(API):
        headers = {"Authorization": f"Bearer {office.token(user)}"}
        answer = office.stranger().open(path, method=method, headers=headers, **request)
    else:
        answer = office.client(user).open(path, method=method, **request)
    answer.close()
    return answer.status_code, told(office, user)[before:]


def look(instance: int) -> dict[str, Any]:
    return {"type": "sensitive_read", "kind": "restricted_instance", "instance": instance}


@pytest.mark.parametrize(
    "path",
    [
        "/instances/{instance}", "/instances/{instance}/diagram.svg", "/audit/replay/{instance}",
        "/api/v1/process-instances/{instance}", "/api/v1/process-instances/{instance}/history",
        "/api/v1/process-instances/{instance}/state", "/api/v1/process-instances/{instance}/diagram.svg",
        "/tasks/{task}", "/api/v1/tasks/{task}", "/inbox/bulk/approve?task={task}",
    ],
)  # fmt: skip
def test_a_look_is_told_once(listed: Listed, path: str) -> None:
    office, instance, task = listed
    user = "hr_chief" if "task" in path else "director"
    answer = looked(office, user, "GET", path.format(instance=instance, task=task))
    assert answer == (200, [look(instance)])


def test_the_auditor_who_looks_is_told_as_well(listed: Listed) -> None:
    office, instance, _ = listed
    assert looked(office, "auditor", "GET", f"/instances/{instance}") == (200, [look(instance)])
    assert looked(office, "auditor", "GET", f"{API}/process-instances/{instance}/history") == (
        200, [look(instance)],
    )  # fmt: skip


def test_who_takes_the_history_away_is_told_by_the_export(listed: Listed) -> None:
    office, instance, _ = listed
    status, events = looked(office, "auditor", "GET", f"{API}/process-instances/{instance}/export?format=csv")
    assert (status, [(e["type"], e["instance"], e["format"]) for e in events]) == (
        200, [("exported", instance, "csv")],
    )  # fmt: skip


def test_the_reward_lists_of_an_edition_are_told_by_its_key(listed: Listed) -> None:
    office, _, _ = listed
    assert looked(office, "director", "GET", f"/rewards/{reward.EDITION}") == (
        200, [{"type": "sensitive_read", "kind": "reward_list", "edition": reward.EDITION}],
    )  # fmt: skip


def test_a_file_of_the_list_is_told_to_whom_it_was_shown(listed: Listed) -> None:
    office, instance, _ = listed
    events = office.engine.ask(SYSTEM, lambda reader: list(reader.history.events(instance)))
    digest = next(
        file["digest"]
        for event in events
        for file in json.loads(event.data).get("values", {}).get("minutes", ())
    )
    path = f"/files/{digest}?instance={instance}"
    assert looked(office, "director", "GET", path) == (200, [look(instance)])


def test_a_file_of_a_letter_of_the_list_is_told(office: Office) -> None:
    stage, key = Stage(office.engine, office.clock), "bsmi_khh:award:115:1"
    instance = reward.commendation(stage, "won", key=key)
    reward.to_order(stage, instance, reward.HANDLER)
    reward.report(stage, instance)
    reward.reply(stage, instance)
    letters = office.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan(key))
    (digest,) = {file["digest"] for letter in letters for file in letter.attachments}
    path = f"/awards/115/1/files/{digest}"
    assert looked(office, "director", "GET", path) == (200, [look(instance)])
    assert looked(office, "unit_handler.kinmen", "GET", path) == (404, [])


def test_a_refused_entry_shows_the_list_again_and_is_told(listed: Listed) -> None:
    office, instance, task = listed
    answer = looked(office, "hr_chief", "POST", f"/tasks/{task}", data={"_op": "complete"})
    assert answer == (409, [look(instance)])


@pytest.mark.parametrize(("path", "status"), [("", 302), ("/draft", 200)])
def test_keeping_a_draft_is_no_look(listed: Listed, path: str, status: int) -> None:
    office, _, task = listed
    answer = looked(office, "hr_chief", "POST", f"/tasks/{task}{path}", data={"_op": "save"})
    assert answer == (status, [])


def test_the_style_rules_of_a_form_are_no_look(listed: Listed) -> None:
    office, _, task = listed
    assert looked(office, "hr_chief", "GET", f"/tasks/{task}/form.css") == (200, [])


@pytest.mark.parametrize("path", ["/instances/{instance}", "/tasks/{task}", "/rewards/" + reward.EDITION])
def test_who_is_shown_nothing_has_not_looked(listed: Listed, path: str) -> None:
    office, instance, task = listed
    status, events = looked(office, "unit_handler.kinmen", "GET", path.format(instance=instance, task=task))
    assert (status in (403, 404), events) == (True, [])


def test_lists_and_counts_show_no_name_and_are_no_look(listed: Listed) -> None:
    office, _, _ = listed
    pages = ("/inbox", "/instances", "/rewards", "/awards")
    assert [looked(office, "hr_chief", "GET", path) for path in pages] == [(200, [])] * 4


def test_what_is_open_to_the_house_is_no_look(listed: Listed) -> None:
    office, _, _ = listed
    cycle = office.instance_id("bsmi_khh:115")
    assert looked(office, "director", "GET", f"/instances/{cycle}") == (200, [])


def test_completing_tells_no_look(office: Office) -> None:
    """The path of a completion writes nothing more than before; the page that it shows next is a look."""
    stage = Stage(office.engine, office.clock)
    instance = reward.commendation(stage, "finalist")
    reward.to_committee(stage, instance, reward.HANDLER)
    reward.session(stage, instance)
    task = stage.task(instance, "sign")
    shown = office.engine.ask(office.engine.actor("hr_chief"), task_page, task.id)
    entered = {
        "_op": "complete", "_revision": str(task.revision), "_shown_digest": shown.shown_digest,
        "decision": "approve", "opinion": "如擬",
    }  # fmt: skip
    assert looked(office, "hr_chief", "POST", f"/tasks/{task.id}", data=entered) == (302, [])
    assert stage.open(instance) == ["sign"]
