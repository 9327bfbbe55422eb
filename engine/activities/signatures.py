"""The signatures of a round (簽章) as documents: who signed which level last, and which of them are void."""

from collections.abc import Mapping
from typing import Any

from engine.store.unit_of_work import Reader, UnitOfWork

SIGNATURE = "signature"
# The notes of versions that void the version before them.
RETURNED, RECALLED = "void", "recalled"
VOIDED = frozenset({RETURNED, RECALLED})
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


def trail_panels(reader: Reader, owner: str, subject_id: str, round_no: int) -> dict[str, list[Body]]:
    """What signers changed (修改軌跡), and the signatures that do not stand: returned, recalled, earlier.

    A signer finds their own remark of the round before among the latter.
    """
    given = given_signatures(reader, owner, subject_id, round_no)
    edits = [
        {**edit, **{name: body[name] for name in ("name", "title", "label", "signed_at", "void")},
         "element": edit["label"]}
        for body in given
        for edit in body.get("edits", ())
    ]  # fmt: skip
    latest = {body["no"]: body for body in given if body["round"] == round_no}
    fallen = [body for body in given if body["void"] or latest.get(body["no"]) is not body]
    told = {"edits": edits, "fallen_signatures": [_remark(body) for body in fallen]}
    return {name: rows for name, rows in told.items() if rows}


def given_signatures(reader: Reader, owner: str, subject_id: str, up_to_round: int) -> list[Body]:
    """Every signature that was ever given to a subject, each as it stands now, in the order of signing."""
    given: dict[tuple[str, int], Body] = {}
    last: dict[str, int] = {}
    for document in reader.documents.all_versions(owner, SIGNATURE, f"{subject_id}:"):
        if document.body["round"] > up_to_round:
            continue
        if document.note not in VOIDED:
            last[document.key] = document.no
        given[document.key, last[document.key]] = document.body
    return list(given.values())


def _remark(body: Body) -> Body:
    kept = ("round", "label", "name", "title", "decision", "opinion", "return_reason", "signed_at", "void")
    return {name: body[name] for name in kept} | {
        "recalled": bool(body.get("recalled")), "void_reason": body.get("void_reason", ""),
        "deputy": body.get("deputy"),
    }  # fmt: skip
