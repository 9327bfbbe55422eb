"""What people write about an award entry: the branch, the ministry and its reviewers, the award."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from engine.demo.entries.letters import incoming, letter
from engine.demo.scene import Entry, Scene
from engine.demo.work import varied

BRANCH = "經濟部標準檢驗局高雄分局"
SERVICE_OF = {"academia": "國立中山大學", "industry": "臺灣服務業發展協會", "agencies": "國家發展委員會"}
RECUSED = "曾任該參獎單位產官學聯盟之顧問，依規定應予迴避。"


@cache
def award_story() -> dict[str, Any]:
    """The entries of the story and what surrounds them."""
    body: dict[str, Any] = yaml.safe_load((files("engine.demo") / "award.yaml").read_text(encoding="utf-8"))
    return body


def entry_story(scene: Scene) -> Mapping[str, Any]:
    """What is told about the entry that a task belongs to; the last words fit an entry nobody told about."""
    key = str(scene.task.inputs.get("entry_key") or scene.task.inputs.get("owner_key"))
    entries = award_story()["entries"]
    told = entries.get(scene.year, entries[115])
    story: Mapping[str, Any] = told.get(no_of(key), told[1])
    return story


def no_of(entry_key: str) -> int:
    """The number of an entry in its edition."""
    return int(entry_key.rpartition(":")[2])


def invited(scene: Scene) -> dict[str, Any]:
    subject = f"調查參加{scene.year}年政府服務獎一案，請查照。"
    return {"has_letter": True, **incoming(scene, sender="bureau", subject=subject)}


def memo_written(scene: Scene) -> dict[str, Any]:
    return dict(entry_story(scene)["memo"])


def designation_confirmed(_: Scene) -> dict[str, Any]:
    return {"answer": "confirm"}


def entry_written(scene: Scene) -> dict[str, Any]:
    attached = [scene.upload(name) for name in ("參獎資料佐證彙編.pdf", "服務成效統計表.pdf")]
    return {**entry_story(scene)["form"], "files": attached, "truth_statement": True}


def entry_sent(scene: Scene) -> dict[str, Any]:
    return letter(scene, nth=no_of(str(scene.task.inputs["owner_key"])), sent_by="electronic")


def delay_explained(scene: Scene) -> dict[str, Any]:
    return {
        "called_on": scene.today,
        "person": "經濟部龔專員",
        "content": "指定參獎資料已陳核，因春節連假將於2月23日函送，對方表示同意，不影響收件。",
    }


def material_supplied(scene: Scene) -> dict[str, Any]:
    return {
        "response": "檢送114年度各場次服務人次、校正件數及等候日數統計表，數據均可回溯至校正報告及預約紀錄。",
        "attachments": [scene.upload("各場次服務統計表.pdf")],
    }


def ministry_answered(scene: Scene) -> dict[str, Any]:
    subject = f"貴分局參加{scene.year}年政府服務獎，業經薦送，請查照。"
    return {"outcome": "recommended", **incoming(scene, sender="ministry", subject=subject)}


def schedule_followed(scene: Scene) -> dict[str, Any]:
    """The schedule comes with its letter; later it is ticked off up to a result."""
    rows = scene.content.values["schedule"]
    if rows:
        ticked = [{**row, "done": row["on"] <= scene.today} for row in rows]
        return {"schedule": ticked, "decision": "result"}
    subject = f"檢送{scene.year}年政府服務獎評獎期程，請查照。"
    came = incoming(scene, sender="ndc", subject=subject)
    return {"schedule": award_story()["schedule"], "decision": "continue", **came}


def result_recorded(scene: Scene) -> dict[str, Any]:
    """The unit's entry ends as recommended; the branch becomes a finalist in July and wins in December."""
    no = no_of(str(scene.task.inputs["owner_key"]))
    outcome = "recommended" if no == 2 else "won" if scene.today >= f"{scene.year + 1911}-12" else "finalist"
    words = {"recommended": "薦送未入圍", "finalist": "入圍實地訪查", "won": "榮獲政府服務獎"}[outcome]
    subject = f"{scene.year}年政府服務獎評獎結果：{words}，請查照。"
    result = {"outcome": outcome, "on": scene.today, **incoming(scene, sender="ndc", subject=subject, nth=no)}
    if outcome == "recommended":
        return result
    certificate = f"院授發社字第{scene.year}{scene.now:%m%d}號"
    proof = {"certificate_no": certificate, "certificate": [scene.upload("獎狀.pdf")]}
    return {**result, **proof, "awaits_award": outcome == "finalist"}


