"""Several tasks at once: what an approver is shown of each before signing all, and who may be given them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.activities.countersign import KIND_LABELS
from engine.domain.definition import FormDefinition
from engine.domain.form import FormContent
from engine.domain.form_fields import Field, fields_of
from engine.domain.identity import User
from engine.domain.permission import may_look_back_at, may_see_instance
from engine.domain.task import Task, may_assign
from engine.errors import NotFound, NotPermitted
from engine.queries.task_page import TaskPage, task_page
from engine.store.drafts import Draft
from engine.store.unit_of_work import Reader

MOST_AT_ONCE = 50
DECISION = "decision"
OPINION = "opinion"
# What a level says when it agrees: the one who decides (決行), everybody before (核可).
PLAIN_VERBS = ("decide", "approve")
_REMARKS = ("findings", "lowered")
_DISSENT = KIND_LABELS["disagree"]


class Hindrance(StrEnum):
    """Why a task is not signed together with others."""

    GONE = "gone"
    CLOSED = "closed"
    HELD = "held"
    NO_APPROVAL = "no_approval"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningItem:
    """One task as its approver is shown it on its own page; `page` is None where nobody may know of it.

    `verb` is the decision that would be sent; `hindrance` says why it cannot be sent from here.
    """

    task_id: int
    page: TaskPage | None = None
    verb: str = ""
    verb_label: str = ""
    hindrance: Hindrance | None = None

    @property
    def warnings(self) -> int:
        """How many remarks an approver should read first: of the checks, of lowered targets, of dissent."""
        panels = self.page.content.panels if self.page else {}
        remarks = sum(len(panels.get(name) or ()) for name in _REMARKS)
        return remarks + len([o for o in panels.get("opinions") or () if o["kind"] == _DISSENT])


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTask:
    """One task by its words; who only assigns it may not open it."""

    label: str
    subject: str
    may_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignItem:
    """One task that is to be assigned; `people` are the ids of those who may take it."""

    task_id: int
    task: Task | None
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignChoice:
    """The tasks, and the people who may take at least one of them."""

    items: tuple[AssignItem, ...]
    people: tuple[User, ...]


def signing_items(reader: Reader, task_ids: Sequence[int]) -> tuple[SigningItem, ...]:
    """What each of some tasks shows to its approver, as its own page would; at most `MOST_AT_ONCE`.

    Each is read like its own page, because each is signed by its own digest.
    """
    return tuple(_signing_item(reader, task_id) for task_id in task_ids[:MOST_AT_ONCE])


def known_tasks(reader: Reader, task_ids: Sequence[int]) -> dict[int, KnownTask]:
    """Those of some tasks that the reader may know of, to name them in a report."""
    return {task_id: known for task_id in task_ids[:MOST_AT_ONCE] if (known := _known(reader, task_id))}


def people_to_assign(reader: Reader, task_ids: Sequence[int]) -> AssignChoice:
    """Who may be given some tasks; those that the reader may not assign are told without anybody."""
    items = tuple(_assign_item(reader, task_id) for task_id in task_ids[:MOST_AT_ONCE])
    able = {user_id for item in items for user_id in item.people}
    return AssignChoice(
        items=items, people=tuple(user for user in reader.organisation.users() if user.id in able)
    )


def _signing_item(reader: Reader, task_id: int) -> SigningItem:
    try:
        page = task_page(reader, task_id)
    except (NotFound, NotPermitted):
        return SigningItem(task_id=task_id, hindrance=Hindrance.GONE)
    verb, label = _plain_verb(page.form, page.content)
    return SigningItem(
        task_id=task_id, page=page, verb=verb, verb_label=label, hindrance=_hindrance(page, verb)
    )


def _hindrance(page: TaskPage, verb: str) -> Hindrance | None:
    if page.closed is not None:
        return Hindrance.CLOSED
    if not page.may.complete:
        return Hindrance.HELD
    if not verb:
        return Hindrance.NO_APPROVAL
    return Hindrance.DRAFT if _has_written(page.draft, verb) else None


def _has_written(draft: Draft | None, verb: str) -> bool:
    """A draft that says no more than the plain decision holds nobody up."""
    values = draft.values if draft else {}
    entered = {name: value for name, value in values.items() if value and not name.startswith("_")}
    return entered not in ({}, {DECISION: verb})


def _plain_verb(form: FormDefinition, content: FormContent) -> tuple[str, str]:
    """The decision by which an approver simply agrees, and its word; empty where the form has none."""
    if form.ui.get("display") != "approval":
        return "", ""
    field = next((field for field in fields_of(form) if field.name == DECISION), None)
    offered = dict(_choices(field, content)) if field else {}
    return next(((verb, offered[verb]) for verb in PLAIN_VERBS if verb in offered), ("", ""))


def _choices(field: Field, content: FormContent) -> Sequence[tuple[str, str]]:
    return content.choices.get(field.choices_name, ()) if field.choices_name else field.choices


def _known(reader: Reader, task_id: int) -> KnownTask | None:
    task = reader.tasks.find(task_id)
    if task is None:
        return None
    may_open = may_look_back_at(reader.actor, task, reader.instances.get(task.instance_id))
    if not may_open and not _may_assign(reader, task):
        return None
    return KnownTask(label=task.label, subject=task.subject, may_open=may_open)


def _assign_item(reader: Reader, task_id: int) -> AssignItem:
    task = reader.tasks.find(task_id)
    if task is None or not _may_assign(reader, task):
        known = _known(reader, task_id)
        return AssignItem(task_id=task_id, task=task if known else None)
    people = reader.organisation.people_for(task, reader.today)
    return AssignItem(task_id=task_id, task=task, people=frozenset(people))


def _may_assign(reader: Reader, task: Task) -> bool:
    """The chief of a pool assigns what they may know of."""
    instance = reader.instances.get(task.instance_id)
    return may_assign(reader.actor, task) and may_see_instance(reader.actor, instance)
