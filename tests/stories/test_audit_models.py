"""Question 13: the versions of the models on which a process ran, and that it was not migrated."""

import sqlalchemy as sa

from engine.commands import definitions
from engine.domain.definition import SourceFile
from engine.domain.identity import SYSTEM
from engine.store import tables
from tests.engine.replay.test_verify import tamper
from tests.stories import commendation_actors as reward
from tests.stories.asking import table
from tests.stories.commendation_actors import HANDLER
from tests.stories.stage import Stage, workflow_files

SLUG = "models"
PUBLICATION = "plan_publication.bpmn"


def answers(stage: Stage, *keys: str, **scope: int) -> list[dict[str, str]]:
    return table(stage, SLUG, *keys, **scope)


def deploy_another(stage: Stage) -> None:
    """The same models, but for a remark in one diagram."""
    changed = tuple(
        SourceFile(name=file.name, body=file.body + b"<!-- later -->") if file.name == PUBLICATION else file
        for file in workflow_files()
    )
    stage.engine.execute(SYSTEM, definitions.deploy, changed)


def test_a_process_is_pinned_to_the_models_of_its_start(fresh_stage: Stage) -> None:
    instance = fresh_stage.start("plan_publication", publication_reason="first")
    assert answers(fresh_stage, "kind", "file", "version", "later", "migrated", instance_id=instance) == [
        {"kind": kind, "file": file, "version": "1", "later": "",
         "migrated": "Not migrated: pinned to set 1 since its start", "why": ""}
        for kind, file in (
            ("Diagram", PUBLICATION),
            ("Diagram", "place_posting.bpmn"),
            ("Form of a task", "forms/place_posting.post_at_place.json"),
            ("Form of a task", "forms/plan_publication.publish_web.json"),
        )
    ]  # fmt: skip


def test_a_decision_table_that_ruled_is_among_the_models(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER)
    found = [
        row["file"]
        for row in answers(fresh_stage, "kind", "file", instance_id=instance)
        if row["kind"] == "Decision table"
    ]
    assert found == ["reward_clause.dmn"]


def test_a_version_that_was_deployed_meanwhile_is_told(fresh_stage: Stage) -> None:
    fresh_stage.start("plan_publication", publication_reason="first")
    fresh_stage.move_to("2025-01-08T10:00")
    deploy_another(fresh_stage)
    fresh_stage.move_to("2025-01-09T10:00")
    fresh_stage.start("plan_publication", publication_reason="correction")
    assert answers(fresh_stage, "file", "version", "later", "migrated") == [
        {"file": PUBLICATION, "version": "1", "later": "2025-01-08 10:00",
         "migrated": "Not migrated: pinned to set 1 since its start",
         "why": "Another version was deployed while the process was running on this one"},
        {"file": PUBLICATION, "version": "2", "later": "",
         "migrated": "Not migrated: pinned to set 2 since its start", "why": ""},
    ]  # fmt: skip


def test_a_row_that_names_other_models_than_the_start_is_a_breach(fresh_stage: Stage) -> None:
    fresh_stage.start("plan_publication", publication_reason="first")
    deploy_another(fresh_stage)
    tamper(fresh_stage.engine, sa.update(tables.process_instance).values(deployment_id=2))
    (row,) = answers(fresh_stage, "version", "migrated")
    assert row == {
        "version": "1",
        "migrated": "Started with set 1, and stands on set 2 now",
        "why": "The process stands on another set of models than it started with",
    }
