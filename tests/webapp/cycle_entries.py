"""What the people of the demo write through the year of 115, and the days on which they do it."""

from collections.abc import Mapping
from typing import Any

from engine.demo import entries
from engine.demo.player import Entry, Scene

YEAR = 115
PLAN_KEY = "bsmi_khh:115"
RETURNED_ON = "2026-01-21"
APPEALING = "unit_chief.registration"


def bureau_plan(scene: Scene) -> dict[str, Any]:
    return {
        "doc_date": scene.today, "doc_no": "11590000310", "received_on": scene.today,
        "attachments": [scene.upload("總局115年度提升服務效能執行計畫.pdf")],
    }  # fmt: skip


def units_assigned(scene: Scene) -> dict[str, Any]:
    rows = entries.units_assigned(scene)["assignments"]
    return {"assignments": [{**row, "unit_due": "2026-01-15"} for row in rows]}


def compiled(scene: Scene) -> dict[str, Any]:
    """After the return the goal says what will be counted."""
    values = entries.compiled(scene)
    if scene.today <= RETURNED_ON:
        return values
    goal = str(scene.content.values["goal"])
    return {**values, "goal": f"{goal}各項量化目標按季填報實績，未達成者說明原因並提出改善措施。"}


def signed(scene: Scene) -> dict[str, Any]:
    """The director returns the plan once, on the day of the first round."""
    if scene.actor.user_id == "director" and scene.today == RETURNED_ON:
        return {
            "decision": "return", "return_to": "handler", "return_reason": ["not_quantified"],
            "opinion": "目標未量化者請補正，餘如擬。",
        }  # fmt: skip
    return entries.signed(scene)


def published(scene: Scene) -> dict[str, Any]:
    return {
        **entries.published(scene),
        "url": "https://kaohsiung.example.gov.tw/service-plan/115",
        "page_title": "115年度提升服務效能執行計畫",
    }


def scored(scene: Scene) -> dict[str, Any]:
    """Every unit is scored; one of them has something to improve."""
    rows = [{**row, "score": row["max_score"] * 17 // 20} for row in scene.content.values["scores"]]
    finding = {"finding": "天平室溫溼度未逐日記錄", "severity": "must_improve", "due_on": "2027-03-31"}
    is_found = scene.task.inputs.get("scored_unit") == "metrology"
    return {"scores": rows, "findings": [finding] if is_found else [], "opinion": "整體辦理情形良好。"}


def answered(scene: Scene) -> dict[str, Any]:
    if scene.actor.user_id == APPEALING:
        proof = [scene.upload("到府服務紀錄.pdf")]
        return {"answer": "object", "reason": "便民服務一項漏計到府服務，請再查明。", "attachments": proof}
    return {"answer": "agree"}


def scored_again(scene: Scene) -> dict[str, Any]:
    rows = [{**row, "score": row["max_score"] * 9 // 10} for row in scene.content.values["scores"]]
    answer = "到府服務紀錄經查屬實，便民服務一項予以補計，成績修正如上。"
    return {"scores": rows, "findings": [], "opinion": "申復有理由，成績予以調整。", "answer": answer}


def improvement_published(scene: Scene) -> dict[str, Any]:
    return {
        **entries.improvement_published(scene),
        "summary": "本年度自行考核應改善事項計一項，已訂定改進措施並列管追蹤至改善完成。",
        "url": "https://kaohsiung.example.gov.tw/service-plan/115/improvement",
    }


def improved(scene: Scene) -> dict[str, Any]:
    return {**entries.improved(scene), "due_on": "2027-03-31"}


ENTRIES: Mapping[str, Entry] = {
    **entries.ENTRIES,
    "annual_plan_lifecycle.register_bureau_plan": bureau_plan,
    "plan_drafting.assign_units": units_assigned,
    "plan_drafting.compile_plan": compiled,
    "internal_signoff.sign": signed,
    "bureau_acknowledgement.dispatch_letter": lambda scene: entries.letter(
        scene, "11590000470", sent_by="electronic", enacts=True
    ),
    "bureau_review.dispatch_reply": lambda scene: entries.letter(
        scene, "11590001120", sent_by="electronic"
    ),
    "plan_publication.publish_web": published,
    "unit_scoring.score_unit": scored,
    "unit_scoring.unit_response": answered,
    "unit_scoring.second_look": scored_again,
    "self_assessment.publish_improvement_status": improvement_published,
    "improvement_followup.improvement": improved,
    "improvement_followup.improvement_verify": lambda _: {"result": "improved"},
    "result_submission.compile_d1": lambda _: {"waived": False, "note": "數據統計至115年12月31日。"},
    "result_submission.dispatch_d2": lambda scene: entries.letter(
        scene, "11690000210", sent_by="electronic"
    ),
    "annual_plan_lifecycle.close_cycle": lambda scene: {
        **entries.closed(scene), "archive_no": "0115/0301/1",
    },
}  # fmt: skip
