"""The plan's documents as forms and activities need them: its state, the released version, what was shown."""

from typing import Any

from engine.activities.calls import ActivityCall
from engine.domain.document import Document, DocumentRef
from engine.domain.form import ShownDocument
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.document import Plan, from_json
from engine.store.unit_of_work import Reader, UnitOfWork


def plan_key_of(subject: Task | ActivityCall) -> str:
    """The plan that a user task or a service task belongs to."""
    values = subject.inputs if isinstance(subject, Task) else subject.data
    return str(values["plan_key"])


def enter_state(uow: UnitOfWork, plan_key: str, state: str) -> DocumentRef:
    """Say where the plan stands (domain: state list of a plan)."""
    return uow.documents.put(plan_key, "plan_state", "", {"state": state})


def state_of(reader: Reader, plan_key: str) -> str | None:
    """Where the plan stands, or None before it was begun."""
    found = reader.documents.find(plan_key, "plan_state")
    return str(found.body["state"]) if found else None


def released_version(reader: Reader, plan_key: str) -> Document:
    """The version of the plan that was reported to the bureau last: the one that it acknowledges."""
    reports = reader.documents.list(plan_key, "report")
    latest = max(reports, key=lambda report: int(report.key), default=None)
    return reader.documents.get(plan_key, "plan", no=latest.body["plan_no"] if latest else None)


def released_plan(reader: Reader, plan_key: str) -> Plan:
    """The plan of the version that was reported last."""
    return from_json(released_version(reader, plan_key).body)


def shown(label: str, document: Document) -> ShownDocument:
    """A document as something that a person has under their eyes."""
    return ShownDocument(
        label=label, kind=document.kind, owner=document.owner, key=document.key, no=document.no,
        digest=document.digest,
    )  # fmt: skip


def version_text(no: int, digest: str) -> str:
    """A version as people compare it: its number and the beginning of its digest."""
    return f"第{no}版 {digest[:12]}"


def not_after_today(reader: Reader, values: dict[str, Any], name: str) -> list[FieldError]:
    """A fault when a date of the form lies in the future."""
    if values.get(name) and values[name] > reader.today.isoformat():
        return [FieldError(path=name, template="This date cannot lie in the future")]
    return []


def people_of(reader: Reader, role: str, unit: str) -> list[tuple[str, str]]:
    """The present members of a role and unit, to choose from."""
    members = reader.organisation.members(role, unit, reader.today)
    return [(user.id, f"{user.name} {user.title}".strip()) for user in members]
