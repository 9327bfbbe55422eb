"""How the forms of an award entry and of the ministry's screening are filled in on a walk."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from engine.demo.scene import Scene
from tests.stories import entrants, screeners

Way = Callable[[Scene], Mapping[str, Any]]

REQUEST = "本科業務移撥中，人力不足以準備參獎資料，請重新考量。"
NO_ENTRY = {"proposal": "no_entry", "reason": "本年度無成熟之創新服務案例可供參獎，擬不參獎。"}


def sent(scene: Scene) -> dict[str, Any]:
    """A letter of today with a number of its own: that of the task."""
    return {
        "doc_no": str(11500000000 + scene.task.id % 1_000_000), "doc_date": scene.today,
        "number_confirmed": True,
    }  # fmt: skip


def came(scene: Scene, **values: Any) -> dict[str, Any]:
    """A letter that came today."""
    return {
        **entrants.MINISTRY_LETTER, **sent(scene), "received_on": scene.today,
        "attachments": [scene.upload("來文.pdf")], **values,
    }  # fmt: skip


def _invited(scene: Scene) -> Mapping[str, Any]:
    letter = {"has_letter": True, **came(scene)}
    if scene.task.inputs["route"] == "self":
        return letter
    return {**letter, "entrant_kind": "unit", "entrant": "metrology", "designation_reason": "服務具參獎潛力"}


def _entered(scene: Scene) -> Mapping[str, Any]:
    known = {"category": entrants.MEMO["category"], "theme": entrants.MEMO["theme"]}
    return {**known, **entrants.FORM, "files": [scene.upload("佐證.pdf")]}


def _scheduled(decision: str) -> Way:
    steps = [{"step": "書面評審", "on": "2026-05-15"}]
    return lambda scene: came(scene, decision=decision, schedule=steps)


def _resulted(outcome: str, **values: Any) -> Way:
    return lambda scene: {
        **entrants.MINISTRY_LETTER, **came(scene), "outcome": outcome, "on": scene.today,
        "certificate_no": f"院授發社字第{scene.task.id}號", "certificate": [scene.upload("獎狀.pdf")],
        "change_reason": "經國發會更正評獎結果", **values,
    }  # fmt: skip


def _scored(scene: Scene) -> Mapping[str, Any]:
    rows = [{**row, "score": row["max_score"] // 2} for row in scene.content.values["scores"]]
    return {"conflict_of_interest": False, "scores": rows, "comment": "作法完整，成效具體。"}


def _decided(verdict: str) -> Way:
    def decided(scene: Scene) -> Mapping[str, Any]:
        shown = scene.content.values["recommendations"]
        rows = [{**row, "verdict": verdict, "reason": "創新性不足"} for row in shown]
        return {"decision": "decide", "recommendations": rows}

    return decided


def _in_a_week(scene: Scene) -> str:
    return (date.fromisoformat(scene.today) + timedelta(days=7)).isoformat()


# The ways of each form; the first one leads on.
WAYS: Mapping[str, tuple[Way, ...]] = {
    "entry_preparation.register_invitation": (_invited, lambda _: {"has_letter": False}),
    "entry_preparation.entry_memo": (
        lambda _: {**entrants.MEMO, "related_actions": []},
        lambda _: NO_ENTRY,
    ),
    "entry_preparation.nil_report": (lambda scene: {"nil_statement": True, **sent(scene)},),
    "entry_preparation.confirm_designation": (
        lambda _: {"answer": "confirm"},
        lambda scene: {"answer": "reconsider", "reason": REQUEST, **sent(scene)},
    ),
    "entry_preparation.register_reconsideration": (
        lambda scene: came(scene, outcome="maintained"),
        lambda scene: came(scene, outcome="released"),
    ),
    "designation_reconsideration.decide": (
        lambda scene: {"outcome": "maintained", "reason": "請依現有人力準備", **sent(scene)},
        lambda scene: {"outcome": "released", "reason": "同意不列入本屆", **sent(scene)},
    ),
    "entry_preparation.entry_form": (_entered,),
    "entry_preparation.send_entry": (sent,),
    "entry_preparation.explain_delay": (
        lambda scene: {"called_on": scene.today, "person": "王科員", "content": "簽陳送核中，預計本週函送。"},
    ),
    "award_progress.register_ministry_letter": (
        lambda scene: came(scene, outcome="recommended"),
        lambda scene: came(scene, outcome="not_recommended"),
        lambda scene: came(scene, outcome="more_material", request="請補送調查", due_on=_in_a_week(scene)),
    ),
    "award_progress.supply_material": (lambda _: {"response": "補送滿意度調查報告如附件。"},),
    "award_progress.follow_ndc_schedule": (_scheduled("result"), _scheduled("continue")),
    "award_progress.record_ndc_result": (
        _resulted("finalist", awaits_award=True), _resulted("won"), _resulted("recommended"),
        _resulted("not_recommended"),
    ),
    "outcome_correction.register_correction": (
        _resulted("finalist"), _resulted("not_recommended"), _resulted("won"),
    ),
    "award_entry.lessons": (
        lambda _: {
            "findings": "創新性與他機關作法相近，成效未能明確區隔。",
            "improvements": "下次參獎加強與他機關之比較。",
        },
    ),
    "ministry_screening.issue_survey": (lambda scene: {**sent(scene), "agencies": [screeners.BRANCH]},),
    "ministry_screening.designate": (
        lambda _: {"none": True},
        lambda scene: {
            "designations": [{"agency": screeners.BRANCH, "entrant_kind": "unit", "unit": "kinmen",
                              "reason": "離島服務具參獎潛力"}],
            **sent(scene),
        },
    ),
    "ministry_screening.close_collection": (
        lambda _: {"decision": "close", "note": "未回復者經電洽確認無參獎意願。"},
        lambda _: {"decision": "designate"},
    ),
    "entry_check.check_entry": (
        lambda _: {"result": "complete"},
        lambda scene: {"result": "more_material", "request": "請補送調查", "due_on": _in_a_week(scene)},
    ),
    "entry_review.form_review_group": (lambda _: {"reviewers": screeners.group_rows()},),
    "entry_scoring.score_entry": (
        _scored, lambda _: {"conflict_of_interest": True, "conflict_reason": "曾輔導本案"},
    ),
    "entry_scoring.hand_on": (lambda _: {"reason": "其餘委員已達評分人數，不再改派。"},),
    "entry_review.rank": (lambda _: {"decision": "confirm"},),
    "entry_review.recommend_decision": (_decided("recommended"), _decided("not_recommended")),
    "entry_review.dispatch_results": (sent,),
}  # fmt: skip
ACTIONS: Mapping[str, Way] = {
    "award_entry.withdraw_entry": lambda scene: {
        "reason": "成效數據尚須再行查證，先行撤回", "doc_prefix": "經標高秘字", "doc_no": "11590000890",
        "doc_date": scene.today, "number_confirmed": True,
    },
    "ministry_screening.issue_survey_now": lambda _: {"reason": "配合春節提前辦理"},
    "ministry_screening.register_outside_entry": lambda _: screeners.OUTSIDE,
}  # fmt: skip
