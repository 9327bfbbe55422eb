"""Process instances: start, list, read, stop; their history, proof, past states, diagram and exports."""

from typing import Literal

from flask import Blueprint, Response, current_app
from pydantic import Field

from engine.commands import instances as commands
from engine.domain.instance import InstanceState, InstanceView, OpenedTask
from engine.domain.permission import Action, may
from engine.queries.audit import events_of, present_state, proof_of, state_at
from engine.queries.exports import ExportScope
from engine.queries.instances import diagram as diagram_of
from engine.queries.instances import index, visible_instance
from engine.replay import Check
from webapp.api.description import answers, description
from webapp.api.document import gives
from webapp.api.shapes import (
    LARGEST_ID,
    LARGEST_SEQ,
    MOST_ITEMS,
    EventItem,
    HistoryAnswer,
    InstanceItem,
    InstancesAnswer,
    Key,
    OpenTaskAt,
    Pair,
    Reason,
    Repeatable,
    Shape,
    Start,
    Started,
    StateAnswer,
    Verified,
    WholeInstance,
)
from webapp.diagrams import bare_picture, stand_alone
from webapp.door import actor, ask, engine, execute
from webapp.downloads import handed_out
from webapp.exporting import DOSSIER, KINDS, export_instance, export_many

blueprint = Blueprint("api_instances", __name__, url_prefix="/process-instances")

TAGS = ["process instances"]


class InstancesQuery(Shape):
    state: Literal["running", "suspended", "completed", "cancelled"] | None = None
    definition_key: Key | None = None
    business_key: Key | None = None
    cursor: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    limit: int = Field(default=50, ge=1, le=MOST_ITEMS)


class HistoryQuery(Shape):
    after: int = Field(default=0, ge=0, le=LARGEST_SEQ)
    limit: int = Field(default=MOST_ITEMS, ge=1, le=1_000)


class At(Shape):
    at: int | None = Field(default=None, ge=1, le=LARGEST_SEQ)


class DiagramQuery(At):
    process: Key | None = None


class ScopeQuery(Shape):
    definition_key: Key | None = None
    plan_key: Key | None = None
    year: int | None = Field(default=None, ge=1, le=999)
    format: Literal["json", "csv", "ods", "xes", "ocel"] = "json"


class ExportQuery(Shape):
    format: Literal["json", "csv", "ods", "xes", "ocel", "dossier"] = "json"


@blueprint.post("")
@description.validate(resp=answers(Started, status=201, conflicts=True), tags=TAGS)
def start(json: Start, headers: Repeatable) -> tuple[Started, int]:
    """Start a process. The header `Idempotency-Key` makes a repeated call answer with the same instance."""
    instance_id = engine().execute(
        actor(), commands.start, definition_key=json.definition_key, business_key=json.business_key,
        variables=json.variables, command_id=headers.key,
    )  # fmt: skip
    return Started(id=instance_id), 201


@blueprint.get("")
@description.validate(resp=answers(InstancesAnswer), tags=TAGS)
def list_instances(query: InstancesQuery) -> InstancesAnswer:
    """Instances that the actor may see, newest first."""
    states = (InstanceState[query.state.upper()],) if query.state else ()
    page = ask(
        index, states=states, definition_key=query.definition_key, business_key=query.business_key,
        after=query.cursor, limit=query.limit,
    )  # fmt: skip
    items = [InstanceItem.of(line.instance) for line in page.lines]
    return InstancesAnswer(items=items, next_cursor=str(page.next_after) if page.next_after else None)


@blueprint.get("/<int:instance_id>")
@description.validate(resp=answers(WholeInstance), tags=TAGS)
def get_instance(instance_id: int) -> WholeInstance:
    """One instance with its open tasks, and with its variables for those who may read its history."""
    instance = ask(visible_instance, instance_id)
    view = ask(present_state, instance_id)
    return WholeInstance(
        **dict(InstanceItem.of(instance)),
        open_tasks=[_open_task(task) for task in view.open_tasks],
        variables=view.variables if may(actor(), Action.READ_HISTORY) else None,
    )


@blueprint.post("/<int:instance_id>/cancel")
@description.validate(resp=answers(InstanceItem, conflicts=True), tags=TAGS)
def cancel(instance_id: int, json: Reason) -> InstanceItem:
    """End an instance for good, with a reason."""
    execute(commands.cancel, instance_id, reason=json.reason)
    return InstanceItem.of(ask(visible_instance, instance_id))


