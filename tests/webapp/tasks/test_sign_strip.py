"""The strip of signatures follows the levels of a round."""

from dataclasses import replace
from typing import Any

from engine.domain.form import FormContent
from engine.queries.task_page import TaskPage, task_page
from tests.webapp.tasks.house import House
from webapp.sign_strip import sign_strip

LEVELS = [{"label": "秘書室主任核稿"}, {"label": "副分局長"}, {"label": "分局長決行"}, {"label": "總局"}]
SIGNED = {"no": 0, "name": "林雅惠", "title": "主任", "decision": "approve", "signed_at": "x", "void": False}


def page_of(house: House, inputs: dict[str, Any], panels: dict[str, Any]) -> TaskPage:
    page = house.engine.ask(house.engine.actor("wang"), task_page, house.task_id())
    return replace(page, task=replace(page.task, inputs=inputs), content=FormContent(panels=panels))


def test_each_level_is_signed_skipped_now_or_not_yet(house: House) -> None:
    panels = {"signatures": [SIGNED], "skipped": [{"no": 1, "reason": "no_holder"}]}
    page = page_of(house, {"open_round": {"levels": LEVELS}, "next_level": {"no": 2}}, panels)
    with house.app.test_request_context():
        cells = [(cell.label, cell.state, cell.name) for cell in sign_strip(page)]
    assert cells == [
        ("秘書室主任核稿", "signed", "林雅惠"),
        ("副分局長", "skipped", ""),
        ("分局長決行", "now", ""),
        ("總局", "todo", ""),
    ]


def test_a_void_signature_stays_in_the_strip(house: House) -> None:
    panels = {"signatures": [{**SIGNED, "void": True}]}
    page = page_of(house, {"open_round": {"levels": LEVELS[:2]}, "next_level": {"no": 1}}, panels)
    with house.app.test_request_context():
        assert [cell.state for cell in sign_strip(page)] == ["void", "now"]


def test_a_level_that_signs_again_shows_what_it_signed_before(house: House) -> None:
    panels = {"signatures": [{**SIGNED, "void": True}]}
    page = page_of(house, {"open_round": {"levels": LEVELS[:1]}, "next_level": {"no": 0}}, panels)
    with house.app.test_request_context():
        assert [(cell.state, cell.name, cell.note) for cell in sign_strip(page)] == [("now", "林雅惠", "x")]


def test_a_level_that_is_on_the_list_itself_stays_in_the_strip_with_the_reason(house: House) -> None:
    withheld = [{"no": 1, "label": "分局長決行", "reason": "named_on_list"}]
    inputs = {"open_round": {"levels": LEVELS[:1], "withheld": withheld}, "next_level": {"no": 0}}
    with house.app.test_request_context():
        cells = sign_strip(page_of(house, inputs, {"skipped": withheld}))
        told = [(cell.label, cell.state, cell.note) for cell in cells]
    assert told == [("秘書室主任核稿", "now", ""), ("分局長決行", "skipped", "在名單上，應迴避")]


def test_a_task_outside_a_round_has_no_strip(house: House) -> None:
    assert sign_strip(page_of(house, {}, {})) == ()


def test_the_next_step_of_the_process_is_named(house: House) -> None:
    page = house.engine.ask(house.engine.actor("wang"), task_page, house.task_id())
    assert [(step.label, step.state) for step in page.standings] == [
        ("單位提報", "now"),
        ("單位主管核章", "todo"),
    ]
