"""The process view of a publication that was refused once: figures, days, rights, and what is read anew."""

from datetime import date

import pytest

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import NotFound, NotPermitted
from engine.mining.figures import LoopFigures
from engine.queries.process_view import Period, ProcessLine, process_list, process_view
from tests.engine.queries.scene import Scene, play

FEBRUARY = Period(since=date(2025, 2, 1), until=date(2025, 2, 28))
MARCH = Period(since=date(2025, 3, 1))


def test_every_process_that_ran_has_a_line(scene: Scene) -> None:
    found = scene.engine.ask(SYSTEM, process_list)
    assert (found.instances, found.fitness, found.deviating, found.is_cut) == (1, 1.0, 0, False)
    assert found.lines == (
        ProcessLine(
            key="plan_publication", name="計畫公開", agency="branch", runs=1, called=0, duration=None,
            returned=1, fitness=1.0, deviating=0,
        ),
        ProcessLine(
            key="place_posting", name="服務場所公告", agency="branch", runs=3, called=3, duration=None,
            returned=0, fitness=1.0, deviating=0,
        ),
    )  # fmt: skip


def test_a_process_tells_what_was_sent_back_and_where_it_waits(scene: Scene) -> None:
    view = scene.engine.ask(SYSTEM, process_view, "plan_publication")
    publish = view.figures.elements["publish_web"]
    assert (publish.times, publish.redone, publish.still_open) == (2, 1, 0)
    (loop,) = view.figures.loops
    assert loop == LoopFigures(
        process="plan_publication", sender="verify_web", target="publish_web", count=1, reasons={"": 1},
        first=(scene.instance, loop.first[1]),
    )  # fmt: skip
    assert view.slowest is not None
    assert view.slowest.element == "verify_web"
    assert [(o.element, o.count) for o in view.figures.waiting] == [("verify_web", 1)]
    assert [(c.instance.id, c.runs, c.deviations) for c in view.checked] == [(scene.instance, 1, ())]


def test_a_called_process_is_counted_by_its_runs(scene: Scene) -> None:
    view = scene.engine.ask(SYSTEM, process_view, "place_posting")
    assert (view.figures.runs, view.called, view.figures.running) == (3, 3, 3)
    assert [(c.instance.id, c.runs) for c in view.checked] == [(scene.instance, 3)]


def test_only_runs_that_began_in_the_days_are_counted(scene: Scene) -> None:
    assert scene.engine.ask(SYSTEM, process_view, "plan_publication", FEBRUARY).figures.runs == 1
    later = scene.engine.ask(SYSTEM, process_view, "plan_publication", MARCH)
    assert (later.figures.runs, later.fitness, later.slowest, later.checked) == (0, 1.0, None, ())
    assert scene.engine.ask(SYSTEM, process_list, MARCH).lines == ()


@pytest.mark.parametrize(("key", "deployment"), [("nothing", None), ("plan_publication", 99)])
def test_what_was_never_deployed_is_not_found(scene: Scene, key: str, deployment: int | None) -> None:
    with pytest.raises(NotFound):
        scene.engine.ask(SYSTEM, process_view, key, None, deployment)


@pytest.mark.parametrize("user", ["sec_handler", "director", "counter_owner.kinmen"])
def test_only_auditors_look(scene: Scene, user: str) -> None:
    actor = scene.engine.actor(user)
    with pytest.raises(NotPermitted):
        scene.engine.ask(actor, process_list)
    with pytest.raises(NotPermitted):
        scene.engine.ask(actor, process_view, "plan_publication")


def test_a_history_is_read_again_only_when_it_has_moved(database_url: str, clock: FixedClock) -> None:
    asked: list[str] = []
    engine = Engine(database_url, clock, on_statement=lambda *statement: asked.append(str(statement)))
    scene = play(engine, clock)

    def read() -> tuple[int, int]:
        """How many statements a page costs, and how many of them read events of histories."""
        asked.clear()
        engine.ask(SYSTEM, process_view, "plan_publication")
        return len(asked), sum("FROM history_event" in statement for statement in asked)

    read()
    warm, events = read()
    assert events == 0
    scene.stage.start("plan_publication", publication_reason="correction")
    scene.stage.complete("sec_handler", scene.instance, "verify_web", result="fits")
    assert read() == (warm + 1, 1)
    assert read() == (warm, 0)
    engine.close()
