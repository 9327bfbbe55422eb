"""What the drawing does not allow is found and named: skipped, swapped, added, cut short, out of turn."""

from collections.abc import Callable

import pytest

from engine.domain.history import EventType, HistoryEvent
from engine.mining.deviation import Deviation, Why
from tests.engine.mining.recording import Recorded, made_up, renumbered
from tests.engine.runtime.drawing import (
    boundary,
    each,
    end,
    flow,
    gateway,
    message,
    process,
    start,
    user,
)

BASIC = process(
    "p", start() + user("draft", "check", "sign") + end() + flow("begin > draft > check > sign > done")
)
CHOICE = process(
    "p",
    start()
    + user("ask", "small", "large")
    + gateway("exclusive", "size", default="size_small")
    + end("done", "over")
    + flow("begin > ask > size > small > done")
    + flow("size > large", "ask.decision == 'large'")
    + flow("large > over"),
)
SIDE_BY_SIDE = process(
    "p",
    start()
    + gateway("parallel", "split")
    + user("left", "right")
    + gateway("parallel", "join")
    + end()
    + flow("begin > split > left > join > done")
    + flow("split > right > join"),
)
RECALLED = process(
    "p",
    start()
    + user("sign", "mend")
    + boundary("recall", "sign", message("m_recall"), attributes="planflow:correlation=\"'k'\"")
    + end("done", "mended")
    + flow("begin > sign > done")
    + flow("recall > mend > mended"),
    before='<bpmn:message id="m_recall" name="recall"/>',
)
MANY = process(
    "p",
    start()
    + user("give", inner=each("units", "unit"))
    + user("sum")
    + end()
    + flow("begin > give > sum > done"),
)


def without(events: list[HistoryEvent], element_id: str, *kinds: EventType) -> list[HistoryEvent]:
    return renumbered([e for e in events if e.element_id != element_id or (kinds and e.type not in kinds)])


def place_of(events: list[HistoryEvent], kind: EventType, element_id: str) -> int:
    return next(at for at, e in enumerate(events) if e.type is kind and e.element_id == element_id)


def whys(found: tuple[Deviation, ...]) -> list[tuple[str, Why]]:
    return [(each.element, each.why) for each in found]


