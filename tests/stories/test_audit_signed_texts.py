"""Question 2: the texts that were signed, acknowledged and published, digest by digest."""

from typing import Any

import pytest

from engine.activities.plan_documents import release_version
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.store.unit_of_work import UnitOfWork
from tests.stories import amending
from tests.stories.asking import ask, findings, rows, summary
from tests.stories.stage import PLAN_KEY, Stage

SLUG = "signed-texts"


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    return amending.begin(fresh_stage)


def slip_in(stage: Stage, instance: int) -> None:
    """Somebody puts another text into effect than the one that was signed."""

    def change(uow: UnitOfWork) -> None:
        body: dict[str, Any] = dict(uow.documents.get(PLAN_KEY, "plan").body)
        uow.documents.put(PLAN_KEY, "plan", "", {**body, "title": "另一份計畫"})
        release_version(uow, PLAN_KEY, uow.documents.get(PLAN_KEY, "plan"), "acknowledged")
        uow.record_note(instance, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))

    stage.engine.execute(SYSTEM, change)


def test_the_three_texts_of_an_amendment_that_went_its_way_are_one(stage: Stage) -> None:
    instance = amending.reported(stage)
    amending.reply(stage)
    amending.publish_after(stage, instance, "2025-03-31T09:00")
    asked = ask(stage, SLUG, plan_year=114)
    assert rows(asked, "step", "same") == [
        ("Signed by the one who decides", ""),
        ("Reported to the bureau", "The same text"),
        ("Before the approver of the bureau", "The same text"),
        ("Acknowledged and in effect", "The same text"),
        ("Published at 機關網站", "The same text"),
        ("Published at 分局本部櫃台", "The same text"),
        ("Published at 金門辦事處", "The same text"),
        ("Published at 澎湖辦事處", "The same text"),
    ]
    assert len(set(rows(asked, "version", "digest"))) == 1
    assert (findings(asked), summary(asked)) == (
        [], ["Texts compared: 8. Each is identical with what the director signed."],
    )  # fmt: skip


def test_a_text_that_the_director_never_signed_is_found(stage: Stage) -> None:
    instance = amending.reported(stage)
    slip_in(stage, instance)
    asked = ask(stage, SLUG, instance_id=instance)
    assert rows(asked, "step", "same") == [
        ("Signed by the one who decides", ""),
        ("Reported to the bureau", "The same text"),
        ("Acknowledged and in effect", "Another text"),
    ]
    assert findings(asked) == [("breach", "Not the text that the director signed")]
    assert summary(asked) == ["Texts compared: 3. Not identical with what the director signed: 1."]


def test_where_nothing_was_signed_nothing_is_compared(stage: Stage) -> None:
    asked = ask(stage, SLUG)
    assert (rows(asked, "step"), summary(asked)) == ([], ["No plan was signed, acknowledged or published."])
