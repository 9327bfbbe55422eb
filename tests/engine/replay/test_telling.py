"""What an event tells is all there, however little of it was written."""

import json
from typing import Any

import pytest

from engine.domain.canonical import canonical_json
from engine.domain.telling import Own, told_by, written
from tests.histories.golden import FOLDER, read

SHOWN = "2df931851b7a5357f1f149a9ecb135f878ecb0451d15dbecec0c2a13ea0ccad9"
COMPLETED = {
    "name": "宋明珠", "title": "", "shown": SHOWN, "shown_documents": [],
    "values": {"number": 7, "remark": "依限完成"}, "variables": {"number": 7, "remark": "依限完成"},
}  # fmt: skip
OPENED = {
    "process": "yearly", "path": "draft", "label": "擬稿", "subject": "年度計畫",
    "due_at": None, "inputs": {}, "candidates": [["sec_handler", ""]],
}  # fmt: skip
OWN = Own(process="yearly", title="年度計畫")


def test_a_completion_is_written_with_what_was_entered_alone() -> None:
    assert written("task_completed", "draft", COMPLETED) == {
        "name": "宋明珠", "shown": "LfkxhRt6U1fx8Ump7LE1-HjssEUdFdvs7AwqE-oMytk",
        "values": {"number": 7, "remark": "依限完成"},
    }  # fmt: skip


def test_an_opening_is_written_without_what_its_instance_tells() -> None:
    short = written("task_opened", "draft", OPENED, OWN)
    assert short == {"label": "擬稿", "candidates": [["sec_handler", ""]]}
    assert told_by("task_opened", "draft", json.dumps(short), OWN) == OPENED


def test_an_opening_in_another_process_tells_both() -> None:
    other = {**OPENED, "process": "called", "subject": "度量衡科", "path": "call/draft"}
    short = written("task_opened", "draft", other, OWN)
    assert short == {name: other[name] for name in other if name not in ("due_at", "inputs")}
    assert told_by("task_opened", "draft", json.dumps(short), OWN) == other


def test_an_opening_is_written_without_what_is_usual() -> None:
    assert written("task_opened", "draft", OPENED) == {
        "process": "yearly", "label": "擬稿", "subject": "年度計畫", "candidates": [["sec_handler", ""]],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, {"taken": []}),
        ({"number": 7}, {"taken": ["number"]}),
        ({"number": 8, "remark": "依限完成"}, {"taken": ["remark"], "results": {"number": 8}}),
        ({"number": 7, "remark": "依限完成", "no": 1}, {"results": {"no": 1}}),
        ({"number": 7.0, "remark": "依限完成"}, {"taken": ["remark"], "results": {"number": 7.0}}),
    ],
)
def test_what_went_on_is_told_by_name_and_what_came_of_it_in_full(
    variables: dict[str, Any], told: dict[str, Any]
) -> None:
    completed = {**COMPLETED, "variables": variables}
    short = written("task_completed", "draft", completed)
    assert {name: short[name] for name in short if name in ("taken", "results")} == told
    again = told_by("task_completed", "draft", json.dumps(short))
    assert canonical_json(again) == canonical_json(completed)


@pytest.mark.parametrize(
    "text",
    ["[]", '{"values":{},"taken":["gone"]}', '{"values":[1],"taken":null}', '{"values":{},"results":1}'],
)
def test_a_text_that_does_not_hold_together_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what the json module raises as well
        told_by("task_completed", "draft", text)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json.xz")), ids=lambda path: path.name)
def test_every_recorded_event_says_the_same_when_it_is_written_anew(path: Any) -> None:
    golden = read(path)
    at = {name: golden["columns"].index(name) for name in ("type", "element_id", "data")}
    events = [event for stream in golden["streams"] for event in stream["events"]]
    assert len(events) > 1000
    for event in events:
        kind, element, data = event[at["type"]], event[at["element_id"]], event[at["data"]]
        told = told_by(kind, element, data, OWN)
        for own in (OWN, Own(process=told.get("process", ""), title=told.get("subject", ""))):
            assert told_by(kind, element, json.dumps(written(kind, element, told, own)), own) == told
