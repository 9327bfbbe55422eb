"""The unit of work: one transaction, one actor, one instant.

`Engine.ask` hands a `Reader` to a query, `Engine.execute` hands a `UnitOfWork` to a command. Both have one
repository per noun: `uow.tasks`, `uow.instances`, `uow.documents`, … Neither commits; the engine does.

Moving an instance takes one lock and one write of the instance:

    handle = uow.instances.open_for_task(task_id)  # locks the instance, reads handle.task and handle.instance
    step = handle.live.complete(uow.now, task_id, variables)  # the runtime moves the live instance
    opened = handle.record(EventDraft(type=EventType.TASK_COMPLETED, …), step, role=…, unit=…)
    for request in step.activities:  # more causes may follow in one command
        handle.record(EventDraft(type=EventType.ACTIVITY_RETURNED, …), handle.live.return_activity(…))

`record` takes a cause with its step and collects events and projections; they are written together at the
end, or earlier when the same unit of work reads rows of instances. `uow.instances.create(…)` gives the handle
of a new instance, `uow.instances.open(id)` that of any other. `handle.note(draft)` adds a note;
`handle.hold(…)`, `handle.suspend(draft)` and `handle.resume(draft)` change a row together with its note.
Timers fired and activities returned are signed by the system, everything else by the actor; a command that
lets somebody act as a deputy says so once (`acting_for`), and every event that it signs names the principal.

No change without its event: every writing method of master data takes the `EventDraft` that tells it.
Documents, letters and uploads are collected and written into the next cause or note of the unit of work
(`data["documents"]`, `data["letters"]`); a unit of work that would leave one without an event is refused.
Notes beside instances: `uow.record_note(stream, draft)`, where the stream is an instance id,
`ORGANISATION_STREAM`, `DEFINITIONS_STREAM` or `-actor.number`.

Repeated commands: the command id stands on the first event that the actor signs in each stream. When a task
is not open any more, `uow.history.of_command(instance_id, command_id)` tells whether this command closed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.clock import TAIPEI, to_micros
from engine.domain.deputy import ActiveDeputyship
from engine.domain.history import FIRST_INSTANCE_ID, EventDraft, Signature
from engine.domain.identity import SYSTEM_ACTOR, Actor
from engine.domain.instance import Instance
from engine.domain.sensitive import Kept, SensitiveLook
from engine.plan.calendar import WorkCalendar
from engine.store.accounts import Accounts
from engine.store.anchors import Anchors
from engine.store.audits import Audits
from engine.store.calendar_links import CalendarLinks
from engine.store.calendars import Calendars
from engine.store.content import Content
from engine.store.database import Transaction
from engine.store.definitions import Definitions
from engine.store.deputyships import Deputyships
from engine.store.documents import Documents, PinnedDocuments
from engine.store.drafts import Drafts
from engine.store.files import Files
from engine.store.follow_ups import FollowUps
from engine.store.history import History
from engine.store.incidents import Incidents
from engine.store.instance_handle import InstanceHandle
from engine.store.instances import Instances
from engine.store.letters import Letters
from engine.store.memory import Memory
from engine.store.messages import Messages
from engine.store.notices import Notices
from engine.store.organisation import Organisation
from engine.store.outbox import Outbox
from engine.store.preferences import Preferences
from engine.store.priorities import Priorities
from engine.store.projections import Projections
from engine.store.proof_runs import ProofRuns
from engine.store.saved_views import SavedViews
from engine.store.starts import Starts
from engine.store.tasks import Tasks
from engine.store.timers import Timers

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment


class Reader:
    """Everything that can be read, as one actor sees it at one instant; it never locks."""

    def __init__(self, memory: Memory, transaction: Transaction, actor: Actor, now: datetime) -> None:
        self.memory = memory
        self.transaction = transaction
        self.actor = actor
        self.now = now
        self.looks: set[SensitiveLook] = set()
        self.acting_for: ActiveDeputyship | None = None  # in whose place the actor acts, if in anybody's
        self.is_on_paper = False  # what is done was done on a sheet of paper (轉紙本)

    @property
    def identities(self) -> tuple[str, ...]:
        """Who stands behind what is done: the actor, and the principal in whose place it is done."""
        return (self.actor.user_id, *([self.acting_for.principal] if self.acting_for else ()))

    @property
    def today(self) -> date:
        """The day of the instant, in Taiwan."""
        return self.now.astimezone(TAIPEI).date()

    def looks_at(self, instance: Instance) -> None:
        """Remember that what is read shows a restricted instance: the door tells who looked."""
        if instance.restricted_to:
            self.looks.add(SensitiveLook(kept=Kept.RESTRICTED_INSTANCE, key=instance.id))

    def reading_versions(self, versions: Mapping[tuple[str, str, str], int]) -> Reader:
        """The same reader where each of these documents (owner, kind, key) is read as that version of it."""
        earlier = copy(self)
        earlier.documents = PinnedDocuments(earlier, versions)
        return earlier

    def settle(self) -> None:
        """A reader has nothing of its own to write before it reads."""

    def remember_pairs(self, pair_ids: dict[tuple[str, str], int]) -> None:
        """Remember numbers of candidate pairs for all units of work of this process."""
        self.memory.remember_pairs(pair_ids)

    def parsed(self, deployment_id: int) -> ParsedDeployment | None:
        """A parsed deployment that is remembered."""
        return self.memory.parsed(deployment_id)

    def remember_parsed(self, deployment_id: int, parsed: ParsedDeployment) -> None:
        """Remember a parsed deployment for all units of work of this process."""
        self.memory.remember_parsed(deployment_id, parsed)

    def as_unit_of_work(self) -> UnitOfWork:
        """The unit of work itself; a plain reader cannot write."""
        raise TypeError("A reader cannot write; a command needs a unit of work")

    @cached_property
    def definitions(self) -> Definitions:
        return Definitions(self)

    @cached_property
    def instances(self) -> Instances:
        return Instances(self)

    @cached_property
    def tasks(self) -> Tasks:
        return Tasks(self)

    @cached_property
    def deputyships(self) -> Deputyships:
        return Deputyships(self)

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self)

    @cached_property
    def follow_ups(self) -> FollowUps:
        return FollowUps(self)

    @cached_property
    def timers(self) -> Timers:
        return Timers(self)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self)

    @cached_property
    def history(self) -> History:
        return History(self)

    @cached_property
    def content(self) -> Content:
        return Content(self)

    @cached_property
    def documents(self) -> Documents:
        return Documents(self)

    @cached_property
    def letters(self) -> Letters:
        return Letters(self)

    @cached_property
    def files(self) -> Files:
        return Files(self)

    @cached_property
    def organisation(self) -> Organisation:
        return Organisation(self)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self)

    @cached_property
    def preferences(self) -> Preferences:
        return Preferences(self)

    @cached_property
    def saved_views(self) -> SavedViews:
        return SavedViews(self)

    @cached_property
    def calendars(self) -> Calendars:
        return Calendars(self)

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The working days of every imported year."""
        return self.calendars.work_calendar()

    @cached_property
    def calendar_links(self) -> CalendarLinks:
        return CalendarLinks(self)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self)

    @cached_property
    def priorities(self) -> Priorities:
        return Priorities(self)

    @cached_property
    def anchors(self) -> Anchors:
        return Anchors(self)

    @cached_property
    def audits(self) -> Audits:
        return Audits(self)

    @cached_property
    def proof_runs(self) -> ProofRuns:
        return ProofRuns(self)

    @cached_property
    def projections(self) -> Projections:
        return Projections(self)

    @cached_property
    def incidents(self) -> Incidents:
        return Incidents(self)


