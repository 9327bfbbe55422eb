"""逾期清單: what is overdue by unit, now or by a weekly report, as a page and as files; and urging (催辦)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.activities.overdue import OverdueLine
from engine.commands.tasks import urge
from engine.documents.cells import csv_file
from engine.documents.odf import SHEET, sheet_file
from engine.domain.permission import Action, require
from engine.errors import EngineError, Invalid, NotFound
from engine.queries.overdue import OverdueReport, overdue_report
from engine.queries.tasks import LARGEST_NUMBER
from webapp.dates import plain_day
from webapp.door import actor, ask, execute
from webapp.downloads import content_disposition
from webapp.wording import in_words

blueprint = Blueprint("overdue", __name__, url_prefix="/overdue")

MOST_AT_ONCE = 50
LINES_OF_A_PAGE = 50
MEDIA_TYPES = {"csv": "text/csv", "ods": SHEET}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of urging one task: `fault` is empty where it was urged."""

    line: OverdueLine
    fault: str


@blueprint.get("")
def page() -> str:
    """The list, unit by unit, the longest overdue on the first page."""
    cursor = request.args.get("cursor") or None
    found = ask(overdue_report, _week(), cursor=cursor, limit=LINES_OF_A_PAGE)
    return render_template("overdue/page.html", page=found, most=MOST_AT_ONCE, is_later=cursor is not None)


@blueprint.get("/overdue.<any(csv, ods):kind>")
def file(kind: str) -> Response:
    """The list as a file for spreadsheets."""
    found = ask(overdue_report, _week())
    title = gettext("Overdue on %(day)s", day=plain_day(found.on))
    rows = _rows(found)
    body = csv_file(rows) if kind == "csv" else sheet_file(title, found.on, [(gettext("Overdue"), rows)])
    response = Response(body, mimetype=MEDIA_TYPES[kind])
    response.headers["Content-Disposition"] = content_disposition(f"{found.on.isoformat()}-overdue.{kind}")
    return response


@blueprint.post("/urge")
def urge_chosen() -> str | AnyResponse:
    """Urge each of the chosen tasks by itself, and report what became of each."""
    require(actor(), Action.URGE)
    wanted = list(dict.fromkeys(request.form.getlist("task")))
    among = [int(number) for number in wanted[:MOST_AT_ONCE] if _is_number(number)]
    found = ask(overdue_report, among=among)
    known = {str(line.task_id): line for group in found.groups for line in group.lines}
    chosen = [known[number] for number in wanted if number in known]
    if not chosen:
        return redirect(url_for("overdue.page"))
    note = request.form.get("note", "").strip()
    outcomes = [Outcome(line=line, fault=_fault_of(line.task_id, note)) for line in chosen]
    gone = len(wanted) - len(chosen)
    return render_template("overdue/urged.html", outcomes=outcomes, gone=gone)


def _fault_of(task_id: int, note: str) -> str:
    """Urge one task in a transaction of its own; gives why it could not be, or nothing."""
    try:
        execute(urge, task_id, note=note)
    except Invalid as refusal:
        return str(gettext(", ")).join(in_words(error) for error in refusal.errors)
    except EngineError as refusal:
        return in_words(refusal)
    return ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) <= LARGEST_NUMBER


def _rows(found: OverdueReport) -> Sequence[Sequence[Any]]:
    head = [
        gettext("Unit"), gettext("Item"), gettext("About"), gettext("Owed by"), gettext("Due date"),
        gettext("Original"), gettext("Late after"), gettext("Working days late"),
    ]  # fmt: skip
    body = [
        [
            group.label, line.label, line.subject, line.owed_by or group.label, plain_day(line.due_on),
            plain_day(line.original_on) if line.original_on else "", plain_day(line.late_after_on),
            Decimal(line.days),
        ]
        for group in found.groups
        for line in group.lines
    ]  # fmt: skip
    return [head, *body]


def _week() -> date | None:
    text = request.args.get("week")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound(kind="document", id=text[:20]) from error
