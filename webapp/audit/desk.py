"""The first page of an auditor: what can be looked into, and the processes that moved last."""

from flask import Blueprint, current_app
from flask_babel import lazy_gettext

from engine.queries.audit import latest_instances
from engine.queries.questions.registry import standing_questions
from webapp.audit.frame import audit_page
from webapp.door import ask

blueprint = Blueprint("audit_desk", __name__, url_prefix="/audit")

WAYS = (
    (
        "audit_moments.page",
        "clock-history",
        lazy_gettext("As of a moment"),
        lazy_gettext("Inboxes, the organisation, plans and open processes as they stood at a moment."),
    ),
    (
        "audit_proof.page",
        "shield-check",
        lazy_gettext("Integrity"),
        lazy_gettext("Chains, anchors, content and re-execution: whether anything was altered."),
    ),
    (
        "audit_processes.index",
        "diagram-3",
        lazy_gettext("Process view"),
        lazy_gettext("Durations, waiting, variants and rework on the diagram."),
    ),
    (
        "audit_samples.index",
        "shuffle",
        lazy_gettext("Audit runs"),
        lazy_gettext("Random samples that can be drawn again, findings and their answers."),
    ),
    (
        "audit_exports.index",
        "download",
        lazy_gettext("Exports"),
        lazy_gettext("Histories of a process, a plan or a year in one file, and receipts of what was taken."),
    ),
)


@blueprint.get("")
def page() -> str:
    """The ways of looking, the standing questions, and the processes begun last."""
    ways = [way for way in WAYS if way[0] in current_app.view_functions]
    questions = ask(standing_questions)
    return audit_page("audit/desk.html", ways=ways, questions=questions, lines=ask(latest_instances))
