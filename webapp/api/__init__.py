"""The HTTP API under /api/v1: the same commands and queries as the pages, in JSON, for bearers of a token."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from webapp.api import clock, definitions, deputyships, instances, me, messages, questions, signoffs, tasks
from webapp.api.description import install_description
from webapp.api.gate import install_gate
from webapp.api.strict_json import StrictJson

PREFIX = "/api/v1"
BLUEPRINTS = (
    me.blueprint,
    deputyships.blueprint,
    definitions.blueprint,
    instances.blueprint,
    tasks.blueprint,
    questions.blueprint,
    signoffs.blueprint,
    messages.blueprint,
)


def install_api(app: Flask, csrf: CSRFProtect, *, demo: bool) -> None:
    """Add the calls of the API; the clock can be moved in demos only, so elsewhere the call does not exist.

    Calls carry their token themselves and no browser sends it along, so they need no CSRF token.
    """
    app.json = StrictJson(app)
    for blueprint in (*BLUEPRINTS, *((clock.blueprint,) if demo else ())):
        csrf.exempt(blueprint)
        install_gate(app, blueprint)
        app.register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))
    install_description(app)
