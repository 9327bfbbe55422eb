"""A restricted instance on the pages beside it: plans, letters, files, messages, actions and mails."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from engine.activities.calls import ActivityCall
from engine.activities.deadlines import notify_open
from engine.clock import FixedClock
from engine.commands import definitions, files, messages, organisation, tasks
from engine.commands.deliveries import deliver_all, start_linked
from engine.commands.steps import Progress
from engine.commands.timers import try_again
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.letter import Letter
from engine.domain.task import Task
from engine.errors import NobodyWaits, NotFound, ProcessFailed
from engine.jobs.poller import Poller
from engine.plan.document import to_json
from engine.queries.files import file_body
from engine.queries.incidents import incident_list
from engine.queries.instances import index, visible_instance
from engine.queries.plan_files import plan_attachment
from engine.queries.plans import plan_letter, plan_list, plan_page
from engine.queries.search import search
from engine.queries.task_page import task_page
from engine.queries.tasks import View, inbox, inbox_counts
from engine.replay import Check, rebuild, verify
from engine.store import tables
from engine.store.unit_of_work import UnitOfWork
from tests.engine import guarded
from tests.engine.commands.office import Office
from tests.stories.stage import small_plan

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
DONE = (View.DONE, View.SENT, View.CLOSED)


def begin(office: Office) -> Task:
    return guarded.begin_restricted(office.engine, office.clerk)


def with_plan(office: Office) -> tuple[Task, str]:
    """The task, beside a plan of its year; a letter with a file was registered in its stream."""
    task = begin(office)
    office.engine.execute(SYSTEM, record_plan)
    digest: str = office.engine.execute(office.clerk, files.add_file, name="名冊.pdf", body=PDF).digest
    office.engine.execute(office.clerk, register, task.instance_id, digest)
    return task, digest


def record_plan(uow: UnitOfWork) -> None:
    uow.documents.put(guarded.PLAN_KEY, "plan", "", to_json(small_plan()))
    uow.record_note(1, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def register(uow: UnitOfWork, instance_id: int, digest: str) -> None:
    file = {"digest": digest, "name": "名冊.pdf", "size": len(PDF), "media_type": "application/pdf"}
    uow.instances.open(instance_id)
    uow.letters.register(
        Letter(
            plan_key=guarded.PLAN_KEY, direction="out", issuer="分局", prefix="經標高人字",
            number="11400000001", doc_type="函", doc_on=date(2025, 1, 3), subject="敘獎名冊",
            attachments=(file,),
        )
    )  # fmt: skip
    uow.record_note(instance_id, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_the_plan_tells_of_it_only_to_its_roles_and_auditors(both: Office) -> None:
    with_plan(both)
    told = {}
    for who in ("clerk", "auditor", "head", "handler_01"):
        page = both.engine.ask(both.actor(who), plan_page, 114)
        (line,) = both.engine.ask(both.actor(who), plan_list)
        told[who] = (len(page.instances), len(page.owed), len(page.letters), line.open_tasks)
    assert told == {
        "clerk": (1, 1, 1, 1), "auditor": (1, 1, 1, 1), "head": (0, 0, 0, 0), "handler_01": (0, 0, 0, 0),
    }  # fmt: skip


def test_it_writes_no_document_of_a_plan(both: Office) -> None:
    """What stands under a plan's key shows on the plan's pages; under a key of its own it stays among few."""
    task, _ = with_plan(both)

    def write(uow: UnitOfWork, owner: str) -> None:
        uow.instances.open(task.instance_id)
        uow.documents.put(owner, "progress", "", {"told": "獎勵"})
        uow.record_note(task.instance_id, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))

    both.engine.execute(SYSTEM, write, "award:115:bsmi_khh")
    with pytest.raises(ProcessFailed) as refusal:
        both.engine.execute(SYSTEM, write, guarded.PLAN_KEY)
    assert refusal.value.reason == f"a restricted instance writes no document of the plan {guarded.PLAN_KEY}"
    kept = both.engine.ask(SYSTEM, lambda reader: reader.documents.keys(guarded.PLAN_KEY, "progress"))
    assert kept == []


def child_of(uow: UnitOfWork, parent_id: int) -> int:
    """An open instance that the restricted one set going."""
    progress = Progress.none()
    variables = {"unit": guarded.UNIT, "named": [], "writer": "", "plan_key": guarded.PLAN_KEY}
    number = start_linked(uow, guarded.KEY, "linked:1", variables, parent_id=parent_id, progress=progress)
    deliver_all(uow, progress)
    return number


def test_what_it_set_going_does_not_tell_its_number(both: Office) -> None:
    parent = begin(both).instance_id
    both.engine.execute(SYSTEM, definitions.deploy, guarded.FILES)
    child = both.engine.execute(SYSTEM, child_of, parent)
    told = {}
    for who in ("clerk", "auditor", "head", "handler_01"):
        actor = both.actor(who)
        (line,) = (one for one in both.engine.ask(actor, index).lines if one.instance.id == child)
        told[who] = {line.instance.parent_id, both.engine.ask(actor, visible_instance, child).parent_id}
    assert told == {"clerk": {parent}, "auditor": {parent}, "head": {None}, "handler_01": {None}}
    assert both.engine.ask(SYSTEM, verify, child).faults == ()


def test_its_letter_is_found_by_its_roles_and_auditors_and_its_task_by_its_candidates(both: Office) -> None:
    task, _ = with_plan(both)

    def hits(who: str) -> tuple[list[str], list[int]]:
        letters = both.engine.ask(both.actor(who), search, "敘獎名冊").letters.rows
        tasks_found = both.engine.ask(both.actor(who), search, task.label).open.rows
        return [letter.full_number for letter in letters], [row.task_id for row in tasks_found]

    number = "經標高人字第11400000001號"
    assert {who: hits(who) for who in ("clerk", "auditor", "head", "handler_01")} == {
        "clerk": ([number], [task.id]), "auditor": ([number], []), "head": ([], []),
        "handler_01": ([], [task.id]),
    }  # fmt: skip


def test_its_letter_and_its_file_are_not_found(office: Office) -> None:
    task, digest = with_plan(office)
    head = office.actor("head")
    with pytest.raises(NotFound):
        office.engine.ask(head, plan_letter, 114, 1)
    with pytest.raises(NotFound):
        office.engine.ask(head, plan_attachment, 114, digest)
    with pytest.raises(NotFound):
        office.engine.ask(head, file_body, digest, instance_id=task.instance_id)
    assert (
        office.engine.ask(office.actor("auditor"), file_body, digest, instance_id=task.instance_id)[1] == PDF
    )


def test_lists_leave_it_out_in_the_statement(both: Office) -> None:
    begin(both)
    for who, count in (("clerk", 1), ("auditor", 1), ("head", 0), ("handler_01", 0), ("admin", 0)):
        assert len(both.engine.ask(both.actor(who), index).lines) == count


def test_the_task_page_of_a_stranger_to_the_instance_does_not_lead_there(office: Office) -> None:
    task = begin(office)
    assert office.engine.ask(office.actor("handler_01"), task_page, task.id).may_see_instance is False
    assert office.engine.ask(office.clerk, task_page, task.id).may_see_instance is True


def second_of_office(uow: UnitOfWork, role: str = "sec_chief") -> None:
    organisation.add_user(uow, "second", name="支援同仁")
    organisation.grant(uow, "second", role=role, unit="office", valid_from=uow.today)


def test_urging_it_is_answered_as_an_unknown_task(office: Office) -> None:
    task = begin(office)
    office.engine.execute(SYSTEM, second_of_office)
    for number in (task.id, 4_711 << 20):
        with pytest.raises(NotFound) as refusal:
            office.engine.execute(office.actor("second"), tasks.urge, number, note="")
        assert refusal.value.fields["kind"] == "task"


def test_a_chief_who_may_not_know_of_it_assigns_nothing_in_it(office: Office) -> None:
    task = begin(office)
    with pytest.raises(NotFound):
        office.engine.execute(office.actor("chief_01"), tasks.assign, task.id, user="handler_01")


@pytest.mark.parametrize("known", [True, False])
def test_its_action_is_answered_as_that_of_an_unknown_instance(office: Office, known: bool) -> None:
    number = begin(office).instance_id if known else 4_711
    with pytest.raises(NotFound) as refusal:
        office.engine.execute(
            office.actor("head"), messages.act, number, element_id="recalled", values={"decision": "x"}
        )
    assert refusal.value.fields["kind"] == "process instance"


@pytest.mark.parametrize("correlation", [guarded.PLAN_KEY, "bsmi_khh:999"])
def test_a_message_to_it_is_answered_as_if_nobody_waited(both: Office, correlation: str) -> None:
    guarded.begin_restricted(both.engine, both.clerk, role="director")
    both.engine.execute(SYSTEM, second_of_office, role="sec_handler")
    with pytest.raises(NobodyWaits) as refusal:
        both.engine.execute(
            both.actor("second"), messages.send, name="secret_recalled", correlation=correlation, payload={}
        )
    assert refusal.value.fields == {"name": "secret_recalled"}


def test_those_above_who_may_not_know_of_it_get_no_mail(office: Office) -> None:
    task = begin(office)

    def notify(uow: UnitOfWork) -> list[str]:
        call = ActivityCall(
            instance_id=task.instance_id, task_id=task.id, process_key=guarded.SECRET, element_id="watch",
            data={"plan_key": guarded.PLAN_KEY}, now=uow.now,
        )  # fmt: skip
        people: list[str] = notify_open(uow, call, ["write"], "", "director", "2025-01-07")["told"]
        return people

    assert office.engine.execute(SYSTEM, notify) == ["clerk", "colleague_01", "handler_01"]


def test_a_changed_restriction_is_found_and_rebuilt(both: Office) -> None:
    instance_id = begin(both).instance_id
    assert both.engine.ask(SYSTEM, verify, instance_id).faults == ()
    both.engine.execute(
        SYSTEM,
        lambda uow: (
            uow.transaction.core.execute(sa.update(tables.process_instance).values(restricted_to="")) and None
        ),
    )
    assert [fault.check for fault in both.engine.ask(SYSTEM, verify, instance_id).faults] == [
        Check.PROJECTION
    ]
    both.engine.execute(SYSTEM, rebuild, instance_id)
    assert both.engine.ask(SYSTEM, verify, instance_id).faults == ()
    assert both.engine.ask(both.actor("head"), index).lines == ()


@pytest.mark.parametrize("known", [True, False])
def test_trying_it_again_is_answered_as_an_unknown_instance(office: Office, known: bool) -> None:
    number = begin(office).instance_id if known else 4_711
    with pytest.raises(NotFound):
        office.engine.execute(office.actor("admin"), try_again, number)


def test_its_incidents_are_for_those_who_may_know_of_it(office: Office) -> None:
    task = begin(office)

    def fail(uow: UnitOfWork) -> None:
        uow.instances.open_for_task(task.id)
        raise ZeroDivisionError

    with pytest.raises(ProcessFailed):
        office.engine.execute(office.clerk, fail)
    assert office.engine.ask(office.actor("admin"), incident_list) == ()


def until_today(uow: UnitOfWork, user_id: str) -> None:
    """A handler of the unit for this day only, and one who stays."""
    organisation.add_user(uow, user_id, name="支援同仁")
    organisation.grant(
        uow, user_id, role="unit_handler", unit=guarded.UNIT, valid_from=uow.today, valid_to=uow.today
    )


def listed(office: Office, who: str, view: View, key: str = guarded.SECRET) -> tuple[list[int], int]:
    """The tasks of a view and of a search in it, each counted."""
    actor = office.actor(who)
    pages = [
        office.engine.ask(actor, inbox, view=view, **narrowed).rows
        for narrowed in ({}, {"definition_key": key}, {"sort": "since"})
    ]
    assert len({tuple(row.task_id for row in rows) for rows in pages}) == 1
    counts = office.engine.ask(actor, inbox_counts)
    return [row.task_id for row in pages[0]], counts.get(view, len(pages[0]))


def test_who_lost_the_role_finds_the_task_that_they_hold_no_more(both: Office, clock: FixedClock) -> None:
    """T19: holding a task of a hidden instance opens it only for as long as one could take it."""
    both.engine.execute(SYSTEM, until_today, "leaver")
    task = begin(both)
    both.engine.execute(both.actor("leaver"), tasks.claim, task.id)
    assert listed(both, "leaver", View.MINE) == ([task.id], 1)
    clock.move_to(clock.now() + timedelta(days=1))
    leaver = both.actor("leaver")
    call = guarded.call(both.engine, task, key=guarded.SECRET)
    for act, named in ((tasks.save_draft, {"values": {}}), (tasks.unclaim, {}), (tasks.complete, call)):
        with pytest.raises(NotFound):
            both.engine.execute(leaver, act, task.id, **named)
    with pytest.raises(NotFound):
        both.engine.ask(leaver, task_page, task.id)
    assert listed(both, "leaver", View.MINE) == listed(both, "leaver", View.OPEN) == ([], 0)


def test_who_lost_the_role_finds_the_task_that_they_completed_no_more(
    both: Office, clock: FixedClock
) -> None:
    both.engine.execute(SYSTEM, until_today, "leaver")
    task = begin(both)
    call = guarded.call(both.engine, task, key=guarded.SECRET)
    both.engine.execute(both.actor("leaver"), tasks.complete, task.id, **call)
    assert both.engine.ask(both.actor("leaver"), task_page, task.id).task.id == task.id
    assert [listed(both, "leaver", view)[0] for view in DONE] == [[task.id], [], [task.id]]
    clock.move_to(clock.now() + timedelta(days=1))
    with pytest.raises(NotFound):
        both.engine.ask(both.actor("leaver"), task_page, task.id)
    assert [listed(both, "leaver", view) for view in DONE] == [([], 0)] * 3
    assert both.engine.ask(both.actor("leaver"), search, task.label).done.rows == ()


def test_a_task_open_to_its_agency_stays_with_who_completed_it(both: Office, clock: FixedClock) -> None:
    both.engine.execute(SYSTEM, until_today, "leaver")
    task = guarded.begin(both.engine, both.clerk)
    both.engine.execute(both.actor("leaver"), tasks.complete, task.id, **guarded.call(both.engine, task))
    clock.move_to(clock.now() + timedelta(days=1))
    assert both.engine.ask(both.actor("leaver"), task_page, task.id).task.id == task.id
    assert listed(both, "leaver", View.DONE, guarded.KEY)[0] == [task.id]


@pytest.mark.parametrize("moved_to", [None, "unit_02", guarded.UNIT])
def test_what_who_lost_the_role_held_is_in_its_pool_again(office: Office, moved_to: str | None) -> None:
    """Nobody else could put it back, so the end of the membership does, unless another one follows."""
    task = begin(office)
    office.engine.execute(office.actor("handler_01"), tasks.claim, task.id)
    today, place = date(2025, 1, 6), {"role": "unit_handler", "unit": guarded.UNIT}
    if moved_to:
        office.engine.execute(
            SYSTEM, organisation.grant, "handler_01", role="unit_handler", unit=moved_to,
            valid_from=today + timedelta(days=1),
        )  # fmt: skip
    office.engine.execute(
        SYSTEM, organisation.end_membership, "handler_01", **place, valid_from=today, valid_to=today
    )
    holder = office.open(task.instance_id)[0].assignee
    assert holder == ("handler_01" if moved_to == guarded.UNIT else None)
    assert office.engine.ask(SYSTEM, verify, task.instance_id).faults == ()


def test_what_was_held_until_a_role_ended_by_itself_is_in_its_pool_the_next_morning(
    both: Office, clock: FixedClock
) -> None:
    """A membership that was granted for some days ends without an act; its last day still counts."""
    both.engine.execute(SYSTEM, until_today, "leaver")
    task = begin(both)
    both.engine.execute(both.actor("leaver"), tasks.claim, task.id)
    poller = Poller(both.engine, None, 1)
    holders = []
    for _ in range(3):
        poller.once()
        holders.append(both.open(task.instance_id)[0].assignee)
        clock.move_to(clock.now() + timedelta(days=1))
    released = [
        event.actor
        for event in both.engine.ask(SYSTEM, lambda reader: reader.history.events(task.instance_id))
        if event.type is EventType.TASK_UNCLAIMED
    ]
    assert (holders, released) == (["leaver", None, None], ["system"])
    assert listed(both, "handler_01", View.GROUP)[0] == [task.id]
    assert both.engine.ask(SYSTEM, verify, task.instance_id).faults == ()
