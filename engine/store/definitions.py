"""Deployments: sets of definition files with one digest, and the process definitions in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.definition import Deployment, SourceFile, deployment_digest
from engine.domain.history import DEFINITIONS_STREAM, EventDraft, EventType
from engine.errors import NotFound
from engine.store import tables
from engine.store.repository import Repository, stored_bytes

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment

_DEPLOYMENT = tables.deployment.c
_FILE = tables.deployment_file.c
_PROCESS = tables.process_definition.c
MEDIA_TYPES = {"bpmn": "application/bpmn+xml", "dmn": "application/dmn+xml", "json": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedProcess:
    """One version of a process definition."""

    key: str
    version: int
    deployment_id: int
    name: str
    agency: str
    digest: bytes


class Definitions(Repository):
    """Deployments and process definitions."""

    def deploy(self, files: tuple[SourceFile, ...]) -> int:
        """Store a set of files as a deployment, told in the stream of definitions; gives its id.

        The same set of files deployed again is the same deployment. DeploymentRefused when it does not parse.
        """
        uow = self.writer
        digest = deployment_digest(files)
        known = self.core.execute(sa.select(_DEPLOYMENT.id).where(_DEPLOYMENT.digest == digest)).scalar()
        if known is not None:
            return int(known)
        number = (self.core.execute(sa.select(sa.func.max(_DEPLOYMENT.id))).scalar() or 0) + 1
        parsed = self.reader.memory.runtime.parse(files, number)
        row = {
            "id": number,
            "digest": digest,
            "deployed_at": to_micros(uow.now),
            "deployed_by": uow.actor.user_id,
        }
        self.write(sa.insert(tables.deployment), row)
        stored = {
            file.name: uow.content.put(file.body, MEDIA_TYPES.get(file.name.rpartition(".")[2], "text/plain"))
            for file in files
        }
        self.write(
            sa.insert(tables.deployment_file),
            [
                {"deployment_id": number, "name": name, "digest": bytes.fromhex(d)}
                for name, d in stored.items()
            ],
        )
        processes = [
            {"key": p.key, "version": number, "deployment_id": number, "name": p.name, "agency": p.agency}
            for p in parsed.processes.values()
        ]
        self.write(sa.insert(tables.process_definition), processes)
        self.reader.remember_parsed(number, parsed)
        told = {"deployment": number, "digest": digest.hex(), "files": stored, "processes": processes}
        uow.record_note(DEFINITIONS_STREAM, EventDraft(type=EventType.DEPLOYED, data=told))
        return number

    def get(self, deployment_id: int) -> Deployment:
        """The deployment with its files; NotFound when there is none."""
        row = self.core.execute(sa.select(_DEPLOYMENT.digest).where(_DEPLOYMENT.id == deployment_id)).first()
        if row is None:
            raise NotFound(kind="deployment", id=deployment_id)
        query = (
            sa.select(_FILE.name, tables.content.c.body)
            .join(tables.content, tables.content.c.digest == _FILE.digest)
            .where(_FILE.deployment_id == deployment_id)
            .order_by(_FILE.name)
        )
        files = tuple(
            SourceFile(name=file.name, body=stored_bytes(file.body)) for file in self.core.execute(query)
        )
        return Deployment(id=deployment_id, digest=stored_bytes(row.digest), files=files)

    def is_intact(self, deployment_id: int) -> bool:
        """True if a deployment and its files are there and the files still have its digest."""
        try:
            found = self.get(deployment_id)
        except NotFound:
            return False
        return deployment_digest(found.files) == found.digest

    def parsed(self, deployment_id: int) -> ParsedDeployment:
        """The parsed deployment, parsed once per process; NotFound when there is none."""
        found = self.reader.parsed(deployment_id)
        if found is None:
            found = self.reader.memory.runtime.parse(self.get(deployment_id).files, deployment_id)
            self.reader.remember_parsed(deployment_id, found)
        return found

    def latest(self, process_key: str) -> DeployedProcess:
        """The newest version of a process definition; NotFound when it was never deployed."""
        found = self.find_latest(process_key)
        if found is None:
            raise NotFound(kind="process definition", id=process_key)
        return found

    def find_latest(self, process_key: str) -> DeployedProcess | None:
        """The newest version of a process definition, if there is one."""
        query = _select().where(_PROCESS.key == process_key).order_by(_PROCESS.version.desc()).limit(1)
        row = self.core.execute(query).first()
        return _process(row) if row else None

    def started_by_message(self, name: str) -> DeployedProcess | None:
        """The newest process definition that a message of this name starts, if there is one."""
        for process in self.all_latest():
            key = self.parsed(process.deployment_id).start_messages.get(name)
            if key == process.key:
                return process
        return None

    def all_latest(self) -> list[DeployedProcess]:
        """The newest version of every process definition, by key."""
        newest: dict[str, DeployedProcess] = {}
        for row in self.core.execute(_select().order_by(_PROCESS.key, _PROCESS.version)):
            newest[row.key] = _process(row)
        return list(newest.values())

    def deployments(self) -> list[tuple[int, str, Any, str]]:
        """(id, digest, deployed at, deployed by) of every deployment, newest first."""
        rows = self.core.execute(sa.select(tables.deployment).order_by(_DEPLOYMENT.id.desc()))
        return [(r.id, bytes(r.digest).hex(), from_micros(r.deployed_at), r.deployed_by) for r in rows]


def _select() -> sa.Select[Any]:
    return sa.select(tables.process_definition, _DEPLOYMENT.digest).join_from(
        tables.process_definition, tables.deployment, _DEPLOYMENT.id == _PROCESS.deployment_id
    )


def _process(row: Any) -> DeployedProcess:
    return DeployedProcess(
        key=row.key, version=row.version, deployment_id=row.deployment_id, name=row.name, agency=row.agency,
        digest=stored_bytes(row.digest),
    )  # fmt: skip
