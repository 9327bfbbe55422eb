"""What units report through the year, and of themselves at its end."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.demo.entries.drafting import approved
from engine.demo.scene import Entry, Scene
from engine.demo.work import YEAR_END, doing, done, evidence_of, facts, number, shortfall, varied

HIGHLIGHTS = ("2.1.1", "3.2.6", "5.2.2")
OVERALLS = (
    "各項工作均依計畫期程辦理，服務品質與時效穩定，相關紀錄均留存備查。",
    "本年度各項作法均依限完成，民眾意見均有回應，並將持續精進服務流程。",
    "本單位依分工辦理各項作法，未有逾期情形；來年將加強數位化及跨單位合作。",
)


def progressed(scene: Scene) -> dict[str, Any]:
    return {"rows": [_progress(scene, row) for row in scene.content.values["rows"]]}


def _progress(scene: Scene, row: Mapping[str, Any]) -> dict[str, Any]:
    action_id, indicator = row["action_id"], row.get("indicator")
    quarter = (date.fromisoformat(row["as_of"]).month - 1) // 3
    if reason := facts(scene.year)["not_applicable"].get(action_id):
        return {**row, "status": "not_applicable", "text": reason}
    if not indicator:
        text = doing(action_id, scene.unit, scene.year, quarter)
        return {**row, "status": "normal", "text": text}
    reached = number(indicator, scene.year, quarter)
    text = doing(action_id, scene.unit, scene.year, quarter, reached)
    filled = {**row, "actual": reached, "text": text}
    wanted = promised(row)
    if Decimal(reached) >= wanted:
        return {**filled, "status": "completed"}
    if Decimal(reached) * 4 < wanted * (quarter + 1) * Decimal("0.85") and quarter:
        return {**filled, "status": "behind", "difficulty": shortfall(indicator)["difficulty"]}
    return {**filled, "status": "normal"}


def promised(row: Mapping[str, Any]) -> Decimal:
    """The number in a target that reads `≥ 120 具`."""
    return Decimal(row["target_text"].split()[1])


def self_reported(scene: Scene) -> dict[str, Any]:
    scores = [{**row, "self_score": _own_score(scene, row)} for row in scene.content.values["scores"]]
    rows = [_achievement(scene, row) for row in scene.content.values["rows"]]
    overall = OVERALLS[varied(len(OVERALLS), scene.unit, scene.year)]
    return {"rows": rows, "scores": scores, "overall": overall}


def _own_score(scene: Scene, row: Mapping[str, Any]) -> int:
    return int(row["max_score"] * (86 + varied(9, scene.unit, scene.year, row["name"])) // 100)


def _achievement(scene: Scene, row: Mapping[str, Any]) -> dict[str, Any]:
    action_id, indicator = row["action_id"], row.get("indicator")
    if reason := facts(scene.year)["not_applicable"].get(action_id):
        narrative = f"{reason}相關作業維持原有服務水準。"
        return {**row, "status": "not_applicable", "reason": reason, "narrative": narrative}
    reached = number(indicator, scene.year, YEAR_END) if indicator else ""
    filled = {
        **row,
        "narrative": done(action_id, scene.unit, scene.year, reached),
        "evidence": [scene.upload(f"{scene.year}年度{evidence_of(action_id)}.pdf")],
        **({"highlight": True} if action_id in HIGHLIGHTS else {}),
    }
    if not indicator:
        return {**filled, "status": "done"}
    if Decimal(reached) >= promised(row):
        return {**filled, "actual": reached, "status": "achieved"}
    why = {name: text for name, text in shortfall(indicator).items() if name != "difficulty"}
    return {**filled, "actual": reached, "status": "partly_achieved", **why}


ENTRIES: Mapping[str, Entry] = {
    "unit_progress.progress_update": progressed,
    "unit_progress.chief_confirm": approved,
    "unit_self_report.self_report": self_reported,
    "unit_self_report.chief_review": approved,
}
