"""Plays processes: every task by the account that owes it, each at its own time, timers in between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.activities.content import content_of, form_of
from engine.clock import TAIPEI
from engine.commands import files, tasks
from engine.demo.agency import account_of
from engine.demo.time_machine import MovableClock, advance, next_due_at
from engine.domain.form import FormContent, shown_digest
from engine.domain.identity import SYSTEM, Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.plan.calendar import WorkCalendar
from engine.store.unit_of_work import Reader

OPENING = time(9, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When a task is done: on a day, or some working days after it opened; at a time of day.

    People do not act in the same minute: each later task of the same element waits `apart` longer.
    """

    on: date | None = None
    after: int = 1
    at: time = time(10, 0)
    apart: timedelta = timedelta(minutes=7)


@dataclass(frozen=True, slots=True)
class Scene:
    """One task that is about to be done: who does it, what its form shows, and the day."""

    engine: Engine
    actor: Actor
    task: Task
    content: FormContent
    now: datetime

    @property
    def today(self) -> str:
        return self.now.astimezone(TAIPEI).date().isoformat()

    @property
    def unit(self) -> str:
        return self.task.candidates[0].unit

    def upload(self, name: str) -> dict[str, Any]:
        """Upload a small document under a name; gives it as a form holds it."""
        ref = self.engine.execute(self.actor, files.add_file, name=name, body=small_pdf(name))
        return ref.json()


Entry = Callable[[Scene], Mapping[str, Any]]


@dataclass(slots=True)
class Player:
    """Does what is open for a plan. Entries go by form, paces by element or `element@account`."""

    engine: Engine
    clock: MovableClock
    entries: Mapping[str, Entry]
    paces: Mapping[str, Pace]
    calendar: WorkCalendar
    on_task: Callable[[datetime, str, str], None] | None = None
    done: int = 0
    _planned: dict[int, datetime] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def play(self, plan_key: str, until: datetime) -> None:
        """Complete open tasks of a plan in the order of their times; what is paced for later stays open."""
        while True:
            planned = [
                (self._time_of(task), task.id, task) for task in self.engine.ask(SYSTEM, open_tasks, plan_key)
            ]
            due = self.engine.ask(SYSTEM, next_due_at)
            at, _, task = min(planned, default=(until, 0, None))
            if due is not None and due < at and due <= until:
                advance(self.engine, self.clock, due)
            elif task is None or at > until:
                advance(self.engine, self.clock, until)
                return
            else:
                self.clock.move_to(max(at, self.clock.now()))
                self.complete(task)

    def complete(self, task: Task) -> None:
        """Complete one task as the person who owes it."""
        candidate = task.candidates[0]
        actor = self.engine.actor(account_of(candidate.role, candidate.unit))
        form_key, content, digest = self.engine.ask(actor, _shown, task)
        scene = Scene(self.engine, actor, task, content, self.clock.now())
        entry = self.entries[form_key]
        self.engine.execute(
            actor, tasks.complete, task.id, values={**content.values, **entry(scene)},
            revision=task.revision, shown_digest=digest,
        )  # fmt: skip
        self.done += 1
        if self.on_task is not None:
            self.on_task(self.clock.now(), actor.user_id, task.label)

    def _pace_of(self, task: Task) -> Pace:
        candidate, key = task.candidates[0], key_of(task)
        names = (f"{key}@{account_of(candidate.role, candidate.unit)}", key)
        return next((self.paces[name] for name in names if name in self.paces), Pace())

    def _time_of(self, task: Task) -> datetime:
        if task.id not in self._planned:
            pace = self._pace_of(task)
            opened_on = task.opened_at.astimezone(TAIPEI).date()
            wanted = pace.on or self.calendar.add_working_days(opened_on, pace.after)
            place = self._seen[key_of(task)] = self._seen.get(key_of(task), -1) + 1
            at = datetime.combine(wanted, pace.at, TAIPEI) + pace.apart * (place % 11)
            self._planned[task.id] = max(at, task.opened_at + timedelta(minutes=20))
        return self._planned[task.id]


def key_of(task: Task) -> str:
    """The process and element of a task, as its form is named: element ids repeat in other processes."""
    return f"{task.process_key}.{task.element_id}"


def open_tasks(reader: Reader, plan_key: str) -> list[Task]:
    """Every open task of a plan, in all its instances."""
    instances = [i for i in reader.instances.of_plan(plan_key) if not i.state.has_ended]
    return [task for instance in instances for task in reader.tasks.open_of_instance(instance.id)]


def _shown(reader: Reader, task: Task) -> tuple[str, FormContent, str]:
    form = form_of(reader, task)
    content = content_of(reader, task, form)
    return form.key, content, shown_digest(task.id, form.digest, task.inputs, content)


def small_pdf(text: str) -> bytes:
    """A PDF of one empty page that carries a text in its title: evidence for a demo."""
    title = text.encode("utf-16").hex().upper()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        f"<</Title<{title}>>>".encode(),
    )
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, content)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, entries)
    trailer = b"trailer<</Size %d/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return body + table + trailer % (len(objects) + 1, len(body))
