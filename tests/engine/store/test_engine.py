"""The engine: what it remembers, what it tries again, and who acts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from engine.clock import FixedClock
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM, Agency, Membership, Unit, UnitKind, User
from engine.domain.letter import Letter
from engine.engine import MAX_TRIES, Engine
from engine.errors import NotFound, NotPermitted, TransientConflict
from engine.replay import Check, verify_all
from engine.store.unit_of_work import UnitOfWork
from tests import postgres
from tests.engine.store.moves import CLERK, at_approval, complete, files_of

TODAY = date(2025, 1, 6)


def note(event_type: EventType = EventType.SETTING_CHANGED) -> EventDraft:
    return EventDraft(type=event_type, data={})


def add_person(uow: UnitOfWork, active: bool = True) -> None:
    unit = Unit(id="kinmen", label="金門辦事處", kind=UnitKind.LINE, agency=Agency.BRANCH, position=1)
    uow.organisation.add_unit(unit, note(EventType.UNIT_ADDED))
    user = User(
        id="lin", number=uow.organisation.next_user_number(), name="林雅惠", title="主任", active=active
    )
    uow.organisation.add_user(user, note(EventType.USER_ADDED))
    for role, valid_from, valid_to in (
        ("unit_chief", TODAY, TODAY),
        ("unit_handler", TODAY + timedelta(days=1), None),
        ("web_owner", date(2024, 1, 1), date(2024, 12, 31)),
    ):
        held = Membership(user_id="lin", role=role, unit="kinmen", valid_from=valid_from, valid_to=valid_to)
        uow.organisation.save_membership(held, note(EventType.MEMBERSHIP_GRANTED))


def test_actor_has_the_memberships_of_the_day(engine: Engine, clock: FixedClock) -> None:
    engine.execute(SYSTEM, add_person)
    actor = engine.actor("lin")
    assert (actor.pairs, actor.agencies) == (
        frozenset({("unit_chief", "kinmen")}),
        frozenset({Agency.BRANCH}),
    )
    clock.move_to(clock.now() + timedelta(days=1))
    assert engine.actor("lin").pairs == frozenset({("unit_handler", "kinmen")})


def test_disabled_people_cannot_act(engine: Engine) -> None:
    engine.execute(SYSTEM, add_person, active=False)
    with pytest.raises(NotPermitted):
        engine.actor("lin")


def test_unknown_people_cannot_act(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.actor("nobody")


def test_lost_race_is_run_again(sqlite_engine: Engine) -> None:
    tries: list[int] = []

    def lose_twice(uow: UnitOfWork) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise TransientConflict
        return "won"

    assert sqlite_engine.execute(SYSTEM, lose_twice) == "won"


def test_race_that_is_always_lost_is_told(sqlite_engine: Engine) -> None:
    tries: list[int] = []

    def lose(uow: UnitOfWork) -> None:
        tries.append(1)
        raise TransientConflict

    with pytest.raises(TransientConflict):
        sqlite_engine.execute(SYSTEM, lose)
    assert len(tries) == MAX_TRIES


def change_setting(uow: UnitOfWork, key: str) -> None:
    uow.organisation.change_setting(key, 1, note())


def test_many_may_write_one_stream(engine: Engine) -> None:
    before = engine.ask(SYSTEM, lambda r: r.history.head(ORGANISATION_STREAM))[0]
    keys = [f"setting {number}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: engine.execute(SYSTEM, change_setting, key), keys))
    assert engine.ask(SYSTEM, lambda r: r.history.head(ORGANISATION_STREAM))[0] == before + 24
    reports = engine.ask(SYSTEM, lambda r: {report.stream: report for report in verify_all(r)})
    assert reports[ORGANISATION_STREAM].holds(Check.CHAIN)


def add_account(uow: UnitOfWork, user_id: str) -> int:
    number = uow.organisation.next_user_number()
    user = User(id=user_id, number=number, name=user_id, title="", active=True)
    uow.organisation.add_user(user, note(EventType.USER_ADDED))
    return number


def register_letter(uow: UnitOfWork, number: str) -> int:
    letter = Letter(
        plan_key="bsmi_khh:114", direction="in", issuer="總局", prefix="經標秘字", number=number,
        doc_type="函", doc_on=TODAY, subject="計畫",
    )  # fmt: skip
    registered = uow.letters.register(letter)
    uow.record_note(ORGANISATION_STREAM, note(EventType.DOCUMENT_RECORDED))
    return registered.id


@pytest.mark.parametrize("command", [add_account, register_letter])
def test_numbers_that_are_asked_for_at_once_differ(
    engine: Engine, command: Callable[[UnitOfWork, str], int]
) -> None:
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda name: engine.execute(SYSTEM, command, name), map(str, range(12))))
    assert sorted(given) == list(range(min(given), min(given) + 12))


def test_deployment_that_was_rolled_back_is_not_remembered(engine: Engine) -> None:
    files = files_of("review")

    def deploy_and_fail(uow: UnitOfWork) -> None:
        number = uow.definitions.deploy(files)
        uow.definitions.parsed(number)
        raise NotPermitted

    with pytest.raises(NotPermitted):
        engine.execute(SYSTEM, deploy_and_fail)
    assert engine.memory.parsed(1) is None
    with pytest.raises(NotFound):
        engine.ask(SYSTEM, lambda r: r.definitions.parsed(1))


def test_candidate_pairs_that_were_rolled_back_are_not_remembered(engine: Engine) -> None:
    def number_and_fail(uow: UnitOfWork) -> None:
        assert uow.pair_ids({("a", "b")}) == uow.pair_ids({("a", "b")})
        raise NotPermitted

    with pytest.raises(NotPermitted):
        engine.execute(SYSTEM, number_and_fail)
    assert engine.memory.pair_ids({("a", "b")}) == {}
    numbers = engine.execute(SYSTEM, lambda uow: uow.pair_ids({("c", "d"), ("a", "b")}))
    assert engine.memory.pair_ids(numbers) == numbers


def test_same_files_are_the_same_deployment(engine: Engine) -> None:
    first = engine.execute(SYSTEM, lambda uow: uow.definitions.deploy(files_of("review")))
    second = engine.execute(SYSTEM, lambda uow: uow.definitions.deploy(files_of("review")))
    assert (first, second) == (1, 1)
    assert [event.seq for event in engine.ask(SYSTEM, lambda r: r.history.events(2))] == [1]


def test_connections_that_the_server_closed_are_replaced(postgres_url: str, clock: FixedClock) -> None:
    engine = Engine(postgres_url, clock)
    _, approval = at_approval(engine)
    for use in (
        lambda: engine.ask(SYSTEM, lambda r: r.tasks.get(approval.id)),
        lambda: engine.execute(CLERK, complete, approval.id),
    ):
        with postgres.administrator(postgres_url) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        use()
    engine.close()
