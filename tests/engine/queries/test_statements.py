"""The pages of instances and plans ask the same number of questions, however much has happened."""

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.queries import instances
from engine.queries.plans import plan_list, plan_page
from engine.queries.statistics import statistics
from tests.engine.queries.scene import play


def test_the_number_of_statements_does_not_grow_with_the_history(
    database_url: str, clock: FixedClock
) -> None:
    asked: list[str] = []
    engine = Engine(database_url, clock, on_statement=lambda *statement: asked.append(str(statement)))
    scene = play(engine, clock)

    def counts() -> list[int]:
        found = []
        for query, arguments in (
            (instances.page, (scene.instance,)), (plan_page, (114,)), (plan_list, ()), (statistics, (114,)),
        ):  # fmt: skip
            engine.ask(SYSTEM, query, *arguments)  # caches are warm from here on
            asked.clear()
            engine.ask(SYSTEM, query, *arguments)
            found.append(len(asked))
        return found

    before = counts()
    scene.stage.complete("sec_handler", scene.instance, "verify_web", result="fits")
    scene.stage.complete("sec_handler", scene.instance, "verify_place", result="fits")
    scene.stage.start("plan_publication", publication_reason="correction")
    assert counts() == before
    engine.close()
