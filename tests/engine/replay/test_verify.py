"""The proof: whoever changes the database behind the program's back is found, and the report names what is
wrong."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine.domain.canonical import GENESIS, chain_digest
from engine.domain.history import EventDraft, EventType, Signature, seal
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import NotFound, ProcessFailed
from engine.replay import Check, Fault, VerifyReport, rebuild, verify, verify_all
from engine.store import tables
from engine.store.search_tables import task_text
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.engine.store.moves import CLERK, at_approval, claim, complete, played_through, recall

EVENT = tables.history_event.c
GUARDED = ("history_event", "content", "anchor", "deployment_file")


def unguarded(uow: UnitOfWork, *statements: sa.Executable) -> None:
    """Run statements as somebody who has the database and switched its triggers off."""
    core = uow.transaction.core
    for table in GUARDED:
        if uow.transaction.is_sqlite:
            for change in ("update", "delete"):
                core.exec_driver_sql(f"drop trigger if exists {table}_refuses_{change}")
        else:
            core.exec_driver_sql(f"alter table {table} disable trigger user")
    for statement in statements:
        core.execute(statement)


def tamper(engine: Engine, *statements: sa.Executable) -> None:
    engine.execute(SYSTEM, unguarded, *statements)
    engine.memory.forget()


def prove(engine: Engine, instance_id: int) -> VerifyReport:
    return engine.ask(SYSTEM, verify, instance_id)


def at_event(instance_id: int, seq: int) -> sa.ColumnElement[bool]:
    return sa.and_(EVENT.stream == instance_id, EVENT.seq == seq)


def make_anchor(engine: Engine) -> None:
    engine.execute(SYSTEM, lambda uow: uow.anchors.make())


def seq_of(engine: Engine, instance_id: int, event_type: EventType) -> int:
    found = engine.ask(SYSTEM, lambda r: r.history.last_of_type(instance_id, event_type))
    assert found is not None
    return found.seq


def cut_tail(engine: Engine, instance_id: int, seq: int) -> None:
    """Remove the events after a number and make the instance's row agree, as a careful forger would."""
    kept = engine.ask(SYSTEM, lambda r: r.history.find(instance_id, seq))
    assert kept is not None
    instance = tables.process_instance
    tamper(
        engine,
        sa.delete(tables.history_event).where(EVENT.stream == instance_id, EVENT.seq > seq),
        sa.update(instance).where(instance.c.id == instance_id).values(seq=seq, head=kept.digest),
    )


def test_honest_instance_is_proven(engine: Engine) -> None:
    instance_id = played_through(engine, units=3)
    make_anchor(engine)
    report = prove(engine, instance_id)
    assert report.json() == {
        "stream": instance_id,
        "proven": True,
        "chain": "ok",
        "anchor": "ok",
        "content": "ok",
        "replay": "ok",
        "projection": "ok",
        "duties": "ok",
        "first_bad_seq": None,
        "events": len(engine.ask(SYSTEM, lambda r: r.history.events(instance_id))),
        "faults": [],
    }


def test_every_stream_is_proven(engine: Engine) -> None:
    instance_id = played_through(engine)
    make_anchor(engine)
    reports = engine.ask(SYSTEM, lambda r: list(verify_all(r)))
    assert [report.stream for report in reports] == [1, 2, instance_id]
    assert all(report.is_proven for report in reports)


def test_unknown_instance_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        prove(engine, 4711)


@pytest.mark.parametrize(
    "column",
    ["type", "origin", "actor", "on_behalf_of", "role", "unit", "occurred_at", "command_id", "element_id",
    "task_id",
     "data", "digest"],
)  # fmt: skip
def test_changed_column_of_an_event_is_found(engine: Engine, column: str) -> None:
    instance_id = played_through(engine)
    changed: dict[str, object] = {"occurred_at": 1, "task_id": 1, "digest": b"x" * 32, "type": "task_urged"}
    value = changed.get(column, '{"values": {}}' if column == "data" else "forged")
    tamper(engine, sa.update(tables.history_event).where(at_event(instance_id, 5)).values({column: value}))
    report = prove(engine, instance_id)
    assert (report.first_bad_seq, report.faults[0].check) == (5, Check.CHAIN)


