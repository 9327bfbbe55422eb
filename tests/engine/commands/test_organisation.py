"""Accounts, units, memberships, passwords, tokens, calendars: what administrators do, and every refusal."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from engine.clock import FixedClock
from engine.commands import organisation, sessions
from engine.commands.passwords import SHORTEST_AGE
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.domain.identity import SYSTEM, Actor
from engine.engine import Engine
from engine.errors import Conflict, Invalid, NotFound, NotPermitted, NotSignedIn
from engine.queries.identity import actor_of_token

GOOD = "Kaohsiung-Plan-115"
BETTER = "Penghu-Ferry-116!"
TODAY = date(2025, 1, 6)


@pytest.fixture
def admin(sqlite_engine: Engine) -> Actor:
    """An administrator of an agency with one unit and one handler."""

    def hire(uow: Any) -> None:
        organisation.add_unit(uow, "kinmen", label="金門辦事處", kind="line", agency="branch", position=1)
        organisation.add_unit(uow, "bureau", label="總局", kind="outside", agency="bureau", position=2)
        for user_id, role in (("admin", "sysadmin"), ("handler", "unit_handler")):
            organisation.add_user(uow, user_id, name=user_id, password=GOOD)
            organisation.grant(uow, user_id, role=role, unit="kinmen", valid_from=TODAY)

    sqlite_engine.execute(SYSTEM, hire)
    return sqlite_engine.actor("admin")


def refused_paths(
    engine: Engine, actor: Actor, command: Callable[..., Any], *args: Any, **kw: Any
) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        engine.execute(actor, command, *args, **kw)
    return [error.path for error in refusal.value.errors]


CHANGES: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (organisation.add_user, ("new",), {"name": "新人"}),
    (organisation.change_user, ("handler",), {"name": "新名", "title": "", "email": None}),
    (organisation.disable_user, ("handler",), {}),
    (organisation.enable_user, ("handler",), {}),
    (organisation.reset_password, ("handler",), {"password": BETTER}),
    (organisation.add_unit, ("new",), {"label": "新單位", "kind": "line", "agency": "branch", "position": 9}),
    (
        organisation.change_unit,
        ("kinmen",),
        {"label": "金門", "kind": "line", "agency": "branch", "position": 1, "active": True},
    ),
    (organisation.grant, ("handler",), {"role": "unit_chief", "unit": "kinmen", "valid_from": TODAY}),
    (
        organisation.end_membership,
        ("handler",),
        {"role": "unit_handler", "unit": "kinmen", "valid_from": TODAY, "valid_to": TODAY},
    ),
    (
        organisation.import_calendar,
        (2030, {"holidays": [], "workdays": [], "source": "x", "confirmed": True}),
        {},
    ),
    (organisation.change_setting, ("progress_frequency", "monthly"), {}),
]


@pytest.mark.parametrize(("command", "args", "kw"), CHANGES, ids=[c[0].__name__ for c in CHANGES])
def test_change_is_the_administrators_and_is_recorded(
    sqlite_engine: Engine,
    admin: Actor,
    command: Callable[..., Any],
    args: tuple[Any, ...],
    kw: dict[str, Any],
) -> None:
    with pytest.raises(NotPermitted):
        sqlite_engine.execute(sqlite_engine.actor("handler"), command, *args, **kw)
    before, _ = sqlite_engine.ask(SYSTEM, lambda reader: reader.history.head(ORGANISATION_STREAM))
    sqlite_engine.execute(admin, command, *args, **kw)
    events = sqlite_engine.ask(
        SYSTEM, lambda reader: reader.history.events(ORGANISATION_STREAM, after=before)
    )
    assert [event.actor for event in events] == ["admin"]


@pytest.mark.parametrize("user_id", ["", "Upper", "1st", "a b", "a" * 65, "../x"])
def test_account_names_are_plain(sqlite_engine: Engine, admin: Actor, user_id: str) -> None:
    assert refused_paths(sqlite_engine, admin, organisation.add_user, user_id, name="某") == ["user_id"]


def test_account_and_unit_exist_once(sqlite_engine: Engine, admin: Actor) -> None:
    with pytest.raises(Conflict):
        sqlite_engine.execute(admin, organisation.add_user, "handler", name="某")
    with pytest.raises(Conflict):
        sqlite_engine.execute(
            admin, organisation.add_unit, "kinmen", label="x", kind="line", agency="branch", position=1
        )


def test_disabled_account_is_no_actor_any_more(sqlite_engine: Engine, admin: Actor) -> None:
    sqlite_engine.execute(admin, organisation.disable_user, "handler")
    with pytest.raises(NotPermitted):
        sqlite_engine.actor("handler")


def test_administrators_neither_raise_nor_close_themselves(sqlite_engine: Engine, admin: Actor) -> None:
    with pytest.raises(NotPermitted):
        sqlite_engine.execute(
            admin, organisation.grant, "admin", role="director", unit="kinmen", valid_from=TODAY
        )
    with pytest.raises(NotPermitted):
        sqlite_engine.execute(admin, organisation.disable_user, "admin")


def test_grant_names_a_role_of_the_units_agency(sqlite_engine: Engine, admin: Actor) -> None:
    def paths(**changes: Any) -> list[str]:
        kw = {"role": "unit_chief", "unit": "kinmen", "valid_from": TODAY, **changes}
        return refused_paths(sqlite_engine, admin, organisation.grant, "handler", **kw)

    assert paths(role="king") == ["role"]
    assert paths(unit="atlantis") == ["unit"]
    assert paths(role="bureau_approver") == ["unit"]
    assert paths(valid_to=TODAY - timedelta(days=1)) == ["valid_to"]


@pytest.mark.parametrize(
    ("role", "agency"),
    [
        *((role, "branch") for role in ("hr_handler", "hr_chief", "merit_committee")),
        *((role, "ministry") for role in ("ministry_handler", "reviewer", "ministry_approver")),
    ],
)
def test_personnel_and_ministry_hold_their_own_roles(
    sqlite_engine: Engine, admin: Actor, role: str, agency: str
) -> None:
    ministry: dict[str, Any] = {"label": "經濟部", "kind": "outside", "agency": "ministry", "position": 9}
    sqlite_engine.execute(admin, organisation.add_unit, "ministry", **ministry)
    units = {"branch": "kinmen", "ministry": "ministry"}
    own = units.pop(agency)
    (other,) = units.values()
    kw: dict[str, Any] = {"role": role, "valid_from": TODAY}
    assert refused_paths(sqlite_engine, admin, organisation.grant, "handler", unit=other, **kw) == ["unit"]
    sqlite_engine.execute(admin, organisation.grant, "handler", unit=own, **kw)
    assert sqlite_engine.actor("handler").holds(role, own)


def test_membership_holds_from_its_first_to_its_last_day(
    sqlite_engine: Engine, admin: Actor, clock: FixedClock
) -> None:
    last = TODAY + timedelta(days=2)
    sqlite_engine.execute(
        admin, organisation.end_membership, "handler", role="unit_handler", unit="kinmen", valid_from=TODAY,
        valid_to=last,
    )  # fmt: skip
    held = []
    for _ in range(4):
        held.append(sqlite_engine.actor("handler").holds("unit_handler", "kinmen"))
        clock.move_to(clock.now() + timedelta(days=1))
    assert held == [True, True, True, False]


def test_unknown_membership_is_not_found(sqlite_engine: Engine, admin: Actor) -> None:
    with pytest.raises(NotFound):
        sqlite_engine.execute(
            admin, organisation.end_membership, "handler", role="director", unit="kinmen", valid_from=TODAY,
            valid_to=TODAY,
        )  # fmt: skip


@pytest.mark.parametrize("password", ["short-1A", "onlysmallletters", "Handler-in-2025", "1234567890123"])
def test_weak_passwords_are_refused(sqlite_engine: Engine, admin: Actor, password: str) -> None:
    assert refused_paths(sqlite_engine, admin, organisation.reset_password, "handler", password=password) == [
        "password"
    ]


def test_own_password_is_changed_with_the_old_one(sqlite_engine: Engine, admin: Actor) -> None:
    def paths(**changes: str) -> list[str]:
        kw = {"old": GOOD, "new": BETTER, "again": BETTER, **changes}
        return refused_paths(sqlite_engine, admin, organisation.change_password, "admin", **kw)

    assert paths(old="wrong") == ["old"]
    assert paths(again="other") == ["again"]
    assert paths(new=GOOD, again=GOOD) == ["new"]
    sqlite_engine.execute(admin, organisation.change_password, "admin", old=GOOD, new=BETTER, again=BETTER)
    assert sign_in(sqlite_engine, "admin", BETTER) is not None


def change_own(engine: Engine, admin: Actor, old: str, new: str) -> list[str]:
    """Change one's own password; gives the paths of what was refused."""
    try:
        engine.execute(admin, organisation.change_password, "admin", old=old, new=new, again=new)
    except Invalid as refusal:
        return [error.path for error in refusal.errors]
    return []


