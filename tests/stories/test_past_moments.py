"""A past moment is rebuilt from history as it was seen live, whatever happened to people and rows later."""

import random
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine.clock import TAIPEI, FixedClock
from engine.commands import deputies, organisation
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from tests.stories import actors, commendation_actors, entrants
from tests.stories.proofs import throw_away
from tests.stories.scenes import Scenes
from tests.stories.stage import PEOPLE, Stage, account
from tests.stories.wanderer import Wanderer
from tests.stories.watching import AUDITOR, Seen, look, rebuild_from_history

STARTS: dict[str, Callable[[Stage], Any]] = {
    "cycle": actors.start_cycle,
    "reported": actors.reported,
    "commendation": commendation_actors.commendation,
    "award_entry": entrants.surveyed,
}
ROUNDS, MOVES_BETWEEN = 8, 4
EVERYBODY = sorted({account(role, unit) for role, unit in PEOPLE})
BUSY = ("sec_handler", "sec_chief", "director", "unit_handler.kinmen", "unit_chief.kinmen", "hr_handler")
KINDS = ["complete"] * 9 + ["timer", "wait", "act", "pause", "route", "route", "route", "route"]


def upset(stage: Stage, chance: random.Random) -> None:
    """Change something about the people of the branch."""
    engine, who, other = stage.engine, chance.choice(EVERYBODY), chance.choice(EVERYBODY)
    busy = chance.choice(BUSY)
    today = stage.clock.now().astimezone(TAIPEI).date()
    role, unit = chance.choice(PEOPLE)
    changes: tuple[Callable[[], Any], ...] = (
        lambda: engine.execute(
            SYSTEM, organisation.change_user, who, name=f"改名{chance.random():.6f}", title="專員", email=None
        ),
        lambda: engine.execute(
            SYSTEM, organisation.change_unit, "kinmen", label=f"金門{chance.random():.6f}", kind="line",
            agency="branch", position=3, active=True,
        ),
        lambda: engine.execute(SYSTEM, organisation.disable_user, who),
        *[lambda: [engine.execute(SYSTEM, organisation.enable_user, person) for person in EVERYBODY]] * 3,
        lambda: engine.execute(
            SYSTEM, organisation.grant, who, role=role, unit=unit, valid_from=today,
            valid_to=today + timedelta(days=chance.randrange(20)),
        ),
        lambda: engine.execute(
            SYSTEM, organisation.end_membership, account(role, unit), role=role, unit=unit,
            valid_from=date(2024, 1, 1), valid_to=today,
        ),
        lambda: engine.execute(
            engine.actor(busy), deputies.name_deputy, busy, deputy=other, valid_from=today,
            valid_to=today + timedelta(days=chance.randrange(90)), cause="leave",
        ),
        lambda: engine.execute(
            SYSTEM, deputies.end_deputyship, chance.randrange(1, 6), reason="提前銷假，恢復上班。"
        ),
        lambda: engine.execute(SYSTEM, organisation.change_setting, "errata_characters", chance.randrange(9)),
    )  # fmt: skip
    try:
        chance.choice(changes)()
    except (Invalid, Conflict, NotFound, NotPermitted):
        return


def played(stage: Stage, chance: random.Random) -> list[Seen]:
    """Work and changes of people by turns; what was seen live between them."""
    wanderer, seen = Wanderer(stage), []
    for _ in range(ROUNDS):
        for _ in range(MOVES_BETWEEN):
            wanderer.move(chance.choice(KINDS), chance.randrange(8), chance.choice([0, 0, 0, 1, 2, 3]))
            upset(stage, chance)
            upset(stage, chance)
        seen.append(look(stage.engine, EVERYBODY))
        stage.clock.move_to(stage.clock.now() + timedelta(microseconds=1))
    return seen


@pytest.mark.parametrize("start", sorted(STARTS))
@pytest.mark.timeout(300)
def test_every_moment_comes_back_from_history(
    start: str, scenes: Scenes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for number in range(2):
        chance = random.Random(f"{start} {number}")
        path = tmp_path_factory.getbasetemp() / f"{uuid.uuid4().hex}.db"
        stage = scenes.open(f"any.{start}", STARTS[start], path, FixedClock())
        engine = stage.engine
        engine.execute(SYSTEM, organisation.add_user, AUDITOR, name="稽核", title="")
        engine.execute(
            SYSTEM,
            organisation.grant,
            AUDITOR,
            role="auditor",
            unit="secretariat",
            valid_from=date(2024, 1, 1),
        )
        seen = played(stage, chance)
        assert any(rows for each in seen for rows in each.inboxes.values())
        for instance_id in engine.ask(SYSTEM, lambda reader: reader.instances.ids()):
            engine.execute(SYSTEM, throw_away, instance_id)
        engine.close()
        later = Engine(f"sqlite:///{path}", stage.clock)
        try:
            for then in seen:
                assert rebuild_from_history(later, then) == then
        finally:
            later.close()
            path.unlink()
