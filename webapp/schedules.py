"""The schedule of a plan's year (年度時程): its dates, clauses and bases, and the form to change them."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from engine.commands.schedules import change
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.plan.schedule import AWARD, FREQUENCIES, IN_ORDER, Schedule
from engine.queries.schedules import SchedulePage, schedule_page
from webapp.date_words import DATE_WORDS
from webapp.dates import plain_day
from webapp.door import actor, ask, execute
from webapp.wording import in_words

blueprint = Blueprint("schedules", __name__, url_prefix="/schedules")

UNPROCESSABLE = 422
FREQUENCY_WORDS: dict[str, LazyString] = {
    "off": lazy_gettext("No progress reports"),
    "monthly": lazy_gettext("Every month"),
    "quarterly": lazy_gettext("Every quarter"),
}
EDITED = (*IN_ORDER, "K5", AWARD)
LETTER_EXAMPLE = "經標秘字第11490000310號函"
NUMBERS = ("enacting_days", "unit_lead_days")


@blueprint.get("/<int:roc_year>")
def page(roc_year: int) -> str:
    """The dates of a year."""
    found = ask(schedule_page, roc_year)
    return _render(found, _entered_before(found.schedule))


@blueprint.post("/<int:roc_year>")
def save(roc_year: int) -> Response | tuple[str, int]:
    """Change the dates of a year whose cycle has not begun."""
    found = ask(schedule_page, roc_year)
    require(actor(), Action.CHANGE_SCHEDULE)
    entered = _entered_before(found.schedule)
    # Once the cycle has begun, the form asks for K6 alone.
    entered |= {name: request.form[name].strip() for name in entered if name in request.form}
    try:
        execute(change, roc_year, _schedule(found.schedule, entered), letter=entered["letter"])
    except Invalid as refusal:
        return _render(found, entered, refusal.errors), UNPROCESSABLE
    flash(gettext("The schedule was changed."))
    return redirect(url_for("schedules.page", roc_year=roc_year))


def _entered_before(schedule: Schedule) -> dict[str, str]:
    return {
        **{id: plain_day(schedule.dates[id]) if id in schedule.dates else "" for id in EDITED},
        **{name: str(getattr(schedule, name)) for name in NUMBERS},
        "progress": schedule.progress,
        "letter": "",
    }


def _schedule(before: Schedule, entered: dict[str, str]) -> Schedule:
    """The schedule as entered; Invalid for what is no date or no number."""
    faults: list[FieldError] = []
    dates: dict[str, date] = dict(before.dates)
    for id in EDITED:
        if id == AWARD and not entered[id]:
            dates.pop(id, None)
            continue
        try:
            dates[id] = parse_roc(entered[id])
        except PlanRuleError as error:
            faults.append(FieldError(path=id, template=error.template, params=dict(error.params)))
    faults += [
        FieldError(path=name, template="Enter a number, such as 120 or 98.5")
        for name in NUMBERS
        if not entered[name].isdecimal() or len(entered[name]) > 4
    ]
    if faults:
        raise Invalid(tuple(faults))
    return Schedule(
        dates=dates, enacting_days=int(entered["enacting_days"]), letters=before.letters,
        unit_lead_days=int(entered["unit_lead_days"]), progress=entered["progress"],
    )  # fmt: skip


def _render(found: SchedulePage, entered: dict[str, str], errors: tuple[FieldError, ...] = ()) -> str:
    faults: list[dict[str, Any]] = [{"path": error.path, "message": in_words(error)} for error in errors]
    return render_template(
        "schedules/page.html",
        page=found,
        entered=entered,
        faults=faults,
        date_words=DATE_WORDS,
        award=AWARD,
        letter_example=LETTER_EXAMPLE,
        edited=EDITED,
        frequencies=[(name, FREQUENCY_WORDS[name]) for name in FREQUENCIES],
        frequency_words=FREQUENCY_WORDS,
    )