def test_type_that_does_not_exist_is_found(engine: Engine) -> None:
    instance_id = played_through(engine)
    tamper(engine, sa.update(tables.history_event).where(at_event(instance_id, 5)).values(type="forged"))
    assert prove(engine, instance_id).first_bad_seq == 5


def test_removed_event_is_found(engine: Engine) -> None:
    instance_id = played_through(engine)
    tamper(engine, sa.delete(tables.history_event).where(at_event(instance_id, 4)))
    report = prove(engine, instance_id)
    assert (report.first_bad_seq, report.faults[0].check) == (4, Check.CHAIN)


def test_tail_cut_without_care_is_found(engine: Engine) -> None:
    instance_id = played_through(engine)
    tamper(engine, sa.delete(tables.history_event).where(EVENT.stream == instance_id, EVENT.seq > 6))
    report = prove(engine, instance_id)
    assert (report.first_bad_seq, report.faults[0].check) == (7, Check.CHAIN)


def test_tail_cut_with_care_is_found_by_the_anchor(engine: Engine) -> None:
    instance_id, approval = at_approval(engine)
    engine.execute(CLERK, claim, approval.id)
    make_anchor(engine)
    head = engine.ask(SYSTEM, lambda r: r.history.head(instance_id))[0]
    cut_tail(engine, instance_id, head - 1)
    report = prove(engine, instance_id)
    anchored = [fault for fault in report.faults if fault.check is Check.ANCHOR]
    assert [(fault.seq, str(fault)) for fault in anchored] == [
        (head, f"The anchor 1 saw event {head}; it is gone")
    ]
    assert report.holds(Check.CHAIN)


def test_added_event_with_good_seals_is_found_by_the_replay(engine: Engine) -> None:
    instance_id, approval = at_approval(engine)
    forged = engine.ask(SYSTEM, forged_completion, instance_id, approval.id)
    instance = tables.process_instance
    tamper(
        engine,
        sa.insert(tables.history_event).values(forged),
        sa.update(instance)
        .where(instance.c.id == instance_id)
        .values(seq=forged["seq"], head=forged["digest"]),
    )
    report = prove(engine, instance_id)
    assert (report.first_bad_seq, report.faults[0].check) == (forged["seq"], Check.REPLAY)


def forged_completion(reader: Reader, instance_id: int, task_id: int) -> dict[str, object]:
    """A completion of the approval that nobody made, sealed as the program would, but without its effects."""
    seq, head = reader.history.head(instance_id)
    draft = EventDraft(
        type=EventType.TASK_COMPLETED,
        task_id=task_id,
        element_id="approve",
        data={"variables": {"decision": "approve"}},
    )
    (event,) = seal(instance_id, seq, head, [draft], Signature(actor="clerk", occurred_at=1))
    return {column.name: getattr(event, column.name) for column in EVENT}


def resealed(reader: Reader, instance_id: int, seq: int, change: Callable[[str], str]) -> list[sa.Executable]:
    """Statements that change the data of one event and seal the whole rest of the chain anew."""
    events = reader.history.events(instance_id)
    statements: list[sa.Executable] = []
    digest = events[seq - 2].digest if seq > 1 else GENESIS
    for event in events[seq - 1 :]:
        data = change(event.data) if event.seq == seq else event.data
        digest = chain_digest(digest, replace(event, data=data).sealed_json())
        row = sa.update(tables.history_event).where(at_event(instance_id, event.seq))
        statements.append(row.values(data=data, digest=digest))
    instance = tables.process_instance
    statements.append(sa.update(instance).where(instance.c.id == instance_id).values(head=digest))
    return statements


