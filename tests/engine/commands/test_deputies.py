"""Deputies (職務代理): who may name one, what is refused, and what a deputy may do with tasks."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine.clock import TAIPEI, FixedClock
from engine.commands import organisation, tasks
from engine.commands.deputies import DeputyshipOver, end_deputyship, name_deputy
from engine.domain.deputy import Deputyship
from engine.domain.history import ORGANISATION_STREAM, HistoryEvent
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.engine import Engine
from engine.errors import Invalid, NotPermitted, TaskAlreadyCompleted, TaskHeldByOther
from engine.queries.tasks import COUNTED, View, inbox, inbox_counts
from engine.replay.verify import verify, verify_all
from engine.store.unit_of_work import UnitOfWork
from tests.engine import guarded
from tests.engine.commands.office import Office

FIRST, LAST = date(2025, 1, 6), date(2025, 1, 8)
PRINCIPAL, DEPUTY = "handler_01", "handler_02"


def name(office: Office, by: str = PRINCIPAL, principal: str = PRINCIPAL, **changes: Any) -> Deputyship:
    call: dict[str, Any] = {
        "deputy": DEPUTY, "valid_from": FIRST, "valid_to": LAST, "cause": "vacation", **changes,
    }  # fmt: skip
    return office.engine.execute(office.actor(by), name_deputy, principal, **call)


def faults(office: Office, by: str = PRINCIPAL, principal: str = PRINCIPAL, **changes: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        name(office, by, principal, **changes)
    return [f"{error.path}: {error}" for error in refusal.value.errors]


def report_of_unit_01(office: Office) -> Task:
    """The open report that only the principal's unit may write."""
    return next(t for t in office.reports() if t.candidates[0].unit == "unit_01")


def events(office: Office, task: Task) -> list[HistoryEvent]:
    found = office.engine.ask(SYSTEM, lambda reader: reader.history.events(task.instance_id))
    return [event for event in found if event.task_id == task.id]


def shown(office: Office, who: str, view: View) -> list[int]:
    return [row.task_id for row in office.engine.ask(office.actor(who), inbox, view=view).rows]


def proven(office: Office, task: Task) -> bool:
    return not office.engine.ask(SYSTEM, verify, task.instance_id).faults


# --- naming -----------------------------------------------------------------------------------------


def test_a_person_names_a_deputy_for_their_own_leave(both: Office) -> None:
    named = name(both)
    (told,) = [
        e for e in both.engine.ask(SYSTEM, lambda r: r.history.events(ORGANISATION_STREAM))
        if e.type == "deputy_named"
    ]  # fmt: skip
    assert (told.actor, named.id) == (PRINCIPAL, 1)
    assert both.engine.ask(SYSTEM, lambda r: r.deputyships.get(1)) == named
    assert not any(report.faults for report in both.engine.ask(SYSTEM, lambda r: list(verify_all(r))))


def test_a_deputy_holds_the_pairs_of_the_principal_beside_their_own(both: Office) -> None:
    name(both)
    actor = both.actor(DEPUTY)
    assert actor.pairs == {("unit_handler", "unit_02")}
    assert [(d.principal, d.pairs, d.until) for d in actor.deputyships] == [
        (PRINCIPAL, {("unit_handler", "unit_01")}, LAST)
    ]


@pytest.mark.parametrize("by", ["chief_01", "admin"])
def test_a_superior_or_an_administrator_names_one_where_none_is_named(office: Office, by: str) -> None:
    assert name(office, by).named_by == by


def test_the_director_names_one_for_a_chief(office: Office) -> None:
    assert name(office, "head", "chief_01").principal == "chief_01"


