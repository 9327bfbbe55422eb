"""What people write while the plan goes to the bureau and is published."""

from collections.abc import Mapping
from typing import Any

from engine.demo.entries.letters import letter
from engine.demo.scene import Entry, Scene

SITE = "https://kaohsiung.example.gov.tw/service-plan"


def reported(scene: Scene) -> dict[str, Any]:
    return letter(scene, sent_by="electronic", enacts=not scene.task.inputs.get("amendment"))


def received(scene: Scene) -> dict[str, Any]:
    return {"received_on": scene.today, "speed": "normal"}


def reviewed(scene: Scene) -> dict[str, Any]:
    rows = [{**row, "verdict": "conforms"} for row in scene.content.values["checklist"]]
    return {"checklist": rows, "proposal": "acknowledged"}


def reviewed_with_comments(scene: Scene) -> dict[str, Any]:
    """The bureau finds nothing wrong, and has something to say."""
    return {
        **reviewed(scene),
        "proposal": "acknowledged_with_comments",
        "reason": "量化目標較上年度增加，請於年度中按季檢討目標值之合理性。",
        "general_comment": "內容完整，量化比率已提高。",
    }


def proposed(_: Scene) -> dict[str, Any]:
    return {"decision": "approve", "opinion": "擬同意核備。"}


def acknowledged(_: Scene) -> dict[str, Any]:
    return {"decision": "decide", "outcome": "acknowledged", "opinion": "同意核備。"}


def acknowledged_with_comments(_: Scene) -> dict[str, Any]:
    return {
        "decision": "decide",
        "outcome": "acknowledged_with_comments",
        "opinion": "同意核備，並請參酌審查意見辦理。",
    }


def replied(scene: Scene) -> dict[str, Any]:
    return letter(scene, sender="bureau", sent_by="electronic")


def published(scene: Scene) -> dict[str, Any]:
    return {
        "url": f"{SITE}/{scene.year}",
        "page_title": f"{scene.year}年度提升服務效能執行計畫",
        "published_at": scene.moment,
        "formats": ["pdf", "odf"],
        "screenshot": [scene.upload("網站公開畫面.pdf")],
    }


def posted(scene: Scene) -> dict[str, Any]:
    return {
        "outcome": "posted",
        "posted_on": scene.today,
        "posted_by": scene.actor.user_id,
        "photo": [scene.upload(f"{scene.content.values['place_label']}公告照片.pdf")],
    }


def fits(_: Scene) -> dict[str, Any]:
    return {"result": "fits"}


ENTRIES: Mapping[str, Entry] = {
    "bureau_acknowledgement.dispatch_letter": reported,
    "bureau_review.receive_and_assign": received,
    "bureau_review.review_plan": reviewed,
    "bureau_review.chief_review": proposed,
    "bureau_review.decide": acknowledged,
    "bureau_review.dispatch_reply": replied,
    "plan_publication.publish_web": published,
    "place_posting.post_at_place": posted,
    "plan_publication.verify_publication": fits,
}
