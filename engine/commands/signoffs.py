"""After a decision: sign afterwards (補簽), and pass on for reading (傳閱). Neither changes the decision."""

from collections.abc import Sequence
from typing import Any

from engine.activities.circulation import CIRCULATION, PROCESS, owner_of_circulations
from engine.activities.colleagues import colleagues
from engine.activities.moments import end_of_day
from engine.activities.signatures import SIGNATURE, signature_key, stands
from engine.activities.signoff_record import SUPPLEMENT, SignedSubject, decided_subject
from engine.commands.deliveries import deliver_all, start_linked
from engine.commands.steps import Progress
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import PERSON, Agency
from engine.domain.instance import InstanceState
from engine.domain.permission import Action, may_see_instance, require
from engine.errors import Conflict, FieldError, Invalid, NotFound, NotPermitted
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import UnitOfWork

KINDS = ("paper", "absent", "other")
READING_DAYS = 3
SHORTEST, LONGEST, LONGEST_NOTE = 5, 1000, 500
MOST_READERS = 60


class SignedAfterwards(Conflict):
    """This level of the sign-off was signed afterwards already."""


def sign_afterwards(
    uow: UnitOfWork, instance_id: int, *, subject: str, level: int, kind: str, reason: str
) -> None:
    """補簽 (domain 7.23): a holder of a level's role adds a signature after the decision, with the reason.

    `kind` is paper (signed on paper), absent (was away) or other. The decision stays as it is. NotFound
    before it; SignedAfterwards for the second time; NotPermitted for everybody else, for whoever recused
    themselves, and for whoever signed at this level.
    """
    handle = _open(uow, instance_id)
    found = decided_subject(uow, handle.instance, subject)
    if not 0 <= level < len(found.levels):
        raise NotFound(kind="level", id=level)
    row = found.levels[level]
    if not uow.actor.holds(row["role"], row["unit"]) or uow.actor.user_id in found.recused:
        raise NotPermitted
    faults = []
    if kind not in KINDS:
        faults.append(FieldError(path="kind", template="Choose one of the options"))
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        template, params = "Give the reason in at least {limit} characters", {"limit": SHORTEST}
        faults.append(FieldError(path="reason", template=template, params=params))
    if faults:
        raise Invalid(tuple(faults))
    key = signature_key(found.subject, found.round_no, level)
    signed = uow.documents.find(found.owner, SIGNATURE, key)
    if signed is not None and stands(signed.body) and signed.made_by == uow.actor.user_id:
        raise NotPermitted
    if uow.documents.find(found.owner, SUPPLEMENT, key) is not None:
        raise SignedAfterwards
    body = {
        "label": row["label"], "kind": kind, "reason": reason.strip(), "signed_by": uow.actor.user_id,
        "name": uow.actor.name, "title": uow.actor.title, "signed_at": uow.now.isoformat(),
    }  # fmt: skip
    uow.documents.put(found.owner, SUPPLEMENT, key, body)
    told = {"label": found.label, "level": row["label"], "reason": reason.strip()}
    handle.note(
        EventDraft(type=EventType.SIGNATURE_SUPPLEMENTED, data=told),
        role=row["role"],
        unit=row["unit"] or None,
    )


def circulate(
    uow: UnitOfWork,
    instance_id: int,
    *,
    subject: str,
    people: Sequence[str],
    units: Sequence[str],
    note: str = "",
) -> int:
    """傳閱: pass a decided subject to people and units, each of whom confirms it; gives the new instance.

    A reader sees what is passed on and nothing else. What is restricted is passed to nobody.
    """
    handle = _open(uow, instance_id)
    require(uow.actor, Action.CIRCULATE)
    found = decided_subject(uow, handle.instance, subject)
    if handle.instance.restricted_to:
        raise NotPermitted
    readers = _readers(uow, people, units, note)
    owner = owner_of_circulations(handle.id)
    no = str(len(uow.documents.keys(owner, CIRCULATION)) + 1)
    sent = _passed_on(uow, found, note.strip(), owner, no)
    kept = [{name: reader[name] for name in ("key", "label")} for reader in readers]
    uow.documents.put(owner, CIRCULATION, no, {**sent, "readers": kept, "sent_at": uow.now.isoformat()})
    handle.note(
        EventDraft(type=EventType.CIRCULATED, data={"label": found.label, "no": no, "note": note.strip()})
    )
    progress = Progress.none()
    variables = {"plan_key": str(handle.instance.plan_key), "circulation": sent, "readers": readers}
    started = start_linked(
        uow, PROCESS, f"{handle.instance.business_key}:{handle.id}:{no}", variables, parent_id=handle.id,
        progress=progress,
    )  # fmt: skip
    deliver_all(uow, progress)
    return started


def _open(uow: UnitOfWork, instance_id: int) -> InstanceHandle:
    handle = uow.instances.open(instance_id)
    if not may_see_instance(uow.actor, handle.instance):
        raise NotFound(kind="process instance", id=instance_id)
    if handle.state is InstanceState.CANCELLED:
        raise NotPermitted
    return handle


def _passed_on(uow: UnitOfWork, found: SignedSubject, note: str, owner: str, no: str) -> dict[str, Any]:
    assert found.decided is not None
    document = {"owner": found.owner, **found.decided["document"]}
    due = end_of_day(uow.calendar.add_working_days(uow.today, READING_DAYS))
    return {
        "title": found.label, "note": note, "sent_by": uow.actor.user_id, "document": document, "due": due,
        "owner": owner, "no": no,
    }  # fmt: skip


def _readers(uow: UnitOfWork, people: Sequence[str], units: Sequence[str], note: str) -> list[dict[str, Any]]:
    """Each reader with the pairs by which the task comes to them; Invalid for strangers and for nobody."""
    known = {user.id: user for user in colleagues(uow)}
    own = {u.id: u for u in uow.organisation.units() if u.agency is Agency.BRANCH and u.active}
    faults = []
    if not people and not units:
        faults.append(FieldError(path="people", template="Choose at least one reader"))
    if len(people) + len(units) > MOST_READERS:
        template, params = "Choose at most {limit} readers", {"limit": MOST_READERS}
        faults.append(FieldError(path="people", template=template, params=params))
    if not set(people) <= known.keys():
        faults.append(FieldError(path="people", template="Choose one of the options"))
    if not set(units) <= own.keys():
        faults.append(FieldError(path="units", template="Choose one of the options"))
    if len(note.strip()) > LONGEST_NOTE:
        template, params = "Use at most {limit} characters", {"limit": LONGEST_NOTE}
        faults.append(FieldError(path="note", template=template, params=params))
    if faults:
        raise Invalid(tuple(faults))
    return [
        *(
            {"key": f"{PERSON}:{id}", "label": known[id].name, "pairs": [[PERSON, id]]}
            for id in dict.fromkeys(people)
        ),
        *(
            {"key": f"unit:{id}", "label": own[id].label, "pairs": [["unit_handler", id], ["unit_chief", id]]}
            for id in dict.fromkeys(units)
        ),
    ]
