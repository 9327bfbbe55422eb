"""Separation of duties asked of histories afterwards: each breach is named, whichever of two names it is."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.clock import to_micros
from engine.commands.deputies import end_deputyship, name_deputy
from engine.domain.deputy import DeputyCause, DeputyKind, Deputyship
from engine.domain.duties import Moment, Organisation, breaches
from engine.domain.history import EventDraft, EventType, HistoryEvent, Signature, seal
from engine.domain.identity import SYSTEM, Membership
from engine.domain.task import Task
from engine.engine import Engine
from engine.replay.report import Check
from engine.replay.verify import verify
from engine.store.deputy_tables import deputyship
from tests.engine.commands.office import Office, open_office

DAY = date(2026, 1, 20)
AT = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)
ROUND = {"owner": "plan", "round": 1, "levels": []}
LIN_AWAY = Deputyship(
    id=7, principal="lin", deputy="zhang", valid_from=DAY, valid_to=DAY, roles=("sec_chief",),
    cause=DeputyCause.LEAVE, kind=DeputyKind.ACTING, may_decide=True, named_by="lin",
)  # fmt: skip


def member(user: str, role: str, unit: str) -> Membership:
    return Membership(user_id=user, role=role, unit=unit, valid_from=date(2024, 1, 1))


ORGANISATION = Organisation(
    deputyships={7: LIN_AWAY},
    memberships={
        "lin": [member("lin", "sec_chief", "secretariat")],
        "zhang": [member("zhang", "sec_handler", "secretariat")],
    },
)


class Told:
    """A history written by hand."""

    def __init__(self) -> None:
        self.events: list[HistoryEvent] = []

    def add(
        self, kind: EventType, by: str, data: dict[str, Any], task: int | None = None,
        place: str | None = None, role: str | None = None, days: int = 0,
    ) -> None:  # fmt: skip
        at = to_micros(AT + timedelta(days=days))
        signature = Signature(actor=by, occurred_at=at, on_behalf_of=place, role=role, unit="secretariat")
        draft = EventDraft(type=kind, data=data, task_id=task)
        self.events += seal(1024, len(self.events), b"", [draft], signature)

    def completes(
        self, task: int, by: str, place: str | None = None, *, excluded: tuple[str, ...] = (),
        inputs: dict[str, Any] | None = None, deputyship: int = 7, role: str = "sec_chief", days: int = 0,
        **values: Any,
    ) -> None:  # fmt: skip
        """Somebody completes a task, perhaps in another's place."""
        opened = {"excluded": list(excluded), "inputs": inputs or {}}
        self.add(EventType.TASK_OPENED, "system", opened, task)
        deputy = {"deputy": {"deputyship": deputyship}} if place else {}
        done = {"values": values, **deputy}
        self.add(EventType.TASK_COMPLETED, by, done, task, place, role if place else None, days)

    def opens_round(self) -> None:
        returned = {"activity": "signoff.open_round", "result": ROUND}
        self.add(EventType.ACTIVITY_RETURNED, "system", returned, 1)

    def signs(self, no: int, by: str, place: str | None = None, **values: Any) -> None:
        level = {"subject": "plan", "round": 1, "no": no}
        self.completes(
            10 + len(self.events), by, place, inputs={"next_level": level, "open_round": ROUND},
            **{"decision": "approve", **values},
        )  # fmt: skip

    def found(self) -> list[str]:
        timed = [(e, Moment(at=_instant(e), day=_instant(e).date())) for e in self.events]
        return [breach.template.format(**breach.params) for breach in breaches(timed, ORGANISATION)]


def _instant(event: HistoryEvent) -> datetime:
    return datetime.fromtimestamp(event.occurred_at / 1_000_000, UTC)


@pytest.fixture
def told() -> Told:
    return Told()


def handed_in(told: Told, by: str, place: str | None = None) -> None:
    told.completes(1, by, place)
    told.opens_round()


def test_what_an_act_set_going_elsewhere_names_the_principal_alone(told: Told) -> None:
    told.add(EventType.INSTANCE_STARTED, "zhang", {}, place="lin")
    assert told.found() == []


@pytest.mark.parametrize(("by", "place", "days"), [("zhang", "lin", 1), ("wu", "lin", 0), ("zhang", "xu", 0)])
def test_what_was_set_going_for_somebody_by_who_was_no_deputy_then(
    told: Told, by: str, place: str, days: int
) -> None:
    told.add(EventType.INSTANCE_STARTED, by, {}, place=place, days=days)
    assert told.found() == [f"{by} acted for {place} without being their deputy at that moment"]


