"""Pinned definitions: the rows of deployments against the stream of definitions, and what starts name."""

from typing import Any

from engine.domain.history import DEFINITIONS_STREAM, EventType, HistoryEvent
from engine.replay.report import Check, Fault
from engine.replay.told_rows import Rows, StreamFault, by_key, compared, expect, fold
from engine.store import tables
from engine.store.proof_rows import ProofRows, Told
from engine.store.unit_of_work import Reader


class PinnedDefinitions:
    """Every deployment as it was told, with the faults of its rows."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._deployments: Rows = {}
        self._files: Rows = {}
        self._processes: Rows = {}
        self._intact: dict[int, bool] = {}
        self._wrong: set[Any] = set()
        self.faults: list[StreamFault] = self._compare(ProofRows(reader))

    def fault_of_start(self, start: HistoryEvent) -> Fault | None:
        """What is wrong with the definition that an instance is pinned to, if anything is."""
        told: dict[str, Any] = start.told
        number = told["deployment"]
        deployed = self._deployments.get((number,))
        if deployed is None or (told["process"], number) not in self._processes:
            return _fault(
                start, number, "The process is pinned to the deployment {deployment}, which no event told"
            )
        if told.get("definition", deployed.columns["digest"].hex()) != deployed.columns["digest"].hex():
            return _fault(start, number, "The process was started on another deployment {deployment}")
        if number in self._wrong:
            return _fault(start, number, "The pinned deployment {deployment} is not as it was deployed")
        if not self._is_intact(number):
            return _fault(start, number, "A file of the pinned deployment {deployment} was changed")
        return None

    def _is_intact(self, number: int) -> bool:
        if number not in self._intact:
            self._intact[number] = self._reader.definitions.is_intact(number)
        return self._intact[number]

    def _read(self, event: Told) -> None:
        told = event.data
        number = told["deployment"]
        expect(
            self._deployments, (number,), event,
            digest=bytes.fromhex(told["digest"]), deployed_at=event.occurred_at, deployed_by=event.actor,
        )  # fmt: skip
        for name, digest in told["files"].items():
            expect(self._files, (number, name), event, digest=bytes.fromhex(digest))
        for process in told["processes"]:
            columns = {name: process[name] for name in ("deployment_id", "name", "agency")}
            expect(self._processes, (process["key"], process["version"]), event, **columns)

    def _compare(self, rows: ProofRows) -> list[StreamFault]:
        faults = list(fold(rows.told(DEFINITIONS_STREAM, (EventType.DEPLOYED,)), self._read))
        deployments = by_key(rows.rows(tables.deployment), "id")
        files = by_key(rows.rows(tables.deployment_file), "deployment_id", "name")
        processes = by_key(rows.rows(tables.process_definition), "key", "version")
        for table, expected, stored, place in (
            ("deployment", self._deployments, deployments, 0),
            ("deployment_file", self._files, files, 0),
            ("process_definition", self._processes, processes, 1),  # its version is the deployment's number
        ):
            for stream, key, fault in compared(table, expected, stored, lambda _: DEFINITIONS_STREAM):
                self._wrong.add(key[place])
                faults.append((stream, fault))
        return faults


def _fault(start: HistoryEvent, number: int, template: str) -> Fault:
    return Fault(check=Check.CONTENT, seq=start.seq, template=template, params={"deployment": number})
