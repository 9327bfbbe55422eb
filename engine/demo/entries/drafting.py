"""What people write while the plan is drafted and signed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.demo.entries.letters import letter
from engine.demo.scene import Entry, Scene
from engine.demo.work import new_target, varied
from engine.domain.identity import SYSTEM
from engine.store.unit_of_work import Reader

# The secretariat wants the units' rows some working days before the date that its form proposes.
EARLIER = -3
LOWERING_REASON = "屬民眾申請案件，受理數非本分局所能控制；調整後仍高於前三季實績，並請加強宣導申請管道。"
OPINIONS = {
    "plan": "擬准予訂定。",
    "assessment": "擬同意考核結果，並請追蹤改進事項。",
    "d2": "擬准予函報總局。",
    "entry_memo": "擬同意參獎。",
    "award_entry": "擬准予函送經濟部。",
    "reward_list": "擬准予敘獎。",
}


def bureau_plan(scene: Scene) -> dict[str, Any]:
    attached = scene.upload(f"總局{scene.year}年度提升服務效能執行計畫.pdf")
    return letter(scene, sender="bureau", received_on=scene.today, attachments=[attached])


def units_assigned(scene: Scene) -> dict[str, Any]:
    """The bureau's items stay as they were; units have a date a little before the proposed one."""
    rows = scene.content.values["assignments"]
    proposed = date.fromisoformat(rows[0]["unit_due"])

    def unit_due(reader: Reader) -> str:
        wanted = reader.calendar.add_working_days(proposed, EARLIER)
        return max(wanted, reader.calendar.add_working_days(reader.today, 1)).isoformat()

    due = scene.engine.ask(SYSTEM, unit_due)
    return {
        "assignments": [
            {**row, "bureau_ref": row.get("bureau_ref") or "own", "unit_due": due} for row in rows
        ]
    }


def actions_edited(scene: Scene) -> dict[str, Any]:
    rows = scene.content.values.get("actions", [])
    if not rows:
        reason = "本單位無對外受理申辦業務，配合各單位辦理。"
        return {"applicable": False, "na_reason": reason, **_considered(scene, None)}
    written = [_with_target(scene, row) for row in rows]
    return {"applicable": True, "actions": written, **_considered(scene, rows[0]["method"])}


def _considered(scene: Scene, method: str | None) -> dict[str, Any]:
    """Last year's open items go on under a method of the unit."""
    items = scene.content.values.get("improvements", [])
    reason = {"answer": "not_carried", "reason": "本年度無相關作法，由秘書室列管追蹤"}
    answer = {"answer": "carried", "method": method} if method else reason
    return {"improvements": [{**item, **answer} for item in items]} if items else {}


def _with_target(scene: Scene, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as it stands, or with the number that this year's plan promises for the first time."""
    written = {**row, "handler": f"unit_handler.{scene.unit}"}
    target = new_target(str(row.get("id", "")), scene.year)
    if not target:
        return written
    written.pop("narrative_reason", None)
    promised = {"target_kind": "quantified", "comparator": "at_least", "period": "year", **target}
    return {**written, **promised, "value": str(target["value"])}


def approved(scene: Scene) -> dict[str, Any]:
    opinion = ("", "如擬。", "內容經檢視與業務相符，如擬。")[varied(3, scene.unit, scene.today)]
    return {"decision": "approve", **({"opinion": opinion} if opinion else {})}


def compiled(scene: Scene) -> dict[str, Any]:
    """A new plan is countersigned by the staff units; an amendment changes only what was asked for."""
    if scene.task.inputs.get("amendment"):
        note = "僅修正所列項目，其餘維持原計畫。"
        return {"decision": "submit", "completeness_ack": True, "warning_notes": note}
    return {
        "decision": "submit",
        "countersign_units": ["personnel", "accounting", "ethics"],
        "completeness_ack": True,
        "warning_notes": "量化比率沿用上年度作法，逐年提高；1.2.1與4.1.2依總局計畫分列兩處，佐證分開計列。",
    }


def countersigned(scene: Scene) -> dict[str, Any]:
    if scene.unit == "accounting":
        return {
            "opinion_kind": "disagree",
            "opinion": f"5.1.3導入AI工具未編列經費，建議改列{scene.year + 2}年度。",
        }
    if scene.unit == "personnel":
        return {"opinion_kind": "agree_with_comment", "opinion": "柒、獎勵方式宜載明「擇優且不重複」。"}
    return {"opinion_kind": "agree"}


def opinions_merged(scene: Scene) -> dict[str, Any]:
    moved = f"改用現有授權辦理，不增列經費；採購部分移列{scene.year + 2}年度。"
    answers = {"accounting": ("partly_adopted", moved), "personnel": ("adopted", "已補於柒、二、（五）。")}
    rows = []
    for row in scene.content.values["rows"]:
        handling, reason = answers.get(row["unit"], ("adopted", "依意見辦理。"))
        rows.append({**row, "handling": handling, "reason": reason})
    return {"rows": rows}


def signed(scene: Scene) -> dict[str, Any]:
    verbs = [value for value, _ in scene.content.choices["decisions"]]
    if scene.content.values.get("lowers"):
        return {"decision": "decide", "opinion": "如擬，並請加強宣導。", "lowering_reason": LOWERING_REASON}
    if "decide" in verbs:
        return {"decision": "decide", "opinion": "如擬。"}
    subject = str((scene.task.inputs.get("signoff") or {}).get("subject", "plan"))
    return {"decision": "approve", "opinion": OPINIONS.get(subject, "擬如擬，陳請核示。")}


def not_quantified(_: Scene) -> dict[str, Any]:
    """The director returns the plan."""
    return {
        "decision": "return",
        "return_to": "handler",
        "return_reason": ["not_quantified"],
        "opinion": "目標未量化者請補正，餘如擬。",
    }


ENTRIES: Mapping[str, Entry] = {
    "annual_plan_lifecycle.register_bureau_plan": bureau_plan,
    "plan_drafting.assign_units": units_assigned,
    "unit_contribution.edit_actions": actions_edited,
    "unit_contribution.chief_review": approved,
    "plan_drafting.compile_plan": compiled,
    "countersign_round.countersign_opinion": countersigned,
    "countersign_round.merge_opinions": opinions_merged,
    "internal_signoff.sign": signed,
}
