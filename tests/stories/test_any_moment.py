"""Any moment of any history: what is shown of it is what the live engine had then."""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.clock import FixedClock
from engine.domain.history import HistoryEvent, Origin
from engine.domain.identity import SYSTEM
from engine.domain.instance import Instance, InstanceState, InstanceView
from engine.domain.task_notes import UNTOUCHED
from engine.engine import Engine
from engine.queries import instances
from engine.queries.instance_state import view_after
from engine.replay import Moment, PastState, moment_at, past, state_after
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import Reader
from tests.stories import (
    actors,
    delivering,
    screeners,
    test_after_decision,
    test_asked_opinion,
    test_assessment,
    test_execution,
    test_extension,
    test_results,
)
from tests.stories.scenes import Scenes, cycle_of
from tests.stories.stage import Stage
from tests.stories.test_any_history import MOVES, STARTS
from tests.stories.wanderer import Wanderer

KINDS = ("complete", "complete", "timer", "wait", "route", "pause")


def executed(stage: Stage) -> None:
    stage.move_to("2025-02-10T10:00")
    test_execution.second_quarter(stage)


def assessed(stage: Stage) -> None:
    stage.move_to("2025-11-14T10:00")
    test_assessment.improve(stage, test_assessment.followed(stage))


def corrected(stage: Stage) -> None:
    stage.move_to(delivering.BEFORE_NEW_YEAR)
    stage.engine.execute(SYSTEM, delivering.units_reported)
    test_results.corrected_d1(stage, delivering.sent(stage))


def screened(stage: Stage) -> None:
    screening = screeners.scored(stage)
    screeners.decide(stage, screening, "recommended", "not_recommended")
    screeners.tell(stage, screening)


def asked(stage: Stage) -> None:
    cycle = actors.draft(stage)
    test_asked_opinion.answer(stage, test_asked_opinion.ask(stage, cycle))


def passed_on(stage: Stage) -> None:
    test_after_decision.decided(stage)
    number = test_after_decision.circulate(stage, cycle_of(stage))
    stage.complete_task(test_after_decision.READER, stage.tasks(number, "read")[0])


def extended(stage: Stage) -> None:
    test_extension.assigned(stage)
    number = test_extension.apply(stage, cycle_of(stage), "2026-01-21")
    stage.complete_task(test_extension.CHIEF, stage.tasks(number, "decide")[0], **test_extension.AGREED)


# The story, whether it is one of the plan of 114, and the processes for which it is told.
PLAYS: dict[str, tuple[Callable[[Stage], None], bool, set[str]]] = {
    "executed": (executed, True, {"plan_execution", "unit_progress"}),
    "assessed": (assessed, True, {"self_assessment", "unit_scoring", "improvement_followup"}),
    "corrected": (corrected, True, {"result_submission", "result_correction"}),
    "screened": (screened, False, {"ministry_screening", "entry_review", "screening_notice"}),
    "asked": (asked, False, {"opinion_request"}),
    "passed_on": (passed_on, False, {"circulation"}),
    "extended": (extended, False, {"extension"}),
}

MOST_MOMENTS = 30  # of one instance, in any order


@dataclass(slots=True)
class Witness:
    """Sees what the engine had at work after each event: live instances while they move, rows between."""

    views: dict[bytes, InstanceView] = field(default_factory=dict)  # by the digest of the last event
    rows: dict[bytes, tuple[InstanceState, dict[int, Any]]] = field(default_factory=dict)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look on whenever an instance records a step or a note."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(InstanceHandle, "record", self._seeing_steps(InstanceHandle.record))
            patch.setattr(InstanceHandle, "note", self._seeing_notes(InstanceHandle.note))
            yield

    def look_at_rows(self, engine: Engine) -> None:
        """What the rows say of every instance now."""
        self.rows |= engine.ask(SYSTEM, _rows)

    def _seeing_steps(self, record: Any) -> Any:
        def seen(handle: InstanceHandle, *arguments: Any, **options: Any) -> Any:
            answer = record(handle, *arguments, **options)
            self.views[handle.head] = handle.live.view()
            return answer

        return seen

    def _seeing_notes(self, note: Any) -> Any:
        """A note moves nothing; to ask for the live instance here would change when rows are written."""

        def seen(handle: InstanceHandle, *arguments: Any, **options: Any) -> None:
            before = self.views.get(handle.head)
            note(handle, *arguments, **options)
            if before is not None:
                self.views[handle.head] = before

        return seen


# Seventeen starts with five walks each; what a walk finds stays found, because nothing here is by chance.
@pytest.mark.parametrize("start", sorted(STARTS))
@pytest.mark.timeout(600)
@settings(
    max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None,
    phases=(Phase.generate,),
)  # fmt: skip
@given(moves=st.lists(MOVES, min_size=6, max_size=14))
def test_a_moment_is_shown_as_the_engine_had_it(
    start: str,
    scenes: Scenes,
    tmp_path_factory: pytest.TempPathFactory,
    moves: list[tuple[str, int, int]],
) -> None:
    path = tmp_path_factory.getbasetemp() / f"{uuid.uuid4().hex}.db"
    stage = scenes.open(f"any.{start}", STARTS[start], path, FixedClock())
    witness = Witness()
    try:
        with witness.watching():
            walk(stage, witness, moves)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(past, "EVERY", 3)
            assert look_back(stage.engine, witness) > 0
    finally:
        stage.engine.close()
        path.unlink()


