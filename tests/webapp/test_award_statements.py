"""The pages of awards and rewards cost as many statements with thirty entries as with one."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from engine.clock import FixedClock
from engine.commands.awards import change_categories
from engine.demo.story import START_OF_115
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork
from tests.stories import commendation_actors as reward
from tests.stories import entrants
from tests.stories.stage import Stage
from tests.webapp.office import open_office

ROWS = (1, 3, 30)
CATEGORIES = ("數位創新加值", "社會創新共融", "開放政府透明")


@pytest.fixture
def statements() -> list[str]:
    return []


@pytest.fixture
def stage(demo_file: Path, tmp_path: Path, statements: list[str]) -> Iterator[Stage]:
    """The agency of the demo on an engine that tells every statement."""
    clock = FixedClock(START_OF_115.astimezone(UTC))
    path = shutil.copy(demo_file, tmp_path / "counted.db")
    engine = Engine(f"sqlite:///{path}", clock, on_statement=statements.append)
    yield Stage(engine, clock)
    engine.close()


def cost(client: FlaskClient, path: str, statements: list[str]) -> int:
    """How many statements a page costs that was looked at before."""
    client.get(path)
    statements.clear()
    assert client.get(path).status_code == 200
    return len(statements)


def enter(stage: Stage, no: int) -> None:
    """One more entry of the edition, and one more outcome and list of categories."""
    entrants.begin(stage, key=f"{entrants.EDITION}:{no}")
    reward.outcome(stage, "recommended", no, entrants.ENTRY)
    names = [*CATEGORIES, f"第{no}類"]
    stage.engine.execute(stage.engine.actor("sec_handler"), change_categories, 115, names)


def commend(stage: Stage, no: int) -> None:
    """One more entry with its list, and one more person with an order and its end."""
    key = f"{reward.EDITION}:{no}"
    reward.commendation(stage, "recommended", key=key)
    stage.engine.execute(SYSTEM, list_and_order, key, f"account:{no}")


def list_and_order(uow: UnitOfWork, key: str, person: str) -> None:
    """What a list leaves behind when its order was issued and revoked."""
    order = {"full": "經標高人字第11500000010號", "on": "2026-01-20"}
    issued = {
        "state": "issued", "grade": "嘉獎2次", "order": order, "entry_key": key, "outcome_no": "1",
        "person": {"key": person, "name": person}, "revokes": None,
    }  # fmt: skip
    uow.documents.put(reward.EDITION, "reward", person, issued)
    uow.documents.put(reward.EDITION, "reward", person, {**issued, "state": "revoked", "revoked_by": order})
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


@pytest.mark.parametrize(
    ("path", "user", "add"),
    [
        ("/awards", "sec_handler", enter),
        ("/awards/115/1", "sec_handler", enter),
        ("/awards/115/edition", "sec_handler", enter),
        ("/rewards", "auditor", commend),
        (f"/rewards/{reward.EDITION}", "auditor", commend),
    ],
)
def test_a_page_costs_the_same_however_many_entries_there_are(
    stage: Stage, statements: list[str], path: str, user: str, add: Callable[[Stage, int], None]
) -> None:
    client = open_office(stage.engine, stage.clock).client(user)
    costs, made = {}, 0
    for rows in ROWS:
        while made < rows:
            made += 1
            add(stage, made)
        costs[rows] = cost(client, path, statements)
    assert costs == dict.fromkeys(ROWS, costs[1])
