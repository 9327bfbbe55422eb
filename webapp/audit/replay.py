"""The replay of an instance: any moment of its history, with what changed and why."""

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext

from engine.queries.questions.registry import QUESTIONS
from engine.queries.replay_page import ReplayPage, replay_page
from webapp.audit.replay_changes import choices_of, document_tables, entered_table, variable_table
from webapp.audit.replay_line import line_of_time
from webapp.audit.replay_names import Names
from webapp.audit.replay_words import (
    badges,
    event_lines,
    fault_words,
    got_by_words,
    nearest,
    person_words,
    reason_lines,
    role_words,
    round_lines,
    title_words,
)
from webapp.dates import moment_words
from webapp.diagrams import moment_picture
from webapp.door import ask, now
from webapp.wording import translated

blueprint = Blueprint("audit_replay", __name__, url_prefix="/audit/replay")

blueprint.add_app_template_filter(person_words, "person_then")
blueprint.add_app_template_filter(got_by_words, "got_by")
blueprint.add_app_template_filter(fault_words, "fault_words")
blueprint.add_app_template_filter(role_words, "role_words")

PROOF_PAGE = "audit_proof.instance"
QUESTION_PAGE = "audit_questions.page"


@blueprint.get("/<int:instance_id>")
def page(instance_id: int) -> str:
    """One moment of an instance: the last one, or after event `at`, or at a share of the time.

    The script of the page asks for a `step`: the same without proving the whole history again.
    """
    process = request.args.get("process") or None
    is_step = "step" in request.args
    shown = ask(
        replay_page,
        instance_id,
        at=request.args.get("at", type=int),
        share=request.args.get("share", type=int),
        process=process,
        proven=not is_step,
    )
    names = Names(shown.people, shown.units)
    choices = choices_of(shown.people, shown.units)
    return render_template(
        "audit/replay.html",
        page=shown,
        seq=shown.moment.event.seq,
        title=title_words(shown),
        at_words=moment_words(shown.row.at),
        steps=_steps(shown, process),
        address=lambda seq: _address(shown, seq, process),
        line=line_of_time(shown.outline.ticks, shown.moment.event.seq),
        lines=event_lines(shown),
        drawn=moment_picture(shown) if shown.diagram else None,
        variables=variable_table(shown.changes, names, choices),
        entered=entered_table(shown.changes, choices),
        documents=document_tables(shown.changes, names, shown.units),
        reasons=reason_lines(shown),
        rounds=round_lines(shown),
        badges=badges(shown),
        fault_seq=nearest(shown, shown.moment.fault.seq) if shown.moment.fault else None,
        proven_at=now(),
        proof_href=_proof_href(shown),
        questions=_questions(shown),
    )


def _steps(shown: ReplayPage, process: str | None) -> list[dict[str, object]]:
    """First, previous, next and last; without an address where there is nothing to go to."""
    seq, last = shown.moment.event.seq, shown.instance.seq
    ways = (
        ("first", gettext("To the first event"), "skip-start-fill", 1, seq > 1),
        ("previous", gettext("The event before"), "chevron-left", seq - 1, seq > 1),
        ("next", gettext("The event after"), "chevron-right", seq + 1, seq < last),
        ("last", gettext("To the last event"), "skip-end-fill", last, seq < last),
    )
    return [
        {"name": name, "word": word, "icon": icon,
         "href": _address(shown, to, process) if leads else None}
        for name, word, icon, to, leads in ways
    ]  # fmt: skip


def _address(shown: ReplayPage, seq: int, process: str | None) -> str:
    """A moment of the same instance; the diagram stays the one that was chosen."""
    return url_for("audit_replay.page", instance_id=shown.instance.id, at=seq, process=process)


def _proof_href(shown: ReplayPage) -> str | None:
    """The record of the proof of this instance, for those who audit."""
    if not shown.may_ask or PROOF_PAGE not in current_app.view_functions:
        return None
    return url_for(PROOF_PAGE, instance_id=shown.instance.id)


def _questions(shown: ReplayPage) -> list[dict[str, str]]:
    """The standing questions over this instance, for those who audit."""
    if not shown.may_ask or QUESTION_PAGE not in current_app.view_functions:
        return []
    return [
        {
            "word": translated(question.title),
            "href": url_for(QUESTION_PAGE, slug=question.slug, instance=shown.instance.id),
        }
        for question in QUESTIONS
    ]
