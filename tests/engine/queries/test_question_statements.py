"""Every standing question asks the same number of statements, however long the histories are."""

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.queries.questions.registry import QUESTIONS, ask_question
from engine.queries.questions.scope import Scope
from tests.engine.queries.scene import play


def test_the_number_of_statements_does_not_grow_with_the_history(
    database_url: str, clock: FixedClock
) -> None:
    asked: list[str] = []
    engine = Engine(database_url, clock, on_statement=lambda *statement: asked.append(str(statement)))
    scene = play(engine, clock)

    def counts() -> dict[str, int]:
        found = {}
        for question in QUESTIONS:
            engine.ask(SYSTEM, ask_question, question.slug, Scope())  # caches are warm from here on
            asked.clear()
            engine.ask(SYSTEM, ask_question, question.slug, Scope())
            found[question.slug] = len(asked)
        return found

    scene.stage.complete("sec_handler", scene.instance, "verify_web", result="fits")
    before = counts()
    scene.stage.complete("sec_handler", scene.instance, "verify_place", result="fits")
    scene.stage.start("plan_publication", publication_reason="correction")
    assert counts() == before
    engine.close()
