"""History events: what was done (causes), what followed (effects), sealed in one chain per stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.domain.canonical import canonical_json, chain_digest
from engine.domain.telling import Own, told_by, written

ORGANISATION_STREAM = 1
DEFINITIONS_STREAM = 2
AUDITS_STREAM = 3  # audit runs: their samples, findings and answers
FIRST_INSTANCE_ID = 1024
# Reads and denials of one person lie in a stream of their own, so that no chain is a bottleneck.
# Its number is minus the number of the user.


class Origin(StrEnum):
    """Whether an event is recorded (cause), recomputed (effect) or beside the run (note)."""

    CAUSE = "cause"
    EFFECT = "effect"
    NOTE = "note"


class EventType(StrEnum):
    """Every type of event, named in the past tense."""

    # causes: fed to the runtime by a replay
    INSTANCE_STARTED = "instance_started"
    TASK_COMPLETED = "task_completed"
    TIMER_FIRED = "timer_fired"
    MESSAGE_RECEIVED = "message_received"
    ACTIVITY_RETURNED = "activity_returned"
    INSTANCE_CANCELLED = "instance_cancelled"
    # effects: recomputed and compared by a replay
    TASK_OPENED = "task_opened"
    TASK_WITHDRAWN = "task_withdrawn"
    BRANCH_TAKEN = "branch_taken"
    TIMER_SET = "timer_set"
    TIMER_DROPPED = "timer_dropped"
    MESSAGE_AWAITED = "message_awaited"
    MESSAGE_UNAWAITED = "message_unawaited"
    MESSAGE_THROWN = "message_thrown"
    ACTIVITY_REQUESTED = "activity_requested"
    ELEMENT_PASSED = "element_passed"
    INSTANCE_ENDED = "instance_ended"
    # notes of an instance: who holds a task, what was said, what went wrong
    TASK_CLAIMED = "task_claimed"
    TASK_UNCLAIMED = "task_unclaimed"
    TASK_ASSIGNED = "task_assigned"
    TASK_DELEGATED = "task_delegated"
    TASK_RESOLVED = "task_resolved"
    TASK_URGED = "task_urged"
    TASK_NOTICE_GIVEN = "task_notice_given"
    TASK_EXTENDED = "task_extended"
    TASK_HANDED_BACK = "task_handed_back"
    TASK_REDIRECTED = "task_redirected"
    TASK_PRIORITISED = "task_prioritised"
    COMMENT_MADE = "comment_made"
    INSTANCE_SUSPENDED = "instance_suspended"
    INSTANCE_RESUMED = "instance_resumed"
    INSTANCE_TRIED_AGAIN = "instance_tried_again"
    INCIDENT_RAISED = "incident_raised"
    LETTER_CORRECTED = "letter_corrected"
    DOCUMENT_RECORDED = "document_recorded"
    OPINION_ASKED = "opinion_asked"
    CIRCULATED = "circulated"
    SIGNATURE_SUPPLEMENTED = "signature_supplemented"
    # organisation
    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    TOKEN_ISSUED = "token_issued"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    UNIT_ADDED = "unit_added"
    UNIT_CHANGED = "unit_changed"
    MEMBERSHIP_GRANTED = "membership_granted"
    MEMBERSHIP_ENDED = "membership_ended"
    DEPUTY_NAMED = "deputy_named"
    DEPUTYSHIP_ENDED = "deputyship_ended"
    CALENDAR_IMPORTED = "calendar_imported"
    WORK_STOPPED = "work_stopped"
    SETTING_CHANGED = "setting_changed"
    CALENDAR_LINK_MADE = "calendar_link_made"
    CALENDAR_LINK_REVOKED = "calendar_link_revoked"
    CLOCK_MOVED = "clock_moved"
    ANCHOR_MADE = "anchor_made"
    PROOF_MADE = "proof_made"
    # definitions
    DEPLOYED = "deployed"
    # audit runs
    AUDIT_RUN_BEGUN = "audit_run_begun"
    AUDIT_FINDING_MADE = "audit_finding_made"
    AUDIT_FINDING_ANSWERED = "audit_finding_answered"
    AUDIT_FINDING_SETTLED = "audit_finding_settled"
    AUDIT_RUN_CLOSED = "audit_run_closed"
    # one person's reads and denials
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_REFUSED = "sign_in_refused"
    ACCESS_DENIED = "access_denied"
    EXPORTED = "exported"
    PROOF_ASKED = "proof_asked"
    SENSITIVE_READ = "sensitive_read"
    PREFERENCE_CHANGED = "preference_changed"
    MAIL_SENT = "mail_sent"
    VIEW_SAVED = "view_saved"
    VIEW_REMOVED = "view_removed"


ORIGIN_BY_TYPE: dict[EventType, Origin] = {
    **dict.fromkeys(
        (
            EventType.INSTANCE_STARTED,
            EventType.TASK_COMPLETED,
            EventType.TIMER_FIRED,
            EventType.MESSAGE_RECEIVED,
            EventType.ACTIVITY_RETURNED,
            EventType.INSTANCE_CANCELLED,
        ),
        Origin.CAUSE,
    ),
    **dict.fromkeys(
        (
            EventType.TASK_OPENED,
            EventType.TASK_WITHDRAWN,
            EventType.BRANCH_TAKEN,
            EventType.TIMER_SET,
            EventType.TIMER_DROPPED,
            EventType.MESSAGE_AWAITED,
            EventType.MESSAGE_UNAWAITED,
            EventType.MESSAGE_THROWN,
            EventType.ACTIVITY_REQUESTED,
            EventType.ELEMENT_PASSED,
            EventType.INSTANCE_ENDED,
        ),
        Origin.EFFECT,
    ),
}


def origin_of(event_type: EventType) -> Origin:
    """The origin that every event of this type has."""
    return ORIGIN_BY_TYPE.get(event_type, Origin.NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """An event before it has a place in a stream."""

    type: EventType
    data: dict[str, Any]
    element_id: str | None = None
    task_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who stands behind the events of one command: actor, for whom, with which role and unit, and when."""

    actor: str
    occurred_at: int
    on_behalf_of: str | None = None
    role: str | None = None
    unit: str | None = None
    command_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One sealed event; `occurred_at` is in microseconds since 1970 UTC.

    `data` is canonical JSON text, in which what follows from the rest is left out; `told` is all of it.
    """

    stream: int
    seq: int
    type: EventType
    origin: Origin
    actor: str
    on_behalf_of: str | None
    role: str | None
    unit: str | None
    occurred_at: int
    command_id: str | None
    element_id: str | None
    task_id: int | None
    data: str
    digest: bytes

    @property
    def told(self) -> dict[str, Any]:
        """What the event tells, read anew at each call; ValueError when its text cannot be read."""
        return told_by(self.type, self.element_id, self.data)

    def told_in(self, own: Own) -> dict[str, Any]:
        """What the event tells, with what it shares with its instance."""
        return told_by(self.type, self.element_id, self.data, own)

    def sealed_json(self) -> str:
        """The text that the digest covers: every column but the digest itself."""
        return sealed_json(
            self.stream, self.seq, self.type, self.actor, self.on_behalf_of, self.role, self.unit,
            self.occurred_at, self.command_id, self.element_id, self.task_id, self.data,
        )  # fmt: skip


def sealed_json(
    stream: int, seq: int, type_: str, actor: str, on_behalf_of: str | None, role: str | None,
    unit: str | None, occurred_at: int, command_id: str | None, element_id: str | None, task_id: int | None,
    data: str,
) -> str:  # fmt: skip
    """Canonical JSON array of an event's columns in table order; `data` goes in as the stored text."""
    return canonical_json(
        [stream, seq, str(type_), str(origin_of(EventType(type_))), actor, on_behalf_of, role, unit,
         occurred_at, command_id, element_id, task_id, data]
    )  # fmt: skip


