"""What somebody took away: the file, its digest, and which histories were in it; and what can be taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.clock import from_micros
from engine.domain.history import EventType, HistoryEvent
from engine.domain.instance import Instance
from engine.domain.permission import Action, require, sight_of
from engine.plan.roc import roc_year
from engine.queries.exports import exportable_instance
from engine.store.unit_of_work import Reader

# So many events of exports are looked at; a file with many histories has one for each.
MOST_TOLD = 400
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReceipt:
    """One file that left; `instances` are those in it that are among the events looked at, `together` all."""

    at: datetime
    format: str
    digest: str
    together: int
    instances: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceExports:
    """The page from which the history of one instance is taken."""

    instance: Instance
    name: str
    receipts: tuple[ExportReceipt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDesk:
    """The page from which several are taken: what can be chosen, and what the reader took."""

    definitions: tuple[tuple[str, str], ...]
    plan_keys: tuple[str, ...]
    years: tuple[int, ...]
    receipts: tuple[ExportReceipt, ...]


def instance_exports(reader: Reader, instance_id: int) -> InstanceExports:
    """What the reader took of an instance; NotFound for what they may not see."""
    instance = exportable_instance(reader, instance_id)
    reader.looks_at(instance)
    process = reader.definitions.parsed(instance.deployment_id).processes[instance.definition_key]
    receipts = tuple(receipt for receipt in _receipts(reader) if instance_id in receipt.instances)
    return InstanceExports(instance=instance, name=process.name, receipts=receipts[:MOST_SHOWN])


def export_desk(reader: Reader) -> ExportDesk:
    """What an auditor may choose from, by what they may see, and what they took last."""
    require(reader.actor, Action.AUDIT)
    kinds = reader.instances.kinds(sight_of(reader.actor))
    names = {process.key: process.name for process in reader.definitions.all_latest()}
    keys = sorted({kind.definition_key for kind in kinds}, key=lambda key: names.get(key, key))
    first = min((roc_year(kind.first_at.date()) for kind in kinds), default=0)
    last = max((roc_year(kind.last_at.date()) for kind in kinds), default=-1)
    return ExportDesk(
        definitions=tuple((key, names.get(key, key)) for key in keys),
        plan_keys=tuple(sorted({kind.plan_key for kind in kinds if kind.plan_key})),
        years=tuple(range(last, first - 1, -1)),
        receipts=_receipts(reader)[:MOST_SHOWN],
    )


def _receipts(reader: Reader) -> tuple[ExportReceipt, ...]:
    """The reader's own exports, the newest first."""
    told = reader.history.latest_of_type(-reader.actor.number, EventType.EXPORTED, MOST_TOLD)
    files: dict[tuple[int, str], list[HistoryEvent]] = {}
    for event in told:
        digest = event.told.get("digest")
        if digest is not None:
            files.setdefault((event.occurred_at, digest), []).append(event)
    return tuple(_receipt(events) for events in files.values())


def _receipt(events: Sequence[HistoryEvent]) -> ExportReceipt:
    told = [event.told for event in events]
    return ExportReceipt(
        at=from_micros(events[0].occurred_at),
        format=told[0]["format"],
        digest=told[0]["digest"],
        together=told[0]["together"],
        instances=tuple(sorted(data["instance"] for data in told)),
    )
