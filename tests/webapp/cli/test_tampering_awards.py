"""`planflow verify --all` names the event that wrote an award outcome or a reward which was changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.clock import FixedClock
from engine.domain.document import Document
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store import tables
from tests.engine.replay.test_verify import tamper
from tests.stories import commendation_actors as reward
from tests.stories import entrants
from tests.stories.stage import Stage, build_stage
from tests.webapp.cli.test_tampering import named
from webapp.cli import main

EVENT = tables.history_event.c


@pytest.fixture
def stage(sqlite_engine: Engine, clock: FixedClock) -> Stage:
    """An entry that is a finalist, and the order for its main handler."""
    stage = build_stage(sqlite_engine, clock)
    entry = entrants.recommended(stage)
    entrants.schedule(stage, entry)
    entrants.record_result(stage, entry, "finalist", "11500000930", awaits_award=True)
    (list_of_rewards,) = sqlite_engine.ask(SYSTEM, lambda reader: reader.instances.children(entry))
    reward.to_order(stage, list_of_rewards.id, reward.HANDLER)
    reward.order(stage, list_of_rewards.id)
    return stage


@pytest.fixture
def verify(sqlite_url: str) -> Callable[[], Result]:
    env = {"PLANFLOW_DATABASE_URL": sqlite_url}
    return lambda: CliRunner().invoke(main, ["verify", "--all"], env=env)


def forge(stage: Stage, document: Document, **changes: Any) -> str:
    """Change the words of a document in its row; gives how a fault names the event that wrote it."""
    digest = bytes.fromhex(document.digest)
    content = tables.content
    body = json.dumps({**document.body, **changes}, ensure_ascii=False).encode()
    tamper(stage.engine, sa.update(content).where(content.c.digest == digest).values(body=body))
    wrote = sa.select(EVENT.stream, EVENT.seq).where(EVENT.data.contains(document.digest)).order_by(EVENT.seq)
    stream, seq = stage.engine.ask(SYSTEM, lambda reader: reader.transaction.core.execute(wrote).first())
    return f"stream {stream}, event {seq}, content"


def test_what_nobody_changed_is_proven(stage: Stage, verify: Callable[[], Result]) -> None:
    assert verify().exit_code == 0


def test_a_changed_award_outcome_is_named(stage: Stage, verify: Callable[[], Result]) -> None:
    outcome = stage.document("award_outcome", "2", plan_key=entrants.ENTRY)
    fault = forge(stage, outcome, outcome="won")
    assert fault in named(verify())


def test_a_changed_reward_is_named(stage: Stage, verify: Callable[[], Result]) -> None:
    given = stage.document("reward", "account:unit_handler.metrology", plan_key=entrants.EDITION)
    fault = forge(stage, given, grade="記大功1次")
    assert fault in named(verify())