SOUND: dict[str, Callable[[], Recorded]] = {
    "whole": lambda: Recorded(BASIC).do("draft", "check", "sign"),
    "running": lambda: Recorded(BASIC).do("draft"),
    "cancelled": lambda: Recorded(BASIC).do("draft").cancel(),
    "branch": lambda: Recorded(CHOICE).do("ask", decision="large").do("large"),
    "default": lambda: Recorded(CHOICE).do("ask", decision="").do("small"),
    "side by side": lambda: Recorded(SIDE_BY_SIDE).do("right", "left"),
    "not recalled": lambda: Recorded(RECALLED).do("sign"),
    "recalled": lambda: Recorded(RECALLED).receive("recall").do("mend"),
    "many": lambda: Recorded(MANY, units=["a", "b"]).do("give", "give", "sum"),
    "many of one name": lambda: Recorded(MANY, units=["a", "a"]).do("give", "give", "sum"),
    "none of many": lambda: Recorded(MANY, units=[]).do("sum"),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_the_engine_recorded_conforms(name: str) -> None:
    found = SOUND[name]().checked()
    assert (found.fitness, found.deviations) == (1.0, ())


def test_a_skipped_step_is_named_with_the_one_that_waited_instead() -> None:
    recorded = Recorded(BASIC).do("draft", "check", "sign")
    found = recorded.checked(without(recorded.events, "check"))
    assert found.deviations == (
        Deviation(seq=5, process="p", element="sign", why=Why.NOT_REACHED, waiting=("check", "sign")),
        Deviation(seq=6, process="p", element="check", why=Why.STOPPED, waiting=("sign",)),
    )
    assert found.fitness < 1


def test_two_steps_that_change_places_are_found() -> None:
    events = Recorded(BASIC).do("draft", "check", "sign").events
    at, then = (place_of(events, EventType.TASK_OPENED, name) for name in ("check", "sign"))
    swapped = [*events[:at], *events[then : then + 2], *events[at : at + 2], *events[then + 2 :]]
    assert whys(Recorded(BASIC).checked(renumbered(swapped)).deviations)[0] == ("sign", Why.NOT_REACHED)


def test_an_extra_step_is_found() -> None:
    events = Recorded(BASIC).do("draft", "check", "sign").events
    at = place_of(events, EventType.TASK_OPENED, "check")
    extra = made_up(events[at], EventType.TASK_OPENED, "check", path="check", process="p")
    found = Recorded(BASIC).checked(renumbered([*events[:at], extra, *events[at:]]))
    assert ("check", Why.NOT_REACHED) in whys(found.deviations)
    assert ("done", Why.LEFT_OVER) in whys(found.deviations)


def test_an_element_that_the_diagram_does_not_know_is_found() -> None:
    events = Recorded(BASIC).do("draft").events
    extra = made_up(events[-1], EventType.ELEMENT_PASSED, "elsewhere", path="elsewhere", process="p")
    found = Recorded(BASIC).checked(renumbered([*events, extra]))
    assert whys(found.deviations) == [("elsewhere", Why.UNKNOWN)]


def test_an_end_before_everything_is_done_is_found() -> None:
    events = Recorded(BASIC).do("draft").events
    ending = made_up(events[-1], EventType.INSTANCE_ENDED, "done", outcome="done")
    found = Recorded(BASIC).checked(renumbered([*events, ending]))
    assert found.deviations == (
        Deviation(seq=len(events) + 1, process="p", element="done", why=Why.LEFT_OVER, waiting=("check",)),
    )


def test_an_end_that_nobody_told_is_found() -> None:
    events = Recorded(BASIC).do("draft", "check", "sign").events
    assert whys(Recorded(BASIC).checked(events[:-1]).deviations) == [("", Why.STOPPED)]


def test_what_comes_after_the_end_is_found() -> None:
    events = Recorded(BASIC).do("draft", "check", "sign").events
    late = made_up(events[1], EventType.ELEMENT_PASSED, "begin", path="begin", process="p")
    found = Recorded(BASIC).checked(renumbered([*events, late]))
    assert whys(found.deviations) == [("begin", Why.AFTER_END)]


def test_a_branch_that_does_not_follow_from_its_conditions_is_found() -> None:
    recorded = Recorded(CHOICE).do("ask", decision="large")
    events = recorded.events
    at = place_of(events, EventType.BRANCH_TAKEN, "size")
    forged = made_up(
        events[at], EventType.BRANCH_TAKEN, "size", path="size", process="p", taken=["size_large"],
        conditions=[{"flow": "size_large", "expression": "ask.decision == 'large'", "result": False}],
    )  # fmt: skip
    found = recorded.checked([*events[:at], forged, *events[at + 1 :]])
    assert whys(found.deviations) == [("size", Why.OTHER_BRANCH)]


def test_a_branch_that_quotes_another_condition_is_found() -> None:
    recorded = Recorded(CHOICE).do("ask", decision="large")
    events = recorded.events
    at = place_of(events, EventType.BRANCH_TAKEN, "size")
    forged = made_up(
        events[at], EventType.BRANCH_TAKEN, "size", path="size", process="p", taken=["size_large"],
        conditions=[{"flow": "size_large", "expression": "True", "result": True}],
    )  # fmt: skip
    found = recorded.checked([*events[:at], forged, *events[at + 1 :]])
    assert whys(found.deviations) == [("size", Why.OTHER_BRANCH)]


def test_a_join_that_did_not_wait_is_found() -> None:
    events = Recorded(SIDE_BY_SIDE).do("left", "right").events
    found = Recorded(SIDE_BY_SIDE).checked(without(events, "right", EventType.TASK_COMPLETED))
    assert whys(found.deviations) == [("join", Why.NOT_REACHED), ("done", Why.LEFT_OVER)]


def test_a_message_that_nobody_sent_is_found() -> None:
    events = Recorded(RECALLED).receive("recall").do("mend").events
    found = Recorded(RECALLED).checked(without(events, "recall", EventType.MESSAGE_RECEIVED))
    assert whys(found.deviations) == [("recall", Why.NO_CAUSE)]


def test_a_message_that_came_once_too_often_is_found() -> None:
    events = Recorded(RECALLED).receive("recall").do("mend").events
    at = place_of(events, EventType.MESSAGE_RECEIVED, "recall")
    found = Recorded(RECALLED).checked(renumbered([*events[: at + 1], *events[at:]]))
    assert whys(found.deviations) == [("recall", Why.NOT_WAITING)]


def test_a_message_for_which_nothing_waited_is_found() -> None:
    events = Recorded(RECALLED).do("sign").events
    late = made_up(events[-1], EventType.MESSAGE_RECEIVED, "recall", payload={})
    found = Recorded(RECALLED).checked(renumbered([*events[:-2], late, *events[-2:]]))
    assert ("recall", Why.NOT_WAITING) in whys(found.deviations)


def test_a_task_that_was_withdrawn_though_nothing_ended_it_is_found() -> None:
    events = Recorded(BASIC).do("draft").events
    at = place_of(events, EventType.TASK_OPENED, "check")
    gone = made_up(events[at], EventType.TASK_WITHDRAWN, "check", path="check")
    found = Recorded(BASIC).checked([*events, *renumbered([gone])])
    assert whys(found.deviations) == [("check", Why.NOT_OPEN)]


def test_one_item_of_a_list_that_was_not_done_is_found() -> None:
    events = Recorded(MANY, units=["a", "b"]).do("give", "give", "sum").events
    at = place_of(events, EventType.TASK_COMPLETED, "give")
    found = Recorded(MANY, units=[]).checked(renumbered([*events[:at], *events[at + 1 :]]))
    assert ("sum", Why.NOT_REACHED) in whys(found.deviations)
