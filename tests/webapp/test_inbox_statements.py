"""The inbox and its counts ask the same number of questions with 1, 3 and 10,000 open tasks."""

from collections.abc import Iterator
from datetime import date

import pytest

from engine.clock import FixedClock, to_micros
from engine.commands import organisation, saved_views
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork
from tests.engine.queries.test_inbox_pages import DAY, Row, fill
from tests.engine.store.moves import CLERK, deploy, start
from tests.webapp.office import PASSWORD, Office, open_office

NOW = to_micros(FixedClock().now())
HOW_MANY = (1, 3, 10_000)
PLACES = (
    "/inbox",
    "/inbox?due=week&cols=note,work,late",
    "/inbox?sort=since",
    "/inbox?sort=priority&priority=high",
    "/inbox?view=assignable",
    "/inbox/counts",
)


@pytest.fixture
def statements() -> list[str]:
    return []


@pytest.fixture
def counted(database_url: str, clock: FixedClock, statements: list[str]) -> Iterator[Office]:
    """The pages over an engine that tells every statement, with a handler, and the chief of the unit."""
    engine = Engine(database_url, clock, on_statement=statements.append)
    engine.execute(SYSTEM, settle)
    engine.execute(SYSTEM, deploy)
    yield open_office(engine, clock)
    engine.close()


def settle(uow: UnitOfWork) -> None:
    organisation.add_unit(uow, "kinmen", label="kinmen", kind="line", agency="branch", position=1)
    for user, role in (("weng", "unit_handler"), ("lin", "unit_chief")):
        organisation.add_user(uow, user, name=user, title="", password=PASSWORD, must_change=False)
        organisation.grant(uow, user, role=role, unit="kinmen", valid_from=date(2024, 1, 1))


def waiting(first: int, last: int) -> list[Row]:
    """Tasks of the unit's pool, from one number to another."""
    pool, day = [("unit_handler", "kinmen")], [NOW + DAY * (number % 9) for number in range(last)]
    return [(day[n], n + 1, pool, None, [], day[n] + DAY) for n in range(first, last)]


@pytest.mark.timeout(180)
def test_the_inbox_costs_the_same_however_much_waits(counted: Office, statements: list[str]) -> None:
    engine = counted.engine
    instance_id = engine.execute(CLERK, start)
    browsers = {user: counted.client(user) for user in ("weng", "lin")}
    cost: dict[tuple[str, str], set[int]] = {}
    there = 0
    for many in HOW_MANY:
        engine.execute(SYSTEM, fill, instance_id, waiting(there, many))
        there = many
        for user, browser in browsers.items():
            for place in PLACES:
                browser.get(place)  # numbers of pairs are remembered from here on
                statements.clear()
                assert browser.get(place).status_code == 200
                cost.setdefault((user, place), set()).add(len(statements))
    assert {key: len(found) for key, found in cost.items()} == dict.fromkeys(cost, 1)


def test_the_list_of_what_is_overdue_costs_the_same_however_much_is_late(
    counted: Office, statements: list[str]
) -> None:
    engine = counted.engine
    instance_id, browser = engine.execute(CLERK, start), counted.client("lin")
    cost, shown, there = [], [], 0
    for many in (1, 3, 300):
        late = [(NOW - DAY * 2, no, *rest, NOW - DAY) for _, no, *rest, _ in waiting(there, many)]
        engine.execute(SYSTEM, fill, instance_id, late)
        there = many
        browser.get("/overdue")
        statements.clear()
        answer = browser.get("/overdue")
        cost.append(len(statements))
        shown.append(answer.text.count("/instances/"))
    assert cost == [cost[0]] * 3
    assert shown[0] < shown[1] < shown[2]


def test_saved_views_cost_one_question_however_many_there_are(counted: Office, statements: list[str]) -> None:
    browser, person = counted.client("weng"), counted.engine.actor("weng")
    cost = []
    for number in range(12):
        counted.engine.execute(person, saved_views.save_view, f"view {number}", chosen={})
        browser.get("/inbox")
        statements.clear()
        browser.get("/inbox")
        cost.append(len(statements))
    assert cost == [cost[0]] * 12
