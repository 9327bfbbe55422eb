"""Exports: what leaves the house is recorded in the stream of the person who took it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.domain.history import EventDraft, EventType
from engine.domain.permission import Action, require, sight_of
from engine.errors import NotFound
from engine.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One instance in a file that leaves: its history up to event number `seq`."""

    instance: int
    seq: int


def record_export(uow: UnitOfWork, *, format_: str, digest: str, taken: Sequence[Taken]) -> None:
    """Tell that a file with this SHA-256 leaves, once for each instance in it.

    NotFound for an instance that the actor may not see: a door records before it hands anything out.
    """
    require(uow.actor, Action.READ_HISTORY)
    sight = sight_of(uow.actor)
    seen = {found.id for found in uow.instances.of_ids([t.instance for t in taken]) if sight.covers(found)}
    for one in taken:
        if one.instance not in seen:
            raise NotFound(kind="process instance", id=one.instance)
        told = {
            "instance": one.instance, "format": format_, "seq": one.seq, "digest": digest,
            "together": len(taken),
        }  # fmt: skip
        uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))


def record_answer_taken(
    uow: UnitOfWork, slug: str, *, format_: str, scope: dict[str, int], rows: int
) -> None:
    """Tell that the answer to a standing question was taken away: over what, how long, and as what."""
    require(uow.actor, Action.AUDIT)
    told = {"question": slug, "format": format_, "scope": scope, "rows": rows}
    uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))


def record_run_taken(uow: UnitOfWork, run_no: int, *, format_: str) -> None:
    """Tell that an audit run was taken away with its sample and findings."""
    require(uow.actor, Action.AUDIT)
    told = {"audit_run": run_no, "format": format_}
    uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))


def record_moment_taken(
    uow: UnitOfWork, what: str, *, format_: str, at: datetime, person: str | None, rows: int
) -> None:
    """Tell that a view of a past moment was taken away: of what, of whom, and how long."""
    require(uow.actor, Action.AUDIT)
    told = {"moment": at.isoformat(), "what": what, "person": person, "format": format_, "rows": rows}
    uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))


def record_figures_taken(
    uow: UnitOfWork, definition_key: str, *, table: str, scope: dict[str, str], rows: int
) -> None:
    """Tell that figures of a process were taken away: which, over what, and how many rows."""
    require(uow.actor, Action.AUDIT)
    told = {"process": definition_key, "table": table, "format": "csv", "scope": scope, "rows": rows}
    uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))
