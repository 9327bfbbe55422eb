"""An award entry of the branch on the stage: each step by the account that owes it, with its entries."""

from typing import Any

from engine.commands import instances
from engine.domain.identity import SYSTEM
from tests.stories.actors import pdf
from tests.stories.stage import Stage

EDITION = "bsmi_khh:award:115"
ENTRY = f"{EDITION}:1"
SURVEY = {
    "has_letter": True, "issuer": "bureau", "doc_date": "2026-02-02", "doc_prefix": "經標秘字",
    "doc_no": "11590000810", "doc_type": "letter", "received_on": "2026-02-03", "speed": "normal",
    "subject": "調查參加115年政府服務獎一案",
}  # fmt: skip
MINISTRY_LETTER = {
    "issuer": "ministry", "doc_date": "2026-02-03", "doc_prefix": "經秘字", "doc_no": "11500000910",
    "doc_type": "letter", "received_on": "2026-02-03", "speed": "normal", "subject": "政府服務獎一案",
}  # fmt: skip
MEMO = {
    "proposal": "enter", "reason": "離島度量衡服務作法具創新性，成效可量化，適合參獎。",
    "entrant_kind": "agency", "category": "數位創新加值", "theme": "離島度量衡行動服務",
    "related_actions": [{"action": "114/1.1.1"}],
}  # fmt: skip
TEXT = "離島民眾往返校正砝碼耗時，故以行動實驗車到點服務並結合線上預約。"
FORM = {
    "abstract": TEXT, "problem": TEXT, "innovation": TEXT, "sustainability": TEXT,
    "results": "全年到點服務36場，校正砝碼131具，平均等候日數由9日降為2日。",
    "team": [
        {"person": "unit_handler.metrology", "unit": "metrology", "relation": "main_handler"},
        {"person": "director", "unit": "secretariat", "relation": "head"},
    ],
    "coaches": [{"name": "吳宗翰", "agency": "bureau", "relation": "bureau_coach"}],
    "truth_statement": True,
}  # fmt: skip


def begin(stage: Stage, *, key: str = ENTRY, user: str = "sec_handler", **variables: Any) -> int:
    """Start an entry by hand; the ministry is reached by letter unless it is said otherwise."""
    known = {"award_year": 115, "route": "self", "ministry_mode": "letters", **variables}
    return stage.engine.execute(
        stage.engine.actor(user), instances.start, definition_key="award_entry", business_key=key,
        variables=known,
    )  # fmt: skip


def invite(stage: Stage, entry: int, **changes: Any) -> None:
    """Register the letter of the survey."""
    values = {**SURVEY, "attachments": [pdf(stage, "sec_handler")], **changes}
    stage.complete("sec_handler", entry, "register_invitation", **values)


def surveyed(stage: Stage, **variables: Any) -> int:
    """The survey has arrived on the third of February; the memo is next."""
    stage.move_to("2026-02-03T09:00")
    entry = begin(stage, **variables)
    invite(stage, entry)
    return entry


def write_memo(stage: Stage, entry: int, **changes: Any) -> None:
    stage.complete("sec_handler", entry, "entry_memo", **{**MEMO, **changes})


def fill_form(stage: Stage, entry: int, **changes: Any) -> None:
    values = {**FORM, "files": [pdf(stage, "sec_handler")], **changes}
    stage.complete("sec_handler", entry, "entry_form", **values)


def send(stage: Stage, entry: int, number: str = "11590000820", **changes: Any) -> None:
    today = stage.clock.now().date().isoformat()
    stage.complete("sec_handler", entry, "send_entry", **{"doc_no": number, "doc_date": today, **changes})


def decided(stage: Stage, **variables: Any) -> int:
    """The director has agreed to enter; the entry's data are next."""
    entry = surveyed(stage, **variables)
    write_memo(stage, entry)
    stage.sign_off(entry)
    return entry


def sent(stage: Stage, **variables: Any) -> int:
    """The entry has been signed and sent."""
    entry = decided(stage, **variables)
    fill_form(stage, entry)
    stage.sign_off(entry)
    send(stage, entry)
    return entry


def told(stage: Stage, entry: int, outcome: str, number: str = "11500000910", **changes: Any) -> None:
    """The ministry's letter arrives."""
    values = {
        **MINISTRY_LETTER, "doc_no": number, "outcome": outcome,
        "attachments": [pdf(stage, "sec_handler")], **changes,
    }  # fmt: skip
    stage.complete("sec_handler", entry, "register_ministry_letter", **values)


def recommended(stage: Stage, **variables: Any) -> int:
    """The ministry recommends the entry."""
    entry = sent(stage, **variables)
    told(stage, entry, "recommended")
    return entry


def schedule(stage: Stage, entry: int, number: str = "11500000920", **changes: Any) -> None:
    """The schedule of the award is entered with its letter, and there is a result."""
    values = {
        **MINISTRY_LETTER, "issuer": "ndc", "doc_prefix": "發社字", "doc_no": number, "decision": "result",
        "schedule": [{"step": "書面評審", "on": "2026-05-15"}, {"step": "實地訪視", "on": "2026-08-20"}],
        "attachments": [pdf(stage, "sec_handler")], **changes,
    }  # fmt: skip
    stage.complete("sec_handler", entry, "follow_ndc_schedule", **values)


def result_values(stage: Stage, outcome: str, number: str, **changes: Any) -> dict[str, Any]:
    certificate = {
        "finalist": {"certificate_no": "院授發社字第115001號", "certificate": [pdf(stage, "sec_handler")]},
        "won": {"certificate_no": "院授發社字第115002號", "certificate": [pdf(stage, "sec_handler")]},
    }  # fmt: skip
    return {
        **MINISTRY_LETTER, "issuer": "ndc", "doc_prefix": "發社字", "doc_no": number, "on": "2026-02-03",
        "outcome": outcome, **certificate.get(outcome, {}), "attachments": [pdf(stage, "sec_handler")],
        **changes,
    }  # fmt: skip


def look_on(stage: Stage, entry: int) -> None:
    """The schedule stands as it is; there is another result."""
    stage.complete("sec_handler", entry, "follow_ndc_schedule", decision="result")


def record_result(stage: Stage, entry: int, outcome: str, number: str, **changes: Any) -> None:
    values = result_values(stage, outcome, number, **changes)
    stage.complete("sec_handler", entry, "record_ndc_result", **values)


def state_of(stage: Stage, key: str = ENTRY) -> str:
    """Where an entry stands."""
    return str(stage.document("award_state", plan_key=key).body["state"])


def outcomes(stage: Stage, key: str = ENTRY) -> list[str]:
    """The outcomes of an entry, in order."""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.documents.list(key, "award_outcome"))
    return [outcome.body["outcome"] for outcome in found]


def letters(stage: Stage, key: str = ENTRY) -> list[tuple[str, str]]:
    """Direction and number of every letter of an entry."""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan(key))
    return [(letter.direction, letter.number) for letter in found]
