"""Deployments through the API: files in, definitions or every fault out."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bench.approval_15 import WORKFLOWS
from engine.domain.definition import SourceFile
from tests.engine.runtime.drawing import end, flow, form, process, start, user
from tests.webapp.api.desk import BUREAU, Desk, fields, problem

PATH = "/process-definitions"
GOOD = (form(), process("p", start() + user("look") + end() + flow("begin > look > done")))
NO_FORM = process("p", start() + user("look", form="missing") + end() + flow("begin > look > done"))


def deploy(desk: Desk, *files: SourceFile, who: str = "admin", **others: Any) -> TestResponse:
    uploads = [(BytesIO(file.body), file.name) for file in files]
    return desk.call(who, "POST", PATH, data={"files": uploads, **others}, content_type="multipart/form-data")


def deploy_large(desk: Desk, body: bytes) -> TestResponse:
    """Send one large file; the test client's own encoder would leave a temporary file open."""
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="p.bpmn"\r\n\r\n'
    sent = head + body + b"\r\n--x--\r\n"
    return desk.call("admin", "POST", PATH, data=sent, content_type="multipart/form-data; boundary=x")


def deployments(desk: Desk) -> list[Any]:
    answer = desk.get("admin", PATH)
    assert answer.status_code == 200
    return [(item["key"], item["version"]) for item in answer.get_json()["items"]]


def test_files_are_deployed_together(desk: Desk) -> None:
    answer = deploy(desk, *GOOD)
    assert (answer.status_code, answer.get_json()) == (201, {
        "deployment_id": 2,
        "definitions": [{"key": "p", "name": "p", "version": 2, "deployment_id": 2, "agency": "branch"}],
    })  # fmt: skip
    assert deployments(desk) == [("approval_15", 1), ("p", 2)]


def test_the_same_files_again_change_nothing(desk: Desk) -> None:
    assert deploy(desk, *GOOD).get_json() == deploy(desk, *GOOD).get_json()


def test_the_files_of_a_folder_are_found_by_their_paths(desk: Desk) -> None:
    names: list[Path] = sorted(path for path in WORKFLOWS.rglob("*") if path.is_file())
    files = [SourceFile(name=p.relative_to(WORKFLOWS).as_posix(), body=p.read_bytes()) for p in names]
    assert deploy(desk, *files).get_json()["deployment_id"] == 1


def test_a_refusal_names_file_line_and_element_and_says_what_to_do(desk: Desk) -> None:
    answer = deploy(desk, form(), NO_FORM)
    assert problem(answer) == (422, "DeploymentRefused")
    assert answer.get_json()["errors"] == [
        {"path": "p.bpmn:2 look", "label": "p.bpmn:2 look", "message": "沒有表單「missing」"}
    ]
    assert deployments(desk) == [("approval_15", 1)]


def test_every_file_has_its_own_name(desk: Desk) -> None:
    answer = deploy(desk, *GOOD, GOOD[1])
    assert fields(answer)[0] == "p.bpmn:0"
    assert deployments(desk) == [("approval_15", 1)]


@pytest.mark.parametrize(
    "name", ["/etc/p.bpmn", "../p.bpmn", "a/../p.bpmn", "a\\p.bpmn", "C:p.bpmn", f"{'x' * 201}.bpmn"]
)
def test_a_name_is_a_path_inside_the_deployment(desk: Desk, name: str) -> None:
    answer = deploy(desk, form(), SourceFile(name=name, body=GOOD[1].body))
    assert problem(answer) == (422, "DeploymentRefused")
    assert deployments(desk) == [("approval_15", 1)]


def test_a_deployment_without_files_is_refused(desk: Desk) -> None:
    assert fields(deploy(desk)) == ["files"]
    assert fields(desk.post("admin", PATH, {"files": []})) == ["files"]


def test_a_field_beside_the_files_is_refused(desk: Desk) -> None:
    assert fields(deploy(desk, *GOOD, version="7")) == ["version"]
    assert fields(deploy(desk, *GOOD, more=(BytesIO(b""), "more.bpmn"))) == ["more"]


@pytest.mark.parametrize("who", ["clerk", "auditor", "head", "handler_01", BUREAU])
def test_only_administrators_deploy(shared_desk: Desk, who: str) -> None:
    assert problem(deploy(shared_desk, *GOOD, who=who)) == (403, "NotPermitted")


@pytest.mark.parametrize("who", ["handler_01", "head", BUREAU])
def test_definitions_are_listed_for_those_who_may_read_them(shared_desk: Desk, who: str) -> None:
    assert problem(shared_desk.get(who, PATH)) == (403, "NotPermitted")


def test_a_file_of_20_megabytes_is_refused_unread(shared_desk: Desk) -> None:
    answer = deploy_large(shared_desk, b"<a>" * 7_000_000)
    assert (fields(answer), answer.get_json()["errors"][0]["message"]) == (
        ["p.bpmn:0"],
        "檔案超過2 MB，請分成幾個檔案",
    )


def test_more_than_a_request_may_hold_is_refused(shared_desk: Desk) -> None:
    answer = deploy_large(shared_desk, b"x" * (32 * 1024 * 1024))
    assert problem(answer) == (413, "RequestEntityTooLarge")
