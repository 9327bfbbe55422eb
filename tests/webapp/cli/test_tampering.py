"""`planflow verify --all` over a database changed by SQL: it fails and names instance and event."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store import tables
from tests.engine.replay.test_verify import (
    at_event,
    cut_tail,
    digest_of_file,
    forged_completion,
    seq_of,
    tamper,
)
from tests.engine.store.moves import at_approval, played_through
from webapp.cli import main

Cli = Callable[..., Result]
EVENT = tables.history_event


@pytest.fixture
def cli(database_url: str) -> Cli:
    """Runs `planflow` on the database of the test."""
    return lambda *words: CliRunner().invoke(main, words, env={"PLANFLOW_DATABASE_URL": database_url})


def named(result: Result) -> list[str]:
    """What is named in the lines of the faults: stream, event and kind of check."""
    *faults, _sum = (line for line in result.stdout.splitlines() if line)
    assert (result.exit_code, result.stdout.splitlines()[-1].partition(": ")[2]) == (
        1,
        f"{len(faults)} faults.",
    )
    return [fault.partition(":")[0] for fault in faults]


def test_an_honest_database_is_proven(engine: Engine, cli: Cli) -> None:
    played_through(engine)
    assert cli("anchor").exit_code == 0
    assert cli("verify", "--all").exit_code == 0


def test_a_changed_event_is_named(engine: Engine, cli: Cli) -> None:
    instance_id = played_through(engine)
    tamper(engine, sa.update(EVENT).where(at_event(instance_id, 5)).values(actor="thief"))
    assert named(cli("verify", "--all"))[0] == f"stream {instance_id}, event 5, chain"


def test_a_removed_event_is_named(engine: Engine, cli: Cli) -> None:
    instance_id = played_through(engine)
    tamper(engine, sa.delete(EVENT).where(at_event(instance_id, 4)))
    assert named(cli("verify", "--all"))[0] == f"stream {instance_id}, event 4, chain"


@pytest.mark.parametrize("careful", [False, True])
def test_an_added_event_is_named(engine: Engine, cli: Cli, careful: bool) -> None:
    instance_id, approval = at_approval(engine)
    forged = engine.ask(SYSTEM, forged_completion, instance_id, approval.id)
    row = tables.process_instance
    head = sa.update(row).where(row.c.id == instance_id).values(seq=forged["seq"], head=forged["digest"])
    tamper(engine, sa.insert(EVENT).values(forged), *([head] if careful else []))
    check = "replay" if careful else "chain"
    assert named(cli("verify", "--all"))[0] == f"stream {instance_id}, event {forged['seq']}, {check}"


def test_an_event_added_to_the_organisation_is_named(engine: Engine, cli: Cli) -> None:
    played_through(engine)
    tamper(
        engine,
        sa.insert(EVENT).values(
            stream=1, seq=99, type="membership_granted", origin="note", actor="thief", occurred_at=1,
            data="{}", digest=b"x" * 32,
        ),
    )  # fmt: skip
    assert named(cli("verify", "--all"))[0].startswith("stream 1, event ")


def test_a_tail_that_was_cut_with_care_is_named_through_the_anchor(engine: Engine, cli: Cli) -> None:
    instance_id = played_through(engine)
    cli("anchor")
    head = engine.ask(SYSTEM, lambda reader: reader.history.head(instance_id))[0]
    cut_tail(engine, instance_id, head - 1)
    assert f"stream {instance_id}, event {head}, anchor" in named(cli("verify", "--all"))


def test_a_tail_that_was_cut_without_care_is_named(engine: Engine, cli: Cli) -> None:
    instance_id = played_through(engine)
    tamper(engine, sa.delete(EVENT).where(EVENT.c.stream == instance_id, EVENT.c.seq > 6))
    assert named(cli("verify", "--all"))[0] == f"stream {instance_id}, event 7, chain"


def test_a_stream_that_was_removed_whole_is_named_through_the_anchor(engine: Engine, cli: Cli) -> None:
    instance_id = played_through(engine)
    cli("anchor")
    of_instance = (
        tables.task_candidate,
        tables.timer,
        tables.message_subscription,
        tables.snapshot,
        tables.task,
    )
    tamper(
        engine,
        *(sa.delete(table) for table in of_instance),
        sa.delete(tables.process_instance),
        sa.delete(EVENT).where(EVENT.c.stream == instance_id),
    )
    assert any(line.startswith(f"stream {instance_id}, event ") for line in named(cli("verify", "--all")))


def test_an_edited_document_is_named_with_the_event_that_wrote_it(engine: Engine, cli: Cli) -> None:
    instance_id = played_through(engine)
    document = engine.ask(SYSTEM, lambda reader: reader.documents.get("branch:114", "plan"))
    content = tables.content
    edited = sa.update(content).where(content.c.digest == bytes.fromhex(document.digest))
    tamper(engine, edited.values(body=b'{"units":["forged"]}'))
    seq = seq_of(engine, instance_id, EventType.ACTIVITY_RETURNED)
    assert f"stream {instance_id}, event {seq}, content" in named(cli("verify", "--all"))


def test_an_edited_file_of_a_deployment_is_named(engine: Engine, cli: Cli) -> None:
    instance_id = played_through(engine)
    content = tables.content
    digest = engine.ask(SYSTEM, digest_of_file, "forms/review.draft.json")
    tamper(engine, sa.update(content).where(content.c.digest == digest).values(body=b"{}"))
    assert f"stream {instance_id}, event 1, content" in named(cli("verify", "--all"))
