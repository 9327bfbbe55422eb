"""The sign record of an instance (簽核紀錄): every signature, opinions, and what came after."""

from dataclasses import dataclass
from typing import Any

from engine.activities.circulation import CIRCULATION, RECEIPT, owner_of_circulations
from engine.activities.colleagues import colleagues
from engine.activities.countersign import opinion_lines, opinions_of
from engine.activities.signatures import given_signatures, signature_key, stands
from engine.activities.signoff_record import SUPPLEMENT, SignedSubject, signed_subjects
from engine.domain.identity import Agency, Unit, User
from engine.domain.instance import Instance, InstanceState
from engine.domain.permission import Action, may
from engine.queries.instances import visible_instance
from engine.store.unit_of_work import Reader

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRecord:
    """One subject: its signatures in the order of signing, opinions by round, and what was added afterwards.

    `may_sign` are the levels at which the reader may sign afterwards: their number and label.
    """

    subject: SignedSubject
    signatures: tuple[Body, ...]
    opinions: tuple[tuple[int, tuple[Body, ...]], ...]
    afterwards: tuple[Body, ...]
    may_sign: tuple[tuple[int, str], ...]

    @property
    def edits(self) -> tuple[Body, ...]:
        """What signers changed, with who and when (修改軌跡)."""
        return tuple(
            {
                **edit,
                "name": body["name"],
                "title": body["title"],
                "at": body["signed_at"],
                "void": body["void"],
            }
            for body in self.signatures
            for edit in body.get("edits", ())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CirculationRecord:
    """One circulation, with each reader and the receipt, if there is one yet."""

    body: Body
    sender: User | None
    readers: tuple[tuple[str, Body | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignoffRecord:
    """The whole record. `people` and `units` are whom the reader may pass it to, if anybody."""

    instance: Instance
    name: str
    subjects: tuple[SubjectRecord, ...]
    circulations: tuple[CirculationRecord, ...]
    may_circulate: tuple[SignedSubject, ...]
    people: tuple[User, ...]
    units: tuple[Unit, ...]


def signoff_record(reader: Reader, instance_id: int) -> SignoffRecord:
    """What an instance had signed; NotFound when there is none or the reader may not see it."""
    instance = visible_instance(reader, instance_id)
    subjects = signed_subjects(reader, instance)
    may_pass = may(reader.actor, Action.CIRCULATE) and not instance.restricted_to
    is_open_to_more = instance.state is not InstanceState.CANCELLED
    passing = tuple(s for s in subjects if s.decided) if may_pass and is_open_to_more else ()
    parsed = reader.definitions.parsed(instance.deployment_id)
    return SignoffRecord(
        instance=instance,
        name=parsed.processes[instance.definition_key].name,
        subjects=tuple(_record(reader, subject, is_open_to_more=is_open_to_more) for subject in subjects),
        circulations=tuple(_circulations(reader, instance.id)),
        may_circulate=passing,
        people=tuple(colleagues(reader)) if passing else (),
        units=tuple(_units(reader)) if passing else (),
    )


def _record(reader: Reader, subject: SignedSubject, *, is_open_to_more: bool) -> SubjectRecord:
    signatures = given_signatures(reader, subject.owner, subject.subject, subject.round_no)
    added = reader.documents.all_versions(subject.owner, SUPPLEMENT, f"{subject.subject}:{subject.round_no}:")
    signed = {document.key for document in added}
    return SubjectRecord(
        subject=subject,
        signatures=tuple(signatures),
        opinions=tuple(
            (no, tuple(said))
            for no in range(1, subject.round_no + 1)
            if (said := _opinions(reader, subject, no))
        ),
        afterwards=tuple(document.body for document in added),
        may_sign=tuple(_own_levels(reader, subject, signatures, signed)) if is_open_to_more else (),
    )


def _opinions(reader: Reader, subject: SignedSubject, round_no: int) -> list[Body]:
    given = opinions_of(reader, subject.owner, subject.subject, round_no)
    return opinion_lines(reader, given, round_no)


def _own_levels(
    reader: Reader, subject: SignedSubject, signatures: list[Body], signed: set[str]
) -> list[tuple[int, str]]:
    me = reader.actor
    if subject.decided is None or me.user_id in subject.recused:
        return []
    mine = {
        body["no"]
        for body in signatures
        if body["round"] == subject.round_no and stands(body) and body["signed_by"] == me.user_id
    }
    return [
        (no, level["label"])
        for no, level in enumerate(subject.levels)
        if me.holds(level["role"], level["unit"])
        and no not in mine
        and signature_key(subject.subject, subject.round_no, no) not in signed
    ]


def _circulations(reader: Reader, instance_id: int) -> list[CirculationRecord]:
    owner = owner_of_circulations(instance_id)
    receipts = {document.key: document.body for document in reader.documents.list(owner, RECEIPT)}
    return [
        CirculationRecord(
            body=document.body,
            sender=reader.organisation.find_user(document.body["sent_by"]),
            readers=tuple(
                (row["label"], receipts.get(f"{document.key}:{row['key']}"))
                for row in document.body["readers"]
            ),
        )
        for document in reader.documents.list(owner, CIRCULATION)
    ]


def _units(reader: Reader) -> list[Unit]:
    return [unit for unit in reader.organisation.units() if unit.agency is Agency.BRANCH and unit.active]