def test_none_of_the_last_three_passwords_is_chosen_again(
    sqlite_engine: Engine, admin: Actor, clock: FixedClock
) -> None:
    chosen = [GOOD, "Second-of-them-2", "Third-of-them-3", "Fourth-of-them-4"]
    for old, new in pairwise(chosen):
        assert change_own(sqlite_engine, admin, old, new) == []
        clock.move_to(clock.now() + SHORTEST_AGE)
    refused = [change_own(sqlite_engine, admin, chosen[-1], again) for again in reversed(chosen)]
    assert refused == [["new"], ["new"], ["new"], []]


def test_an_administrator_sets_none_of_the_last_three_either(
    sqlite_engine: Engine, admin: Actor, clock: FixedClock
) -> None:
    for password in (BETTER, "Third-of-them-3"):
        clock.move_to(clock.now() + timedelta(minutes=1))
        sqlite_engine.execute(admin, organisation.reset_password, "handler", password=password)
    refused = [
        refused_paths(sqlite_engine, admin, organisation.reset_password, "handler", password=password)
        for password in ("Third-of-them-3", BETTER, GOOD)
    ]
    assert refused == [["password"]] * 3


def test_an_own_password_is_changed_once_a_day_at_most(
    sqlite_engine: Engine, admin: Actor, clock: FixedClock
) -> None:
    assert change_own(sqlite_engine, admin, GOOD, BETTER) == []
    clock.move_to(clock.now() + SHORTEST_AGE - timedelta(seconds=1))
    assert change_own(sqlite_engine, admin, BETTER, "Third-of-them-3") == ["new"]
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert change_own(sqlite_engine, admin, BETTER, "Third-of-them-3") == []


