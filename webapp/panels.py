"""The words of panels: what a key of a panel is called, and how a value of one is told."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from engine.clock import TAIPEI
from engine.plan.vocabulary import STATUS_LABELS
from webapp.dates import moment_words, plain_day
from webapp.definition_words import in_language
from webapp.forms.differences import Piece, pieces
from webapp.wording import translated

PANEL_WORDS: dict[str, LazyString] = {
    "action_id": lazy_gettext("No."),
    "achievements": lazy_gettext("Achievements"),
    "actual": lazy_gettext("Actual"),
    "after": lazy_gettext("After"),
    "answer": lazy_gettext("What is done about it"),
    "applicable": lazy_gettext("Applies to the unit"),
    "about_step": lazy_gettext("Asked about"),
    "asked_by": lazy_gettext("Asked by"),
    "passed_on_by": lazy_gettext("Passed on by"),
    "passed_on_note": lazy_gettext("Note of the sender"),
    "question": lazy_gettext("Question"),
    "assessment_report": lazy_gettext("Report of the assessment"),
    "as_of": lazy_gettext("As of"),
    "at": lazy_gettext("Time"),
    "basis": lazy_gettext("Basis"),
    "before": lazy_gettext("Before"),
    "bounds": lazy_gettext("Bounds"),
    "cause": lazy_gettext("Cause"),
    "changes": lazy_gettext("Changes"),
    "checklist": lazy_gettext("Checklist"),
    "clause": lazy_gettext("Clause"),
    "comment": lazy_gettext("Comment"),
    "criteria": lazy_gettext("Criteria"),
    "current": lazy_gettext("As it stands"),
    "current_words": lazy_gettext("Texts as they stand"),
    "date": lazy_gettext("Date"),
    "differences": lazy_gettext("Differences"),
    "difficulty": lazy_gettext("Difficulties and remedies"),
    "doc_date": lazy_gettext("Date of letter"),
    "due_on": lazy_gettext("Due date"),
    "employee_kind": lazy_gettext("Kind of person"),
    "evidence": lazy_gettext("Evidence"),
    "files": lazy_gettext("File"),
    "finding": lazy_gettext("Finding"),
    "findings": lazy_gettext("Findings"),
    "grade": lazy_gettext("Grade"),
    "highlight": lazy_gettext("Highlight"),
    "improvement": lazy_gettext("Improvement"),
    "improvements": lazy_gettext("Improvements"),
    "indicator": lazy_gettext("Indicator"),
    "item": lazy_gettext("Item"),
    "label": lazy_gettext("Label"),
    "late_changes": lazy_gettext("Numbers added in December"),
    "letters": lazy_gettext("Letters"),
    "lowered": lazy_gettext("Targets lowered late"),
    "made_file": lazy_gettext("File to send or publish"),
    "max_score": lazy_gettext("Full marks"),
    "measure": lazy_gettext("Unit of measure"),
    "merits": lazy_gettext("Merits"),
    "method": lazy_gettext("Method"),
    "name": lazy_gettext("Label"),
    "narrative": lazy_gettext("Narrative"),
    "note": lazy_gettext("Note"),
    "number": lazy_gettext("Number"),
    "opinion": lazy_gettext("Opinion"),
    "opinions": lazy_gettext("Opinions of countersigners"),
    "overall": lazy_gettext("Overall"),
    "outcome": lazy_gettext("Outcome"),
    "owner": lazy_gettext("Responsible person"),
    "percent": lazy_gettext("Percent"),
    "period": lazy_gettext("Period"),
    "person": lazy_gettext("Person"),
    "warning_notes": lazy_gettext("Notes on the warnings"),
    "abstract": lazy_gettext("Abstract"),
    "category": lazy_gettext("Category"),
    "theme": lazy_gettext("Theme"),
    "problem": lazy_gettext("Problem"),
    "innovation": lazy_gettext("Innovation"),
    "sustainability": lazy_gettext("Sustainability"),
    "entrant_label": lazy_gettext("Entrant"),
    "team": lazy_gettext("Team and coaches"),
    "score_lines": lazy_gettext("Scores"),
    "reviewer": lazy_gettext("Reviewer"),
    "results": lazy_gettext("Results"),
    "entry_memo": lazy_gettext("Memo"),
    "response": lazy_gettext("Response"),
    "plan_changes": lazy_gettext("What changed"),
    "plan_document": lazy_gettext("The plan"),
    "previous": lazy_gettext("Before"),
    "progress": lazy_gettext("Progress"),
    "proposal": lazy_gettext("Proposal"),
    "publication": lazy_gettext("Publication"),
    "publication_proof": lazy_gettext("Proof of publication"),
    "reason": lazy_gettext("Reason"),
    "relations": lazy_gettext("Relations"),
    "main_handlers": lazy_gettext("Main handlers"),
    "reward_lines": lazy_gettext("Reward list"),
    "roc_year": lazy_gettext("Year"),
    "rows": lazy_gettext("Actions"),
    "result_rows": lazy_gettext("Results"),
    "objection": lazy_gettext("Objection"),
    "refusal": lazy_gettext("Why it was not accepted"),
    "supplement": lazy_gettext("Supplement"),
    "published": lazy_gettext("Published version"),
    "acknowledged": lazy_gettext("Acknowledged version"),
    "identical": lazy_gettext("The same version"),
    "proof": lazy_gettext("Proof"),
    "posted_on": lazy_gettext("Posted on"),
    "posted_by": lazy_gettext("Posted by"),
    "photo": lazy_gettext("Photo"),
    "page_title": lazy_gettext("Title of the page"),
    "published_at": lazy_gettext("Published at"),
    "screenshot": lazy_gettext("Screenshot"),
    "formats": lazy_gettext("Formats"),
    "result": lazy_gettext("Result"),
    "result_known": lazy_gettext("Result known by then"),
    "score": lazy_gettext("Score"),
    "scores": lazy_gettext("Scores"),
    "sections": lazy_gettext("Chapters of the report"),
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
    "text": lazy_gettext("Narrative"),
    "title": lazy_gettext("Title"),
    "to_review": lazy_gettext("Methods to look at again"),
    "total": lazy_gettext("Total"),
    "unit": lazy_gettext("Unit"),
    "unit_scores": lazy_gettext("Scores of the units"),
    "self_total": lazy_gettext("Own total"),
    "wants_reward": lazy_gettext("Proposes rewards or sanctions"),
    "url": lazy_gettext("Web address"),
    "version": lazy_gettext("Version"),
    "who": lazy_gettext("Who"),
}  # fmt: skip

# Codes of documents that panels show as they were kept.
CODE_WORDS: dict[str, LazyString] = {
    "accepted": lazy_gettext("Adopted"),
    "adopted": lazy_gettext("Adopted"),
    "partly_adopted": lazy_gettext("Partly adopted"),
    "not_adopted": lazy_gettext("Not adopted"),
    "named_on_list": lazy_gettext("Named on the list"),
    "no_holder": lazy_gettext("Nobody holds this role"),
    "same_deputy_as_before": lazy_gettext("The same person acted on the level before (counting deputies)"),
    "same_deputy_as_next": lazy_gettext("The same person decides on the next level (counting deputies)"),
    "same_person_as_before": lazy_gettext("The same person acted on the level before"),
    "same_person_as_next": lazy_gettext("The same person decides on the next level"),
    "normal": lazy_gettext("On course"),
    "behind": lazy_gettext("Behind"),
    "finished": lazy_gettext("Finished"),
    "must_improve": lazy_gettext("Must be improved"),
    "suggestion": lazy_gettext("Suggestion"),
    "fits": lazy_gettext("Fits"),
    "posted": lazy_gettext("Posted"),
    "differs": lazy_gettext("Does not fit"),
}

# Panels beside the form tell where it comes from.
BESIDE_PANELS = frozenset(
    {"note", "state", "plan_state", "letters", "period", "plan", "remarks", "refusal", "achievements"}
)
# Parts of rows that only the program needs.
SHORT = 12
HIDDEN_COLUMNS = frozenset({"key", "digest", "id_of_unit"})
# What names a row stands before what is told of it: documents keep their keys in the order of the alphabet.
NAMING_COLUMNS = ("action_id", "id", "unit", "name", "label", "indicator")


def panel_place(name: str) -> str:
    """Where a panel stands: in the main column or beside it."""
    return "beside" if name in BESIDE_PANELS else "main"


def panel_columns(rows: list[dict[str, Any]]) -> list[str]:
    """The columns of a table of rows that have anything in them, those that name a row first."""
    names = dict.fromkeys(name for row in rows for name in row)
    filled = {name for row in rows for name, value in row.items() if value not in (None, "", [], {})}
    shown = [name for name in names if name in filled and name not in HIDDEN_COLUMNS]
    return sorted(shown, key=_place_of_column)


def _place_of_column(name: str) -> int:
    return NAMING_COLUMNS.index(name) if name in NAMING_COLUMNS else len(NAMING_COLUMNS)


def panel_is_short(rows: list[Any]) -> bool:
    """True for a list of short words, which reads better in one line."""
    return all(len(panel_text(row)) <= SHORT for row in rows)


def finding_words(finding: dict[str, Any]) -> str:
    """A remark of the plan's checks in the language of the page."""
    return translated(finding["template"]).format(**finding.get("params", {}))


