"""As of a past moment: who was who, what stood in whose inbox, and what an answer costs."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest

from engine.clock import FixedClock
from engine.commands import deputies, organisation
from engine.commands.priorities import prioritise
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM, Agency
from engine.domain.priority import Priority
from engine.engine import Engine
from engine.errors import Invalid, NotFound, NotPermitted, ProcessFailed
from engine.queries.moments import inbox_then, open_then, organisation_then
from engine.queries.plan_moments import plans_then
from engine.store.unit_of_work import UnitOfWork
from tests.engine.queries.scene import Scene, play
from tests.stories.stage import PLAN_KEY

HANDLER = "sec_handler"


def minute_later(clock: FixedClock) -> datetime:
    """Let a minute pass; gives the moment before."""
    before = clock.now()
    clock.move_to(before + timedelta(minutes=1))
    return before


@pytest.fixture
def scene(sqlite_template: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Scene]:
    """A scene of its own for each test, because people change in it."""
    engine = Engine(f"sqlite:///{copy(sqlite_template, tmp_path / 'planflow.db')}", clock)
    yield play(engine, clock)
    engine.close()


@pytest.fixture
def then(scene: Scene, clock: FixedClock) -> datetime:
    """The end of the scene, after which a minute has passed."""
    return minute_later(clock)


def shown(engine: Engine, at: datetime, person: str) -> list[str]:
    """The elements of the tasks that stood in the inbox of a person."""
    return [row.element_id for row in engine.ask(SYSTEM, inbox_then, at, person).rows]


def test_whoever_was_disabled_later_still_has_the_inbox_and_the_name_of_then(
    scene: Scene, then: datetime
) -> None:
    engine = scene.stage.engine
    before = shown(engine, then, HANDLER)
    engine.execute(SYSTEM, organisation.change_user, HANDLER, name="改名者", title="", email=None)
    engine.execute(SYSTEM, organisation.disable_user, HANDLER)
    found = engine.ask(SYSTEM, inbox_then, then, HANDLER)
    assert (found.person.name, found.is_closed, shown(engine, then, HANDLER)) == (HANDLER, False, before)
    now = engine.ask(SYSTEM, inbox_then, engine.clock.now(), HANDLER)
    assert (now.person.name, now.is_closed, now.rows) == ("改名者", True, ())
    assert before


def test_a_deputy_has_the_inbox_of_the_principal_up_to_the_minute_of_the_end(
    scene: Scene, then: datetime, clock: FixedClock
) -> None:
    engine, day = scene.stage.engine, date(2025, 12, 31)
    named = engine.execute(
        engine.actor(HANDLER), deputies.name_deputy, HANDLER, deputy="director",
        valid_from=engine.ask(SYSTEM, lambda reader: reader.today), valid_to=day, cause="leave",
    )  # fmt: skip
    standing_in = minute_later(clock)
    engine.execute(engine.actor(HANDLER), deputies.end_deputyship, named.id, reason="提前銷假")
    owed = shown(engine, then, HANDLER)
    assert [shown(engine, at, "director") for at in (then, standing_in, clock.now())] == [[], owed, []]
    active = engine.ask(SYSTEM, organisation_then, standing_in).active_deputyships()
    assert [deputyship.id for deputyship in active] == [named.id]


def test_a_past_inbox_shows_the_priority_of_then(scene: Scene, then: datetime, clock: FixedClock) -> None:
    engine = scene.stage.engine
    task_id = engine.ask(SYSTEM, inbox_then, then, HANDLER).rows[0].task_id

    def rank(priority: str) -> datetime:
        engine.execute(
            engine.actor("sec_chief"), prioritise, task_id, priority=priority, reason="議員質詢在即，請先辦理"
        )
        return minute_later(clock)

    moments = [then, rank("highest"), rank("high"), rank("normal")]
    found = [engine.ask(SYSTEM, inbox_then, at, HANDLER).rows for at in moments]
    assert [{row.task_id: row.priority for row in rows}[task_id] for rows in found] == [
        Priority.NORMAL, Priority.HIGHEST, Priority.HIGH, Priority.NORMAL,
    ]  # fmt: skip


def test_units_and_roles_are_those_of_the_moment(scene: Scene, then: datetime) -> None:
    engine = scene.stage.engine
    engine.execute(
        SYSTEM, organisation.change_unit, "kinmen", label="金馬辦事處", kind="line", agency="branch",
        position=3, active=True,
    )  # fmt: skip
    before = engine.ask(SYSTEM, organisation_then, then)
    assert before.units["kinmen"].label == "金門辦事處"
    assert before.actor("unit_handler.kinmen").agencies == {Agency.BRANCH}


def test_a_plan_has_the_versions_of_the_moment_and_the_one_in_effect(
    scene: Scene, then: datetime, clock: FixedClock
) -> None:
    engine = scene.stage.engine
    plan = engine.ask(SYSTEM, plans_then, then - timedelta(days=1), roc_year=114)
    assert plan.chosen is not None
    assert plan.text is not None
    assert (plan.chosen.last_no, plan.chosen.in_effect_no, plan.chosen.state) == (1, 1, "acknowledged")
    enter = scene.stage.engine.execute
    enter(SYSTEM, _signed)
    (now,) = engine.ask(SYSTEM, plans_then, clock.now()).plans
    (before,) = engine.ask(SYSTEM, plans_then, then).plans
    assert (before.last_no, before.signed_no, before.in_effect_no) == (2, None, 1)
    assert (now.last_no, now.signed_no, now.in_effect_no) == (2, 2, 1)
    assert [published.no for published in before.published] == [1, 1]
    text = engine.ask(SYSTEM, plans_then, then, roc_year=114, no=2).text
    assert text is not None
    assert next(text.plan.actions()).summary == "校正砝碼與電子秤"
    with pytest.raises(NotFound):
        engine.ask(SYSTEM, plans_then, then - timedelta(days=1), roc_year=114, no=2)
    with pytest.raises(NotFound):
        engine.ask(SYSTEM, plans_then, then, roc_year=115)


def _signed(uow: UnitOfWork) -> None:
    """The director decides on the second version; an earlier decision became void."""
    for no, is_void in ((1, True), (2, False)):
        body = {
            "decision": "decide", "document": {"kind": "plan", "no": no}, "signed_at": f"2025-02-1{no}",
            "void": is_void,
        }  # fmt: skip
        uow.documents.put(PLAN_KEY, "signature", f"plan:{no}:0", body)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def alter(engine: Engine, table: str, change: str) -> None:
    """What somebody with the database in their hands does."""

    def unguarded(uow: UnitOfWork) -> None:
        uow.transaction.core.exec_driver_sql(f"drop trigger if exists {table}_refuses_update")
        uow.transaction.core.exec_driver_sql(f"update {table} set {change}")

    engine.execute(SYSTEM, unguarded)


def test_a_plan_whose_text_was_altered_is_not_shown(scene: Scene, then: datetime) -> None:
    engine = scene.stage.engine
    altered = "cast(replace(body, '校正砝碼', '校正電子秤') as blob)"
    alter(engine, "content", f"body = {altered} where media_type = 'application/json'")
    with pytest.raises(ProcessFailed) as refusal:
        engine.ask(SYSTEM, plans_then, then)
    assert "is gone or was changed" in refusal.value.reason


def test_an_organisation_that_cannot_be_read_is_not_guessed(scene: Scene, then: datetime) -> None:
    engine = scene.stage.engine
    alter(engine, "history_event", "data = '{}' where type = 'unit_added' and seq = 6")
    with pytest.raises(ProcessFailed) as refusal:
        engine.ask(SYSTEM, organisation_then, then)
    assert "does not tell what a unit_added must tell" in refusal.value.reason


def test_before_anybody_was_entered_there_is_nobody(scene: Scene, clock: FixedClock) -> None:
    engine, early = scene.stage.engine, clock.now() - timedelta(days=4000)
    assert engine.ask(SYSTEM, organisation_then, early).users == {}
    assert engine.ask(SYSTEM, open_then, early).lines == ()
    with pytest.raises(NotFound):
        engine.ask(SYSTEM, inbox_then, early, HANDLER)


def test_what_is_still_to_come_is_refused(scene: Scene, clock: FixedClock) -> None:
    with pytest.raises(Invalid) as refusal:
        scene.stage.engine.ask(SYSTEM, open_then, clock.now() + timedelta(seconds=1))
    assert [(e.path, str(e)) for e in refusal.value.errors] == [("at", "This moment is still to come")]


def test_only_auditors_look_back(scene: Scene, then: datetime) -> None:
    engine = scene.stage.engine
    for user in (HANDLER, "director"):
        actor = engine.actor(user)
        with pytest.raises(NotPermitted):
            engine.ask(actor, inbox_then, then, HANDLER)
        with pytest.raises(NotPermitted):
            engine.ask(actor, open_then, then)


def test_pages_follow_one_another(scene: Scene, clock: FixedClock) -> None:
    engine = scene.stage.engine
    scene.stage.start("plan_publication", publication_reason="correction")
    then = minute_later(clock)
    whole = engine.ask(SYSTEM, open_then, then).lines
    first = engine.ask(SYSTEM, open_then, then, limit=1)
    rest = engine.ask(SYSTEM, open_then, then, before=first.next_before)
    assert (*first.lines, *rest.lines) == whole
    inbox = engine.ask(SYSTEM, inbox_then, then, HANDLER)
    begun = engine.ask(SYSTEM, inbox_then, then, HANDLER, limit=1)
    assert begun.total == inbox.total == len(inbox.rows)
    gone_on = engine.ask(SYSTEM, inbox_then, then, HANDLER, start=begun.next_start or 0)
    assert (*begun.rows, *gone_on.rows) == inbox.rows


def test_an_answer_costs_the_same_whatever_is_open(database_url: str, clock: FixedClock) -> None:
    asked: list[str] = []
    engine = Engine(database_url, clock, on_statement=lambda *statement: asked.append(str(statement)))
    scene = play(engine, clock)

    def counts() -> list[int]:
        at, found = engine.clock.now(), []
        for query, arguments in (
            (inbox_then, (at, HANDLER)), (open_then, (at,)), (organisation_then, (at,)), (plans_then, (at,)),
        ):  # fmt: skip
            engine.ask(SYSTEM, query, *arguments)  # definitions are parsed from here on
            asked.clear()
            engine.ask(SYSTEM, query, *arguments)
            found.append(len(asked))
        return found

    before = counts()
    for _ in range(3):
        scene.stage.start("plan_publication", publication_reason="correction")
    assert counts() == before
    engine.close()
