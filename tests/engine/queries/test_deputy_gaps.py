"""What waits for nobody while somebody is away, because the deputy has to stand aside."""

from datetime import date
from typing import Any

import pytest

from engine.commands.deputies import name_deputy
from engine.commands.tasks import claim
from engine.engine import Engine
from engine.errors import NotFound
from engine.queries.deputy_gaps import deputy_gap
from tests.engine import guarded
from tests.engine.commands.office import Office, open_office

PRINCIPAL, DEPUTY, COLLEAGUE = "handler_01", "handler_02", "colleague_01"


@pytest.fixture
def office(engine: Engine) -> Office:
    return open_office(engine)


def named(office: Office) -> int:
    first, last = date(2025, 1, 6), date(2025, 1, 8)
    wanted: dict[str, Any] = {"deputy": DEPUTY, "cause": "sick_leave", "valid_from": first, "valid_to": last}
    deputyship = office.engine.execute(office.actor(PRINCIPAL), name_deputy, PRINCIPAL, **wanted)
    return deputyship.id


def gap(office: Office, deputyship: int, reader: str = PRINCIPAL) -> tuple[int, list[int]]:
    found = office.engine.ask(office.actor(reader), deputy_gap, deputyship)
    return found.waiting, [task.id for task in found.named]


def test_a_task_that_only_the_principal_may_take_waits(office: Office) -> None:
    everybody = (DEPUTY, COLLEAGUE, office.clerk.user_id)
    task = guarded.begin(office.engine, office.clerk, *everybody)
    assert gap(office, named(office)) == (1, [task.id])


def test_a_task_that_a_colleague_may_take_waits_only_once_the_principal_holds_it(office: Office) -> None:
    task = guarded.begin(office.engine, office.clerk, DEPUTY)
    deputyship = named(office)
    assert gap(office, deputyship) == (0, [])
    office.engine.execute(office.actor(PRINCIPAL), claim, task.id)
    assert gap(office, deputyship) == (1, [task.id])


def test_what_the_deputy_may_take_or_the_principal_may_not_is_no_gap(office: Office) -> None:
    guarded.begin(office.engine, office.clerk, COLLEAGUE)
    everybody = (DEPUTY, PRINCIPAL, COLLEAGUE, office.clerk.user_id)
    guarded.begin(office.engine, office.clerk, *everybody, number=2)
    assert gap(office, named(office)) == (0, [])


def test_a_superior_is_told_how_many_and_names_only_what_they_may_see(office: Office) -> None:
    guarded.begin(office.engine, office.clerk, DEPUTY, COLLEAGUE, office.clerk.user_id)
    assert gap(office, named(office), "chief_01") == (1, [])


def test_a_deputyship_of_others_is_not_found(office: Office) -> None:
    deputyship = named(office)
    with pytest.raises(NotFound):
        gap(office, deputyship, COLLEAGUE)
