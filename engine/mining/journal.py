"""Keeps the visits of a history while it is played: when each was opened, taken and closed, and by whom."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.domain.giving_back import gives_back
from engine.domain.history import EventType, HistoryEvent, Origin
from engine.mining.runs import Loop, RunLog, Visit

ARMED = frozenset({EventType.TIMER_SET, EventType.MESSAGE_AWAITED})
HELD = frozenset(
    {
        EventType.TASK_CLAIMED, EventType.TASK_UNCLAIMED, EventType.TASK_ASSIGNED, EventType.TASK_DELEGATED,
        EventType.TASK_RESOLVED, EventType.TASK_HANDED_BACK, EventType.TASK_REDIRECTED,
    }
)  # fmt: skip
REASONS = "return_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A visit that is not over, with the run in which it lies."""

    run: RunLog
    visit: Visit
    place: tuple[str, str] = ("", "")
    holder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Return:
    """A decision by which work comes back, until the next thing happens."""

    process: str
    sender: str
    reasons: tuple[str, ...]


class Journal:
    """The visits of one history."""

    def __init__(self) -> None:
        self.tasks: dict[int, _Open] = {}
        self.calls: dict[object, _Open] = {}
        self._armed: dict[int, HistoryEvent] = {}
        self._happened: dict[str, list[HistoryEvent]] = {}
        self._done: set[tuple[str, str]] = set()
        self._return: _Return | None = None

    def note(self, event: HistoryEvent, told: Mapping[str, Any]) -> None:
        """What is told of an event beside the moves of tokens."""
        if event.origin is Origin.CAUSE and event.type is not EventType.ACTIVITY_RETURNED:
            self._return = self._return_of(event, told)
        if event.task_id is None:
            return
        if event.type in HELD and event.task_id in self.tasks:
            self._hold(event, told)
        elif event.type in ARMED:
            self._armed[event.task_id] = event
        elif event.type in (EventType.TIMER_FIRED, EventType.MESSAGE_RECEIVED):
            since = self._armed.pop(event.task_id, None)
            if since is not None:
                self._happened.setdefault(event.element_id or "", []).append(since)

    def opened(self, run: RunLog, event: HistoryEvent, told: Mapping[str, Any]) -> None:
        """A task was opened."""
        path, own = str(told["path"]), event.element_id or ""
        candidates = json.dumps(told.get("candidates", []))
        is_redone = self._return is not None and (path, candidates) in self._done
        role, unit = next(iter(told.get("candidates", [])), (None, None))
        if self._return is not None and is_redone:
            run.loops.append(
                Loop(
                    process=self._return.process, sender=self._return.sender, target=own, seq=event.seq,
                    reasons=self._return.reasons,
                )
            )  # fmt: skip
        visit = Visit(
            element=own, seq=event.seq, opened_at=event.occurred_at, role=role, unit=unit or None,
            is_redone=is_redone,
        )  # fmt: skip
        self.tasks[event.task_id or 0] = _Open(run=run, visit=visit, place=(path, candidates))

    def completed(self, event: HistoryEvent) -> None:
        """A task was completed."""
        found = self.tasks.pop(event.task_id or 0, None)
        if found is None:
            return
        self._done.add(found.place)
        found.run.visits.append(
            replace(
                found.visit, closed_at=event.occurred_at, by=event.actor, gave_back=self._return is not None,
                role=event.role or found.visit.role, unit=event.unit or found.visit.unit,
            )
        )  # fmt: skip

    def withdrawn(self, event: HistoryEvent) -> None:
        """A task was withdrawn: it counts for nothing."""
        self.tasks.pop(event.task_id or 0, None)

    def called(self, key: object, run: RunLog, element: str, event: HistoryEvent) -> None:
        """A called process or a sub-process began."""
        visit = Visit(element=element, seq=event.seq, opened_at=event.occurred_at, is_task=False)
        self.calls[key] = _Open(run=run, visit=visit)

    def came_back(self, key: object, event: HistoryEvent) -> None:
        """A called process or a sub-process is over."""
        found = self.calls.pop(key, None)
        if found is not None:
            found.run.visits.append(replace(found.visit, closed_at=event.occurred_at))

    def caught(self, run: RunLog, event: HistoryEvent) -> None:
        """What an element between others waited for has happened."""
        waits = self._happened.get(event.element_id or "")
        if waits:
            since = waits.pop(0)
            run.visits.append(
                Visit(
                    element=event.element_id or "", seq=since.seq, opened_at=since.occurred_at,
                    closed_at=event.occurred_at, is_task=False,
                )
            )  # fmt: skip

    def still_open(self, alive: Collection[object]) -> None:
        """Lay what is open at the end of the history into its runs; calls that were cut off are not."""
        calls = (found for key, found in self.calls.items() if key in alive)
        for found in (*self.tasks.values(), *calls):
            found.run.visits.append(replace(found.visit, by=found.holder))

    def _hold(self, event: HistoryEvent, told: Mapping[str, Any]) -> None:
        found, holder = self.tasks[event.task_id or 0], told.get("assignee")
        taken_at = None if holder is None else event.occurred_at
        self.tasks[event.task_id or 0] = replace(
            found, holder=holder, visit=replace(found.visit, taken_at=taken_at)
        )

    def _return_of(self, event: HistoryEvent, told: Mapping[str, Any]) -> _Return | None:
        if not gives_back(event.type, told):
            return None
        values = told.get("values") or told.get("payload") or {}
        reasons = values.get(REASONS) or []
        found = self.tasks.get(event.task_id or 0)
        return _Return(
            process=found.run.process if found else "",
            sender=event.element_id or "",
            reasons=tuple(str(r) for r in (reasons if isinstance(reasons, list) else [reasons])),
        )
