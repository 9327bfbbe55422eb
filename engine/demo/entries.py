"""What the people of the demo write in their forms, by element. The numbers of 114 are those of its plan."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from engine.clock import TAIPEI
from engine.demo.player import Entry, Pace, Scene

# Reported through the year, then at its end; a shortfall of appraisals is demand-driven (4.1).
PROGRESS = {
    "砝碼校正數": ("30", "68", "104"),
    "糾紛鑑定件數": ("22", "45", "67"),
    "參與加油站數": ("2", "5", "8"),
    "安衛內部稽核次數": ("0", "1", "1"),
    "顧客滿意度調查": ("0", "0", "0"),
}
YEAR_END = {
    "砝碼校正數": "131",
    "糾紛鑑定件數": "86",
    "參與加油站數": "9",
    "安衛內部稽核次數": "1",
    "顧客滿意度調查": "1",
}
FINDINGS = {
    "metrology": "天平室溫溼度未逐日記錄",
    "registration": "進度查詢 QR Code 連結失效",
    "kinmen": "書表填寫範例為舊版",
}


def letter(scene: Scene, number: str, **more: Any) -> dict[str, Any]:
    """The number and date of a letter that goes out today."""
    return {"doc_no": number, "doc_date": scene.today, **more}


def bureau_plan(scene: Scene) -> dict[str, Any]:
    return {
        "doc_date": scene.today, "doc_no": "11490000310", "received_on": scene.today,
        "attachments": [scene.upload("總局114年度提升服務效能執行計畫.pdf")],
    }  # fmt: skip


def units_assigned(scene: Scene) -> dict[str, Any]:
    rows = [
        {**row, "bureau_ref": row.get("bureau_ref") or "own"} for row in scene.content.values["assignments"]
    ]
    return {"assignments": [{**row, "unit_due": "2025-01-14"} for row in rows]}


def actions_edited(scene: Scene) -> dict[str, Any]:
    rows = scene.content.values.get("actions", [])
    handler = f"unit_handler.{scene.unit}"
    if not rows:
        return {"applicable": False, "na_reason": "本單位無對外受理申辦業務，配合各單位辦理。"}
    return {"applicable": True, "actions": [{**row, "handler": handler} for row in rows]}


def approved(_: Scene) -> dict[str, Any]:
    return {"decision": "approve"}


def compiled(_: Scene) -> dict[str, Any]:
    return {
        "decision": "submit",
        "countersign_units": ["personnel", "accounting", "ethics"],
        "completeness_ack": True,
        "warning_notes": "量化比率沿用上年度作法，逐年提高；1.2.1與4.1.2依總局計畫分列兩處，佐證分開計列。",
    }


def countersigned(scene: Scene) -> dict[str, Any]:
    if scene.unit == "accounting":
        return {"opinion_kind": "disagree", "opinion": "5.1.3導入AI工具未編列經費，建議改列116年度。"}
    if scene.unit == "personnel":
        return {"opinion_kind": "agree_with_comment", "opinion": "柒、獎勵方式宜載明「擇優且不重複」。"}
    return {"opinion_kind": "agree"}


def opinions_merged(scene: Scene) -> dict[str, Any]:
    answers = {
        "accounting": ("partly_adopted", "改用現有授權辦理，不增列經費；採購部分移列116年度。"),
        "personnel": ("adopted", "已補於柒、二、（五）。"),
    }
    rows = []
    for row in scene.content.values["rows"]:
        handling, reason = answers.get(row["unit"], ("adopted", "依意見辦理。"))
        rows.append({**row, "handling": handling, "reason": reason})
    return {"rows": rows}


def signed(scene: Scene) -> dict[str, Any]:
    verbs = [value for value, _ in scene.content.choices["decisions"]]
    if scene.actor.user_id == "director" and scene.today == "2025-01-21":
        return {
            "decision": "return",
            "return_to": "handler",
            "return_reason": ["not_quantified"],
            "opinion": "目標未量化者請補正，餘如擬。",
        }
    if "decide" in verbs:
        return {"decision": "decide", "opinion": "如擬。"}
    return {"decision": "approve", "opinion": "擬准予訂定。"}


def reported(scene: Scene) -> dict[str, Any]:
    return letter(scene, "11490000470", sent_by="electronic", enacts=True)


def reviewed(scene: Scene) -> dict[str, Any]:
    rows = [{**row, "verdict": "conforms"} for row in scene.content.values["checklist"]]
    return {"checklist": rows, "proposal": "acknowledged"}


def acknowledged(_: Scene) -> dict[str, Any]:
    return {"decision": "decide", "outcome": "acknowledged", "opinion": "同意核備。"}


def replied(scene: Scene) -> dict[str, Any]:
    return letter(scene, "11490001120", sent_by="electronic")


def published(scene: Scene) -> dict[str, Any]:
    return {
        "url": "https://kaohsiung.example.gov.tw/service-plan/114",
        "page_title": "114年度提升服務效能執行計畫",
        "published_at": scene.now.astimezone(TAIPEI).isoformat(timespec="seconds"),
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


def progressed(scene: Scene) -> dict[str, Any]:
    quarter = (scene.now.astimezone(TAIPEI).month - 1) // 3 - 1
    rows = []
    for row in scene.content.values["rows"]:
        filled = {**row, "as_of": scene.today, "status": "normal", "text": "依計畫辦理，進度正常。"}
        if row.get("indicator"):
            filled["actual"] = PROGRESS.get(row["indicator"], ("1", "2", "3"))[max(0, min(quarter, 2))]
        rows.append(filled)
    return {"rows": rows}


def self_reported(scene: Scene) -> dict[str, Any]:
    scores = [{**row, "self_score": row["max_score"] * 9 // 10} for row in scene.content.values["scores"]]
    rows = [_achievement(scene, row) for row in scene.content.values["rows"]]
    return {"rows": rows, "scores": scores, "overall": "各項工作均依計畫期程辦理，服務品質與時效穩定。"}


def _achievement(scene: Scene, row: Mapping[str, Any]) -> dict[str, Any]:
    filled = {**row, "narrative": "本年度依計畫內容辦理完成，相關紀錄均留存備查，服務對象反映良好。"}
    filled["evidence"] = [scene.upload(f"{row['action_id']}佐證.pdf")]
    if not row.get("indicator"):
        return {**filled, "status": "done"}
    actual = YEAR_END.get(row["indicator"], "1")
    filled |= {"actual": actual, "status": "achieved"}
    if row["indicator"] == "糾紛鑑定件數":
        filled |= {
            "status": "partly_achieved",
            "cause": "民眾申請件數較往年減少。",
            "improvement": "加強與公用事業櫃台聯繫及宣導。",
            "shortfall_reason": "屬民眾申請案件，依實際申請數辦理。",
        }
    return filled


def scored(scene: Scene) -> dict[str, Any]:
    rows = [{**row, "score": row["max_score"] * 17 // 20} for row in scene.content.values["scores"]]
    finding = FINDINGS.get(str(scene.task.inputs.get("scored_unit")))
    findings = [{"finding": finding, "severity": "must_improve", "due_on": "2026-03-31"}] if finding else []
    return {"scores": rows, "findings": findings, "opinion": "整體辦理情形良好。"}


def scores_final(_: Scene) -> dict[str, Any]:
    return {"overall": "各單位均依計畫辦理，缺失三項列管改進，其餘符合預期成效。", "wants_reward": False}


def improvement_published(scene: Scene) -> dict[str, Any]:
    return {
        "summary": "本年度自行考核應改善事項計三項，均已訂定改進措施並列管追蹤至改善完成。",
        "no_personal_names": True,
        "url": "https://kaohsiung.example.gov.tw/service-plan/114/improvement",
        "published_on": scene.today,
    }


def improved(scene: Scene) -> dict[str, Any]:
    return {
        "measure": "修正作業程序並指定專人逐日檢核。",
        "owner": scene.actor.user_id,
        "due_on": "2026-03-31",
        "stage": "finished",
        "done_on": scene.today,
        "evidence": [scene.upload("溫溼度紀錄表.pdf")],
    }


def d1_compiled(_: Scene) -> dict[str, Any]:
    return {"waived": False, "note": "數據統計至114年12月31日。"}


def d1_sent(scene: Scene) -> dict[str, Any]:
    return {
        "sent_at": scene.now.astimezone(TAIPEI).isoformat(timespec="seconds"),
        "method": "system",
        "receiver": "總局秘書室",
    }


def d2_compiled(_: Scene) -> dict[str, Any]:
    return {
        "overview": "本分局114年度計畫計5項策略、15項作法、46項具體推動作法，均已依期程辦理完成。",
        "quantified": "砝碼校正131具、安衛稽核1次、加油站9站均達成；糾紛鑑定86件，因民眾申請減少未達100件。",
        "qualitative": "申辦資訊更易查詢、書表範例齊備、離島服務可近性提高，民眾與業者反映良好。",
        "assessment": "自行考核已於114年12月完成，各單位成績均達標準。",
        "findings": "應改善事項計三項，均已訂定改進措施並持續列管追蹤。",
        "outlook": "115年度將提高量化目標比率，並持續推動數位化與跨域合作。",
    }


def d2_dispatched(scene: Scene) -> dict[str, Any]:
    return letter(scene, "11590000210", sent_by="electronic")


def closed(_: Scene) -> dict[str, Any]:
    return {
        "plan_published": True, "results_accepted": True, "improvements_listed": True,
        "documents_complete": True,
        "archive_no": "0114/0301/1", "retention": "y10",
    }  # fmt: skip


ENTRIES: Mapping[str, Entry] = {
    "annual_plan_lifecycle.register_bureau_plan": bureau_plan,
    "plan_drafting.assign_units": units_assigned,
    "unit_contribution.edit_actions": actions_edited,
    "unit_contribution.chief_review": approved,
    "plan_drafting.compile_plan": compiled,
    "countersign_round.countersign_opinion": countersigned,
    "countersign_round.merge_opinions": opinions_merged,
    "internal_signoff.sign": signed,
    "bureau_acknowledgement.dispatch_letter": reported,
    "bureau_review.receive_and_assign": lambda scene: {"received_on": scene.today, "speed": "normal"},
    "bureau_review.review_plan": reviewed,
    "bureau_review.chief_review": lambda _: {"decision": "approve", "opinion": "擬同意核備。"},
    "bureau_review.decide": acknowledged,
    "bureau_review.dispatch_reply": replied,
    "plan_publication.publish_web": published,
    "place_posting.post_at_place": posted,
    "plan_publication.verify_publication": lambda _: {"result": "fits"},
    "unit_progress.progress_update": progressed,
    "unit_progress.chief_confirm": approved,
    "self_assessment.open_assessment": lambda _: {},
    "unit_self_report.self_report": self_reported,
    "unit_self_report.chief_review": approved,
    "unit_scoring.score_unit": scored,
    "unit_scoring.unit_response": lambda _: {"answer": "agree"},
    "self_assessment.finalise_scores": scores_final,
    "self_assessment.publish_improvement_status": improvement_published,
    "improvement_followup.improvement": improved,
    "result_submission.compile_d1": d1_compiled,
    "result_submission.sign_d1": approved,
    "result_submission.send_d1": d1_sent,
    "result_submission.compile_d2": d2_compiled,
    "result_submission.dispatch_d2": d2_dispatched,
    "bureau_result_intake.receive_results": lambda scene: {"received_on": scene.today},
    "bureau_result_intake.check_results": lambda _: {"result": "accept"},
    "annual_plan_lifecycle.close_cycle": closed,
}

PACES: Mapping[str, Pace] = {
    "annual_plan_lifecycle.register_bureau_plan": Pace(on=date(2025, 1, 6), at=time(10, 20)),
    "plan_drafting.assign_units": Pace(on=date(2025, 1, 7), at=time(15, 10)),
    "unit_contribution.edit_actions": Pace(after=3, at=time(9, 30)),
    "unit_contribution.edit_actions@unit_handler.penghu": Pace(on=date(2025, 1, 15), at=time(16, 20)),
    "plan_drafting.compile_plan": Pace(after=1, at=time(9, 10)),
    "countersign_round.countersign_opinion": Pace(after=0, at=time(14, 0)),
    "countersign_round.merge_opinions": Pace(after=0, at=time(16, 40)),
    "internal_signoff.sign@deputy_director": Pace(after=0, at=time(14, 20)),
    "internal_signoff.sign@director": Pace(after=1, at=time(11, 20)),
    "bureau_acknowledgement.dispatch_letter": Pace(after=0, at=time(16, 30)),
    "bureau_review.receive_and_assign": Pace(on=date(2025, 2, 3)),
    "bureau_review.dispatch_reply": Pace(on=date(2025, 2, 7)),
    "unit_progress.progress_update": Pace(after=5),
    "unit_self_report.self_report": Pace(on=date(2025, 12, 5)),
    # Two units still work on theirs at the demo's present, and one waits for its proof to be checked.
    "improvement_followup.improvement": Pace(on=date(2026, 3, 20)),
    "improvement_followup.improvement@unit_handler.metrology": Pace(on=date(2026, 1, 15)),
    "improvement_followup.improvement_verify": Pace(on=date(2026, 2, 10)),
    "result_submission.compile_d1": Pace(on=date(2025, 12, 31), at=time(15, 0)),
    "result_submission.sign_d1": Pace(on=date(2026, 1, 2)),
    "result_submission.send_d1": Pace(on=date(2026, 1, 5)),
    "result_submission.compile_d2": Pace(on=date(2026, 1, 9)),
    "result_submission.dispatch_d2": Pace(on=date(2026, 1, 19)),
    "annual_plan_lifecycle.close_cycle": Pace(on=date(2026, 1, 26), at=time(15, 0)),
}
