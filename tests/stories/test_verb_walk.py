"""A random walk over verbs, people and deputies: what it leaves is always one story that proves itself."""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from engine.clock import FixedClock
from engine.commands.deputies import name_deputy
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.stories import actors
from tests.stories.four_eyes import Rounds
from tests.stories.office_people import Dice, OfficePeople
from tests.stories.proofs import check_histories
from tests.stories.scenes import Scenes
from tests.stories.stage import Stage

# Each as often as it stands here; what moves a round of signing comes most often.
VERBS: tuple[Callable[[OfficePeople, Dice], None], ...] = (
    *(OfficePeople.sign,) * 6,
    *(OfficePeople.complete,) * 5,
    *(OfficePeople.act,) * 2,
    *(OfficePeople.name_deputy,) * 2,
    *(OfficePeople.redirect,) * 2,
    *(OfficePeople.resume,) * 2,
    *(OfficePeople.claim,) * 2,
    *(OfficePeople.delegate,) * 2,
    *(OfficePeople.assign,) * 2,
    OfficePeople.unclaim,
    OfficePeople.resolve,
    OfficePeople.hand_back,
    OfficePeople.urge,
    OfficePeople.comment,
    OfficePeople.ask_opinion,
    OfficePeople.apply_for_extension,
    OfficePeople.sign_afterwards,
    OfficePeople.circulate,
    OfficePeople.suspend,
    OfficePeople.cancel,
    OfficePeople.end_deputyship,
    OfficePeople.wait,
)
VERBS_BY_NAME = {verb.__name__: verb for verb in VERBS}
NAMES = [verb.__name__ for verb in VERBS]
THROWS = st.integers(0, 2**32 - 1)


def dice_of(thrown: int) -> Dice:
    """The dice of one attempt, thrown evenly; three of four attempts are made by somebody who seems right."""
    dice = random.Random(thrown)
    which, who, how = (dice.randrange(120) for _ in range(3))
    return Dice(which=which, who=who, how=how, is_right=dice.random() < 0.75)


def crowded(play: Callable[[Stage], Any]) -> Callable[[Stage], Any]:
    """The same with people who hold two levels, and with levels that two people hold."""

    def played(stage: Stage) -> Any:
        stage.grant("sec_chief", "deputy_director", "head")
        stage.grant("web_owner", "sec_chief", "secretariat")
        stage.grant("web_owner", "director", "head")
        stage.grant("registry", "deputy_director", "head")
        stage.grant("unit_chief.kinmen", "unit_handler", "kinmen")
        return play(stage)

    return played


AWAY = (("sec_chief", "sec_handler"), ("deputy_director", "sec_chief"), ("director", "registry"))


def stood_in(stage: Stage) -> None:
    """Whoever signs is away for a month; who stands in is the one before, or the one before that."""
    actors.draft(stage)
    for principal, deputy in AWAY:
        stage.engine.execute(
            stage.engine.actor(principal), name_deputy, principal, deputy=deputy, cause="vacation",
            valid_from=date(2026, 1, 6), valid_to=date(2026, 2, 6),
        )  # fmt: skip


def assigned(stage: Stage) -> None:
    """Two units are writing their parts."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)


def asked(order: str) -> Callable[[Stage], Any]:
    """Two units are asked before the first level signs."""
    compiled = {"countersign_units": ["kinmen", "metrology"], "countersign_order": order}
    return lambda stage: actors.draft(stage, compiled=compiled)


STARTS: dict[str, Callable[[Stage], Any]] = {
    "assigned": crowded(assigned),
    "drafted": crowded(actors.draft),
    "drafted_alone": actors.draft,
    "asked": crowded(asked("parallel")),
    "asked_in_order": asked("serial"),
    "stood_in": stood_in,
    "stood_in_and_crowded": crowded(stood_in),
    "decided": lambda stage: (actors.sign_all(stage, actors.draft(stage)), crowded(lambda _: None)(stage)),
}

# A walk in which everything is refused proves nothing.
MUST_HAPPEN = {
    "claim", "ask", "comment", "urge", "recalled", "name deputy", "sign as a deputy",
    *(f"internal_signoff.sign:{way}" for way in ("approve", "return", "countersign")),
}  # fmt: skip


class VerbWalk(RuleBasedStateMachine):
    """One office; whoever tries something is right mostly, and anybody otherwise."""

    scenes: Scenes
    folder: Path
    done: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.rounds = Rounds()

    @initialize(start=st.sampled_from(sorted(STARTS)))
    def begin(self, start: str) -> None:
        self.path = self.folder / f"{uuid.uuid4().hex}.db"
        stage = self.scenes.open(f"verbs.{start}", STARTS[start], self.path, FixedClock())
        self.people = OfficePeople(stage, self.done)

    @rule(verb=st.sampled_from(NAMES), thrown=THROWS)
    def attempt(self, verb: str, thrown: int) -> None:
        VERBS_BY_NAME[verb](self.people, dice_of(thrown))

    @invariant()
    def whoever_holds_a_task_may_take_it(self) -> None:
        self.engine.ask(SYSTEM, check_holders)

    @invariant()
    def the_rows_tell_what_is_alive(self) -> None:
        rows, alive = self.engine.execute(SYSTEM, open_tasks)
        assert rows == alive

    @invariant()
    def four_eyes_see_everything_and_every_signature_is_accounted_for(self) -> None:
        self.engine.ask(SYSTEM, self.rounds.check)

    @property
    def engine(self) -> Engine:
        return self.people.stage.engine

    def teardown(self) -> None:
        """At the end every history proves itself, and everything comes back from it."""
        if hasattr(self, "people"):
            self.done["sign as a deputy"] += sum(bool(for_whom) for *_, for_whom in self.rounds.signed)
            try:
                check_histories(self.engine, self.path)
            finally:
                self.engine.close()
                self.path.unlink()


def check_holders(reader: Reader) -> None:
    """Who holds a task, and who asked them to prepare it, belong to its pools and are not kept from it."""
    for task in reader.tasks.all_open():
        if task.assignee is not None:
            may_take = reader.organisation.people_for(task, reader.today)
            assert {task.assignee, task.owner or task.assignee} <= may_take, task


def open_tasks(uow: UnitOfWork) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """By running instance, what the rows call open and what its live instance does."""
    handles = [uow.instances.open(number) for number in uow.instances.ids()]
    running = [handle for handle in handles if not handle.state.has_ended]
    rows = {handle.id: [task.id for task in uow.tasks.open_of_instance(handle.id)] for handle in running}
    alive = {handle.id: sorted(task.id for task in handle.live.view().open_tasks) for handle in running}
    return rows, alive


@pytest.mark.timeout(600)
def test_no_walk_over_verbs_people_and_deputies_breaks_a_rule(
    scenes: Scenes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    done: Counter[str] = Counter()

    class Walk(VerbWalk):
        pass

    Walk.scenes, Walk.folder, Walk.done = scenes, tmp_path_factory.mktemp("verbs"), done
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=30, stateful_step_count=40, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,), report_multiple_bugs=False,
        ),
    )  # fmt: skip
    assert set(+done) >= MUST_HAPPEN
