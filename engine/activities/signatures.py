"""The signatures of a round (簽章) as documents: who signed which level last, and which of them are void."""

from collections.abc import Mapping
from typing import Any

from engine.store.unit_of_work import Reader, UnitOfWork

SIGNATURE = "signature"
APPROVALS = frozenset({"approve", "approve_with_changes", "decide"})
Body = dict[str, Any]


def signature_key(subject_id: str, round_no: int, no: int) -> str:
    """The key of the signature of a level."""
    return f"{subject_id}:{round_no}:{no}"


def signatures_of(reader: Reader, owner: str, subject_id: str, round_no: int) -> dict[int, Body]:
    """The latest signature of every level of a round, in their order."""
    prefix = f"{subject_id}:{round_no}:"
    found = {
        d.body["no"]: d.body for d in reader.documents.list(owner, SIGNATURE) if d.key.startswith(prefix)
    }
    return dict(sorted(found.items()))


def valid_below(signatures: Mapping[int, Body], no: int) -> Body | None:
    """The signature that the subject comes up with to a level: the highest valid one below it."""
    below = [body for level, body in sorted(signatures.items()) if level < no and stands(body)]
    return below[-1] if below else None


def stands(body: Mapping[str, Any]) -> bool:
    """True for an approval that no return and no recall has voided."""
    return not body["void"] and body["decision"] in APPROVALS


def void(uow: UnitOfWork, owner: str, body: Body, note: str, **why: Any) -> None:
    """Void a signature; it stays readable as it was given, with who voided it and why."""
    key = signature_key(body["subject"], body["round"], body["no"])
    voided = {**body, "void": True, "voided_by": uow.actor.user_id, **why}
    uow.documents.put(owner, SIGNATURE, key, voided, note=note)
