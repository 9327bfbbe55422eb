"""Plays processes: every task by the account that owes it, each at its own time, timers in between."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.activities.content import content_of, form_of
from engine.clock import TAIPEI
from engine.commands import tasks
from engine.demo.agency import account_of
from engine.demo.scene import Entry, Scene, plan_year
from engine.demo.time_machine import MovableClock, advance, next_due_at
from engine.domain.form import FormContent, shown_digest
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.engine import Engine
from engine.plan.calendar import WorkCalendar
from engine.plan.deadlines import internal_due
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When a task is done: on a day, some working days before it is due or after it opened; at a time.

    People do not act in the same minute: each later task of the same element waits `apart` longer.
    """

    on: date | None = None
    before_due: int | None = None
    after: int = 1
    at: time = time(10, 0)
    apart: timedelta = timedelta(minutes=7)

    def day_of(self, task: Task, calendar: WorkCalendar) -> date:
        """The day on which this task is done."""
        if self.on is not None:
            return self.on
        if self.before_due is not None and task.due_at is not None:
            due_on = internal_due(task.due_at.astimezone(TAIPEI).date(), calendar)
            return calendar.add_working_days(due_on, -self.before_due)
        return calendar.add_working_days(task.opened_at.astimezone(TAIPEI).date(), self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody does without having been asked: start a process, ask for an amendment."""

    at: datetime
    do: Callable[[Engine], object]


@dataclass(slots=True)
class Player:
    """Does what is open. Entries go by form, paces by `element` or `element@account`.

    Paces of one year begin with it: `115:element`; those of one task name the day on which it opened, and
    turns (entries that differ once) the day on which it is done: `element@account day`.
    """

    engine: Engine
    clock: MovableClock
    entries: Mapping[str, Entry]
    paces: Mapping[str, Pace]
    calendar: WorkCalendar
    on_task: Callable[[datetime, str, str], None] | None = None
    turns: Mapping[str, Entry] = field(default_factory=dict)
    done: int = 0
    _planned: dict[int, datetime] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def play(self, until: datetime, acts: Sequence[Act] = ()) -> None:
        """Do acts and open tasks in the order of their times; what is paced for later stays open."""
        waiting = sorted((act for act in acts if act.at <= until), key=lambda act: act.at)
        while True:
            planned = [(self._time_of(task), task.id, task) for task in self.engine.ask(SYSTEM, open_tasks)]
            at, _, task = min(planned, default=(until, 0, None))
            moment = min(at, until, *(act.at for act in waiting[:1]))
            due = self.engine.ask(SYSTEM, next_due_at)
            if due is not None and due <= moment:
                advance(self.engine, self.clock, due)
            elif waiting and waiting[0].at == moment:
                advance(self.engine, self.clock, moment)
                waiting.pop(0).do(self.engine)
            elif task is None or at > until:
                advance(self.engine, self.clock, until)
                return
            else:
                self.clock.move_to(max(at, self.clock.now()))
                self.complete(task)

    def complete(self, task: Task) -> None:
        """Complete one task as the person who owes it."""
        account = owner_of(task)
        actor = self.engine.actor(account)
        form_key, content, digest = self.engine.ask(actor, _shown, task)
        scene = Scene(self.engine, actor, task, content, self.clock.now())
        self.engine.execute(
            actor, tasks.complete, task.id, values={**content.values, **self.entered(form_key, scene)},
            revision=task.revision, shown_digest=digest,
        )  # fmt: skip
        self.done += 1
        if self.on_task is not None:
            self.on_task(self.clock.now(), actor.user_id, task.label)

    def entered(self, form_key: str, scene: Scene) -> Mapping[str, Any]:
        """What is written in a form at this turn of the story."""
        turn = self.turns.get(f"{key_of(scene.task)}@{scene.actor.user_id} {scene.today}")
        return (turn or self.entries[form_key])(scene)

    def _pace_of(self, task: Task) -> Pace:
        key = key_of(task)
        own = f"{key}@{owner_of(task)}"
        opened_on = task.opened_at.astimezone(TAIPEI).date()
        names = (f"{own} {opened_on}", *(f"{plan_year(task)}:{name}" for name in (own, key)), own, key)
        return next((self.paces[name] for name in names if name in self.paces), Pace())

    def _time_of(self, task: Task) -> datetime:
        if task.id not in self._planned:
            pace = self._pace_of(task)
            place = self._seen[key_of(task)] = self._seen.get(key_of(task), -1) + 1
            at = datetime.combine(pace.day_of(task, self.calendar), pace.at, TAIPEI) + pace.apart * (
                place % 11
            )
            self._planned[task.id] = max(at, task.opened_at + timedelta(minutes=20))
        return self._planned[task.id]


def key_of(task: Task) -> str:
    """The process and element of a task, as its form is named: element ids repeat in other processes."""
    return f"{task.process_key}.{task.element_id}"


def owner_of(task: Task) -> str:
    """The first of the accounts that owe a task."""
    candidate = task.candidates[0]
    return account_of(candidate.role, candidate.unit)


def open_tasks(reader: Reader) -> list[Task]:
    """Every open task, in all instances."""
    return reader.tasks.all_open()


def _shown(reader: Reader, task: Task) -> tuple[str, FormContent, str]:
    form = form_of(reader, task)
    content = content_of(reader, task, form)
    return form.key, content, shown_digest(task.id, form.digest, task.inputs, content)
