"""The JSON shapes of the API: what calls take, and what they answer."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from engine.domain.deputy import ActiveDeputyship
from engine.domain.form import NOT_STORABLE
from engine.domain.history import HistoryEvent
from engine.domain.identity import Actor
from engine.domain.instance import Instance
from engine.domain.priority import Priority
from engine.domain.task import Task

MOST_ITEMS = 200
LONGEST_TEXT = 2_000
LONGEST_KEY = 200
LARGEST_SEQ = 2**31 - 1
LARGEST_ID = 10**18 - 1


def _storable(text: str) -> str:
    if NOT_STORABLE.search(text):
        raise ValueError("a character that cannot be stored")
    return text


Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_storable)]
Key = Annotated[str, Field(max_length=LONGEST_KEY), AfterValidator(_storable)]


class Repeatable(BaseModel):
    """The header that makes a repeated call answer as the first one did."""

    key: Key | None = Field(default=None, alias="Idempotency-Key")


class Shape(BaseModel):
    """Nothing is taken that is not described."""

    model_config = ConfigDict(extra="forbid")


class Fault(Shape):
    path: str
    label: str
    message: str


class Problem(Shape):
    """A refusal, as a problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault] = []


class Pair(Shape):
    role: str
    unit: str


class Deputyship(Shape):
    """In whose place the actor stands now; `pairs` are those of the principal that it covers."""

    id: int
    principal: str
    name: str
    title: str
    pairs: list[Pair]
    until: date
    cause: str
    kind: str
    may_decide: bool

    @classmethod
    def of(cls, deputyship: ActiveDeputyship) -> "Deputyship":
        return cls(
            id=deputyship.id, principal=deputyship.principal, name=deputyship.name, title=deputyship.title,
            pairs=[Pair(role=role, unit=unit) for role, unit in sorted(deputyship.pairs)],
            until=deputyship.until, cause=str(deputyship.cause), kind=str(deputyship.kind),
            may_decide=deputyship.may_decide,
        )  # fmt: skip


class Me(Shape):
    id: str
    name: str
    title: str
    pairs: list[Pair]
    roles: list[str]
    deputyships: list[Deputyship]

    @classmethod
    def of(cls, actor: Actor) -> "Me":
        pairs = [Pair(role=role, unit=unit) for role, unit in sorted(actor.pairs)]
        return cls(
            id=actor.user_id, name=actor.name, title=actor.title, pairs=pairs, roles=sorted(actor.roles),
            deputyships=[Deputyship.of(each) for each in actor.deputyships],
        )  # fmt: skip


class TaskItem(Shape):
    """A task. `revision` and the `shown_digest` of the whole task are asked for by a completion."""

    id: int
    process_instance_id: int
    definition_key: str
    element_id: str
    label: str
    subject: str
    state: str
    revision: int
    candidates: list[Pair]
    assignee: str | None
    owner: str | None
    due_at: datetime | None
    late_after: datetime | None
    opened_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, task: Task) -> "TaskItem":
        return cls(
            id=task.id, process_instance_id=task.instance_id, definition_key=task.process_key,
            element_id=task.element_id, label=task.label, subject=task.subject, state=task.state.name.lower(),
            revision=task.revision, candidates=[Pair(role=c.role, unit=c.unit) for c in task.candidates],
            assignee=task.assignee, owner=task.owner, due_at=task.due_at,
            late_after=task.late_after_at, opened_at=task.opened_at,
            closed_at=task.closed_at,
        )  # fmt: skip


class WholeTask(TaskItem):
    """A task with its form and what the form shows."""

    form_key: str
    form_title: str
    form_schema: dict[str, Any]
    values: dict[str, Any]
    choices: dict[str, list[list[str]]]
    panels: dict[str, Any]
    shown_documents: list[dict[str, Any]]
    shown_digest: str
    allowed_actions: list[str]
    priority: str
    on_behalf_of: str | None


class InboxItem(Shape):
    """`original_due_at` is the first due date of a task that was extended."""

    id: int
    process_instance_id: int
    definition_key: str
    label: str
    subject: str
    unit: str
    sent_by: str | None
    assignee: str | None
    opened_at: datetime
    due_at: datetime | None
    original_due_at: datetime | None
    late_after: datetime | None
    role: str
    speed: str
    priority: str
    on_behalf_of: str | None


class InboxAnswer(Shape):
    items: list[InboxItem]
    next_cursor: str | None
    counts: dict[str, int]


class PaperScan(Shape):
    digest: Key
    name: Key
    size: int
    media_type: Key