def test_changed_cause_with_a_new_chain_is_found_by_the_replay(engine: Engine) -> None:
    instance_id, approval = at_approval(engine)
    engine.execute(CLERK, complete, approval.id)
    seq = seq_of(engine, instance_id, EventType.TASK_COMPLETED)
    forged = engine.ask(
        SYSTEM, resealed, instance_id, seq, lambda data: data.replace('"approve"', '"return"')
    )
    tamper(engine, *forged)
    report = prove(engine, instance_id)
    assert report.faults[0].check is Check.REPLAY
    assert report.first_bad_seq is not None
    assert report.first_bad_seq > seq


def test_changed_effect_with_a_new_chain_is_found_by_the_replay(engine: Engine) -> None:
    instance_id, _ = at_approval(engine)
    seq = seq_of(engine, instance_id, EventType.TASK_OPENED)
    forged = engine.ask(
        SYSTEM, resealed, instance_id, seq, lambda data: data.replace("director", "unit_handler")
    )
    tamper(engine, *forged)
    report = prove(engine, instance_id)
    assert (report.faults[0].check, report.first_bad_seq) == (Check.REPLAY, seq)


def test_new_chain_is_found_by_the_anchor(engine: Engine) -> None:
    instance_id = played_through(engine)
    make_anchor(engine)
    seq = seq_of(engine, instance_id, EventType.TASK_COMPLETED)
    forged = engine.ask(SYSTEM, resealed, instance_id, seq, lambda data: data.replace("{", '{"a":1,', 1))
    tamper(engine, *forged)
    report = prove(engine, instance_id)
    assert [fault.check for fault in report.faults] == [Check.ANCHOR]


def test_edited_document_is_found(engine: Engine) -> None:
    instance_id = played_through(engine)
    document = engine.ask(SYSTEM, lambda r: r.documents.get("branch:114", "plan"))
    content = tables.content
    edited = sa.update(content).where(content.c.digest == bytes.fromhex(document.digest))
    tamper(engine, edited.values(body=b'{"units":["forged"]}'))
    report = prove(engine, instance_id)
    seq = seq_of(engine, instance_id, EventType.ACTIVITY_RETURNED)
    assert [(fault.check, fault.seq) for fault in report.faults] == [(Check.CONTENT, seq)]


def test_content_with_a_wrong_size_is_found(engine: Engine) -> None:
    instance_id = played_through(engine)
    document = engine.ask(SYSTEM, lambda r: r.documents.get("branch:114", "plan"))
    content = tables.content
    tamper(
        engine, sa.update(content).where(content.c.digest == bytes.fromhex(document.digest)).values(size=1)
    )
    (fault,) = prove(engine, instance_id).faults
    assert (fault.check, str(fault).partition(" names ")[2]) == (Check.CONTENT, "is stored with a wrong size")


def test_edited_definition_is_found(engine: Engine) -> None:
    instance_id = played_through(engine)
    digest = engine.ask(SYSTEM, digest_of_file, "forms/review.draft.json")
    content = tables.content
    tamper(engine, sa.update(content).where(content.c.digest == digest).values(body=b"{}"))
    report = prove(engine, instance_id)
    assert Check.CONTENT in {fault.check for fault in report.faults}
    assert report.first_bad_seq == 1


def digest_of_file(reader: Reader, name: str) -> bytes:
    file = tables.deployment_file.c
    return bytes(
        reader.transaction.core.execute(sa.select(file.digest).where(file.name == name)).scalar_one()
    )


def test_edited_list_of_an_anchor_is_found(engine: Engine) -> None:
    instance_id = played_through(engine)
    make_anchor(engine)
    (anchor,) = engine.ask(SYSTEM, lambda r: r.anchors.all())
    content = tables.content
    edited = sa.update(content).where(content.c.digest == bytes.fromhex(anchor.heads)).values(body=b"[]")
    tamper(engine, edited)
    assert [fault.check for fault in prove(engine, instance_id).faults] == [Check.ANCHOR]


