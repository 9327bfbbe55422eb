"""The rules of a round of signing, told once more from the events alone and compared with what is kept.

Neither the program's own choice of the next signer nor its check of duties is asked.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from engine.domain.history import EventType, HistoryEvent
from engine.store.unit_of_work import Reader

Names = frozenset[str]
VOIDING = ("void", "recalled")
APPROVALS = ("approve", "approve_with_changes", "decide")


@dataclass(slots=True)
class Round:
    """The round of an instance that is in effect: which levels stand signed, and by whom."""

    owner: str = ""
    no: int = 0
    submitters: Names = frozenset()
    levels: int = 0
    standing: list[tuple[int, Names]] = field(default_factory=list)

    def sign(self, level: int, names: Names, values: dict[str, Any]) -> None:
        """Take a completion in; nobody may follow upon themselves."""
        before = self.standing[-1][1] if self.standing else self.submitters
        assert not names & before, (level, names, before)
        if values["decision"] in APPROVALS:
            self.standing.append((level, names))
        elif values["decision"] == "return":
            self.fall_back(0 if values["return_to"] == "handler" else int(values["return_to"]))

    def fall_back(self, level: int) -> None:
        """Levels from this one on have to be signed again."""
        self.standing = [(no, names) for no, names in self.standing if no < level]


@dataclass(slots=True)
class Rounds:
    """All rounds of a database, kept up with its histories."""

    seen: dict[int, int] = field(default_factory=dict)
    excluded: dict[int, Names] = field(default_factory=dict)
    inputs: dict[int, dict[str, Any]] = field(default_factory=dict)
    current: dict[int, Round] = field(default_factory=dict)
    decided: set[tuple[str, int]] = field(default_factory=set)
    signed: list[tuple[Any, ...]] = field(default_factory=list)

    def check(self, reader: Reader) -> None:
        """Read what is new; then every signature is of the person who signed, and stands where it should."""
        for instance_id in reader.instances.ids():
            for event in reader.history.events(instance_id, after=self.seen.get(instance_id, 0)):
                self._read(instance_id, event, json.loads(event.data))
                self.seen[instance_id] = event.seq
        for owner in sorted({round.owner for round in self.current.values()}):
            self._check_signatures(reader, owner)

    def _read(self, instance_id: int, event: HistoryEvent, told: dict[str, Any]) -> None:
        task_id = event.task_id or 0
        if event.type is EventType.TASK_OPENED:
            self.excluded[task_id] = frozenset(told.get("excluded", ()))
            self.inputs[task_id] = told.get("inputs", {})
        elif event.type is EventType.ACTIVITY_RETURNED:
            self._returned(instance_id, told)
        elif event.type is EventType.TASK_COMPLETED:
            names = frozenset({event.actor, event.on_behalf_of or event.actor})
            assert not names & self.excluded[task_id]
            if event.element_id == "sign":
                self._completed(instance_id, event, names, told["values"])

    def _returned(self, instance_id: int, told: dict[str, Any]) -> None:
        result = told["result"]
        if told["activity"] == "signoff.open_round":
            self.current[instance_id] = Round(
                owner=result["owner"], no=result["round"], submitters=frozenset(result["submitters"]),
                levels=len(result["levels"]),
            )  # fmt: skip
        elif told["activity"] == "signoff.take_back" and result["no"] is not None:
            self.current[instance_id].fall_back(result["no"])

    def _completed(self, instance_id: int, event: HistoryEvent, names: Names, values: dict[str, Any]) -> None:
        level = self.inputs[event.task_id or 0]["next_level"]["no"]
        round = self.current[instance_id]
        round.sign(level, names, values)
        if values["decision"] == "decide":
            assert level == round.levels - 1
            self.decided.add((round.owner, round.no))
        signature = (round.no, level, values["decision"], event.actor, event.on_behalf_of or "")
        self.signed.append((round.owner, *signature))

    def _check_signatures(self, reader: Reader, owner: str) -> None:
        versions = reader.documents.all_versions(owner, "signature", "")
        given = [d.body for d in versions if d.note not in VOIDING]
        assert sorted((owner, *_signature(body)) for body in given) == sorted(
            signed for signed in self.signed if signed[0] == owner
        )
        stands = [
            (
                body["round"],
                body["no"],
                frozenset({body["signed_by"], body.get("signed_for", body["signed_by"])}),
            )
            for body in (d.body for d in reader.documents.list(owner, "signature"))
            if not body["void"] and body["decision"] in APPROVALS
        ]
        round = max((r for r in self.current.values() if r.owner == owner), key=lambda r: r.no)
        assert [(no, names) for no_of, no, names in sorted(stands) if no_of == round.no] == round.standing
        assert {(owner, no_of) for no_of, *_ in stands if no_of != round.no} <= self.decided


def _signature(body: dict[str, Any]) -> tuple[Any, ...]:
    return body["round"], body["no"], body["decision"], body["signed_by"], body.get("signed_for", "")
