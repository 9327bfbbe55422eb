"""What an instance had signed: its subjects, the rounds of each, and the version that was decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.activities.signatures import SIGNATURE
from engine.domain.document import Document
from engine.domain.history import HistoryEvent
from engine.domain.instance import Instance
from engine.errors import NotFound
from engine.store.unit_of_work import Reader

SIGNOFF = "signoff"
SUPPLEMENT = "supplementary_signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedSubject:
    """A subject with the latest round that an instance opened for it. `decided` is the deciding signature."""

    owner: str
    subject: str
    round_no: int
    label: str
    levels: tuple[dict[str, Any], ...]
    recused: tuple[str, ...]
    decided: dict[str, Any] | None


def signed_subjects(reader: Reader, instance: Instance) -> tuple[SignedSubject, ...]:
    """What the instance sent round for signing, in the order of its history."""
    rounds = _rounds(reader.history.events(instance.id))
    return tuple(_subject(reader, owner, key, no) for (owner, key), no in rounds.items())


def decided_subject(reader: Reader, instance: Instance, subject: str) -> SignedSubject:
    """One subject of the instance that was decided; NotFound before the decision."""
    found = next((s for s in signed_subjects(reader, instance) if s.subject == subject), None)
    if found is None or found.decided is None:
        raise NotFound(kind="decision", id=subject)
    return found


def document_of(reader: Reader, subject: SignedSubject) -> Document:
    """The version that was decided."""
    assert subject.decided is not None
    signed = subject.decided["document"]
    return reader.documents.get(subject.owner, signed["kind"], signed["key"], signed["no"])


def _rounds(events: Iterable[HistoryEvent]) -> dict[tuple[str, str], int]:
    """(owner, subject) -> the latest round: every round begins with a document that its event names."""
    rounds: dict[tuple[str, str], int] = {}
    for event in events:
        if '"signoff"' not in event.data:
            continue
        for ref in event.told.get("documents", ()):
            if ref["kind"] == SIGNOFF:
                rounds[ref["owner"], ref["key"]] = ref["no"]
    return rounds


def _subject(reader: Reader, owner: str, key: str, no: int) -> SignedSubject:
    body = reader.documents.get(owner, SIGNOFF, key, no).body
    levels = tuple(body["levels"])
    last = reader.documents.find(owner, SIGNATURE, f"{key}:{no}:{len(levels) - 1}")
    is_decided = last is not None and last.body["decision"] == "decide" and not last.body["void"]
    return SignedSubject(
        owner=owner, subject=key, round_no=no, label=body["label"], levels=levels,
        recused=tuple(body.get("recused", ())), decided=last.body if last and is_decided else None,
    )  # fmt: skip
