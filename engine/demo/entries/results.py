"""What people write in both deliveries of results, and when the plan is closed."""

from collections.abc import Mapping
from typing import Any

from engine.demo.entries.drafting import approved
from engine.demo.entries.letters import letter
from engine.demo.scene import Entry, Scene
from engine.demo.work import facts, in_words


def d1_compiled(scene: Scene) -> dict[str, Any]:
    return {"waived": False, "note": f"數據統計至{scene.year}年12月31日。"}


def d1_sent(scene: Scene) -> dict[str, Any]:
    return {"sent_at": scene.moment, "method": "system", "receiver": "總局秘書室"}


def d2_compiled(scene: Scene) -> dict[str, Any]:
    year = facts(scene.year)
    count = in_words(len(scene.content.panels.get("improvements", [])))
    return {
        "overview": year["overview"],
        "quantified": year["quantified"],
        "qualitative": year["qualitative"],
        "assessment": f"自行考核已於{scene.year}年12月完成，各單位成績均達標準。",
        "findings": f"應改善事項尚有{count}項列管中，均已訂定改進措施並持續追蹤。",
        "outlook": year["outlook"],
    }


def d2_dispatched(scene: Scene) -> dict[str, Any]:
    return letter(scene, sent_by="electronic")


def received(scene: Scene) -> dict[str, Any]:
    return {"received_on": scene.today}


def accepted(_: Scene) -> dict[str, Any]:
    return {"result": "accept"}


def closed(scene: Scene) -> dict[str, Any]:
    return {
        "plan_published": True, "results_accepted": True, "improvements_listed": True,
        "documents_complete": True,
        "archive_no": f"{scene.year:04}/0301/1", "retention": "y10",
    }  # fmt: skip


ENTRIES: Mapping[str, Entry] = {
    "result_submission.compile_d1": d1_compiled,
    "result_submission.sign_d1": approved,
    "result_submission.send_d1": d1_sent,
    "result_submission.compile_d2": d2_compiled,
    "result_submission.dispatch_d2": d2_dispatched,
    "bureau_result_intake.receive_results": received,
    "bureau_result_intake.check_results": accepted,
    "annual_plan_lifecycle.close_cycle": closed,
}
