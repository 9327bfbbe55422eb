"""The plan's documents as forms and activities need them: its state, the released version, what was shown."""

from typing import Any

from engine.activities.calls import ActivityCall
from engine.domain.document import Document, DocumentRef
from engine.domain.form import ShownDocument
from engine.domain.task import Task
from engine.errors import FieldError, NotFound
from engine.plan.document import Plan, from_json
from engine.store.unit_of_work import Reader, UnitOfWork

RELEASE = "acknowledgement"

CANCELLED = "cancelled"
DRAFTING = frozenset({"draft", "returned"})
AMENDMENT = "amendment"


def plan_key_of(subject: Task | ActivityCall) -> str:
    """The plan that a user task or a service task belongs to."""
    return str(_values(subject)["plan_key"])


def is_amendment(subject: Task | ActivityCall) -> bool:
    """Whether a task or an activity belongs to the amendment of a plan in effect (捌)."""
    return bool(_values(subject).get(AMENDMENT))


def enter_state_of(uow: UnitOfWork, subject: Task | ActivityCall, state: str) -> None:
    """Say where the plan of a task or an activity stands; an amendment goes its way beside the plan's own."""
    if is_amendment(subject):
        key = str(_values(subject)[AMENDMENT]["no"])
        body = uow.documents.get(plan_key_of(subject), AMENDMENT, key).body
        uow.documents.put(plan_key_of(subject), AMENDMENT, key, {**body, "state": state})
    else:
        enter_state(uow, plan_key_of(subject), state)


def owner_of(subject: Task | ActivityCall) -> str:
    """Whose documents a task or an activity works on: the plan's, unless the process names another owner.

    An award entry or a reward list is signed, watched and told of like a plan; its process keeps the key of
    its documents in the variable `owner_key`.
    """
    values = _values(subject)
    return str(values.get("owner_key") or values["plan_key"])


def enter_state(uow: UnitOfWork, plan_key: str, state: str) -> DocumentRef:
    """Say where the plan stands (domain: state list of a plan)."""
    return uow.documents.put(plan_key, "plan_state", "", {"state": state})


def enter_cancelled(uow: UnitOfWork, plan_key: str | None) -> None:
    """撤案: the plan of a cancelled cycle keeps its number, which is never used again."""
    if plan_key is not None and state_of(uow, plan_key) is not None:
        enter_state(uow, plan_key, CANCELLED)


def state_of(reader: Reader, plan_key: str) -> str | None:
    """Where the plan stands, or None before it was begun."""
    found = reader.documents.find(plan_key, "plan_state")
    return str(found.body["state"]) if found else None


def is_in_drafting(reader: Reader, plan_key: str) -> bool:
    """True while the plan is being written: it has a text, and nobody signs or has enacted it."""
    return state_of(reader, plan_key) in DRAFTING and reader.documents.find(plan_key, "plan") is not None


def reported_version(reader: Reader, plan_key: str) -> Document:
    """The version of the plan that was reported to the bureau last; NotFound before the first report."""
    latest = max(reader.documents.list(plan_key, "report"), key=lambda report: int(report.key), default=None)
    if latest is None:
        raise NotFound(kind="document", id=f"{plan_key}/report")
    return reader.documents.get(plan_key, "plan", no=latest.body["plan_no"])


def reported_plan(reader: Reader, plan_key: str) -> Plan:
    """The plan of the version that was reported last."""
    return from_json(reported_version(reader, plan_key).body)


def release(uow: UnitOfWork, plan_key: str, round_no: str, outcome: str) -> None:
    """Fix the version of a round as the one that the bureau acknowledged, or took note of (伍.一)."""
    report = uow.documents.get(plan_key, "report", round_no).body
    body = {name: report[name] for name in ("plan_no", "plan_digest")}
    uow.documents.put(plan_key, RELEASE, "", {**body, "round": round_no, "outcome": outcome})


def release_version(uow: UnitOfWork, plan_key: str, version: Document, outcome: str) -> None:
    """Fix a version that the branch puts into effect itself: nothing in it is for the bureau."""
    body = {"plan_no": version.no, "plan_digest": version.digest, "round": "", "outcome": outcome}
    uow.documents.put(plan_key, RELEASE, "", body)


def released_version(reader: Reader, plan_key: str) -> Document:
    """The version that the bureau acknowledged last: it is published, executed and assessed.

    A version that was reported later and has no reply yet changes nothing. NotFound before the first reply.
    """
    released = reader.documents.get(plan_key, RELEASE)
    return reader.documents.get(plan_key, "plan", no=released.body["plan_no"])


def released_plan(reader: Reader, plan_key: str) -> Plan:
    """The plan of the version that the bureau acknowledged."""
    return from_json(released_version(reader, plan_key).body)


def plan_with_actions_of(reader: Reader, plan_key: str, unit: str) -> Plan:
    """The plan in effect; for a unit that an amendment left without actions, the last that gave it any."""
    for version in reversed(reader.documents.versions(plan_key, RELEASE)):
        plan = from_json(reader.documents.get(plan_key, "plan", no=version.body["plan_no"]).body)
        if plan.actions_of(unit):
            return plan
    return released_plan(reader, plan_key)


def _values(subject: Task | ActivityCall) -> dict[str, Any]:
    return subject.inputs if isinstance(subject, Task) else subject.data


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