def seal(
    stream: int, seq: int, head: bytes, drafts: Sequence[EventDraft], signature: Signature,
    own: Own | None = None,
) -> list[HistoryEvent]:  # fmt: skip
    """Give drafts their place after event number `seq`, whose digest is `head`, and chain their digests.

    What effects share with their instance (`own`) is left out of them.
    The command id stands on the first event only: it is the idempotency key of the whole command.
    """
    events: list[HistoryEvent] = []
    for offset, draft in enumerate(drafts, start=1):
        data = canonical_json(written(draft.type, draft.element_id, draft.data, own))
        command_id = signature.command_id if offset == 1 else None
        text = sealed_json(
            stream, seq + offset, draft.type, signature.actor, signature.on_behalf_of, signature.role,
            signature.unit, signature.occurred_at, command_id, draft.element_id, draft.task_id, data,
        )  # fmt: skip
        head = chain_digest(head, text)
        events.append(
            HistoryEvent(
                stream=stream,
                seq=seq + offset,
                type=draft.type,
                origin=origin_of(draft.type),
                actor=signature.actor,
                on_behalf_of=signature.on_behalf_of,
                role=signature.role,
                unit=signature.unit,
                occurred_at=signature.occurred_at,
                command_id=command_id,
                element_id=draft.element_id,
                task_id=draft.task_id,
                data=data,
                digest=head,
            )
        )
    return events