class UnitOfWork(Reader):
    """A reader that also writes; everything becomes durable together or not at all."""

    def __init__(
        self,
        memory: Memory,
        transaction: Transaction,
        actor: Actor,
        now: datetime,
        command_id: str | None = None,
    ) -> None:
        super().__init__(memory, transaction, actor, now)
        self.command_id = command_id
        self.handles: dict[int, InstanceHandle] = {}
        self.current: InstanceHandle | None = None  # the instance opened last: what an incident names
        self._notes: dict[int, list[tuple[EventDraft, Signature]]] = {}
        self._pending: dict[str, list[dict[str, Any]]] = {}
        self._changed_without_event = False
        self._new_pairs: dict[tuple[str, str], int] = {}
        self._parsed: dict[int, ParsedDeployment] = {}
        self._keyed_streams: set[int] = set()

    def as_unit_of_work(self) -> UnitOfWork:
        return self

    @cached_property
    def starts(self) -> Starts:
        return Starts()

    @property
    def current_task_id(self) -> int | None:
        """The task whose completion this unit of work is about."""
        task = self.current.task if self.current else None
        return task.id if task else None

    def signature(
        self,
        stream: int,
        *,
        automatic: bool = False,
        role: str | None,
        unit: str | None,
    ) -> Signature:
        """Who stands behind an event of a stream, and in whose place they act.

        The first event that the actor signs has the command id.
        """
        if automatic:
            return Signature(actor=SYSTEM_ACTOR, occurred_at=to_micros(self.now))
        command_id = None if stream in self._keyed_streams else self.command_id
        self._keyed_streams.add(stream)
        return Signature(
            actor=self.actor.user_id, occurred_at=to_micros(self.now), command_id=command_id,
            role=role, unit=unit,
            on_behalf_of=self.acting_for.principal if self.acting_for else None,
        )  # fmt: skip

    def record_note(
        self, stream: int, draft: EventDraft, *, role: str | None = None, unit: str | None = None
    ) -> None:
        """Add an event that moves no instance to a stream."""
        if stream >= FIRST_INSTANCE_ID:
            self.instances.open(stream).note(draft, role=role, unit=unit)
            return
        signature = self.signature(stream, role=role, unit=unit)
        self._notes.setdefault(stream, []).append((self.with_pending(draft), signature))

    def collect(self, list_name: str, ref: dict[str, Any]) -> None:
        """Keep a ref (of a document, letter or file) for the next event."""
        self._pending.setdefault(list_name, []).append(ref)

    def with_pending(self, draft: EventDraft) -> EventDraft:
        """The draft with every collected ref in its data."""
        self._changed_without_event = False
        if not self._pending:
            return draft
        refs = {name: [*draft.data.get(name, ()), *found] for name, found in self._pending.items()}
        self._pending = {}
        return replace(draft, data={**draft.data, **refs})

    def needs_event(self) -> None:
        """Say that a row changed which an event must tell."""
        self._changed_without_event = True

    def pair_ids(self, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The numbers of candidate pairs; unknown pairs get one."""
        known = self.memory.pair_ids(pairs)
        return known if len(known) == len(pairs) else self.tasks.pairs_numbered(pairs)

    def remember_pairs(self, pair_ids: dict[tuple[str, str], int]) -> None:
        """Remembered by others after the commit only: a rollback gives the numbers to other pairs."""
        self._new_pairs |= pair_ids

    def parsed(self, deployment_id: int) -> ParsedDeployment | None:
        """A parsed deployment that is remembered, here or by all."""
        return self._parsed.get(deployment_id) or self.memory.parsed(deployment_id)

    def remember_parsed(self, deployment_id: int, parsed: ParsedDeployment) -> None:
        """Remembered by others after the commit only: a rollback gives the number to another deployment."""
        self._parsed[deployment_id] = parsed

    def prepare(self) -> None:
        """Write the notes of other streams and ready every instance for its one write."""
        if self._pending or self._changed_without_event:
            raise RuntimeError("A change has no history event: " + (", ".join(self._pending) or "a row"))
        for stream in sorted(self._notes):
            self.history.append(stream, self._notes[stream])
        self._notes = {}
        for handle in self.handles.values():
            handle.prepare()

    def write(self) -> None:
        """Write every instance that moved, and hand its live instance back before the commit."""
        for handle in self.handles.values():
            handle.write()
            handle.give_back()

    def settle(self) -> None:
        """Write what was recorded so far, so that a read in the same unit of work sees it."""
        for handle in self.handles.values():
            handle.prepare()
            handle.write()

    def committed(self) -> None:
        """Remember what other units of work may rely on from now on."""
        self.memory.remember_pairs(self._new_pairs)
        for deployment_id, parsed in self._parsed.items():
            self.memory.remember_parsed(deployment_id, parsed)

    def abandon(self) -> None:
        """Throw the live instances away after any failure."""
        for instance_id in self.handles:
            self.memory.live.drop(instance_id)
