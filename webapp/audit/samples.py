"""Audit runs: random samples with their seed, findings at entries of histories, and what became of them."""

import json
from secrets import token_hex
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask import Response as FileResponse
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands import audit_runs
from engine.commands.exports import record_run_taken
from engine.documents.cells import csv_file
from engine.documents.odf import SHEET, sheet_file
from engine.domain.audit_run import Criteria, Spread
from engine.errors import FieldError, Invalid, NotFound
from engine.queries.audit_runs import audit_runs as every_run
from engine.queries.audit_runs import draw_page, finding_page, run_page
from engine.queries.questions.answer import EventPlace
from webapp.audit.frame import audit_page
from webapp.audit.question_words import href_of
from webapp.audit.sample_files import run_json, sample_rows
from webapp.audit.sample_words import OUTCOME_WORDS, SEVERITY_WORDS, SPREAD_WORDS
from webapp.definition_words import in_language
from webapp.door import ask, execute, now
from webapp.downloads import content_disposition
from webapp.errors import faults_of

blueprint = Blueprint("audit_samples", __name__, url_prefix="/audit/samples")

UNPROCESSABLE = 422
SEED_BYTES = 8
USUAL_SIZE = 5
NUMBER_LENGTH = 9
MEDIA_TYPES = {"csv": "text/csv", "ods": SHEET, "json": "application/json"}


@blueprint.get("")
def index() -> str:
    """Every run, the newest first."""
    return audit_page("audit/samples.html", runs=ask(every_run))


@blueprint.get("/new")
def new() -> str:
    """What to draw from, with a seed that chance gives; any other may be entered."""
    given = {"title": "", "seed": token_hex(SEED_BYTES), "size": str(USUAL_SIZE), "least_returns": "0"}
    return _draw_page(given, (), (), Spread.NOTHING)


@blueprint.post("")
def begin() -> Response | tuple[str, int]:
    """Draw the sample and begin the run."""
    given = {name: request.form.get(name, "").strip() for name in ("title", "seed", "size", "least_returns")}
    stages, units = request.form.getlist("stages"), request.form.getlist("units")
    spread = request.form.get("spread", "")
    try:
        criteria = _criteria(given, stages, units, spread)
        drawn = execute(audit_runs.begin, title=given["title"], seed=given["seed"], criteria=criteria)
    except Invalid as refusal:
        return _draw_page(given, stages, units, spread, list(faults_of(refusal))), UNPROCESSABLE
    flash(gettext("The sample was drawn: %(count)s processes.", count=len(drawn)))
    return redirect(url_for("audit_samples.index"))


@blueprint.get("/<int:run_no>")
def page(run_no: int) -> str:
    """One run: its draw, its sample, its findings."""
    return _run_page(run_no)


@blueprint.get("/<int:run_no>/run.<any(csv, ods, json):kind>")
def file(run_no: int, kind: str) -> FileResponse:
    """The run as a file; that it was taken away is an event."""
    found = ask(run_page, run_no)
    execute(record_run_taken, run_no, format_=kind)
    if kind == "json":
        body = json.dumps(run_json(found), ensure_ascii=False, indent=1).encode()
    elif kind == "csv":
        body = csv_file(sample_rows(found))
    else:
        body = sheet_file(found.run.title, now().date(), [(gettext("Sample"), sample_rows(found))])
    answer = FileResponse(body, mimetype=MEDIA_TYPES[kind])
    name = f"{now().date().isoformat()}-audit-run-{run_no}.{kind}"
    answer.headers["Content-Disposition"] = content_disposition(name)
    return answer


@blueprint.get("/<int:run_no>/finding")
def new_finding(run_no: int) -> str:
    """A finding at an entry of a history: `instance` and `at` name it."""
    return _finding_page(run_no, _number("instance"), _number("at") or None, {"severity": "should"}, [])


