"""The office calendar: which days are worked, year by year, as imported from the published tables."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands.organisation import import_calendar, stop_work
from engine.errors import FieldError, Invalid
from engine.plan.calendar import YearTable
from engine.plan.calendar_csv import year_and_table
from engine.plan.roc import parse_roc, roc_to_ad_year
from engine.plan.rule_error import PlanRuleError
from engine.queries.organisation import calendar_years
from webapp.admin.frame import UNPROCESSABLE, admin_page, faults_in
from webapp.dates import year_words
from webapp.door import ask, execute

blueprint = Blueprint("admin_calendar", __name__, url_prefix="/admin/calendar")

FIRST_AD_YEAR = 1912
NO_TABLE = FieldError(path="table", template="This is not a table of an office calendar")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownYear:
    """One imported table as the page lists it."""

    words: str
    first: date
    confirmed: bool
    source: str
    holidays: tuple[date, ...]
    workdays: tuple[date, ...]
    closures: tuple[tuple[date, str], ...]


@blueprint.get("")
def index() -> str:
    """Every imported year."""
    return admin_page("admin/calendar.html", years=_shown())


@blueprint.post("")
def import_year() -> Response | tuple[str, int]:
    """Import a year's table, or replace it by a newer one."""
    try:
        year, table = _entered()
        execute(import_calendar, year, table, forget_closures=request.form.get("forget_closures") == "yes")
    except Invalid as refusal:
        page = admin_page("admin/calendar.html", years=_shown(), faults=faults_in(refusal, "table"))
        return page, UNPROCESSABLE
    flash(gettext("The office calendar was imported."))
    return redirect(url_for("admin_calendar.index"))


@blueprint.post("/closures")
def add_closure() -> Response | tuple[str, int]:
    """Enter a day on which work is stopped, with its basis."""
    try:
        execute(stop_work, _day(), basis=request.form.get("basis", ""))
    except Invalid as refusal:
        faults = faults_in(refusal, "day")
        page = admin_page("admin/calendar.html", years=_shown(), faults=faults, is_closure=True)
        return page, UNPROCESSABLE
    flash(gettext("The day was entered; due dates that are set from now on leave it out."))
    return redirect(url_for("admin_calendar.index"))


def _day() -> date:
    try:
        return parse_roc(request.form.get("day", "").strip())
    except PlanRuleError as error:
        raise Invalid((FieldError(path="day", template=error.template, params=error.params),)) from error


def _shown() -> list[ShownYear]:
    return [_shown_year(table) for table in ask(calendar_years)]


def _shown_year(table: YearTable) -> ShownYear:
    first = date(table.year, 1, 1)
    return ShownYear(
        words=year_words(first), first=first, confirmed=table.confirmed, source=table.published,
        holidays=tuple(sorted(table.holidays.difference(table.closures))),
        workdays=tuple(sorted(table.workdays)),
        closures=tuple(sorted(table.closures.items())),
    )  # fmt: skip


def _entered() -> tuple[int, dict[str, Any]]:
    """The AD year and the table as entered; the year of a CSV file stands in the file itself."""
    upload = request.files.get("table")
    source = request.form.get("source", "").strip()
    if upload is None or not upload.filename:
        raise Invalid((FieldError(path="table", template="Choose the table of the year"),))
    if not source:
        raise Invalid((FieldError(path="source", template="Say who published the table, and when"),))
    with upload.stream as stream:
        body = stream.read()
    try:
        if upload.filename.lower().endswith(".csv"):
            year, table = year_and_table(body)
        else:
            year, table = _year(), json.loads(body)
    except PlanRuleError as error:
        raise Invalid((FieldError(path="table", template=error.template, params=error.params),)) from error
    except ValueError as error:
        raise Invalid((NO_TABLE,)) from error
    if not isinstance(table, dict):
        raise Invalid((NO_TABLE,))
    return year, {**table, "source": source, "confirmed": request.form.get("confirmed") == "yes"}


def _year() -> int:
    """The year as entered, ROC or AD."""
    text = request.form.get("year", "").strip()
    if not text.isdecimal() or not 0 < int(text[:6]) < 10_000:
        raise Invalid((FieldError(path="year", template="Enter a year, such as 116"),))
    year = int(text)
    return year if year >= FIRST_AD_YEAR else roc_to_ad_year(year)