@pytest.mark.parametrize(
    ("by", "principal"),
    [
        ("colleague_01", PRINCIPAL), ("chief_01", "handler_02"), ("chief_01", "head"), ("head", PRINCIPAL),
        ("auditor", PRINCIPAL), (PRINCIPAL, "chief_01"),
    ],
)  # fmt: skip
def test_nobody_else_names_a_deputy(office: Office, by: str, principal: str) -> None:
    deputy = "colleague_01" if principal == DEPUTY else DEPUTY
    with pytest.raises(NotPermitted):
        name(office, by, principal, deputy=deputy)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"deputy": PRINCIPAL}, "deputy: Nobody stands in for themselves"),
        ({"deputy": "nobody"}, "deputy: Choose a person whose account is open"),
        ({"deputy": "auditor"}, "deputy: Administrators and auditors stand in for nobody"),
        ({"valid_from": date(2025, 1, 5)}, "valid_from: Choose today or a day after today"),
        (
            {"valid_from": LAST, "valid_to": FIRST},
            "valid_to: The last day lies before the first day",
        ),
        ({"cause": "weather"}, "cause: Choose one of the options"),
        ({"kind": "forged"}, "kind: Choose one of the options"),
        ({"roles": ("director",)}, "roles: Choose one of the options"),
        (
            {"kind": "in_absence"},
            "kind: Only for the head of an agency does a deputy sign 代行",
        ),
        (
            {"cause": "vacancy", "kind": "in_absence"},
            "kind: In a vacant post a deputy signs as acting (代理)",
        ),
        (
            {"cause": "authority", "kind": "by_authority", "may_decide": False},
            "may_decide: Whoever decides by authority must be allowed to decide",
        ),
        ({"cause": "authority"}, "cause: Authority goes with 代為決行, and with nothing else"),
    ],
)
def test_what_a_deputyship_must_not_be(office: Office, changes: dict[str, Any], fault: str) -> None:
    assert fault in faults(office, **changes)


@pytest.mark.parametrize("apart", ["auditor", "admin"])
def test_what_administrators_and_auditors_do_is_not_handed_on(office: Office, apart: str) -> None:
    assert faults(office, apart, apart) == [
        "principal: What administrators and auditors do cannot be handed on"
    ]


def test_a_closed_account_stands_in_for_nobody(office: Office) -> None:
    office.engine.execute(SYSTEM, organisation.disable_user, DEPUTY)
    assert faults(office) == ["deputy: Choose a person whose account is open"]


def test_nobody_of_another_agency_stands_in(office: Office) -> None:
    def hire(uow: UnitOfWork) -> None:
        organisation.add_unit(uow, "bureau", label="總局", kind="outside", agency="bureau", position=9)
        organisation.add_user(uow, "outsider", name="outsider")
        organisation.grant(uow, "outsider", role="bureau_sec_handler", unit="bureau", valid_from=FIRST)

    office.engine.execute(SYSTEM, hire)
    assert faults(office, deputy="outsider") == ["deputy: Choose somebody of the same agency"]


def test_two_deputies_on_one_day_share_no_role(office: Office) -> None:
    office.engine.execute(
        SYSTEM, organisation.grant, PRINCIPAL, role="counter_owner", unit="unit_01", valid_from=FIRST
    )
    name(office, roles=("unit_handler",))
    overlap = ["valid_from: Somebody else stands in for the same roles on some of these days"]
    assert faults(office, deputy="colleague_01") == overlap
    assert faults(office, deputy="colleague_01", roles=("unit_handler",)) == overlap
    name(office, deputy="colleague_01", roles=("counter_owner",))
    name(office, deputy="colleague_01", valid_from=date(2025, 1, 9), valid_to=date(2025, 1, 9))


# --- ending -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [PRINCIPAL, DEPUTY, "chief_01", "admin"])
def test_a_deputyship_ends_at_once(both: Office, by: str) -> None:
    named = name(both)
    both.engine.execute(both.actor(by), end_deputyship, named.id, reason="提前返回")
    assert both.actor(DEPUTY).deputyships == ()
    assert not any(report.faults for report in both.engine.ask(SYSTEM, lambda r: list(verify_all(r))))
    name(both, deputy="colleague_01")


def test_nobody_else_ends_a_deputyship_and_nobody_ends_it_twice(office: Office) -> None:
    named = name(office)
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("colleague_01"), end_deputyship, named.id, reason="不")
    with pytest.raises(Invalid):
        office.engine.execute(office.actor(PRINCIPAL), end_deputyship, named.id, reason=" ")
    office.engine.execute(office.actor(PRINCIPAL), end_deputyship, named.id, reason="返回")
    with pytest.raises(DeputyshipOver):
        office.engine.execute(office.actor(PRINCIPAL), end_deputyship, named.id, reason="返回")


