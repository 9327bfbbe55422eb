"""The standing questions: the list of them, one screen for each answer, and answers to take away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from engine.commands.exports import record_answer_taken
from engine.documents.cells import csv_file
from engine.documents.odf import SHEET, sheet_file
from engine.errors import NotFound
from engine.queries.questions.registry import Asked, ask_question, standing_questions
from engine.queries.questions.scope import Scope
from webapp.audit.frame import audit_page
from webapp.audit.question_words import MARK_WORDS, in_words, json_of, sheet_rows, shown_rows
from webapp.door import ask, execute, now
from webapp.downloads import content_disposition
from webapp.wording import translated

blueprint = Blueprint("audit_questions", __name__, url_prefix="/audit/questions")

ON_ONE_PAGE = 100
MEDIA_TYPES = {"csv": "text/csv", "ods": SHEET, "json": "application/json"}
NUMBER_LENGTH = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedScope:
    """Something that the question can be asked over."""

    word: str
    href: str
    is_current: bool


@blueprint.get("")
def index() -> str:
    """All questions, each with the sentence that it answers."""
    return audit_page("audit/questions.html", questions=ask(standing_questions))


@blueprint.get("/<slug>")
def page(slug: str) -> str:
    """One question, answered."""
    asked = ask(ask_question, slug, _scope())
    every = shown_rows(asked)
    found = [row for row in every if _is_wanted(row.text, is_finding=row.mark is not None)]
    first = _number("from") or 0
    after = first + ON_ONE_PAGE
    scopes = _scopes(asked)
    return audit_page(
        "audit/question.html",
        asked=asked,
        summary=[in_words(words) for words in asked.answer.summary],
        rows=found[first:after],
        next_href=_address(slug, {**asked.scope.told, **_kept(), "from": after})
        if after < len(found)
        else "",
        all_href=_address(slug, asked.scope.told),
        scopes=scopes,
        over=next((scope.word for scope in scopes if scope.is_current), ""),
        mark_words=MARK_WORDS,
        finds=request.args.get("find", ""),
        only=request.args.get("only", ""),
    )


@blueprint.get("/<slug>/answer.<any(csv, ods, json):kind>")
def file(slug: str, kind: str) -> Response:
    """The whole answer as a file; that it was taken away is an event."""
    asked = ask(ask_question, slug, _scope())
    rows = len(asked.answer.rows)
    execute(record_answer_taken, asked.question.slug, format_=kind, scope=asked.scope.told, rows=rows)
    response = Response(_body(asked, kind), mimetype=MEDIA_TYPES[kind])
    name = f"{now().date().isoformat()}-{asked.question.slug}.{kind}"
    response.headers["Content-Disposition"] = content_disposition(name)
    return response


def _body(asked: Asked, kind: str) -> bytes:
    if kind == "json":
        return json.dumps(json_of(asked), ensure_ascii=False, indent=1).encode()
    rows = sheet_rows(asked)
    if kind == "csv":
        return csv_file(rows)
    title = translated(asked.question.title)
    return sheet_file(title, now().date(), [(title, rows), (gettext("Standing question"), _about(asked))])


def _about(asked: Asked) -> list[list[Any]]:
    """The second sheet: what was asked, over what, and what was looked at."""
    return [
        [translated(asked.question.sentence)],
        *([in_words(words)] for words in asked.answer.summary),
        [gettext("Looked at: %(instances)s processes, %(events)s entries", instances=asked.instances,
                 events=asked.events)],
        *([f"{name}={value}"] for name, value in asked.scope.told.items()),
    ]  # fmt: skip


def _scopes(asked: Asked) -> list[OfferedScope]:
    """Everything, each plan year, each edition of the award, and the process that was asked about."""
    offered = [(str(gettext("Everything")), Scope())]
    if asked.scope.instance_id is not None:
        offered.append((gettext("Process %(no)s", no=asked.scope.instance_id), asked.scope))
    choices = asked.choices
    offered += [
        (gettext("Plan of %(year)s", year=year), Scope(plan_year=year)) for year in choices.plan_years
    ]
    offered += [(gettext("Award of %(year)s", year=year), Scope(edition=year)) for year in choices.editions]
    return [
        OfferedScope(
            word=word,
            href=_address(asked.question.slug, {**scope.told, **_kept()}),
            is_current=scope == asked.scope,
        )
        for word, scope in offered
    ]


def _address(slug: str, query: Mapping[str, Any]) -> str:
    return url_for("audit_questions.page", slug=slug, **query)


def _kept() -> dict[str, str]:
    return {name: request.args[name] for name in ("find", "only") if request.args.get(name)}


def _is_wanted(text: str, *, is_finding: bool) -> bool:
    if request.args.get("only") == "findings" and not is_finding:
        return False
    return request.args.get("find", "").strip().casefold() in text.casefold()


def _scope() -> Scope:
    return Scope(instance_id=_number("instance"), plan_year=_number("plan"), edition=_number("edition"))


def _number(name: str) -> int | None:
    """A number of the address; NotFound for what is none."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_LENGTH):
        raise NotFound(kind="question", id=text[:20])
    return int(text)
