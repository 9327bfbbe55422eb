"""Bad input at the public doors (API, deploy and lint commands): a clear refusal, nothing half written."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.domain.definition import SourceFile
from engine.domain.identity import SYSTEM
from engine.store import tables
from engine.store.unit_of_work import Reader
from tests.engine.runtime.drawing import (
    boundary,
    catch,
    each,
    end,
    flow,
    form,
    gateway,
    message,
    process,
    script,
    start,
    timer,
    user,
)
from tests.webapp.api.desk import Desk, fields, problem
from webapp.cli import main

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HEAD = '<?xml version="1.0"?>'
BROKEN: dict[str, tuple[str, bytes]] = {
    "malformed": ("p.bpmn", b"<bpmn:definitions"),
    "empty": ("p.bpmn", b""),
    "not text": ("p.bpmn", bytes(range(256))),
    "nested": ("p.bpmn", b"<a>" * 200_000),
    "doctype": ("p.bpmn", f"{HEAD}<!DOCTYPE d><d/>".encode()),
    "outside": ("p.bpmn", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'),
    "parameter": ("p.bpmn", f'{HEAD}<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><d/>'.encode()),
    "laughs": ("p.bpmn", f'{HEAD}<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]><d>&l9;</d>'.encode()),
    "laughs in a table": ("p.dmn", f'{HEAD}<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]><d>&l9;</d>'.encode()),
    "20 MB": ("p.bpmn", b"<d>" + b" " * 20_000_000 + b"</d>"),
    "20 MB form": ("forms/p.json", b'{"title": "' + b"x" * 20_000_000 + b'"}'),
    "broken form": ("forms/p.json", b'{"title": '),
    "no BPMN": ("p.bpmn", b"<html/>"),
    "program": ("p.py", b"import os"),
}  # fmt: skip

HOSTILE = [
    "().__class__.__mro__[1].__subclasses__()",
    "__import__('os').popen('id').read()",
    "open('/etc/passwd')",
    "getattr(units, 'append')",
    "units.__class__",
    "'{0.__class__}'.format(units)",
    "[x for x in units]",
    "(lambda: 1)()",
    "exec('import os')",
    "9 ** 9 ** 9",
]
PLACES = (
    "condition",
    "script",
    "timer",
    "items",
    "unit",
    "title",
    "due",
    "subject",
    "correlation",
    "payload",
)


def drawn(place: str, text: str) -> SourceFile:
    """A diagram with an expression in one place, and harmless ones elsewhere."""
    quoted = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    at = {name: quoted if name == place else "" for name in PLACES}
    attributes = " ".join(f'planflow:{n}="{at[n]}"' for n in ("unit", "due", "subject") if at[n])
    marker = each(quoted, "item") if place == "items" else ""
    body = (
        start() + script("compute", f"a = {text}" if place == "script" else "a = 1")
        + user("work", attributes=attributes, inner=marker)
        + boundary("late", "work", timer(at["timer"] or "null_date"))
        + catch("wait", message("m"), f'planflow:correlation="{at["correlation"] or "plan_key"}"')
        + f'<bpmn:intermediateThrowEvent id="say" planflow:correlation="plan_key"'
        f' planflow:payload="{at["payload"] or "{}"}">{message("m")}</bpmn:intermediateThrowEvent>'
        + gateway("exclusive", "which", default="rest") + end("done", "other", "over")
        + flow("begin > compute > work > wait > say > which") + flow("late > over")
        + flow("which > done", text if place == "condition" else "a == 1")
        + flow("which > other", name="rest")
    )  # fmt: skip
    title = f'planflow:title="{at["title"]}"' if at["title"] else ""
    return process("p", body, before='<bpmn:message id="m" name="news"/>', attributes=title)


def rows(desk: Desk) -> dict[str, int]:
    """How many rows every table has."""

    def count(reader: Reader) -> dict[str, int]:
        core = reader.transaction.core
        return {
            table.name: core.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in tables.metadata.sorted_tables
        }

    return desk.engine.ask(SYSTEM, count)


def deployed(desk: Desk, *files: SourceFile) -> Any:
    """The answer of the API to these files."""
    boundary_ = b'--x\r\nContent-Disposition: form-data; name="files"; filename="'
    parts = (boundary_ + file.name.encode() + b'"\r\n\r\n' + file.body + b"\r\n" for file in files)
    sent = BytesIO(b"".join(parts) + b"--x--\r\n").getvalue()
    content_type = "multipart/form-data; boundary=x"
    return desk.call("admin", "POST", "/process-definitions", data=sent, content_type=content_type)


def run(desk: Desk, command: str, folder: Path, *files: SourceFile) -> Result:
    """`planflow lint` or `planflow deploy` over these files as a folder."""
    for file in files:
        path = folder / file.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(file.body)
    env = {"PLANFLOW_DATABASE_URL": desk.engine.database.core.url.render_as_string(hide_password=False)}
    return CliRunner().invoke(main, [command, str(folder)], env=env)


def test_the_harmless_diagram_is_taken(desk: Desk) -> None:
    answer = deployed(desk, form(), drawn("", ""))
    assert (answer.status_code, [d["key"] for d in answer.get_json()["definitions"]]) == (201, ["p"])


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_refused_by_the_api(shared_desk: Desk, what: str) -> None:
    name, body = BROKEN[what]
    before = rows(shared_desk)
    answer = deployed(shared_desk, form(), SourceFile(name=name, body=body))
    assert problem(answer) == (422, "DeploymentRefused")
    assert [fault["path"].partition(":")[0] for fault in answer.get_json()["errors"]] == [name]
    assert rows(shared_desk) == before


@pytest.mark.parametrize("command", ["deploy", "lint"])
@pytest.mark.parametrize("what", [what for what in BROKEN if what != "program"])
def test_a_broken_file_is_refused_by_the_command(
    shared_desk: Desk, tmp_path: Path, what: str, command: str
) -> None:
    name, body = BROKEN[what]
    before = rows(shared_desk)
    result = run(shared_desk, command, tmp_path, form(), SourceFile(name=name, body=body))
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert f"{name}:" in result.output
    assert rows(shared_desk) == before


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_expression_is_refused_wherever_it_stands(shared_desk: Desk, place: str, text: str) -> None:
    before = rows(shared_desk)
    answer = deployed(shared_desk, form(), drawn(place, text))
    assert problem(answer) == (422, "DeploymentRefused")
    assert {fault["path"].partition(":")[0] for fault in answer.get_json()["errors"]} == {"p.bpmn"}
    assert rows(shared_desk) == before


@pytest.mark.parametrize(
    "name", ["{{ cycler.__init__.__globals__ }}", "${7*7}", "{0.__class__}", "#{T(x)}", "%s"]
)
def test_a_name_is_text_and_never_evaluated(desk: Desk, name: str) -> None:
    body = start() + user("work") + end() + flow("begin > work > done")
    file = process("p", body, attributes='planflow:starters="sec_handler"', role="sec_handler")
    named = SourceFile(name=file.name, body=file.body.replace(b'name="Work"', f'name="{name}"'.encode()))
    assert deployed(desk, form(), named).status_code == 201
    number = desk.post(
        "clerk", "/process-instances", {"definition_key": "p", "business_key": name}
    ).get_json()
    (task,) = desk.get("clerk", f"/process-instances/{number['id']}").get_json()["open_tasks"]
    assert task["label"] == name
    assert desk.get("clerk", f"/process-instances/{number['id']}/diagram.svg").status_code == 200


@pytest.mark.parametrize(
    "schema",
    [
        '{"$ref": "http://127.0.0.1:9/schema.json"}',
        '{"$ref": "file:///etc/passwd"}',
        '{"type": "object", "properties": {"typename": {"type": "string", "title": "x"}}}',
        '{"type": "object", "properties": {"a": {"type": "string", "title": "x", "pattern": "(a+)+(?=b)"}}}',
        '{"type": 7}',
        "[]",
    ],
)
def test_a_form_that_is_no_form_is_refused(shared_desk: Desk, schema: str) -> None:
    before = rows(shared_desk)
    body = f'{{"title": "表單", "inputs": [], "variables": [], "ui": {{}}, "schema": {schema}}}'
    answer = deployed(shared_desk, form(), SourceFile(name="forms/bad.json", body=body.encode()))
    assert problem(answer) == (422, "DeploymentRefused")
    assert {fault["path"].partition(":")[0] for fault in answer.get_json()["errors"]} == {"forms/bad.json"}
    assert rows(shared_desk) == before


UNKNOWN = [
    ("GET", "/process-instances/4711"),
    ("GET", "/process-instances/4711/history"),
    ("GET", "/process-instances/4711/state"),
    ("GET", "/process-instances/4711/verify"),
    ("GET", "/process-instances/4711/diagram.svg"),
    ("GET", "/process-instances/4711/export"),
    ("GET", "/tasks/4711"),
    ("POST", "/tasks/4711/claim"),
]


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
def test_what_does_not_exist_is_not_found_and_nothing_is_written(
    shared_desk: Desk, method: str, path: str
) -> None:
    before = rows(shared_desk)
    assert problem(shared_desk.call("auditor", method, path)) == (404, "NotFound")
    assert rows(shared_desk) == before


@pytest.mark.parametrize(
    "words", [("verify", "4711"), ("replay", "4711"), ("export", "4711", "-o", "/dev/null")]
)
def test_the_commands_tell_that_an_instance_does_not_exist(shared_desk: Desk, words: tuple[str, ...]) -> None:
    env = {
        "PLANFLOW_DATABASE_URL": shared_desk.engine.database.core.url.render_as_string(hide_password=False)
    }
    before = rows(shared_desk)
    result = CliRunner().invoke(main, words, env=env)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert "4711" in result.output
    assert rows(shared_desk) == before


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({}, "subject"),
        ({"subject": "x" * 2_100_000}, ""),
        ({"subject": ["x"]}, "subject"),
        ({"subject": {"typename": "x"}}, "subject/typename"),
        ({"subject": "x", "surprise": 1}, "surprise"),
        ({"subject": "x", "typename": "builtins.object"}, "typename"),
        ({"subject": "x", "a": [[[[[[[[[[1]]]]]]]]]]}, "a/0/0/0/0/0/0/0/0"),
    ],
)
def test_bad_values_of_a_form_leave_every_table_as_it_was(
    desk: Desk, values: dict[str, Any], path: str
) -> None:
    task = desk.start()
    page = desk.get("clerk", f"/tasks/{task.id}").get_json()
    before = rows(desk)
    body = {"values": values, "revision": page["revision"], "shown_digest": page["shown_digest"]}
    assert fields(desk.post("clerk", f"/tasks/{task.id}/complete", body)) == [path]
    assert rows(desk) == before