ROWS: dict[str, sa.Executable] = {
    "task assigned by hand": sa.update(tables.task).where(tables.task.c.state == 1).values(assignee="thief"),
    "task closed by hand": sa.update(tables.task).where(tables.task.c.state == 1).values(state=2),
    "candidate removed": sa.delete(tables.task_candidate),
    "timer moved": sa.update(tables.timer).values(due_at=1),
    "timer removed": sa.delete(tables.timer),
    "subscription removed": sa.delete(tables.message_subscription),
    "subscription changed": sa.update(tables.message_subscription).values(correlation="other"),
    "instance closed by hand": sa.update(tables.process_instance).values(state=3),
    "words of the search removed": sa.delete(task_text),
    "title changed": sa.update(tables.process_instance).values(title="forged"),
}


@pytest.mark.parametrize("what", ROWS)
def test_changed_projection_is_found_and_made_again(engine: Engine, what: str) -> None:
    instance_id, approval = at_approval(engine, units=2)
    before = engine.ask(SYSTEM, lambda r: r.projections.of_instance(instance_id))
    tamper(engine, ROWS[what])
    assert {fault.check for fault in prove(engine, instance_id).faults} == {Check.PROJECTION}

    engine.execute(SYSTEM, rebuild, instance_id)

    assert engine.ask(SYSTEM, lambda r: r.projections.of_instance(instance_id)) == before
    engine.execute(CLERK, complete, approval.id)
    assert prove(engine, instance_id).faults == ()


def test_a_task_that_was_given_to_others_is_missing_there_and_strange_here(engine: Engine) -> None:
    instance_id, _ = at_approval(engine)
    pair, candidate = tables.candidate_pair, tables.task_candidate
    waiting = pair.c.id.in_(sa.select(candidate.c.pair_id))
    tamper(engine, sa.update(pair).where(waiting).values(role="thief"))
    told = [fault.template for fault in prove(engine, instance_id).faults]
    missing, strange = (
        "The row {key} of the table {table} is missing ({where})",
        "The row {key} of the table {table} follows from no event ({where})",
    )
    assert sorted(told) == sorted([strange, missing])


def lost(engine: Engine) -> None:
    """Throw every projection away that no foreign key holds."""
    tamper(
        engine,
        *(
            sa.delete(t)
            for t in (tables.task_candidate, tables.timer, tables.message_subscription, tables.snapshot)
        ),
        sa.delete(tables.task),
        sa.delete(tables.process_instance),
    )


@pytest.mark.parametrize("play", ["waiting", "held", "ended", "recalled", "returned"])
def test_lost_projections_are_made_again_from_history(engine: Engine, play: str) -> None:
    instance_id, approval = at_approval(engine, units=2)
    if play == "held":
        engine.execute(CLERK, claim, approval.id)
    if play == "ended":
        engine.execute(CLERK, complete, approval.id)
    if play == "recalled":
        engine.execute(CLERK, recall, instance_id)
    if play == "returned":
        engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    before = engine.ask(SYSTEM, lambda r: r.projections.of_instance(instance_id))
    lost(engine)
    engine.execute(SYSTEM, rebuild, instance_id)
    assert engine.ask(SYSTEM, lambda r: r.projections.of_instance(instance_id)) == before
    assert prove(engine, instance_id).faults == ()


def test_wrong_history_does_not_become_rows(engine: Engine) -> None:
    instance_id, _ = at_approval(engine)
    seq = seq_of(engine, instance_id, EventType.TASK_OPENED)
    forged = engine.ask(SYSTEM, resealed, instance_id, seq, lambda data: data.replace("director", "thief"))
    tamper(engine, *forged)
    with pytest.raises(ProcessFailed):
        engine.execute(SYSTEM, rebuild, instance_id)


def test_history_that_does_not_exist_cannot_be_rebuilt(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.execute(SYSTEM, rebuild, 4711)


def test_fault_says_in_words_what_is_wrong() -> None:
    fault = Fault(check=Check.CHAIN, seq=4, template="The event {seq} is missing", params={"seq": 4})
    assert json.dumps(fault.json()) == '{"check": "chain", "seq": 4, "message": "The event 4 is missing"}'
