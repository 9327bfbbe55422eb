"""Question 4: who acted as a deputy, by which authority, and where the principal was meanwhile."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from engine.commands.comments import comment
from engine.domain.deputy import DeputyCause, DeputyKind, Deputyship
from engine.domain.identity import SYSTEM
from engine.queries.questions.organisation import Authority
from engine.store import tables
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors, standing_in
from tests.stories.actors import sign
from tests.stories.asking import ask, findings, rows, summary
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

SLUG = "deputies"
SCENES = {"cycle": actors.draft}


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def test_a_deputy_with_authority_for_an_absent_principal_is_no_finding(cycle: int, stage: Stage) -> None:
    standing_in.name(stage, "sec_chief")
    sign(stage, cycle, "registry", "approve")
    asked = ask(stage, SLUG, plan_year=115)
    columns = ("deputy", "principal", "task", "authority", "valid", "present", "signed_too")
    on = stage.clock.now().astimezone().date()
    assert rows(asked, *columns) == [
        (
            "registry 科員 / 秘書室主任", "sec_chief 科員", "簽核",
            f"代理（公出） / From {on} to 2026-12-31 / Named by sec_chief 科員 on {moment(stage)}",
            "Valid at that moment", "Did nothing in that time", "Did not sign as well",
        )
    ]  # fmt: skip
    assert findings(asked) == []


def moment(stage: Stage) -> str:
    found = stage.engine.ask(SYSTEM, lambda reader: reader.now)
    return (
        f"{found.astimezone(UTC).replace(tzinfo=UTC):%Y-%m-%d} {(found.hour + 8) % 24:02d}:{found.minute:02d}"
    )


def test_a_principal_who_was_not_absent_and_signs_as_well_is_found(cycle: int, stage: Stage) -> None:
    standing_in.name(stage, "sec_chief")
    sign(stage, cycle, "registry", "countersign", add_units=["kinmen"])
    stage.move_to("2026-01-06T10:00")
    stage.complete("unit_chief.kinmen", cycle, "countersign_opinion@kinmen", opinion_kind="agree")
    standing_in.do(stage, "sec_chief", comment, cycle, text="我今天在辦公室。")
    sign(stage, cycle, "sec_chief", "approve")
    asked = ask(stage, SLUG, plan_year=115)
    assert findings(asked) == [
        (
            "remarkable", "The principal acted in that time as well",
            "The principal signed in the same round as well",
        )
    ]  # fmt: skip
    assert rows(asked, "present", "signed_too") == [
        ("Acted 2 times, first on 2026-01-06 10:00", "2026-01-06 10:00")
    ]
    assert summary(asked) == [
        "Done as a deputy: 1. Without authority at that moment: 0; while the principal acted too: 1; "
        "signed by the principal too: 1."
    ]


def test_where_everybody_acted_in_person_there_is_no_row(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    assert rows(ask(stage, SLUG), "deputy") == []


NAMED = datetime(2026, 1, 5, 1, tzinfo=UTC)
AUTHORITY = Authority(
    named_at=NAMED,
    deputyship=Deputyship(
        id=1, principal="lin", deputy="zhang", valid_from=date(2026, 1, 5), valid_to=date(2026, 1, 7),
        roles=("sec_chief",), cause=DeputyCause.LEAVE, kind=DeputyKind.ACTING, may_decide=True,
        named_by="lin", ended_at=datetime(2026, 1, 6, 4, tzinfo=UTC), ended_by="lin",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("at", "role", "holds"),
    [
        (datetime(2026, 1, 5, 0, 59, tzinfo=UTC), "sec_chief", False),  # not named yet
        (datetime(2026, 1, 5, 1, tzinfo=UTC), "sec_chief", True),
        (datetime(2026, 1, 6, 4, tzinfo=UTC), "sec_chief", True),
        (datetime(2026, 1, 6, 4, 1, tzinfo=UTC), "sec_chief", False),  # ended early
        (datetime(2026, 1, 5, 2, tzinfo=UTC), "director", False),  # not handed on
    ],
)
def test_an_authority_holds_to_the_minute_and_for_its_roles(at: datetime, role: str, holds: bool) -> None:
    assert AUTHORITY.holds_at(at, role) == holds


def test_an_act_in_the_place_of_somebody_without_a_deputyship_is_found(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    event = tables.history_event.c

    def tamper(uow: UnitOfWork) -> None:
        """Somebody who has the database lets the history say that it was done for the director."""
        uow.transaction.core.exec_driver_sql("drop trigger history_event_refuses_update")
        uow.transaction.core.execute(
            sa.update(tables.history_event)
            .where(event.stream == cycle, event.element_id == "sign", event.actor == "sec_chief")
            .values(on_behalf_of="director")
        )

    stage.engine.execute(SYSTEM, tamper)
    asked = ask(stage, SLUG, plan_year=115)
    assert rows(asked, "principal", "authority", "valid") == [
        ("director 科員", "No deputyship is recorded", "Not valid then")
    ]
    assert findings(asked) == [("breach", "Was no deputy at that moment")]
