"""Audit runs: their stream, and what a population is drawn from. Nothing of them lies anywhere else."""

import json
from typing import Any

import sqlalchemy as sa

from engine.domain.audit_run import AuditRun, Member, member_from_json, runs_told
from engine.domain.canonical import canonical_json
from engine.domain.giving_back import gives_back
from engine.domain.history import AUDITS_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM_ACTOR
from engine.domain.permission import Sight
from engine.errors import NotFound
from engine.store import tables
from engine.store.repository import Repository
from engine.store.sight import is_covered

_EVENT = tables.history_event.c
_INSTANCE = tables.process_instance.c
JSON_TYPE = "application/json"


class Audits(Repository):
    """Audit runs, from their events; every change is one more event."""

    def runs(self) -> dict[int, AuditRun]:
        """Every run by its number, in one statement."""
        events = self.reader.history.events(AUDITS_STREAM)
        return runs_told((event, event.told) for event in events)

    def run(self, no: int) -> AuditRun:
        """The run of that number; NotFound when there is none."""
        found = self.runs().get(no)
        if found is None:
            raise NotFound(kind="audit run", id=no)
        return found

    def tell(self, event_type: EventType, told: dict[str, Any]) -> None:
        """Record what happened in an audit."""
        self.writer.record_note(AUDITS_STREAM, EventDraft(type=event_type, data=told))

    def keep_population(self, members: tuple[Member, ...]) -> dict[str, Any]:
        """Keep from what a sample is drawn; gives the ref that the event names and a proof reads."""
        body = canonical_json([member.json() for member in members]).encode()
        digest = self.writer.content.put(body, JSON_TYPE)
        return {"name": "population.json", "digest": digest, "size": len(body), "media_type": JSON_TYPE}

    def population_of(self, run: AuditRun) -> tuple[Member, ...]:
        """From what the sample of a run was drawn; NotFound when it is gone."""
        return tuple(
            member_from_json(member) for member in json.loads(self.reader.content.get(run.population))
        )

    def took_part(self, instance_id: int) -> set[str]:
        """The people whose acts a history tells, and those in whose place they acted."""
        query = sa.select(_EVENT.actor, _EVENT.on_behalf_of).where(_EVENT.stream == instance_id).distinct()
        return {name for row in self.settled.execute(query) for name in row if name} - {SYSTEM_ACTOR}

    def members(self, sight: Sight) -> tuple[Member, ...]:
        """Every process that the sight covers, with its units and returns as its history tells them now.

        Four statements, however many there are.
        """
        query = sa.select(_INSTANCE.id, _INSTANCE.definition_key, _INSTANCE.seq).where(is_covered(sight))
        units, returns = self._units(), self._returns()
        return tuple(
            Member(
                instance=instance, stage=stage, units=tuple(sorted(units.get(instance, ()))),
                returns=returns.get(instance, 0), seq=seq,
            )
            for instance, stage, seq in self.core.execute(query.order_by(_INSTANCE.id))
        )  # fmt: skip

    def _units(self) -> dict[int, set[str]]:
        """The units whose people completed tasks of each process.

        Who acts in a role that holds for every unit acts for the one in which they hold it.
        """
        acted = (
            sa.select(_EVENT.stream, _EVENT.unit, _EVENT.actor, _EVENT.role)
            .where(_EVENT.type == str(EventType.TASK_COMPLETED))
            .distinct()
        )
        homes: dict[tuple[str, str], set[str]] = {}
        for held in self.reader.organisation.all_memberships():
            homes.setdefault((held.user_id, held.role), set()).add(held.unit)
        found: dict[int, set[str]] = {}
        for stream, unit, actor, role in self.settled.execute(acted):
            found.setdefault(stream, set()).update({unit} if unit else homes.get((actor, role), set()))
        return found

    def _returns(self) -> dict[int, int]:
        """How often work came back in each process."""
        types = (EventType.TASK_COMPLETED, EventType.MESSAGE_RECEIVED)
        query = sa.select(_EVENT.stream, _EVENT.type, _EVENT.data).where(
            _EVENT.type.in_([str(type_) for type_ in types])
        )
        found: dict[int, int] = {}
        for stream, type_, data in self.core.execute(query.execution_options(yield_per=1000)):
            if gives_back(EventType(type_), json.loads(data)):
                found[stream] = found.get(stream, 0) + 1
        return found
