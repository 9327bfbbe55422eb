"""One completion through the page costs as many statements with 300 open tasks beside it as with one."""

from collections.abc import Iterator
from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from engine.clock import FixedClock
from engine.commands import instances, organisation
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork
from tests.engine.store.moves import DUE, deploy
from tests.webapp.office import PASSWORD, open_office

OPEN_BESIDE = (1, 3, 300)
WARM = 2


@pytest.fixture
def statements() -> list[str]:
    return []


@pytest.fixture
def counted(database_url: str, clock: FixedClock, statements: list[str]) -> Iterator[Engine]:
    """An engine that tells every statement, with the unit that reports and the office that asks."""
    opened = Engine(database_url, clock, on_statement=statements.append)
    opened.execute(SYSTEM, settle)
    opened.execute(SYSTEM, deploy)
    yield opened
    opened.close()


def settle(uow: UnitOfWork) -> None:
    people = (("kinmen", "unit_handler", "weng"), ("office", "sec_handler", "zhang"))
    for position, (unit, role, user) in enumerate(people):
        organisation.add_unit(uow, unit, label=unit, kind="line", agency="branch", position=position)
        organisation.add_user(uow, user, name=user, title="", password=PASSWORD, must_change=False)
        organisation.grant(uow, user, role=role, unit=unit, valid_from=date(2024, 1, 1))


def ask_units(engine: Engine, beside: int) -> int:
    """Start an instance that asks one unit and so many others; gives its id."""
    units = ["kinmen", *(f"unit_{n}" for n in range(beside))]
    key = f"branch:{beside}"
    return engine.execute(
        engine.actor("zhang"), instances.start, definition_key="review", business_key=key,
        variables={"roc_year": 114, "plan_key": key, "units": units, "due": DUE},
    )  # fmt: skip


def open_ids(engine: Engine, instance_id: int) -> list[int]:
    return [task.id for task in engine.ask(SYSTEM, lambda r: r.tasks.open_of_instance(instance_id))]


def open_page(client: FlaskClient, task_id: int) -> dict[str, str]:
    """Look at a task; gives what its form carries unseen."""
    page = BeautifulSoup(client.get(f"/tasks/{task_id}").text, "html.parser")
    return {str(i["name"]): str(i["value"]) for i in page.select("form[data-scope=''] > input[type=hidden]")}


def send(client: FlaskClient, task_id: int, unseen: dict[str, str], **entries: str) -> None:
    answer = client.post(f"/tasks/{task_id}", data={**unseen, **entries, "_op": "complete"})
    assert (answer.status_code, answer.location) == (302, "/inbox")


def test_completing_a_task_of_a_unit_costs_the_same_whatever_is_open_beside_it(
    counted: Engine, statements: list[str], clock: FixedClock
) -> None:
    office = open_office(counted, clock)
    zhang, weng = office.client("zhang"), office.client("weng")
    cost: dict[int, int] = {}
    for beside in (WARM, *OPEN_BESIDE):
        instance_id = ask_units(counted, beside)
        draft = open_ids(counted, instance_id)[0]
        send(zhang, draft, open_page(zhang, draft), subject="年度審查")
        report = open_ids(counted, instance_id)[0]
        unseen = open_page(weng, report)
        statements.clear()
        send(weng, report, unseen, progress="40")
        cost[beside] = len(statements)
        assert len(open_ids(counted, instance_id)) == beside
    assert cost == dict.fromkeys(cost, cost[WARM])
