"""What leaves on both databases: only what its taker may see, read with few statements, and told."""

import json
from typing import Any

import pytest

from engine.commands import definitions
from engine.commands.deliveries import deliver_all, start_linked
from engine.commands.exports import Taken, record_export
from engine.commands.steps import Progress
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import NotFound, NotPermitted
from engine.queries.dossier import dossier_content, upload_bodies
from engine.queries.export_receipts import export_desk, instance_exports
from engine.queries.exports import ExportScope, histories_of, history_of
from engine.store.unit_of_work import UnitOfWork
from tests.engine import guarded
from tests.engine.commands.office import Office

DIGEST = "ab" * 32


def family(office: Office) -> tuple[int, int]:
    """An instance that everybody of the branch sees, and a restricted one that it set going."""
    parent = office.start().instance_id
    guarded.begin_restricted(office.engine, office.clerk, 9)
    child: int = office.engine.execute(SYSTEM, secret_child, parent)
    return parent, child


def secret_child(uow: UnitOfWork, parent_id: int) -> int:
    progress = Progress.none()
    variables = {
        "unit": guarded.UNIT, "due": guarded.DUE, "key": guarded.PLAN_KEY, "plan_key": guarded.PLAN_KEY,
    }  # fmt: skip
    number = start_linked(uow, guarded.SECRET, "secret:1", variables, parent_id=parent_id, progress=progress)
    deliver_all(uow, progress)
    return number


def told(office: Office, who: str) -> list[dict[str, Any]]:
    stream = -office.actor(who).number
    events = office.engine.ask(SYSTEM, lambda reader: reader.history.events(stream))
    return [json.loads(event.data) for event in events if event.type is EventType.EXPORTED]


def test_a_dossier_holds_of_what_was_set_going_only_what_its_taker_may_see(both: Office) -> None:
    parent, child = family(both)
    held = {
        who: [
            h.instance.id for h in both.engine.ask(both.actor(who), dossier_content, parent).dossier.histories
        ]
        for who in ("auditor", "clerk", "head")
    }
    assert held == {"auditor": [parent, child], "clerk": [parent, child], "head": [parent]}


def test_what_is_hidden_leaves_neither_alone_nor_together(both: Office) -> None:
    parent, child = family(both)
    head = both.actor("head")
    for query in (history_of, dossier_content, instance_exports):
        with pytest.raises(NotFound):
            both.engine.ask(head, query, child)
    with pytest.raises(NotFound):
        both.engine.ask(head, upload_bodies, child, [])
    year = ExportScope(roc_year=both.engine.clock.now().year - 1911)
    assert [h.instance.id for h in both.engine.ask(head, histories_of, year)] == [parent]


def test_nothing_is_told_of_a_file_with_something_hidden_in_it(both: Office) -> None:
    parent, child = family(both)
    taken = [Taken(instance=parent, seq=1), Taken(instance=child, seq=1)]
    with pytest.raises(NotFound):
        both.engine.execute(both.actor("head"), record_export, format_="json", digest=DIGEST, taken=taken)
    assert told(both, "head") == []


@pytest.mark.parametrize("who", ["handler_01", "chief_01", "admin"])
def test_who_reads_no_history_takes_nothing(both: Office, who: str) -> None:
    number, actor = both.start().instance_id, both.actor(who)
    for query in (history_of, dossier_content, instance_exports):
        with pytest.raises(NotPermitted):
            both.engine.ask(actor, query, number)
    with pytest.raises(NotPermitted):
        both.engine.ask(actor, export_desk)
    with pytest.raises(NotPermitted):
        both.engine.execute(actor, record_export, format_="json", digest=DIGEST, taken=[])


def test_receipts_tell_each_file_once_and_only_to_who_took_it(both: Office) -> None:
    parent, child = family(both)
    auditor = both.actor("auditor")
    taken = [Taken(instance=parent, seq=2), Taken(instance=child, seq=2)]
    both.engine.execute(auditor, record_export, format_="dossier", digest=DIGEST, taken=taken)
    (receipt,) = both.engine.ask(auditor, export_desk).receipts
    assert (receipt.digest, receipt.together, receipt.instances) == (DIGEST, 2, (parent, child))
    assert both.engine.ask(auditor, instance_exports, child).receipts == (receipt,)
    assert both.engine.ask(both.clerk, instance_exports, parent).receipts == ()


def test_the_desk_offers_what_there_is(both: Office) -> None:
    family(both)
    desk = both.engine.ask(both.actor("auditor"), export_desk)
    assert {key for key, _ in desk.definitions} == {"approval_15", guarded.SECRET}
    assert set(desk.plan_keys) == {"approval_15:1", guarded.PLAN_KEY}
    assert desk.years == (both.engine.clock.now().year - 1911,)


def test_a_dossier_is_read_with_as_many_statements_for_more_events_and_documents(
    sqlite_url: str, office: Office
) -> None:
    counted: list[str] = []
    engine = Engine(sqlite_url, office.engine.clock, on_statement=counted.append)

    def statements(number: int) -> int:
        counted.clear()
        engine.ask(SYSTEM, dossier_content, number)
        return len(counted)

    small = office.start(1).instance_id
    reports = office.reports(2)
    for task in reports[:8]:
        office.complete(office.clerk, task)
    large = reports[0].instance_id
    for number in (small, large):
        statements(number)  # what each process of a server reads once
    assert statements(large) == statements(small)
    engine.close()


def test_the_definitions_of_a_dossier_are_those_that_the_instance_began_with(office: Office) -> None:
    number = office.start().instance_id
    office.engine.execute(SYSTEM, definitions.deploy, guarded.FILES)
    dossier = office.engine.ask(SYSTEM, dossier_content, number).dossier
    (deployment,) = dossier.deployments
    began = json.loads(dossier.main.events[0].data)["definition"]
    assert began == deployment.digest.hex()