def test_a_deputyship_that_is_over_cannot_be_ended(office: Office, clock: FixedClock) -> None:
    named = name(office)
    after(clock, 3)
    with pytest.raises(DeputyshipOver):
        office.engine.execute(office.actor(PRINCIPAL), end_deputyship, named.id, reason="返回")


# --- acting -----------------------------------------------------------------------------------------


def after(clock: FixedClock, days: int) -> None:
    clock.move_to(clock.now() + timedelta(days=days))


def test_a_deputy_completes_what_the_principal_owes_with_both_names(both: Office) -> None:
    task = report_of_unit_01(both)
    with pytest.raises(NotPermitted):
        both.complete(both.actor(DEPUTY), task)
    name(both)
    both.complete(both.actor(DEPUTY), task)
    (completed,) = [e for e in events(both, task) if e.type == "task_completed"]
    assert (completed.actor, completed.on_behalf_of, completed.role, completed.unit) == (
        DEPUTY, PRINCIPAL, "unit_handler", "unit_01",
    )  # fmt: skip
    assert '"deputy":{"cause":"vacation","deputyship":1,"kind":"acting"' in completed.data
    assert proven(both, task)


def test_what_a_deputy_takes_is_the_principals(both: Office) -> None:
    task = report_of_unit_01(both)
    name(both)
    held = both.engine.execute(both.actor(DEPUTY), tasks.claim, task.id)
    claimed = events(both, task)[-1]
    assert (held.assignee, claimed.actor, claimed.on_behalf_of) == (PRINCIPAL, DEPUTY, PRINCIPAL)
    assert shown(both, PRINCIPAL, View.MINE) == [task.id]
    with pytest.raises(TaskHeldByOther):
        both.engine.execute(both.actor("colleague_01"), tasks.claim, task.id)
    both.complete(both.actor(DEPUTY), held)
    assert proven(both, task)


def test_a_deputy_completes_what_the_principal_holds(both: Office) -> None:
    task = report_of_unit_01(both)
    held = both.engine.execute(both.actor(PRINCIPAL), tasks.claim, task.id)
    name(both)
    both.complete(both.actor(DEPUTY), held)
    assert events(both, task)[-1].on_behalf_of == PRINCIPAL
    with pytest.raises(TaskAlreadyCompleted):
        both.complete(both.actor(PRINCIPAL), held)


def test_a_deputy_puts_back_delegates_and_resolves_for_the_principal(office: Office) -> None:
    task = report_of_unit_01(office)
    name(office)
    deputy = office.actor(DEPUTY)
    office.engine.execute(deputy, tasks.claim, task.id)
    asked = office.engine.execute(deputy, tasks.delegate, task.id, user="colleague_01")
    assert (asked.assignee, asked.owner) == ("colleague_01", PRINCIPAL)
    back = office.engine.execute(office.actor("colleague_01"), tasks.resolve, task.id)
    assert (back.assignee, back.owner) == (PRINCIPAL, None)
    free = office.engine.execute(deputy, tasks.unclaim, task.id)
    assert free.assignee is None
    assert [(e.actor, e.on_behalf_of) for e in events(office, task)[-4:]] == [
        (DEPUTY, PRINCIPAL), (DEPUTY, PRINCIPAL), ("colleague_01", None), (DEPUTY, PRINCIPAL),
    ]  # fmt: skip


def test_the_deputy_of_a_chief_hands_tasks_out(office: Office) -> None:
    task = report_of_unit_01(office)
    name(office, "chief_01", "chief_01")
    held = office.engine.execute(office.actor(DEPUTY), tasks.assign, task.id, user="colleague_01")
    assert (held.assignee, events(office, task)[-1].on_behalf_of) == ("colleague_01", "chief_01")


def test_nobody_is_given_a_task_because_they_are_a_deputy(office: Office) -> None:
    task = report_of_unit_01(office)
    name(office)
    with pytest.raises(Invalid):
        office.engine.execute(office.actor("chief_01"), tasks.assign, task.id, user=DEPUTY)


