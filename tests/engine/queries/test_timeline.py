import json

from engine.domain.definition import SourceFile
from engine.domain.history import EventType, HistoryEvent, Origin
from engine.domain.telling import Own
from engine.queries.timeline import TimelineRow, timeline
from engine.runtime.deployment import parse_deployment
from engine.settings import WORKFLOWS

SIGN = "internal_signoff"


def happened(
    seq: int, type_: EventType, element: str | None, task: int | None, **data: object
) -> HistoryEvent:
    return HistoryEvent(
        stream=1024,
        seq=seq,
        type=type_,
        origin=Origin.CAUSE,
        actor="lin",
        on_behalf_of=None,
        role="sec_chief",
        unit=None,
        occurred_at=seq,
        command_id=None,
        element_id=element,
        task_id=task,
        data=json.dumps(data),
        digest=b"",
    )


def signed(seq: int, path: str, decision: str, **more: object) -> list[HistoryEvent]:
    """A signing task that was opened and completed."""
    opened = {"process": SIGN, "path": path, "label": "簽核", "candidates": []}
    values = {"decision": decision, **more}
    return [
        happened(seq, EventType.TASK_OPENED, "sign", seq, **opened),
        happened(seq + 1, EventType.TASK_COMPLETED, "sign", seq, process=SIGN, values=values),
    ]


def rows(*events: HistoryEvent) -> list[TimelineRow]:
    files = tuple(
        SourceFile(name=str(path.relative_to(WORKFLOWS)), body=path.read_bytes())
        for path in sorted(WORKFLOWS.rglob("*"))
        if path.is_file()
    )
    return [
        row
        for row in timeline(parse_deployment(files), [], events, Own(process=SIGN, title=""))
        if row.is_signature
    ]


def test_a_return_to_the_author_voids_the_signatures_before_it() -> None:
    found = rows(
        *signed(1, "a/sign", "approve"), *signed(3, "a/sign", "return"), *signed(5, "a/sign", "approve")
    )
    assert [(row.is_void, row.is_return) for row in found] == [(True, False), (False, True), (False, False)]


def test_a_return_to_the_level_before_voids_nothing() -> None:
    found = rows(*signed(1, "a/sign", "approve"), *signed(3, "a/sign", "return", return_to="previous"))
    assert [row.is_void for row in found] == [False, False]


def test_a_return_elsewhere_in_the_instance_voids_nothing_here() -> None:
    found = rows(*signed(1, "plan/sign", "approve"), *signed(3, "d2/sign", "return"))
    assert [row.is_void for row in found] == [False, False]


def test_a_verdict_and_its_words_are_told() -> None:
    (row,) = rows(*signed(1, "a/sign", "return", opinion="目標未量化者請補正"))
    assert (row.element, row.verdict, row.quote) == ("簽核", "退件", "目標未量化者請補正")
