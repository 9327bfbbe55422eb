"""The web application: one factory that puts the frame, the doors and the pages together."""

from datetime import timedelta

from flask import Flask, redirect, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from engine.clock import Clock, SystemClock
from engine.engine import Engine
from webapp import (
    account,
    amendments,
    awards,
    bulk,
    calendar,
    comments,
    criteria,
    demo_clock,
    deputies,
    exports,
    files,
    findings,
    help,
    improvements,
    inbox,
    instances,
    operations,
    overdue,
    plans,
    rewards,
    saved_views,
    schedules,
    search,
    signoffs,
    start,
    statistics,
    tasks,
    verbs,
)
from webapp.admin import calendar as admin_calendar
from webapp.admin import definitions as admin_definitions
from webapp.admin import extension_levels as admin_extension_levels
from webapp.admin import incidents as admin_incidents
from webapp.admin import levels as admin_levels
from webapp.admin import units as admin_units
from webapp.admin import users as admin_users
from webapp.api import install_api
from webapp.audit import anchors as audit_anchors
from webapp.audit import desk as audit_desk
from webapp.audit import exports as audit_exports
from webapp.audit import looks as audit_looks
from webapp.audit import moments as audit_moments
from webapp.audit import processes as audit_processes
from webapp.audit import proof as audit_proof
from webapp.audit import questions as audit_questions
from webapp.audit import replay as audit_replay
from webapp.audit import samples as audit_samples
from webapp.characters import install_characters
from webapp.door import actor, install_looks
from webapp.errors import install_error_pages
from webapp.frame import first_place, install_frame
from webapp.headers import add_security_headers
from webapp.locale import install_locale
from webapp.operations import install_operations
from webapp.sessions import install_sessions
from webapp.settings import WebSettings

BLUEPRINTS = (
    account.blueprint,
    inbox.blueprint,
    bulk.blueprint,
    saved_views.blueprint,
    tasks.blueprint,
    verbs.blueprint,
    comments.blueprint,
    files.blueprint,
    start.blueprint,
    admin_users.blueprint,
    admin_units.blueprint,
    admin_definitions.blueprint,
    admin_calendar.blueprint,
    admin_incidents.blueprint,
    admin_levels.blueprint,
    admin_extension_levels.blueprint,
    instances.blueprint,
    exports.blueprint,
    audit_desk.blueprint,
    audit_exports.blueprint,
    audit_moments.blueprint,
    audit_proof.blueprint,
    audit_anchors.blueprint,
    audit_looks.blueprint,
    audit_processes.blueprint,
    audit_questions.blueprint,
    audit_replay.blueprint,
    audit_samples.blueprint,
    findings.blueprint,
    plans.blueprint,
    amendments.blueprint,
    awards.blueprint,
    schedules.blueprint,
    criteria.blueprint,
    improvements.blueprint,
    search.blueprint,
    operations.blueprint,
    signoffs.blueprint,
    help.blueprint,
    rewards.blueprint,
    calendar.blueprint,
    overdue.blueprint,
    statistics.blueprint,
    deputies.blueprint,
)

# A plan of 300 actions posts some thirty entries for each of them.
MAX_FORM_PARTS = 20_000


def create_app(engine: Engine, settings: WebSettings, clock: Clock | None = None) -> Flask:
    """The pages over one engine. `clock` times sessions; it is the machine's own and never that of a demo."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_request_bytes,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        SESSION_COOKIE_NAME="planflow_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["planflow"] = engine
    install_operations(app, settings)
    install_characters(app)
    csrf = CSRFProtect(app)
    install_locale(app)
    install_sessions(app, engine, settings, clock or SystemClock())
    install_frame(app, settings)
    install_looks(app)
    install_error_pages(app)
    add_security_headers(app, hsts=settings.hsts)
    for blueprint in (*BLUEPRINTS, *((demo_clock.blueprint,) if settings.demo else ())):
        app.register_blueprint(blueprint)
    install_api(app, csrf, demo=settings.demo)

    @app.get("/")
    def home() -> Response:
        return redirect(url_for(first_place(actor(), app.view_functions.__contains__)))

    return app