@pytest.mark.parametrize("play", sorted(PLAYS))
@pytest.mark.timeout(300)
def test_a_moment_of_a_story_is_shown_as_the_engine_had_it(
    play: str, scenes: Scenes, fresh_stage: Stage, tmp_path: Path
) -> None:
    """Processes that no walk reaches by chance: they are played by their own story, and walked on from."""
    told, is_fresh, processes = PLAYS[play]
    stage = fresh_stage if is_fresh else scenes.open("year", None, tmp_path / "story.db", FixedClock())
    witness, dice = Witness(), random.Random(play)
    with witness.watching():
        told(stage)
        walk(stage, witness, [(dice.choice(KINDS), dice.randint(0, 7), dice.randint(0, 3)) for _ in range(8)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(past, "EVERY", 3)
        assert look_back(stage.engine, witness) > 0
    ran = stage.engine.ask(SYSTEM, _processes_run)
    assert processes <= ran
    if not is_fresh:
        stage.engine.close()


def walk(stage: Stage, witness: Witness, moves: list[tuple[str, int, int]]) -> None:
    witness.views |= stage.engine.ask(SYSTEM, _present)
    wanderer = Wanderer(stage)
    for move in moves:
        wanderer.move(*move)
        witness.look_at_rows(stage.engine)


def look_back(engine: Engine, witness: Witness) -> int:
    """Compare moments of every instance with what was seen of them; gives how many were compared."""
    compared = 0
    for number in engine.ask(SYSTEM, lambda reader: reader.instances.ids()):
        instance, events = engine.ask(SYSTEM, _history, number)
        known = [event for event in events if _seen_view(events, event, witness) is not None]
        order = random.Random(number)
        for event in order.sample(known, min(MOST_MOMENTS, len(known))):
            moment = engine.ask(SYSTEM, moment_at, instance, event.seq)
            check_moment(moment, events, witness)
            compared += 1
        check_last(engine, instance)
    return compared


def check_moment(moment: Moment, events: list[HistoryEvent], witness: Witness) -> None:
    event, after = moment.event, moment.after
    assert moment.fault is None
    assert after is not None
    seen = _seen_view(events, event, witness)
    assert seen is not None
    assert replace(after.view, open_tasks=()) == replace(seen, open_tasks=())
    assert [task.id for task in after.view.open_tasks] == [task.id for task in seen.open_tasks]
    if event.digest in witness.rows:
        assert (after.state, _shown_tasks(after)) == witness.rows[event.digest]


def check_last(engine: Engine, instance: Instance) -> None:
    """The last moment is the page of the instance, and a step back is the moment before."""
    after = engine.ask(SYSTEM, state_after, instance, instance.seq)
    page = engine.ask(SYSTEM, instances.page, instance.id)
    assert after.view == page.view
    assert after.state == page.instance.state
    shown = {line.task.id: _of_task(line.task) for line in page.open_tasks}
    assert _shown_tasks(after) == shown
    if instance.seq > 1:
        moment = engine.ask(SYSTEM, moment_at, instance, instance.seq)
        assert moment.before == engine.ask(SYSTEM, state_after, instance, instance.seq - 1)
        assert moment.after == after


def _seen_view(events: list[HistoryEvent], event: HistoryEvent, witness: Witness) -> InstanceView | None:
    """The live instance after the step of an event: inside a step nothing stands still."""
    for later in events[event.seq - 1 :]:
        if later.digest in witness.views:
            return witness.views[later.digest]
        if event.origin is Origin.NOTE or (later.seq > event.seq and later.origin is not Origin.EFFECT):
            return None
    return None


def _shown_tasks(after: PastState) -> dict[int, Any]:
    shown = {}
    for task in after.view.open_tasks:
        noted = after.notes.get(task.id, UNTOUCHED)
        shown[task.id] = (noted.assignee, noted.owner, task.candidates, task.due_at, task.late_after_at)
    return shown


def _of_task(task: Any) -> Any:
    return (task.assignee, task.owner, task.candidates, task.due_at, task.late_after_at)


def _rows(reader: Reader) -> dict[bytes, tuple[InstanceState, dict[int, Any]]]:
    return {
        instance.head: (
            instance.state,
            {task.id: _of_task(task) for task in reader.tasks.open_of_instance(instance.id)},
        )
        for instance in (reader.instances.get(number) for number in reader.instances.ids())
    }


def _processes_run(reader: Reader) -> set[str]:
    found = [reader.instances.get(number) for number in reader.instances.ids()]
    return {key for one in found for key in state_after(reader, one, one.seq).view.marks}


def _present(reader: Reader) -> dict[bytes, InstanceView]:
    found = [reader.instances.get(number) for number in reader.instances.ids()]
    return {one.head: view_after(reader, one, reader.history.events(one.id)) for one in found}


def _history(reader: Reader, instance_id: int) -> tuple[Instance, list[HistoryEvent]]:
    return reader.instances.get(instance_id), reader.history.events(instance_id)
