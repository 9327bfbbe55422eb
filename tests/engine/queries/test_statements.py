"""The pages of instances and plans ask the same number of questions, however much has happened."""

from engine.clock import FixedClock
from engine.commands.audit_runs import begin, find
from engine.domain.audit_run import Criteria
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.queries import instances
from engine.queries.audit_runs import audit_runs, draw_page, own_findings, run_page
from engine.queries.plans import plan_list, plan_page
from engine.queries.questions.registry import QUESTIONS, ask_question
from engine.queries.questions.scope import Scope
from engine.queries.statistics import statistics
from engine.replay import verify_all
from tests.engine.queries.scene import play

MOST_STATEMENTS = 20


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


def test_the_standing_questions_ask_as_much_however_much_there_is_to_tell(
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

    before = counts()
    scene.stage.complete("sec_handler", scene.instance, "verify_web", result="fits")
    scene.stage.start("plan_publication", publication_reason="correction")
    assert counts() == before
    assert max(before.values()) <= MOST_STATEMENTS
    engine.close()


def test_the_pages_of_audit_runs_ask_as_much_however_much_there_is_to_draw_from(
    database_url: str, clock: FixedClock
) -> None:
    asked: list[str] = []
    engine = Engine(database_url, clock, on_statement=lambda *statement: asked.append(str(statement)))
    scene = play(engine, clock)

    def drawn_and_counted() -> list[int]:
        engine.execute(SYSTEM, begin, title="抽查", seed="0512", criteria=Criteria(size=200))
        run = engine.ask(SYSTEM, audit_runs)[0]
        engine.execute(
            SYSTEM, find, run.no, instance_id=run.drawn[0], seq=1, severity="note", text="登錄日期不符"
        )
        found = []
        for query, arguments in ((draw_page, ()), (run_page, (run.no,)), (own_findings, ())):
            asked.clear()
            engine.ask(SYSTEM, query, *arguments)
            found.append(len(asked))
        return found

    before = drawn_and_counted()
    scene.stage.start("plan_publication", publication_reason="correction")
    assert drawn_and_counted() == before
    reports = engine.ask(SYSTEM, lambda reader: list(verify_all(reader)))
    assert [fault for report in reports for fault in report.faults] == []
    engine.close()
