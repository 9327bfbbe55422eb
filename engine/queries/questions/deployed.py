"""The models of processes (BPMN, DMN, forms) as the events of their deployments told them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import sqlalchemy as sa

from engine.domain.history import DEFINITIONS_STREAM, EventType
from engine.queries.questions.trail import Told, readable
from engine.store import tables
from engine.store.unit_of_work import Reader

_EVENT = tables.history_event.c


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedSet:
    """One deployment: its number, the digests of the set and of each file, the names of its processes."""

    no: int
    digest: str
    files: Mapping[str, str]
    names: Mapping[str, str]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployments:
    """Every deployment, the oldest first."""

    sets: Sequence[DeployedSet]

    def get(self, no: int) -> DeployedSet | None:
        """The deployment of that number, if an event told it."""
        return next((each for each in self.sets if each.no == no), None)

    def version_of(self, file: str, no: int) -> int:
        """Which version of a file a deployment holds, counting only deployments that changed it."""
        digests = [each.files[file] for each in self.sets if each.no <= no and file in each.files]
        changes = sum(1 for before, after in pairwise(digests) if before != after)
        return changes + 1 if digests else 0

    def changed_since(self, file: str, no: int) -> DeployedSet | None:
        """The first later deployment that holds another version of a file."""
        own = self.get(no)
        digest = own.files.get(file) if own else None
        return next((each for each in self.sets if each.no > no and each.files.get(file) != digest), None)


def deployments_told(reader: Reader) -> Deployments:
    """Every deployment, in one statement."""
    query = (
        sa.select(tables.history_event)
        .where(_EVENT.stream == DEFINITIONS_STREAM, _EVENT.type == str(EventType.DEPLOYED))
        .order_by(_EVENT.seq)
    )
    return Deployments(sets=[_set(told) for told in readable(reader.transaction.core.execute(query))])


def _set(told: Told) -> DeployedSet:
    return DeployedSet(
        no=told.data["deployment"], digest=told.data["digest"], files=told.data["files"],
        names={process["key"]: process["name"] for process in told.data["processes"]},
        at=told.at, by=told.event.actor,
    )  # fmt: skip