class PaperSigned(Shape):
    """A step that was taken on paper: an own upload, and why."""

    reason: Text
    scan: PaperScan


class Completion(Shape):
    """`values` of the form; `revision` and `shown_digest` of the task as it was shown."""

    values: dict[str, Any]
    revision: int
    shown_digest: Key
    paper: PaperSigned | None = None


class CompletionAnswer(Shape):
    task_id: int
    process_instance_id: int
    next_tasks: list[TaskItem]


class Person(Shape):
    user: Key


class Assignment(Person):
    """`reason` is needed for a task that somebody holds already."""

    reason: Text = ""


class Reason(Shape):
    reason: Text


class Prioritising(Reason):
    """`priority` is `normal`, `high` or `highest`."""

    priority: Priority


class Prioritised(TaskItem):
    priority: Priority


class CommentText(Shape):
    """`@` and a name or an account mentions somebody who may see the task."""

    text: Text


class Urging(Shape):
    """The note goes to everybody who owes the task."""

    note: Text = ""


class Urged(Shape):
    users: list[str]


class Mentions(Shape):
    mentioned: list[str]


class Redirection(Reason):
    """Without a `user` the task goes into its pool again."""

    user: Key = ""


class FollowUp(Shape):
    """The day on which the task shall come again; without one it comes back now."""

    until_on: date | None = None


class Extension(Reason):
    """The day until which a task shall be extended."""

    new_on: date


class DefinitionItem(Shape):
    key: str
    name: str
    version: int
    deployment_id: int
    agency: str


class DefinitionsAnswer(Shape):
    items: list[DefinitionItem]


class DeploymentAnswer(Shape):
    deployment_id: int
    definitions: list[DefinitionItem]


class Start(Shape):
    definition_key: Key
    business_key: Key
    variables: dict[str, Any] = Field(default_factory=dict)


class Started(Shape):
    id: int


class InstanceItem(Shape):
    id: int
    definition_key: str
    business_key: str
    title: str
    state: str
    deployment_id: int
    revision: int
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    parent_id: int | None

    @classmethod
    def of(cls, instance: Instance) -> "InstanceItem":
        return cls(
            id=instance.id, definition_key=instance.definition_key, business_key=instance.business_key,
            title=instance.title, state=instance.state.name.lower(), deployment_id=instance.deployment_id,
            revision=instance.revision, started_at=instance.started_at, started_by=instance.started_by,
            ended_at=instance.ended_at, parent_id=instance.parent_id,
        )  # fmt: skip


class OpenTaskAt(Shape):
    id: int
    element_id: str
    path: str
    label: str
    candidates: list[Pair]
    due_at: datetime | None
    late_after: datetime | None


class WholeInstance(InstanceItem):
    """An instance as it stands; `variables` only for those who may read its history."""

    open_tasks: list[OpenTaskAt]
    variables: dict[str, Any] | None


class InstancesAnswer(Shape):
    items: list[InstanceItem]
    next_cursor: str | None


class EventItem(Shape):
    """One history event. `digest` seals it and all before it; `data` is the JSON as it was sealed."""

    seq: int
    type: str
    origin: str
    actor: str
    on_behalf_of: str | None
    role: str | None
    unit: str | None
    occurred_at: int
    command_id: str | None
    element_id: str | None
    task_id: int | None
    data: str
    digest: str

    @classmethod
    def of(cls, event: HistoryEvent) -> "EventItem":
        return cls(
            seq=event.seq, type=str(event.type), origin=str(event.origin), actor=event.actor,
            on_behalf_of=event.on_behalf_of, role=event.role, unit=event.unit, occurred_at=event.occurred_at,
            command_id=event.command_id, element_id=event.element_id, task_id=event.task_id, data=event.data,
            digest=event.digest.hex(),
        )  # fmt: skip


class HistoryAnswer(Shape):
    stream: int
    events: list[EventItem]
    last_seq: int


class StateAnswer(Shape):
    """An instance as it stood after event number `seq`."""

    seq: int
    open_tasks: list[OpenTaskAt]
    variables: dict[str, Any]
    active_elements: dict[str, list[str]]
    completed_elements: dict[str, list[str]]


class Verified(Shape):
    """Whether the chain of digests and the replay hold; `first_bad_seq` names the first wrong event."""

    chain: bool
    replay: bool
    first_bad_seq: int | None
    events: int
    reason: str | None


class Message(Shape):
    name: Key
    correlation: Key
    payload: dict[str, Any] = Field(default_factory=dict)


class Delivered(Shape):
    process_instance_ids: list[int]


class Now(Shape):
    now: datetime
