"""The words of panels: what a key of a panel is called, and how a value of one is told."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.clock import TAIPEI
from webapp.dates import moment_words, plain_day

PANEL_WORDS: dict[str, LazyString] = {
    "action_id": lazy_gettext("No."),
    "achievements": lazy_gettext("Achievements"),
    "actual": lazy_gettext("Actual"),
    "as_of": lazy_gettext("As of"),
    "at": lazy_gettext("Time"),
    "basis": lazy_gettext("Basis"),
    "cause": lazy_gettext("Cause"),
    "changes": lazy_gettext("Changes"),
    "checklist": lazy_gettext("Checklist"),
    "comment": lazy_gettext("Comment"),
    "date": lazy_gettext("Date"),
    "differences": lazy_gettext("Differences"),
    "difficulty": lazy_gettext("Difficulties and remedies"),
    "doc_date": lazy_gettext("Date of letter"),
    "due_on": lazy_gettext("Due date"),
    "evidence": lazy_gettext("Evidence"),
    "finding": lazy_gettext("Finding"),
    "findings": lazy_gettext("Findings"),
    "highlight": lazy_gettext("Highlight"),
    "improvement": lazy_gettext("Improvement"),
    "improvements": lazy_gettext("Improvements"),
    "indicator": lazy_gettext("Indicator"),
    "item": lazy_gettext("Item"),
    "label": lazy_gettext("Name"),
    "letters": lazy_gettext("Letters"),
    "max_score": lazy_gettext("Full marks"),
    "measure": lazy_gettext("Unit of measure"),
    "method": lazy_gettext("Method"),
    "name": lazy_gettext("Name"),
    "narrative": lazy_gettext("Account"),
    "note": lazy_gettext("Note"),
    "number": lazy_gettext("Number"),
    "opinion": lazy_gettext("Opinion"),
    "opinions": lazy_gettext("Opinions of countersigners"),
    "overall": lazy_gettext("Overall"),
    "owner": lazy_gettext("Responsible person"),
    "percent": lazy_gettext("Percent"),
    "period": lazy_gettext("Period"),
    "plan_changes": lazy_gettext("What changed"),
    "plan_document": lazy_gettext("The plan"),
    "previous": lazy_gettext("Before"),
    "progress": lazy_gettext("Progress"),
    "publication": lazy_gettext("Publication"),
    "publication_proof": lazy_gettext("Proof of publication"),
    "reason": lazy_gettext("Reason"),
    "result": lazy_gettext("Result"),
    "score": lazy_gettext("Score"),
    "scores": lazy_gettext("Scores"),
    "self_report": lazy_gettext("Self-report"),
    "self_score": lazy_gettext("Own score"),
    "self_scores": lazy_gettext("Own scores"),
    "severity": lazy_gettext("Severity"),
    "shortfall_reason": lazy_gettext("Reason of the shortfall"),
    "less_reason": lazy_gettext("Reason for less than before"),
    "signatures": lazy_gettext("Signatures"),
    "state": lazy_gettext("State"),
    "status": lazy_gettext("Status"),
    "subject": lazy_gettext("Subject"),
    "summary": lazy_gettext("Action"),
    "target": lazy_gettext("Target"),
    "target_text": lazy_gettext("Target"),
    "text": lazy_gettext("Account"),
    "title": lazy_gettext("Title"),
    "total": lazy_gettext("Total"),
    "unit": lazy_gettext("Unit"),
    "url": lazy_gettext("Web address"),
    "version": lazy_gettext("Version"),
    "who": lazy_gettext("Who"),
}  # fmt: skip


def panel_words(key: str) -> str:
    """What a part of a panel is called; a word that the house does not know stands as it is."""
    return str(PANEL_WORDS.get(key, key))


def panel_text(value: Any) -> str:
    """A value of a panel as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(gettext("Yes") if value else gettext("No"))
    if isinstance(value, list | tuple):
        return "、".join(panel_text(part) for part in value)
    if isinstance(value, dict):
        named: Any = next((value[key] for key in ("label", "title", "name", "text") if value.get(key)), None)
        return panel_text(named) if named else "；".join(_pairs(value))
    return _date_words(value) if isinstance(value, str) else str(value)


def _pairs(value: dict[str, Any]) -> list[str]:
    return [f"{panel_words(key)} {panel_text(part)}" for key, part in value.items()]


def _date_words(text: str) -> str:
    if len(text) < 10 or not text[:4].isdigit() or text[4] != "-":
        return text
    try:
        if len(text) == len("2025-01-24"):
            return plain_day(date.fromisoformat(text))
        return _moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def _moment(at: datetime) -> str:
    return moment_words(at if at.tzinfo else at.replace(tzinfo=TAIPEI))
