"""Tasks: the inbox, one task, and everything that a person does with it."""

from typing import TYPE_CHECKING, Literal

from flask import Blueprint
from pydantic import Field

from engine.activities.content import content_of, form_in
from engine.commands import comments, priorities, task_routing
from engine.commands import tasks as commands
from engine.commands.extensions import apply, withdraw
from engine.commands.follow_ups import follow_up
from engine.commands.paper import Paper
from engine.domain.definition import FormDefinition
from engine.domain.form import shown_digest
from engine.domain.permission import may_not_decide, may_see_task, refusal_of
from engine.domain.priority import Priority
from engine.domain.task import (
    Task,
    acting_for,
    instance_of,
    may_assign,
    may_claim,
    may_complete,
    may_delegate,
    may_hand_back,
    may_prioritise,
    may_redirect,
    may_resolve,
    may_unclaim,
)
from engine.queries.tasks import DueWithin, View, page_and_counts
from webapp.api.description import answers, description
from webapp.api.shapes import (
    MOST_ITEMS,
    Assignment,
    CommentText,
    Completion,
    CompletionAnswer,
    Extension,
    FollowUp,
    InboxAnswer,
    InboxItem,
    Key,
    Mentions,
    Person,
    Prioritised,
    Prioritising,
    Reason,
    Redirection,
    Repeatable,
    Shape,
    Started,
    TaskItem,
    Text,
    Urged,
    Urging,
    WholeTask,
)
from webapp.door import actor, ask, engine, execute

if TYPE_CHECKING:
    from engine.store.unit_of_work import Reader

blueprint = Blueprint("api_tasks", __name__, url_prefix="/tasks")

ACTIONS = {
    "claim": may_claim,
    "unclaim": may_unclaim,
    "assign": may_assign,
    "delegate": may_delegate,
    "resolve": may_resolve,
    "hand-back": may_hand_back,
    "redirect": may_redirect,
    "priority": may_prioritise,
    "complete": may_complete,
}


class InboxQuery(Shape):
    view: View = View.OPEN
    definition_key: Key | None = None
    q: Text = ""
    due: DueWithin | None = None
    priority: Priority | None = None
    sort: Literal["due", "since", "priority"] = "due"
    cursor: Key | None = None
    limit: int = Field(default=25, ge=1, le=MOST_ITEMS)


@blueprint.get("")
@description.validate(resp=answers(InboxAnswer), tags=["tasks"])
def list_tasks(query: InboxQuery) -> InboxAnswer:
    """One page of the actor's inbox, by due date, with capped counts of every view.

    A page of `sent` or `closed` looks at so many completed tasks and may be short; `next_cursor` leads on.
    """
    page, counts = ask(
        page_and_counts, view=query.view, cursor=query.cursor, limit=query.limit, q=query.q,
        definition_key=query.definition_key, due=query.due, priority=query.priority,
        sort=query.sort,
    )  # fmt: skip
    items = [
        InboxItem(
            id=row.task_id, process_instance_id=row.instance_id, definition_key=row.definition_key,
            label=row.label, subject=row.subject, unit=row.unit, sent_by=row.sent_by, assignee=row.assignee,
            opened_at=row.opened_at, due_at=row.due_at, original_due_at=row.original_due_at,
            late_after=row.late_after_at, priority=str(row.priority),
            role=row.reason.role if row.reason else "", speed=row.speed,
            on_behalf_of=row.deputyship.principal if row.deputyship else None,
        )
        for row in page.rows
    ]  # fmt: skip
    return InboxAnswer(items=items, next_cursor=page.next_cursor, counts=counts)


@blueprint.get("/<int:task_id>")
@description.validate(resp=answers(WholeTask), tags=["tasks"])
def get_task(task_id: int) -> WholeTask:
    """A task with its form, the values shown, and what a completion has to name."""
    return ask(_whole_task, task_id)


@blueprint.post("/<int:task_id>/complete")
@description.validate(resp=answers(CompletionAnswer, conflicts=True), tags=["tasks"])
def complete(task_id: int, json: Completion, headers: Repeatable) -> CompletionAnswer:
    """Complete a task. The header `Idempotency-Key` makes a repeated call answer as the first one did."""
    done = engine().execute(
        actor(), commands.complete, task_id, values=json.values, revision=json.revision,
        shown_digest=json.shown_digest, command_id=headers.key,
        paper=Paper(reason=json.paper.reason, scan=json.paper.scan.model_dump()) if json.paper else None,
    )  # fmt: skip
    return CompletionAnswer(
        task_id=done.task_id,
        process_instance_id=done.instance_id,
        next_tasks=[TaskItem.of(task) for task in done.next_tasks],
    )


@blueprint.post("/<int:task_id>/claim")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def claim(task_id: int) -> TaskItem:
    """Take a task that nobody holds."""
    return TaskItem.of(execute(commands.claim, task_id))


@blueprint.post("/<int:task_id>/unclaim")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def unclaim(task_id: int) -> TaskItem:
    """Put a task back into its pool."""
    return TaskItem.of(execute(commands.unclaim, task_id))