def test_a_person_acts_as_themselves_where_they_may(office: Office) -> None:
    name(office, deputy="colleague_01")
    task = report_of_unit_01(office)
    office.complete(office.actor("colleague_01"), task)
    assert events(office, task)[-1].on_behalf_of is None


def test_a_deputy_outside_the_scope_may_do_nothing(office: Office) -> None:
    office.engine.execute(
        SYSTEM, organisation.grant, PRINCIPAL, role="counter_owner", unit="unit_01", valid_from=FIRST
    )
    name(office, roles=("counter_owner",))
    with pytest.raises(NotPermitted):
        office.complete(office.actor(DEPUTY), report_of_unit_01(office))


@pytest.mark.parametrize("days", [3, 30])
def test_after_the_last_day_the_task_is_the_principals_alone(
    both: Office, clock: FixedClock, days: int
) -> None:
    task = report_of_unit_01(both)
    name(both)
    held = both.engine.execute(both.actor(DEPUTY), tasks.claim, task.id)
    after(clock, days)
    with pytest.raises(NotPermitted):
        both.complete(both.actor(DEPUTY), held)
    assert shown(both, DEPUTY, View.DEPUTY) == []
    both.complete(both.actor(PRINCIPAL), held)
    assert proven(both, task)


def test_before_the_first_day_nobody_stands_in(office: Office, clock: FixedClock) -> None:
    name(office, valid_from=LAST)
    task = report_of_unit_01(office)
    with pytest.raises(NotPermitted):
        office.complete(office.actor(DEPUTY), task)
    clock.move_to(datetime(2025, 1, 8, 0, 0, tzinfo=TAIPEI))
    office.complete(office.actor(DEPUTY), task)


def test_a_revoked_deputy_may_do_nothing_from_that_moment_on(both: Office) -> None:
    task = report_of_unit_01(both)
    named = name(both)
    held = both.engine.execute(both.actor(DEPUTY), tasks.claim, task.id)
    both.engine.execute(both.actor(PRINCIPAL), end_deputyship, named.id, reason="提前返回")
    for act in (tasks.claim, tasks.unclaim, tasks.resolve):
        with pytest.raises(NotPermitted):
            both.engine.execute(both.actor(DEPUTY), act, task.id)
    with pytest.raises(NotPermitted):
        both.complete(both.actor(DEPUTY), held)
    both.complete(both.actor(PRINCIPAL), held)


def test_a_deputy_of_a_deputy_has_nothing_of_the_first(office: Office) -> None:
    name(office)
    name(office, DEPUTY, DEPUTY, deputy="head")
    assert [d.principal for d in office.actor("head").deputyships] == [DEPUTY]
    with pytest.raises(NotPermitted):
        office.complete(office.actor("head"), report_of_unit_01(office))


def test_two_people_who_stand_in_for_each_other_gain_nothing_more(office: Office) -> None:
    name(office)
    name(office, DEPUTY, DEPUTY, deputy=PRINCIPAL)
    pairs = {d.principal: d.pairs for who in (PRINCIPAL, DEPUTY) for d in office.actor(who).deputyships}
    assert pairs == {DEPUTY: {("unit_handler", "unit_02")}, PRINCIPAL: {("unit_handler", "unit_01")}}


def closed(uow: UnitOfWork) -> None:
    organisation.disable_user(uow, PRINCIPAL)


def moved_away(uow: UnitOfWork) -> None:
    (held,) = uow.organisation.memberships(PRINCIPAL)
    organisation.end_membership(
        uow, PRINCIPAL, role=held.role, unit=held.unit, valid_from=held.valid_from, valid_to=FIRST
    )


@pytest.mark.parametrize("happens", [closed, moved_away])
def test_nobody_stands_in_for_who_holds_nothing(
    office: Office, clock: FixedClock, happens: Callable[[UnitOfWork], None]
) -> None:
    name(office)
    office.engine.execute(SYSTEM, happens)
    after(clock, 1)
    assert office.actor(DEPUTY).deputyships == ()


