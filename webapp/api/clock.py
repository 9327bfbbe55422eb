"""The demo clock: read it, or move it forward; due timers fire on the way."""

from flask import Blueprint

from engine.demo.time_machine import move_clock
from webapp.api.description import answers, description
from webapp.api.shapes import Now
from webapp.door import actor, engine, now

blueprint = Blueprint("api_clock", __name__, url_prefix="/demo")


@blueprint.get("/clock")
@description.validate(resp=answers(Now), tags=["demo"])
def read_clock() -> Now:
    """The present instant of the demo."""
    return Now(now=now())


@blueprint.post("/clock")
@description.validate(resp=answers(Now), tags=["demo"])
def set_clock(json: Now) -> Now:
    """Move the demo clock forward; timers that fall due fire in their order."""
    move_clock(engine(), actor(), json.now)
    return Now(now=now())
