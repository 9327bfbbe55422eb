"""Process instances: the list, the page of one, its diagram, and what may be done with it."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.instances import cancel, resume, suspend
from engine.commands.messages import act
from engine.commands.tasks import urge
from engine.commands.timers import try_again
from engine.domain.definition import FormDefinition
from engine.domain.identity import Agency
from engine.domain.instance import InstanceState
from engine.domain.permission import may_see_agency
from engine.errors import FieldError, Invalid
from engine.queries.audit_runs import findings_about
from engine.queries.instance_actions import ActionPage, action_page
from engine.queries.instances import diagram, index, page
from webapp.characters import whole_number
from webapp.definition_words import fault_label, in_language, worded_fields
from webapp.diagrams import bare_picture, picture, stand_alone
from webapp.door import actor, ask, execute, now
from webapp.export_words import FORMAT_WORDS
from webapp.forms import draw, read_values
from webapp.timeline import VIEWS, refused_words, tell
from webapp.wording import in_words

# What stands between agency and year in the key of an award entry.
AWARD = ":award:"

blueprint = Blueprint("instances", __name__, url_prefix="/instances")

UNPROCESSABLE = 422
STEERING = {"cancel": cancel, "suspend": suspend, "resume": resume}
STATES = {state.name.lower(): state for state in InstanceState}


@blueprint.get("", endpoint="index")
def listing() -> str:
    """The instances that this person may see, newest first."""
    state = STATES.get(request.args.get("state", ""))
    definition = request.args.get("definition") or None
    found = ask(
        index,
        after=request.args.get("after", type=whole_number),
        states=(state,) if state else (),
        definition_key=definition,
    )
    return render_template(
        "instances/index.html", found=found, state=state, definition=definition, states=STATES
    )


@blueprint.get("/<int:instance_id>", endpoint="page")
def show(instance_id: int) -> str:
    """One instance: what is going on, the diagram, the timeline, and who took part."""
    return _render(instance_id)


@blueprint.get("/<int:instance_id>/diagram.svg", endpoint="diagram")
def svg(instance_id: int) -> Response:
    """A diagram as a picture of its own, now or after event `at`."""
    process, at = request.args.get("process") or None, request.args.get("at", type=whole_number)
    drawn = ask(diagram, instance_id, process=process, at=at)
    if at is None:
        text = picture(ask(page, instance_id), drawn, now(), {})
    else:
        text = bare_picture(drawn, drawn.process)
    return Response(stand_alone(text), mimetype="image/svg+xml")


@blueprint.post("/<int:instance_id>/<any(cancel, suspend, resume):verb>")
def steer(instance_id: int, verb: str) -> AnyResponse | tuple[str, int]:
    """Cancel, suspend or resume with a reason."""
    reason = request.form.get("reason", "")
    try:
        execute(STEERING[verb], instance_id, reason=reason)
    except Invalid as refusal:
        return _render(instance_id, errors=refusal.errors, verb=verb, reason=reason), UNPROCESSABLE
    flash(gettext("Recorded with your reason."))
    return redirect(url_for("instances.page", instance_id=instance_id))


@blueprint.post("/<int:instance_id>/urge/<int:task_id>")
def urge_task(instance_id: int, task_id: int) -> AnyResponse:
    """Urge the people who owe a task."""
    execute(urge, task_id, note=request.form.get("note", "").strip())
    flash(gettext("Urged; everybody who owes this gets a mail."))
    return redirect(url_for("instances.page", instance_id=instance_id))


@blueprint.post("/<int:instance_id>/try-again")
def carry_on(instance_id: int) -> AnyResponse:
    """Try again what could not go on."""
    execute(try_again, instance_id)
    flash(gettext("The process goes on."))
    return redirect(url_for("instances.page", instance_id=instance_id))


@blueprint.get("/<int:instance_id>/actions/<element_id>")
def action(instance_id: int, element_id: str) -> str:
    """The form of an action that the instance offers."""
    return _render_action(ask(action_page, instance_id, element_id), {})


@blueprint.post("/<int:instance_id>/actions/<element_id>")
def take_action(instance_id: int, element_id: str) -> AnyResponse | tuple[str, int]:
    """Take the action with what was filled in."""
    offered = ask(action_page, instance_id, element_id)
    values: dict[str, Any] = {}
    try:
        if offered.form is not None:
            reading = read_values(worded_fields(offered.form), request.form, first={}, files={})
            values = {name: value for name, value in reading.values.items() if value is not None}
            if reading.errors:
                raise Invalid(reading.errors)
        opened = execute(act, instance_id, element_id=element_id, values=values)
    except Invalid as refusal:
        return _render_action(offered, values, refusal.errors), UNPROCESSABLE
    flash(gettext("Done: %(label)s", label=in_language(offered.label)))
    if opened:
        return redirect(url_for("tasks.page", task_id=opened[0].id))
    return redirect(url_for("instances.page", instance_id=instance_id))


def _render(
    instance_id: int, *, errors: tuple[FieldError, ...] = (), verb: str = "", reason: str = ""
) -> str:
    shown = ask(page, instance_id)
    keys = {process.key for process in shown.processes}
    wanted = request.args.get("process", "")
    process = wanted if wanted in keys else shown.instance.definition_key
    links = {key: url_for("instances.page", instance_id=instance_id, process=key) for key in keys}
    view, before = request.args.get("show", "people"), request.args.get("before", type=whole_number)
    view = view if view in VIEWS else "people"
    return render_template(
        "instances/page.html", page=shown, process=process, process_links=links, view=view, views=VIEWS,
        drawn=picture(shown, ask(diagram, instance_id, process=process), now(), links),
        timeline=tell(shown.rows, shown.people, shown.units, view=view, before=before),
        rests=refused_words(shown.rests_since) if shown.rests_since else "",
        plan_href=_plan_href(shown.instance.plan_key), findings=ask(findings_about, instance_id),
        award_href=_award_href(shown.instance.plan_key), export_formats=FORMAT_WORDS,
        faults=_faults(errors), verb=verb, reason=reason,
    )  # fmt: skip


def _render_action(offered: ActionPage, values: dict[str, Any], errors: tuple[FieldError, ...] = ()) -> str:
    fields = worded_fields(offered.form) if offered.form else ()
    drawn = draw(
        fields, values, first={}, choices={}, errors={e.path: in_words(e) for e in errors},
        unfinished=frozenset(), yes_no=(gettext("Yes"), gettext("No")),
    )  # fmt: skip
    return render_template(
        "instances/action.html", page=offered, fields_drawn=drawn, faults=_faults(errors, offered.form)
    )


def _plan_href(key: str | None) -> str | None:
    """The page of the plan that an instance belongs to, for the branch; plan keys are `agency:year`."""
    if not may_see_agency(actor(), Agency.BRANCH):
        return None
    year = (key or "").rpartition(":")[2]
    return url_for("plans.page", roc_year=int(year)) if year.isdigit() and AWARD not in str(key) else None


def _award_href(key: str | None) -> str | None:
    """The page of the award entry that an instance belongs to, for the branch: `agency:award:year:number`."""
    if not may_see_agency(actor(), Agency.BRANCH):
        return None
    year, _, no = (key or "").partition(AWARD)[2].partition(":")
    return url_for("awards.page", award_year=int(year), no=int(no)) if year and no.isdigit() else None


def _faults(errors: tuple[FieldError, ...], form: FormDefinition | None = None) -> list[dict[str, str]]:
    return [{"path": e.path, "label": fault_label(form, e), "message": in_words(e)} for e in errors]
