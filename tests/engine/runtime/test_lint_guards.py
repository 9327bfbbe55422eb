"""Guards in a diagram are checked at deploy: who is excluded, who may know, when it is late."""

import pytest

from tests.engine.runtime.drawing import (
    end,
    start,
    user,
)
from tests.engine.runtime.linting import LINE, WORK, around, drawn


def test_a_task_may_exclude_people_by_an_expression() -> None:
    assert drawn(start() + user("work", attributes='planflow:excludes="[named]"') + end() + LINE) == []


@pytest.mark.parametrize(
    ("attribute", "rule"),
    [('planflow:excludes="named +"', "expression"), ('planflow:late-after="late"', "no_due")],
)
def test_a_guard_of_a_task_that_cannot_be_read_is_refused(attribute: str, rule: str) -> None:
    assert drawn(start() + user("work", attributes=attribute) + end() + LINE) == [(rule, "work")]


def test_only_user_tasks_have_guards() -> None:
    for attribute in ("excludes", "late-after"):
        element = f'<bpmn:serviceTask id="x" planflow:activity="a.b" planflow:{attribute}="due"/>'
        assert drawn(around(element)) == [("unknown_attribute", "x")]


def test_a_process_is_restricted_to_roles_that_exist() -> None:
    assert drawn(WORK + LINE, attributes='planflow:restricted="director sec_chief"') == []
    refused = drawn(WORK + LINE, attributes='planflow:restricted="director emperor"')
    assert refused == [("unknown_role", "p")]


@pytest.mark.parametrize(
    ("attributes", "rule"),
    [
        ('planflow:restricted="bureau_sec_handler"', "foreign_role"),
        ('planflow:restricted="director" planflow:starters="sec_handler"', "unseen_start"),
    ],
)
def test_whoever_may_know_of_a_process_is_of_its_agency_and_starts_it(attributes: str, rule: str) -> None:
    assert drawn(WORK + LINE, attributes=attributes) == [(rule, "p")]
