"""The time machine: move the clock of a demo forward; outside a demo there is no such page."""

from datetime import datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.clock import TAIPEI
from engine.demo.time_machine import move_clock, next_due_at
from engine.domain.identity import SYSTEM
from engine.errors import FieldError, Invalid
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from webapp.dates import moment_words
from webapp.door import actor, engine, now
from webapp.errors import faults_of
from webapp.sessions import local_address
from webapp.wording import say

blueprint = Blueprint("demo_clock", __name__, url_prefix="/demo/clock")

UNPROCESSABLE = 422
MORNING = time(9)
STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1), "month": timedelta(days=30)}


@blueprint.get("")
def page() -> str:
    """Where the clock stands, and when something falls due next."""
    return _page([])


@blueprint.post("")
def move() -> Response | tuple[str, int]:
    """Move the clock forward; every timer on the way fires at its own time."""
    try:
        move_clock(engine(), actor(), _wanted())
    except Invalid as refusal:
        return _page(list(faults_of(refusal))), UNPROCESSABLE
    flash(say("The clock of the demo stands at %(moment)s.", moment=moment_words(now())))
    return redirect(local_address(request.form.get("back")) or url_for("demo_clock.page"))


def _page(faults: list[dict[str, str]]) -> str:
    return render_template("demo/clock.html", faults=faults, next_due=engine().ask(SYSTEM, next_due_at))


def _wanted() -> datetime:
    """The instant that was asked for: a step, the next due time, or the morning of a day."""
    step = request.form.get("step", "")
    if step in STEPS:
        return now() + STEPS[step]
    if step == "next_due":
        return max(now(), engine().ask(SYSTEM, next_due_at) or now())
    try:
        day = parse_roc(request.form.get("day", ""))
    except PlanRuleError as error:
        fault = FieldError(path="day", template="Enter a date, such as 114/1/24")
        raise Invalid((fault,)) from error
    return datetime.combine(day, MORNING, TAIPEI)
