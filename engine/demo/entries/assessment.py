"""What the branch writes while it assesses its units, and what units write to improve."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.demo.entries.reporting import SITE
from engine.demo.scene import Entry, Scene
from engine.demo.work import facts, in_words, next_day, varied

OPINIONS = (
    "整體辦理情形良好，佐證齊備。",
    "各項作法均依限完成，部分成果說明可再具體。",
    "目標達成情形良好，宜加強服務對象意見之運用。",
)


def scored(scene: Scene) -> dict[str, Any]:
    unit = str(scene.task.inputs.get("scored_unit"))
    rows = [{**row, "score": _score(unit, scene.year, row)} for row in scene.content.values["scores"]]
    return {
        "scores": rows,
        "findings": list(_findings(unit, scene)),
        "opinion": OPINIONS[varied(len(OPINIONS), unit, scene.year)],
    }


def _score(unit: str, year: int, row: Mapping[str, Any]) -> int:
    """Between 80 and 92 of a hundred: what is lower or much higher needs a reason."""
    return int(row["max_score"] * (80 + varied(13, unit, year, row["name"], "branch")) // 100)


def _findings(unit: str, scene: Scene) -> list[dict[str, Any]]:
    year, today = facts(scene.year), date.fromisoformat(scene.today)
    found = []
    if item := year["findings"].get(unit):
        due_on = next_day(item["due"], today)
        found.append({"finding": item["text"], "severity": "must_improve", "due_on": due_on})
    if text := year["suggestions"].get(unit):
        found.append({"finding": text, "severity": "suggestion"})
    return found


def agreed(_: Scene) -> dict[str, Any]:
    return {"answer": "agree"}


def objected(scene: Scene) -> dict[str, Any]:
    """The unit asks for a second look (申復)."""
    return {
        "answer": "object",
        "reason": "服務對象回饋一項漏計到府服務及離島視訊諮詢之滿意度調查，請再查明。",
        "attachments": [scene.upload("到府服務滿意度調查表.pdf")],
    }


def looked_again(scene: Scene) -> dict[str, Any]:
    rows = [{**row, "score": row["max_score"] * 9 // 10} for row in scene.content.values["scores"]]
    return {
        "scores": rows,
        "findings": scene.content.values.get("findings", []),
        "opinion": "申復有理由，成績予以調整。",
        "answer": "到府服務滿意度調查經查屬實，服務對象回饋一項予以補計，成績修正如上。",
    }


def scores_final(scene: Scene) -> dict[str, Any]:
    count = len(scene.content.panels.get("findings", []))
    return {
        "overall": f"各單位均依計畫辦理，考核建議及缺失計{count}項，應改善者列管至改善完成，餘符合預期成效。",
        "wants_reward": False,
    }


def improvement_published(scene: Scene) -> dict[str, Any]:
    items = scene.content.panels.get("improvements", [])
    count = in_words(sum(item["roc_year"] == scene.year for item in items))
    return {
        "summary": f"本年度自行考核應改善事項計{count}項，均已訂定改進措施並列管追蹤至改善完成。",
        "no_personal_names": True,
        "url": f"{SITE}/{scene.year}/improvement",
        "published_on": scene.today,
    }


def improved(scene: Scene) -> dict[str, Any]:
    item = facts(scene.year)["findings"].get(scene.unit, _ANY_ITEM)
    return {
        "measure": item["measure"],
        "owner": scene.actor.user_id,
        "due_on": next_day(item["due"], date.fromisoformat(scene.today)),
        "stage": "finished",
        "done_on": scene.today,
        "evidence": [scene.upload(f"{item['evidence']}.pdf")],
    }


_ANY_ITEM = {"measure": "修正作業程序並指定專人逐日檢核。", "due": "03-31", "evidence": "改進紀錄"}


def partly_improved(scene: Scene) -> dict[str, Any]:
    """The secretariat finds that something is still missing in Kinmen."""
    if scene.task.inputs["unit"] != "kinmen":
        return is_improved(scene)
    return {"result": "partly_improved", "comment": "金門辦事處二樓櫃台尚有舊版範例二種，請全面換置後再報。"}


def is_improved(_: Scene) -> dict[str, Any]:
    return {"result": "improved", "comment": "經查核佐證屬實，解除列管。"}


ENTRIES: Mapping[str, Entry] = {
    "self_assessment.open_assessment": lambda _: {},
    "unit_scoring.score_unit": scored,
    "unit_scoring.unit_response": agreed,
    "unit_scoring.second_look": looked_again,
    "self_assessment.finalise_scores": scores_final,
    "self_assessment.publish_improvement_status": improvement_published,
    "improvement_followup.improvement": improved,
    "improvement_followup.improvement_verify": is_improved,
}
