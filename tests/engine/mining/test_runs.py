"""What one history gives: its runs, and when each step was opened, taken, sent back and closed, by whom."""

from dataclasses import replace

from engine.domain.history import EventType, HistoryEvent
from engine.mining.conformance import trace
from engine.mining.runs import Loop, Run, Visit
from tests.engine.mining.recording import Recorded, made_up, renumbered
from tests.engine.runtime.drawing import each, end, flow, gateway, process, start, user

REVIEWED = process(
    "p",
    start()
    + gateway("exclusive", "again")
    + user("draft", "sign")
    + gateway("exclusive", "signed", default="signed_done")
    + end()
    + flow("begin > again > draft > sign > signed > done")
    + flow("signed > again", "sign.decision == 'return'"),
)
INNER = process("inner", start("s") + user("work") + end("e") + flow("s > work > e"))
CALLING = process(
    "p",
    start()
    + f'<bpmn:callActivity id="call" calledElement="inner">{each("units", "unit")}</bpmn:callActivity>'
    + end()
    + flow("begin > call > done"),
)


def runs_of(recorded: Recorded, events: list[HistoryEvent] | None = None) -> tuple[Run, ...]:
    found = trace(recorded.nets, "p", recorded.events if events is None else events)
    assert found.conformance.is_complete
    return found.runs


def spread(events: list[HistoryEvent]) -> list[HistoryEvent]:
    """Each cause with its effects a second after the one before, so that times tell events apart."""
    second, found = 0, []
    for event in events:
        second += event.origin == "cause"
        found.append(replace(event, occurred_at=second * 1_000_000))
    return found


def test_a_run_tells_what_was_passed_and_by_whom() -> None:
    recorded = Recorded(REVIEWED).do("draft").do("sign", decision="")
    (run,) = runs_of(recorded, spread(recorded.events))
    assert (run.process, run.path, run.began_at, run.ended_at, run.is_whole) == (
        "p", "", 1_000_000, 3_000_000, True,
    )  # fmt: skip
    assert run.passes == {"begin": 1, "again": 1, "draft": 1, "sign": 1, "signed": 1, "done": 1}
    assert run.flows == {
        "begin_again": 1, "again_draft": 1, "draft_sign": 1, "sign_signed": 1, "signed_done": 1,
    }  # fmt: skip
    assert run.visits == (
        Visit(
            element="draft", seq=4, opened_at=1_000_000, closed_at=2_000_000, by="clerk", role="unit_handler"
        ),
        Visit(
            element="sign", seq=6, opened_at=2_000_000, closed_at=3_000_000, by="clerk", role="unit_handler"
        ),
    )


def test_a_return_tells_what_it_opened_again_and_why() -> None:
    recorded = Recorded(REVIEWED).do("draft")
    recorded.do("sign", decision="return", return_reason=["incomplete"])
    recorded.do("draft").do("sign", decision="")
    (run,) = runs_of(recorded)
    assert [(v.element, v.gave_back, v.is_redone) for v in run.visits] == [
        ("draft", False, False), ("sign", True, False), ("draft", False, True), ("sign", False, False),
    ]  # fmt: skip
    assert run.loops == (
        Loop(process="p", sender="sign", target="draft", seq=run.visits[2].seq, reasons=("incomplete",)),
    )


def test_a_task_is_waited_for_until_whoever_completes_it_takes_it() -> None:
    recorded = Recorded(REVIEWED).do("draft")
    events = spread(recorded.events)
    at = next(n for n, e in enumerate(events) if e.type is EventType.TASK_COMPLETED)
    draft = events[at]
    notes = [
        replace(made_up(draft, kind, "draft", assignee=who), task_id=draft.task_id, occurred_at=when)
        for kind, who, when in (
            (EventType.TASK_CLAIMED, "mei", 1_100_000), (EventType.TASK_UNCLAIMED, None, 1_200_000),
            (EventType.TASK_CLAIMED, "lin", 1_300_000),
        )
    ]  # fmt: skip
    (run,) = runs_of(recorded, renumbered([*events[:at], *notes, *events[at:]]))
    assert run.visits[0].taken_at == 1_300_000


def test_called_processes_are_runs_of_their_own() -> None:
    recorded = Recorded(CALLING, INNER, units=["a", "b"]).do("work")
    runs = runs_of(recorded)
    assert [(run.process, run.path, run.is_whole, run.ended_at is None) for run in runs] == [
        ("p", "", False, True), ("inner", "call[a]", True, False), ("inner", "call[b]", False, True),
    ]  # fmt: skip
    assert [(v.element, v.is_task, v.closed_at is not None) for v in runs[0].visits] == [
        ("call", False, True), ("call", False, False),
    ]  # fmt: skip
    assert [(v.element, v.by) for v in runs[2].visits] == [("work", None)]


def test_what_was_cancelled_ended_but_is_not_whole() -> None:
    recorded = Recorded(CALLING, INNER, units=["a"]).cancel()
    runs = runs_of(recorded)
    assert [(run.process, run.is_whole, run.ended_at is None) for run in runs] == [
        ("p", False, False), ("inner", False, False),
    ]  # fmt: skip
    assert [run.visits for run in runs] == [(), ()]