def lessons_learnt(_: Scene) -> dict[str, Any]:
    return {
        "findings": "成效數據以單一年度為主，缺乏跨年比較，且服務對象回饋之佐證不足，致創新性未能充分呈現。",
        "improvements": "次年參獎前一季完成跨年成效統計，並邀請服務對象參與試評及影片拍攝。",
    }


def surveyed(scene: Scene) -> dict[str, Any]:
    return letter(scene, sender="ministry", sent_by="electronic")


def designated(scene: Scene) -> dict[str, Any]:
    """The ministry sees potential in a unit of the branch; in the year after it designates nobody."""
    if scene.year != 115:
        return {"none": True}
    row = {"agency": BRANCH, "entrant_kind": "unit", "unit": "tech_c", **award_story()["designation"]}
    return {"designations": [row], **letter(scene, sender="ministry", sent_by="electronic")}


def collection_closed(_: Scene) -> dict[str, Any]:
    note = "未回復機關經電洽確認無參獎意願，並請補送無參獎回報。"
    return {"decision": "close", "note": note}


def entry_checked(_: Scene) -> dict[str, Any]:
    return {"result": "complete"}


def material_asked(scene: Scene) -> dict[str, Any]:
    """The ministry wants the numbers of the branch's entry, and finds the others complete."""
    checked = scene.task.inputs["checked"]
    if not checked["here"] or no_of(checked["entry_key"]) != 1:
        return entry_checked(scene)
    asked = "請補送各場次服務人次、校正件數及等候日數之統計資料。"
    return {"result": "more_material", "request": asked, "due_on": f"{scene.year + 1911}-03-13"}


def group_formed(scene: Scene) -> dict[str, Any]:
    people = [value for value, _ in scene.content.choices["reviewers"]]
    return {"reviewers": [{"person": p, "agency": SERVICE_OF[p.partition(".")[2]]} for p in people]}


def scored(scene: Scene) -> dict[str, Any]:
    """Every reviewer has an own measure; one of them has advised an entrant and recuses."""
    scoring = scene.task.inputs["scoring"]
    reviewer, entry_key = scoring["reviewer"], scoring["entry_key"]
    if reviewer == "reviewer.industry" and entry_key.endswith(":award:115:2"):
        return {"conflict_of_interest": True, "conflict_reason": RECUSED}
    best = 72 if "outside" in entry_key else 86
    rows = [
        {**row, "score": row["max_score"] * (best + varied(9, reviewer, entry_key, row["name"])) // 100}
        for row in scene.content.values["scores"]
    ]
    comments = award_story()["comments"]
    comment = comments[varied(len(comments), reviewer, entry_key)]
    return {"conflict_of_interest": False, "scores": rows, "comment": comment}


def not_handed_on(_: Scene) -> dict[str, Any]:
    return {"reason": "其餘委員已達評分人數，依小組決議不再改派。"}


def ranked(_: Scene) -> dict[str, Any]:
    return {"decision": "confirm", "note": "各委員評分差異在合理範圍，依名次提報核定。"}


def recommendation_decided(scene: Scene) -> dict[str, Any]:
    """The ministry recommends the branch's entries, and not the one from outside."""
    rows = [_verdict(row) for row in scene.content.values["recommendations"]]
    return {"recommendations": rows, "decision": "decide", "opinion": "如擬推薦。"}


def _verdict(row: Mapping[str, Any]) -> dict[str, Any]:
    if "outside" in row["entry_key"]:
        return {**row, "verdict": "not_recommended", "reason": "創新性及成效數據尚有不足，請補強後再行參獎。"}
    return {**row, "verdict": "recommended"}


ENTRIES: Mapping[str, Entry] = {
    "entry_preparation.register_invitation": invited,
    "entry_preparation.entry_memo": memo_written,
    "entry_preparation.confirm_designation": designation_confirmed,
    "entry_preparation.entry_form": entry_written,
    "entry_preparation.send_entry": entry_sent,
    "entry_preparation.explain_delay": delay_explained,
    "award_progress.supply_material": material_supplied,
    "award_progress.register_ministry_letter": ministry_answered,
    "award_progress.follow_ndc_schedule": schedule_followed,
    "award_progress.record_ndc_result": result_recorded,
    "award_entry.lessons": lessons_learnt,
    "ministry_screening.issue_survey": surveyed,
    "ministry_screening.designate": designated,
    "ministry_screening.close_collection": collection_closed,
    "entry_check.check_entry": entry_checked,
    "entry_review.form_review_group": group_formed,
    "entry_scoring.score_entry": scored,
    "entry_scoring.hand_on": not_handed_on,
    "entry_review.rank": ranked,
    "entry_review.recommend_decision": recommendation_decided,
    "entry_review.dispatch_results": surveyed,
}
