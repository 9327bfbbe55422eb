"""Sets of criteria of the self-assessment (考核項目): see, copy, change and release them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.activities.criteria_sets import CriteriaSet
from engine.commands import criteria_sets
from engine.errors import FieldError, Invalid
from engine.plan.criteria import MOST_CRITERIA, Criterion
from engine.queries.criteria_sets import criteria_page
from webapp.door import ask, execute
from webapp.wording import in_words

blueprint = Blueprint("criteria", __name__, url_prefix="/criteria")

UNPROCESSABLE = 422
BLANK_ROWS = 3
Row = dict[str, str]


@blueprint.get("")
def index() -> str:
    """Every set."""
    return render_template("criteria/index.html", page=ask(criteria_page))


@blueprint.get("/<key>")
def page(key: str) -> str:
    """One set, with the form to change it while it is a draft."""
    found = ask(criteria_page, key)
    assert found.chosen is not None
    return _render(key, found.chosen.name, _rows(found.chosen), ())


@blueprint.post("/<key>")
def save(key: str) -> Response | tuple[str, int]:
    """Write a draft anew."""
    name, rows = request.form.get("name", ""), _entered()
    try:
        execute(criteria_sets.change, key, name=name, criteria=[_criterion(row) for row in rows])
    except Invalid as refusal:
        return _render(key, name, rows, refusal.errors), UNPROCESSABLE
    flash(gettext("The criteria were saved."))
    return redirect(url_for("criteria.page", key=key))


@blueprint.post("/<key>/copy")
def copy(key: str) -> Response:
    """Begin a draft of a year as this set."""
    year = request.form.get("roc_year", "")
    made = execute(criteria_sets.copy, key, roc_year=int(year) if year.isdecimal() else 0)
    flash(gettext("The set was copied; change the copy and release it."))
    return redirect(url_for("criteria.page", key=made.key))


@blueprint.post("/<key>/release")
def release(key: str) -> Response:
    """Offer a set to the assessments of its year; it stays as it is from now on."""
    execute(criteria_sets.release, key)
    flash(gettext("The set was released; assessments can choose it."))
    return redirect(url_for("criteria.page", key=key))


def _rows(found: CriteriaSet) -> list[Row]:
    return [{"name": c.name, "max_score": str(c.max_score), "note": c.note} for c in found.criteria]


def _entered() -> list[Row]:
    """The rows in which something stands; an empty row removes its criterion."""
    rows = [
        {part: request.form.get(f"{part}-{no}", "").strip() for part in ("name", "max_score", "note")}
        for no in range(MOST_CRITERIA + BLANK_ROWS)
    ]
    return [row for row in rows if any(row.values())]


def _criterion(row: Row) -> Criterion:
    score = row["max_score"]
    return Criterion(
        name=row["name"],
        max_score=int(score) if score.isdecimal() and len(score) <= 4 else 0,
        note=row["note"],
    )


def _render(key: str, name: str, rows: list[Row], errors: tuple[FieldError, ...]) -> str:
    faults: list[dict[str, Any]] = [
        {"path": _name(error.path), "message": in_words(error)} for error in errors
    ]
    blank = {"name": "", "max_score": "", "note": ""}
    return render_template(
        "criteria/page.html",
        page=ask(criteria_page, key),
        name=name,
        rows=[*rows, *[blank] * BLANK_ROWS],
        faults=faults,
    )


def _name(path: str) -> str:
    """The entry of the page that a fault belongs to: `criteria/0/name` is `name-0`."""
    _, no, part = path.split("/") if path.count("/") == 2 else ("", "", "")
    return f"{part}-{no}" if part else {"criteria": "name-0"}.get(path, path)
