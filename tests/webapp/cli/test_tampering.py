"""`planflow verify --all` over a database to which SQL added events, or changed its definitions.

What else a forger does is in `test_forgery`.
"""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store import tables
from tests.engine.replay.test_verify import (
    digest_of_file,
    forged_completion,
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


def test_an_edited_file_of_a_deployment_is_named(engine: Engine, cli: Cli) -> None:
    instance_id = played_through(engine)
    content = tables.content
    digest = engine.ask(SYSTEM, digest_of_file, "forms/review.draft.json")
    tamper(engine, sa.update(content).where(content.c.digest == digest).values(body=b"{}"))
    assert f"stream {instance_id}, event 1, content" in named(cli("verify", "--all"))