def test_different_people_break_nothing(told: Told) -> None:
    handed_in(told, "zhang")
    told.signs(0, "lin")
    told.signs(1, "cai")
    told.signs(2, "xu", decision="decide")
    assert told.found() == []


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        (("wu", None), ("wu", None), "wu"),
        (("zhang", "lin"), ("zhang", None), "zhang"),
        (("zhang", "lin"), ("lin", None), "lin"),
        (("lin", None), ("zhang", "lin"), "lin"),
        (("zhang", None), ("zhang", "lin"), "zhang"),
    ],
)
def test_two_levels_in_a_row(
    told: Told, first: tuple[str, str | None], second: tuple[str, str | None], name: str
) -> None:
    handed_in(told, "fang")
    told.signs(0, *first)
    told.signs(1, *second)
    assert told.found() == [f"{name} signed at two levels in a row, or what they handed in"]


def test_what_one_handed_in_oneself(told: Told) -> None:
    handed_in(told, "zhang")
    told.signs(0, "zhang", "lin")
    assert told.found() == ["zhang signed at two levels in a row, or what they handed in"]


def test_a_level_between_parts_two_signatures(told: Told) -> None:
    handed_in(told, "fang")
    told.signs(0, "lin")
    told.signs(1, "cai")
    told.signs(2, "lin", decision="decide")
    assert told.found() == []


def test_after_a_return_the_first_level_follows_the_submitter_again(told: Told) -> None:
    handed_in(told, "fang")
    told.signs(0, "lin")
    told.signs(1, "cai", decision="return", return_to="0")
    told.signs(0, "cai")
    assert told.found() == []


def test_what_was_taken_back_is_no_level_before(told: Told) -> None:
    handed_in(told, "wang")
    told.signs(0, "lin")
    taken = {"activity": "signoff.take_back", "result": {"no": 0, "turn": 1}}
    told.add(EventType.ACTIVITY_RETURNED, "system", taken)
    told.signs(1, "lin")
    assert told.found() == []


def test_who_is_excluded_in_either_name(told: Told) -> None:
    told.completes(1, "zhang", "lin", excluded=("lin",))
    told.completes(2, "wu", excluded=("wu",))
    assert told.found() == [
        "lin acted on a task that excludes them", "wu acted on a task that excludes them",
    ]  # fmt: skip


def test_a_score_of_ones_own_unit_in_either_name(told: Told) -> None:
    told.completes(1, "wu", "lin", inputs={"scored_unit": "secretariat"}, deputyship=7, scores=[])
    assert "lin scored their own unit" in told.found()


NOT_DEPUTY = "zhang acted for lin without being their deputy at that moment"


@pytest.mark.parametrize(
    ("changes", "breach"),
    [
        ({"deputyship": 8}, NOT_DEPUTY),
        ({"days": 1}, NOT_DEPUTY),
        ({"days": -1}, NOT_DEPUTY),
        ({"role": "director"}, "zhang acted for lin with a role that was not handed on"),
    ],
)
def test_who_was_no_deputy(told: Told, changes: dict[str, Any], breach: str) -> None:
    told.completes(1, "zhang", "lin", **changes)
    assert told.found() == [breach]


def completed_by_deputy(office: Office) -> Task:
    """A report that the deputy of its handler has written."""
    office.engine.execute(
        office.actor("handler_01"), name_deputy, "handler_01", deputy="handler_02", cause="leave",
        valid_from=date(2025, 1, 6), valid_to=date(2025, 1, 6),
    )  # fmt: skip
    task = next(t for t in office.reports() if t.candidates[0].unit == "unit_01")
    office.complete(office.actor("handler_02"), task)
    return task


def test_what_a_deputy_did_in_the_moment_in_which_it_ended_was_done_before(engine: Engine) -> None:
    office = open_office(engine)
    task = completed_by_deputy(office)
    engine.execute(office.actor("handler_01"), end_deputyship, 1, reason="提前返回")
    assert engine.ask(SYSTEM, verify, task.instance_id).faults == ()


def test_the_proof_of_an_instance_names_the_breach(engine: Engine) -> None:
    task = completed_by_deputy(open_office(engine))
    assert engine.ask(SYSTEM, verify, task.instance_id).holds(Check.DUTIES)

    def shorten(uow: Any) -> None:
        uow.transaction.core.execute(sa.update(deputyship).values(deputy="colleague_01"))

    engine.execute(SYSTEM, shorten)
    (fault,) = engine.ask(SYSTEM, verify, task.instance_id).faults
    assert (fault.check, str(fault)) == (
        Check.DUTIES, "handler_02 acted for handler_01 without being their deputy at that moment",
    )  # fmt: skip