def test_a_deputy_who_becomes_an_auditor_stands_in_no_more(office: Office, clock: FixedClock) -> None:
    task = report_of_unit_01(office)
    name(office)

    def promote(uow: UnitOfWork) -> None:
        (held,) = uow.organisation.memberships(DEPUTY)
        organisation.end_membership(
            uow, DEPUTY, role=held.role, unit=held.unit, valid_from=held.valid_from, valid_to=FIRST
        )
        organisation.grant(uow, DEPUTY, role="auditor", unit="office", valid_from=date(2025, 1, 7))

    office.engine.execute(SYSTEM, promote)
    after(clock, 1)
    assert shown(office, DEPUTY, View.DEPUTY) == []
    with pytest.raises(NotPermitted):
        office.complete(office.actor(DEPUTY), task)


# --- the inbox --------------------------------------------------------------------------------------


def test_only_the_view_of_a_deputy_shows_what_the_principal_owes(both: Office) -> None:
    reports = both.reports()
    mine = next(t for t in reports if t.candidates[0].unit == "unit_02")
    theirs = next(t for t in reports if t.candidates[0].unit == "unit_01")
    name(both)
    assert {view: shown(both, DEPUTY, view) for view in (View.OPEN, View.GROUP, View.DEPUTY)} == {
        View.OPEN: [mine.id], View.GROUP: [mine.id], View.DEPUTY: [theirs.id],
    }  # fmt: skip
    both.engine.execute(both.actor(PRINCIPAL), tasks.claim, theirs.id)
    assert shown(both, DEPUTY, View.DEPUTY) == [theirs.id]
    assert both.engine.ask(both.actor(DEPUTY), inbox_counts)[View.DEPUTY] == 1
    for filters in ({"q": theirs.label}, {"sort": "since"}, {"unit": "unit_01"}):
        page = both.engine.ask(both.actor(DEPUTY), inbox, view=View.DEPUTY, **filters)
        assert [(r.task_id, r.deputyship and r.deputyship.principal) for r in page.rows] == [
            (theirs.id, PRINCIPAL)
        ]


def test_what_both_may_take_is_not_the_deputys_business_twice(both: Office) -> None:
    task = report_of_unit_01(both)
    name(both, deputy="colleague_01")
    assert (shown(both, "colleague_01", View.OPEN), shown(both, "colleague_01", View.DEPUTY)) == (
        [task.id], [],
    )  # fmt: skip
    both.engine.execute(both.actor(PRINCIPAL), tasks.claim, task.id)
    assert (shown(both, "colleague_01", View.OPEN), shown(both, "colleague_01", View.DEPUTY)) == (
        [], [task.id],
    )  # fmt: skip


@pytest.mark.parametrize("named", [PRINCIPAL, DEPUTY])
def test_recusal_of_either_keeps_the_task_from_the_deputy(both: Office, named: str) -> None:
    name(both)
    task = guarded.begin(both.engine, both.clerk, named)
    call = guarded.call(both.engine, task, "ok")
    with pytest.raises(NotPermitted):
        both.engine.execute(both.actor(DEPUTY), tasks.complete, task.id, **call)
    with pytest.raises(NotPermitted):
        both.engine.execute(both.actor(DEPUTY), tasks.claim, task.id)
    counts = both.engine.ask(both.actor(DEPUTY), inbox_counts)
    assert counts == dict.fromkeys(map(str, COUNTED), 0)
    for filters in ({}, {"q": "Write"}, {"sort": "since"}):
        assert both.engine.ask(both.actor(DEPUTY), inbox, view=View.DEPUTY, **filters).rows == ()


def test_a_mail_about_a_task_reaches_the_deputy_as_well(office: Office) -> None:
    task = report_of_unit_01(office)
    name(office)
    people = office.engine.ask(SYSTEM, lambda reader: reader.organisation.who_owe(task))
    assert people == {PRINCIPAL, "colleague_01", "clerk", DEPUTY}


def test_the_number_of_statements_of_an_actor_is_that_of_before(sqlite_url: str, clock: FixedClock) -> None:
    asked: list[str] = []
    engine = Engine(sqlite_url, clock, on_statement=asked.append)
    from tests.engine.commands.office import open_office

    office = open_office(engine)
    asked.clear()
    office.actor(DEPUTY)
    alone = len(asked)
    name(office)
    asked.clear()
    office.actor(DEPUTY)
    assert (alone, len(asked)) == (3, 3)
    engine.close()
