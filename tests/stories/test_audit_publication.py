"""Question 3: publications beside the reply of the bureau, with their proofs."""

import pytest

from tests.stories import amending
from tests.stories.asking import ask, findings, rows, summary
from tests.stories.stage import Stage

SLUG = "early-publication"


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    return amending.begin(fresh_stage)


def in_effect(stage: Stage) -> int:
    """An amendment that the bureau acknowledged, on its day."""
    instance = amending.reported(stage)
    amending.reply(stage)
    stage.move_to("2025-03-31T09:00")
    return instance


def publish_on_the_web(stage: Stage, instance: int, at: str) -> None:
    stage.complete(
        "web_owner", instance, "publish_web", url="https://example.gov.tw/plan", page_title="執行計畫",
        formats=["pdf", "odf"], published_at=at, screenshot=[stage.file("web_owner", "screen.png")],
    )  # fmt: skip


def test_what_was_published_before_the_reply_is_found_with_its_proof(stage: Stage) -> None:
    instance = in_effect(stage)
    publish_on_the_web(stage, instance, "2025-03-10T08:00:00+08:00")
    asked = ask(stage, SLUG, instance_id=instance)
    assert rows(asked, "place", "published", "reply", "told") == [
        ("機關網站", "2025-03-10 08:00", "2025-03-10 09:00 / 經標秘字第11490005230號函",
         "2025-03-31 09:00 / web_owner 科員"),
    ]  # fmt: skip
    (proof,) = rows(asked, "proof")
    assert proof[0].split(" / ")[:2] == ["https://example.gov.tw/plan", "screen.png"]
    assert findings(asked) == [
        (
            "breach",
            "Published before the reply of the bureau",
            "Nobody has looked whether it was published so",
        )
    ]
    assert summary(asked) == ["Publications with proof: 1. Before the reply of the bureau: 1."]


def test_what_was_published_after_the_reply_and_looked_at_is_no_finding(stage: Stage) -> None:
    instance = in_effect(stage)
    amending.publish(stage, instance)
    asked = ask(stage, SLUG, plan_year=114)
    assert rows(asked, "place", "verified") == [
        ("機關網站", "Found in order / 2025-03-31 09:00 / sec_handler 科員"),
        ("分局本部櫃台", "Found in order / 2025-03-31 09:00 / sec_handler 科員"),
        ("金門辦事處", "Found in order / 2025-03-31 09:00 / sec_handler 科員"),
        ("澎湖辦事處", "Found in order / 2025-03-31 09:00 / sec_handler 科員"),
    ]
    assert findings(asked) == []


def test_a_publication_that_the_secretariat_refused_says_so(stage: Stage) -> None:
    instance = in_effect(stage)
    publish_on_the_web(stage, instance, "2025-03-31T08:30:00+08:00")
    stage.complete("sec_handler", instance, "verify_web", result="differs", reason="網頁仍為舊版")
    asked = ask(stage, SLUG, plan_year=114)
    assert findings(asked) == [("remarkable", "Found not in order")]
    assert rows(asked, "verified") == [
        ("Found not in order / 網頁仍為舊版 / 2025-03-31 09:00 / sec_handler 科員",)
    ]