def test_a_first_password_is_changed_at_once(sqlite_engine: Engine, admin: Actor) -> None:
    assert change_own(sqlite_engine, admin, GOOD, BETTER) == []


def test_no_history_holds_a_password_or_its_hash(sqlite_engine: Engine, admin: Actor) -> None:
    change_own(sqlite_engine, admin, GOOD, BETTER)
    sqlite_engine.execute(admin, sessions.sign_out, session_id="the-secret-of-a-cookie")
    told = sqlite_engine.ask(
        SYSTEM,
        lambda reader: "".join(
            event.data for stream in reader.history.streams() for event in reader.history.events(stream)
        ),
    )
    secrets = (GOOD, BETTER, "argon2", "the-secret-of-a-cookie")
    assert [secret for secret in secrets if secret in told] == []


def test_nobody_changes_the_password_of_another(sqlite_engine: Engine, admin: Actor) -> None:
    with pytest.raises(NotPermitted):
        sqlite_engine.execute(
            admin, organisation.change_password, "handler", old=GOOD, new=BETTER, again=BETTER
        )


def sign_in(engine: Engine, user_id: str, password: str) -> sessions.SignedIn | None:
    return engine.execute(SYSTEM, sessions.sign_in, user_id=user_id, password=password, address="192.0.2.1")


def test_wrong_password_unknown_and_disabled_accounts_are_answered_alike(
    sqlite_engine: Engine, admin: Actor
) -> None:
    sqlite_engine.execute(admin, organisation.disable_user, "handler")
    attempts = [("admin", "wrong"), ("nobody", GOOD), ("handler", GOOD)]
    assert [sign_in(sqlite_engine, *attempt) for attempt in attempts] == [None, None, None]


def test_five_refusals_lock_an_account_for_a_quarter_of_an_hour(
    sqlite_engine: Engine, admin: Actor, clock: FixedClock
) -> None:
    for _ in range(sessions.MOST_FAILURES):
        sign_in(sqlite_engine, "handler", "wrong")
    assert sign_in(sqlite_engine, "handler", GOOD) is None
    clock.move_to(clock.now() + sessions.LOCKED_FOR + timedelta(seconds=1))
    assert sign_in(sqlite_engine, "handler", GOOD) is not None


def test_refused_sign_in_stands_in_the_persons_stream_without_the_password(
    sqlite_engine: Engine, admin: Actor
) -> None:
    sign_in(sqlite_engine, "admin", "not-the-secret")
    (event,) = sqlite_engine.ask(SYSTEM, lambda reader: reader.history.events(-admin.number))
    assert (event.type, "not-the-secret" in event.data) == (EventType.SIGN_IN_REFUSED, False)


def test_token_stands_for_its_person_until_it_is_revoked(sqlite_engine: Engine, admin: Actor) -> None:
    token = sqlite_engine.execute(admin, organisation.issue_token, "handler", label="匯入")
    assert sqlite_engine.ask(SYSTEM, actor_of_token, token).actor.user_id == "handler"
    (stored,) = sqlite_engine.ask(SYSTEM, lambda reader: reader.accounts.tokens("handler"))
    sqlite_engine.execute(admin, organisation.revoke_token, "handler", digest=stored.digest)
    with pytest.raises(NotSignedIn):
        sqlite_engine.ask(SYSTEM, actor_of_token, token)


def test_token_of_a_disabled_account_ends_at_once(sqlite_engine: Engine, admin: Actor) -> None:
    token = sqlite_engine.execute(admin, organisation.issue_token, "handler", label="匯入")
    sqlite_engine.execute(admin, organisation.disable_user, "handler")
    with pytest.raises(NotSignedIn):
        sqlite_engine.ask(SYSTEM, actor_of_token, token)


def test_tokens_of_others_are_the_administrators(sqlite_engine: Engine, admin: Actor) -> None:
    with pytest.raises(NotPermitted):
        sqlite_engine.execute(sqlite_engine.actor("handler"), organisation.issue_token, "admin", label="偷看")


def test_calendar_table_that_is_wrong_is_refused(sqlite_engine: Engine, admin: Actor) -> None:
    assert refused_paths(sqlite_engine, admin, organisation.import_calendar, 2030, {"holidays": ["x"]}) == [
        "table"
    ]