def inline_difference(change: Any) -> Markup:
    """Both texts of a change in one run: struck out and underlined."""
    return Markup().join(_marked(piece) for piece in pieces(change.before, change.after))


def seen_difference(change: Any) -> Markup:
    """Both values of a change that an approver is told, in one run; files of one name by their digests."""
    before, after = panel_text(change.before), panel_text(change.after)
    if before == after:
        before, after = f"{before} {_digests(change.before)}", f"{after} {_digests(change.after)}"
    return Markup().join(_marked(piece) for piece in pieces(before, after))


def change_names(change: Any) -> str:
    """Where a change is: the parts of the page and the names of rows that lead to it."""
    return "・".join(in_language(panel_words(name)) for name in change.names)


def edit_difference(edit: dict[str, Any]) -> Markup:
    """What a signer changed in a text, in one run."""
    return Markup().join(_marked(piece) for piece in pieces(edit["before"], edit["after"]))


def _digests(value: Any) -> str:
    files = value if isinstance(value, list) else [value]
    return " ".join(str(file.get("digest", ""))[:8] for file in files if isinstance(file, dict))


def _marked(piece: Piece) -> Markup:
    match piece.mark:
        case "del":
            return Markup("<del>{}</del>").format(piece.text)
        case "ins":
            return Markup("<ins>{}</ins>").format(piece.text)
        case _:
            return escape(piece.text)


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
    if isinstance(value, str):
        return _code_words(value) or _date_words(value)
    return str(value)


def _code_words(text: str) -> str:
    return str(CODE_WORDS.get(text) or STATUS_LABELS.get(text, ""))


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