@blueprint.post("/<int:task_id>/assign")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def assign(task_id: int, json: Assignment) -> TaskItem:
    """Hand a task to a member of its pool; a reason is needed for one that somebody holds."""
    return TaskItem.of(execute(commands.assign, task_id, user=json.user, reason=json.reason))


@blueprint.post("/<int:task_id>/delegate")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def delegate(task_id: int, json: Person) -> TaskItem:
    """Ask another member of the pool to prepare a task; its owner completes it."""
    return TaskItem.of(execute(commands.delegate, task_id, user=json.user))


@blueprint.post("/<int:task_id>/resolve")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def resolve(task_id: int) -> TaskItem:
    """Give a delegated task back to its owner."""
    return TaskItem.of(execute(commands.resolve, task_id))


@blueprint.post("/<int:task_id>/hand-back")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def hand_back(task_id: int, json: Reason) -> TaskItem:
    """Hand a task back to whoever distributes it."""
    return TaskItem.of(execute(task_routing.hand_back, task_id, reason=json.reason))


@blueprint.post("/<int:task_id>/redirect")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def redirect(task_id: int, json: Redirection) -> TaskItem:
    """Give what was handed back to a person, or into its pool again."""
    return TaskItem.of(execute(task_routing.redirect, task_id, user=json.user, reason=json.reason))


@blueprint.post("/<int:task_id>/extend")
@description.validate(resp=answers(Started, status=201, conflicts=True), tags=["tasks"])
def extend(task_id: int, json: Extension) -> tuple[Started, int]:
    """Apply for a later due date; answers with the process instance that decides on it."""
    return Started(id=execute(apply, task_id, new_on=json.new_on, reason=json.reason)), 201


@blueprint.post("/<int:task_id>/withdraw-extension")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def withdraw_extension(task_id: int, json: Reason) -> TaskItem:
    """Take an application for a later due date back, until it is decided; whoever applied may."""
    execute(withdraw, task_id, reason=json.reason)
    return ask(lambda reader: TaskItem.of(reader.tasks.get(task_id)))


@blueprint.post("/<int:task_id>/follow-up")
@description.validate(resp=answers(TaskItem, conflicts=True), tags=["tasks"])
def put_off(task_id: int, json: FollowUp) -> TaskItem:
    """Leave a task out of the own list until a day, or show it again."""
    execute(follow_up, task_id, until_on=json.until_on)
    return ask(lambda reader: TaskItem.of(reader.tasks.get(task_id)))


@blueprint.post("/<int:task_id>/priority")
@description.validate(resp=answers(Prioritised, conflicts=True), tags=["tasks"])
def prioritise(task_id: int, json: Prioritising) -> Prioritised:
    """Let a task come before others, or in its turn again; no date changes."""
    task = execute(priorities.prioritise, task_id, priority=json.priority, reason=json.reason)
    return Prioritised(**dict(TaskItem.of(task)), priority=json.priority)


@blueprint.post("/<int:task_id>/urge")
@description.validate(resp=answers(Urged, conflicts=True), tags=["tasks"])
def urge(task_id: int, json: Urging) -> Urged:
    """Urge the people who owe a task; answers with their accounts."""
    return Urged(users=execute(commands.urge, task_id, note=json.note.strip()))


@blueprint.post("/<int:task_id>/comments")
@description.validate(resp=answers(Mentions), tags=["tasks"])
def comment(task_id: int, json: CommentText) -> Mentions:
    """Comment on a task; answers with the accounts that the comment mentions."""
    return Mentions(
        mentioned=execute(comments.comment, instance_of(task_id), text=json.text, task_id=task_id)
    )


def _whole_task(reader: "Reader", task_id: int) -> WholeTask:
    task = reader.tasks.get(task_id)
    instance = reader.instances.get(task.instance_id)
    if not may_see_task(reader.actor, task, instance):
        raise refusal_of(reader.actor, task, instance)
    reader.looks_at(instance)
    form = form_in(reader, task, instance.deployment_id)
    content = content_of(reader, task, form)
    deputyship = acting_for(reader.actor, task)
    return WholeTask(
        **dict(TaskItem.of(task)),
        form_key=form.key,
        form_title=form.title,
        form_schema=form.schema,
        values=content.values,
        choices={name: [list(option) for option in options] for name, options in content.choices.items()},
        panels=content.panels,
        shown_documents=[
            {"owner": d.owner, "kind": d.kind, "key": d.key, "no": d.no, "digest": d.digest}
            for d in content.shown
        ],
        shown_digest=shown_digest(task.id, form.digest, task.inputs, content),
        allowed_actions=_allowed(reader, task, form),
        priority=str(reader.priorities.of_task(task.id)),
        on_behalf_of=deputyship.principal if deputyship else None,
    )


def _allowed(reader: "Reader", task: Task, form: FormDefinition) -> list[str]:
    kept = {"complete"} if may_not_decide(reader.actor, task, form) else set()
    return [name for name, allows in ACTIONS.items() if name not in kept and allows(reader.actor, task)]
