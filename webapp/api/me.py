"""`GET /me`: who the bearer of the token is."""

from flask import Blueprint

from webapp.api.description import answers, description
from webapp.api.shapes import Me
from webapp.door import actor

blueprint = Blueprint("api_me", __name__)


@blueprint.get("/me")
@description.validate(resp=answers(Me), tags=["me"])
def me() -> Me:
    """The actor, with roles and units that are valid today, and in whose place the actor stands."""
    return Me.of(actor())