@blueprint.post("/<int:run_no>/finding")
def find(run_no: int) -> Response | tuple[str, int]:
    """Record the finding and ask those concerned."""
    given, asked = dict(request.form), request.form.getlist("asked")
    instance_id, seq = _number("instance"), _number("seq")
    try:
        execute(
            audit_runs.find, run_no, instance_id=instance_id, seq=seq, asked=asked,
            severity=given.get("severity", ""), text=given.get("text", ""),
        )  # fmt: skip
    except Invalid as refusal:
        faults = list(faults_of(refusal))
        return _finding_page(run_no, instance_id, None, given, asked, faults), UNPROCESSABLE
    flash(gettext("The finding was recorded; whoever was asked gets a mail."))
    return redirect(url_for("audit_samples.page", run_no=run_no))


@blueprint.post("/<int:run_no>/finding/<int:finding_no>/settle")
def settle(run_no: int, finding_no: int) -> Response | tuple[str, int]:
    """Say what became of a finding."""
    given = request.form
    try:
        execute(
            audit_runs.settle,
            run_no,
            finding_no,
            outcome=given.get("outcome", ""),
            text=given.get("text", ""),
        )
    except Invalid as refusal:
        return _run_page(run_no, list(faults_of(refusal)), settling=finding_no), UNPROCESSABLE
    flash(gettext("The finding is settled."))
    return redirect(url_for("audit_samples.page", run_no=run_no))


@blueprint.post("/<int:run_no>/close")
def close(run_no: int) -> Response | tuple[str, int]:
    """Close the run with its conclusion."""
    try:
        execute(audit_runs.close, run_no, text=request.form.get("text", ""))
    except Invalid as refusal:
        return _run_page(run_no, list(faults_of(refusal))), UNPROCESSABLE
    flash(gettext("The audit run is closed."))
    return redirect(url_for("audit_samples.page", run_no=run_no))


def _draw_page(
    given: dict[str, str],
    stages: Any,
    units: Any,
    spread: str,
    faults: list[dict[str, str]] | None = None,
) -> str:
    found = ask(draw_page)
    return audit_page(
        "audit/sample_new.html",
        page=found,
        stage_words=[(key, in_language(name)) for key, name in found.stages],
        spread_words=list(SPREAD_WORDS.items()),
        given=given,
        stages=stages,
        units=units,
        spread=spread,
        faults=faults or [],
    )


def _run_page(run_no: int, faults: list[dict[str, str]] | None = None, settling: int | None = None) -> str:
    return audit_page(
        "audit/sample.html",
        page=ask(run_page, run_no),
        faults=faults or [],
        settling=settling,
        given=dict(request.form),
        spread_words=SPREAD_WORDS,
        severity_words=SEVERITY_WORDS,
        outcome_words=list(OUTCOME_WORDS.items()),
        outcomes=OUTCOME_WORDS,
        entry_href=_entry_href,
    )


def _finding_page(
    run_no: int,
    instance_id: int,
    seq: int | None,
    given: dict[str, str],
    asked: list[str],
    faults: list[dict[str, str]] | None = None,
) -> str:
    return audit_page(
        "audit/sample_finding.html",
        page=ask(finding_page, run_no, instance_id, seq),
        severity_words=list(SEVERITY_WORDS.items()),
        given=given,
        asked=asked,
        faults=faults or [],
    )


def _criteria(given: dict[str, str], stages: list[str], units: list[str], spread: str) -> Criteria:
    faults = [
        FieldError(path=name, template="Enter a whole number")
        for name in ("size", "least_returns")
        if not _is_number(given[name])
    ]
    if spread not in list(Spread):
        faults.append(FieldError(path="spread", template="Choose one of the options"))
    if faults:
        raise Invalid(tuple(faults))
    return Criteria(
        size=int(given["size"]), stages=tuple(sorted(stages)), units=tuple(sorted(units)),
        least_returns=int(given["least_returns"]), spread=Spread(spread),
    )  # fmt: skip


def _entry_href(instance_id: int, seq: int) -> str:
    return href_of(EventPlace(instance_id=instance_id, seq=seq))


def _number(name: str) -> int:
    """A number of the address or of the form; 0, which names nothing, where none was given."""
    text = request.values.get(name, "")
    if text and not _is_number(text):
        raise NotFound(kind="audit run", id=text[:NUMBER_LENGTH])
    return int(text or 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= NUMBER_LENGTH