@blueprint.post("/<int:instance_id>/suspend")
@description.validate(resp=answers(InstanceItem, conflicts=True), tags=TAGS)
def suspend(instance_id: int, json: Reason) -> InstanceItem:
    """Stop an instance until it is resumed, with a reason."""
    execute(commands.suspend, instance_id, reason=json.reason)
    return InstanceItem.of(ask(visible_instance, instance_id))


@blueprint.post("/<int:instance_id>/resume")
@description.validate(resp=answers(InstanceItem, conflicts=True), tags=TAGS)
def resume(instance_id: int, json: Reason) -> InstanceItem:
    """Let a suspended instance go on, with a reason."""
    execute(commands.resume, instance_id, reason=json.reason)
    return InstanceItem.of(ask(visible_instance, instance_id))


@blueprint.get("/<int:instance_id>/history")
@description.validate(resp=answers(HistoryAnswer), tags=TAGS)
def history(instance_id: int, query: HistoryQuery) -> HistoryAnswer:
    """Events in order with their digests."""
    events = ask(events_of, instance_id, after=query.after, limit=query.limit)
    last = events[-1].seq if events else query.after
    return HistoryAnswer(stream=instance_id, events=[EventItem.of(event) for event in events], last_seq=last)


@blueprint.get("/<int:instance_id>/verify")
@description.validate(resp=answers(Verified), tags=TAGS)
def verify(instance_id: int) -> Verified:
    """Whether the chain of digests holds and a replay gives the recorded effects."""
    report = ask(proof_of, instance_id)
    return Verified(
        chain=report.holds(Check.CHAIN) and report.holds(Check.ANCHOR) and report.holds(Check.CONTENT),
        replay=report.holds(Check.REPLAY) and report.holds(Check.PROJECTION),
        first_bad_seq=report.first_bad_seq,
        events=report.events,
        reason=str(report.faults[0]) if report.faults else None,
    )


@blueprint.get("/<int:instance_id>/state")
@description.validate(resp=answers(StateAnswer), tags=TAGS)
def state(instance_id: int, query: At) -> StateAnswer:
    """Open tasks, variables and elements as they stood after event number `at`, rebuilt from history."""
    seq, view = ask(state_at, instance_id, query.at)
    return StateAnswer(
        seq=seq,
        open_tasks=[_open_task(task) for task in view.open_tasks],
        variables=view.variables,
        active_elements=_marked(view, "active"),
        completed_elements=_marked(view, "completed"),
    )


@blueprint.get("/<int:instance_id>/diagram.svg")
@description.validate(resp=answers(), tags=TAGS)
@gives("image/svg+xml")
def diagram(instance_id: int, query: DiagramQuery) -> Response:
    """The diagram as SVG, with what was done and what is active marked, now or after event number `at`."""
    drawn = ask(diagram_of, instance_id, process=query.process, at=query.at)
    return Response(stand_alone(bare_picture(drawn, drawn.process)), mimetype="image/svg+xml")


@blueprint.get("/<int:instance_id>/export")
@description.validate(resp=answers(), tags=TAGS)
@gives(*sorted({kind.media_type for kind in KINDS.values()}))
def export(instance_id: int, query: ExportQuery) -> Response:
    """The whole history: as it was sealed, for spreadsheets, for process mining, or all with a verifier."""
    return handed_out(export_instance(current_app, engine(), actor(), instance_id, query.format))


@blueprint.get("/export")
@description.validate(resp=answers(), tags=TAGS)
@gives(*sorted({kind.media_type for name, kind in KINDS.items() if name != DOSSIER}))
def export_several(query: ScopeQuery) -> Response:
    """The histories of a process, a plan or a year of the ROC calendar in one file; one of them is given."""
    scope = ExportScope(definition_key=query.definition_key, plan_key=query.plan_key, roc_year=query.year)
    return handed_out(export_many(engine(), actor(), scope, query.format))


def _open_task(task: OpenedTask) -> OpenTaskAt:
    return OpenTaskAt(
        id=task.id, element_id=task.element_id, path=task.path, label=task.label,
        candidates=[Pair(role=c.role, unit=c.unit) for c in task.candidates], due_at=task.due_at,
        late_after=task.late_after_at,
    )  # fmt: skip


def _marked(view: InstanceView, what: str) -> dict[str, list[str]]:
    marked = {
        process: sorted(element for element, mark in marks.items() if getattr(mark, what))
        for process, marks in view.marks.items()
    }
    return {process: elements for process, elements in marked.items() if elements}
