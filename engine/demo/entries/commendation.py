"""What people write on a reward list, from the persons proposed to the order and the letters."""

from collections.abc import Mapping
from typing import Any

from engine.demo.entries.award import entry_story, no_of
from engine.demo.entries.letters import incoming, letter
from engine.demo.scene import Entry, Scene
from engine.domain.identity import SYSTEM

DEFERRED = "方品妤"
CONTRACTED = {
    "kind": "contract", "standing": "serving", "name": "林淑娟", "relations": ["other_merit"],
    "merits": "協助行動校正車排程與現場報到，整理預約資料及滿意度問卷，工作認真負責。",
}  # fmt: skip


def nominated(scene: Scene) -> dict[str, Any]:
    """The team and the coaches of the entry, each with what the person did."""
    merits = entry_story(scene)["merits"]
    rows = [
        {**row, "merits": merits.get(_name(scene, row), merits["other"]), "period": _period(scene)}
        for row in scene.content.values["persons"]
    ]
    return {"persons": [*rows, CONTRACTED] if no_of(str(scene.task.inputs["entry_key"])) == 1 else rows}


def _name(scene: Scene, row: Mapping[str, Any]) -> str:
    account = row.get("person")
    if account is None:
        return str(row.get("name"))
    return scene.engine.ask(SYSTEM, lambda reader: reader.organisation.user(str(account))).name


def _period(scene: Scene) -> str:
    return f"{scene.year - 1}年1月至{scene.year}年7月"


def grades_chosen(scene: Scene) -> dict[str, Any]:
    """Everybody begins at the limit of the clause; the note says why that stays."""
    return {"grades": scene.content.values["grades"], "note": "均依具體事蹟及貢獻程度，擬敘至上限。"}


def list_reviewed(_: Scene) -> dict[str, Any]:
    return {"decision": "approve", "opinion": "名單及事蹟經檢視屬實，如擬。"}


def personnel_checked(_: Scene) -> dict[str, Any]:
    return {"result": "conforms", "comment": "身分及同屆敘獎情形經核對無誤，應迴避人員已註記。"}


def session_held(scene: Scene) -> dict[str, Any]:
    """The committee meets; sessions of a year are numbered by the month."""
    month = int(scene.today[5:7])
    return {
        "met_on": scene.today,
        "session": f"{scene.year}年第{month // 2}次考績委員會",
        "attendance": 9,
        "lines": scene.content.values["lines"],
        "minutes": [scene.upload("考績委員會會議紀錄.pdf")],
    }


def one_deferred(scene: Scene) -> dict[str, Any]:
    """The committee waits with one person until the award is known."""
    held = session_held(scene)
    if not any(DEFERRED in row["person"] for row in held["lines"]):
        return held
    lines = [{**row, "decision": "defer"} if DEFERRED in row["person"] else row for row in held["lines"]]
    return {**held, "lines": lines, "note": "方員協助項目跨二參獎案，俟得獎名單公布後再議。"}


def reported_up(scene: Scene) -> dict[str, Any]:
    return letter(scene, sender="personnel", sent_by="electronic")


def superior_answered(scene: Scene) -> dict[str, Any]:
    subject = f"所報{scene.year}年政府服務獎敘獎建議名單，復如說明。"
    lines = [{"decision": "agree", **row} for row in scene.content.values["lines"]]
    return {**incoming(scene, sender="bureau", subject=subject, nth=3), "lines": lines}


def order_issued(scene: Scene) -> dict[str, Any]:
    return letter(scene, sender="personnel", nth=1)


def recommended_elsewhere(scene: Scene) -> dict[str, Any]:
    """One letter for each agency whose people are recommended."""
    rows = scene.content.values["letters"]
    return {
        "letters": [
            {**row, **letter(scene, nth=5 + no), "sent_by": "electronic"} for no, row in enumerate(rows)
        ]
    }


ENTRIES: Mapping[str, Entry] = {
    "commendation.nominate_persons": nominated,
    "commendation.choose_grade": grades_chosen,
    "commendation.chief_review": list_reviewed,
    "commendation.hr_check": personnel_checked,
    "commendation.committee_record": session_held,
    "commendation.report_to_superior": reported_up,
    "commendation.superior_reply": superior_answered,
    "commendation.issue_order": order_issued,
    "commendation.recommendation_letter": recommended_elsewhere,
}
