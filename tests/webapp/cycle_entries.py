"""What the people of the demo write through 115 in the browser, where it differs from the demo."""

from collections.abc import Mapping
from typing import Any

from engine.demo import entries
from engine.demo.entries import assessment, drafting
from engine.demo.scene import Entry, Scene

YEAR = 115
PLAN_KEY = "bsmi_khh:115"
RETURNED_ON = "2026-01-21"
APPEALING = "unit_chief.registration"


def compiled(scene: Scene) -> dict[str, Any]:
    """After the return the goal says what will be counted."""
    values = drafting.compiled(scene)
    if scene.today <= RETURNED_ON:
        return values
    goal = str(scene.content.values["goal"])
    return {**values, "goal": f"{goal}各項量化目標按季填報實績，未達成者說明原因並提出改善措施。"}


def signed(scene: Scene) -> dict[str, Any]:
    """The director returns the plan once, on the day of the first round."""
    if scene.actor.user_id == "director" and scene.today == RETURNED_ON:
        return drafting.not_quantified(scene)
    return drafting.signed(scene)


def scored(scene: Scene) -> dict[str, Any]:
    """Every unit is scored; one of them has something to improve."""
    finding = {"finding": "天平室溫溼度未逐日記錄", "severity": "must_improve", "due_on": "2027-03-31"}
    is_found = scene.task.inputs.get("scored_unit") == "metrology"
    return {**assessment.scored(scene), "findings": [finding] if is_found else []}


def answered(scene: Scene) -> dict[str, Any]:
    return assessment.objected(scene) if scene.actor.user_id == APPEALING else assessment.agreed(scene)


ENTRIES: Mapping[str, Entry] = {
    **entries.ENTRIES,
    "plan_drafting.compile_plan": compiled,
    "internal_signoff.sign": signed,
    "unit_scoring.score_unit": scored,
    "unit_scoring.unit_response": answered,
    "improvement_followup.improvement_verify": assessment.is_improved,
}
