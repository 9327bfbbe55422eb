"""Drives the year of 115: each kind of task through the pages, what is alike by the player of the demo."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from flask import Flask
from playwright.sync_api import Page

from engine.activities.content import content_of, form_of
from engine.clock import TAIPEI, FixedClock
from engine.demo.agency import accounts
from engine.demo.player import Player, key_of, open_tasks, owner_of
from engine.domain.definition import FormDefinition
from engine.domain.form import FormContent
from engine.domain.form_fields import fields_of
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.engine import Engine
from engine.plan.roc import format_roc
from engine.queries.tasks import inbox
from engine.store.unit_of_work import Reader
from tests.webapp.cycle_desk import Desks
from tests.webapp.cycle_entries import ENTRIES, PLAN_KEY, YEAR
from tests.webapp.cycle_moments import Moment, Owed
from tests.webapp.form_filling import Filler, PageScene

CONFLICT = 409
# Forms that are sent once with nothing filled in.
SENT_EMPTY = ("annual_plan_lifecycle.register_bureau_plan", "internal_signoff.sign")
ACCOUNTS = tuple(account for account, *_ in accounts())


@dataclass(slots=True)
class Year:
    """The agency, its served pages and the people at their desks."""

    engine: Engine
    clock: FixedClock
    app: Flask
    desks: Desks
    player: Player
    owed: list[Owed] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """The secretariat starts the cycle from its inbox."""
        page = self.desks.visit("sec_handler", "/inbox")
        page.click("a[href='/start']")
        page.wait_for_url("**/start")
        self.desks.look(page, "start")
        page.click("a[href='/start/annual_plan_lifecycle']")
        page.wait_for_url("**/start/annual_plan_lifecycle")
        self.desks.look(page, "start-form")
        page.fill("[name=roc_year]", str(YEAR))
        with page.expect_navigation():
            page.click("form.startform button[type=submit]")
        self.desks.look(page, "started")

    def live(self, moment: Moment) -> None:
        """Come to a moment, note what everybody owes, and do what it says."""
        if moment.on:
            self.move_to(date.fromisoformat(moment.on))
        self.owed.append(self._owed())
        tasks = [task for task in self.open_tasks() if key_of(task) == moment.do]
        paged = list(self._paged(moment, tasks))
        late = self.open_from_inbox(tasks[0], moment.late) if moment.late else None
        for task in paged:
            account = owner_of(task)
            self.do_on_page(task, account, has_scripts=account not in moment.plain)
        for task in tasks:
            if task not in paged:
                self.player.complete(task)
        if late is not None:
            self.send_second(late, f"{moment.do} conflict")
        for account, path in moment.pages:
            self.look_at(account, path)

    def look_at(self, account: str, path: str) -> None:
        """Look at a page as this account sees it now; `{cycle}` stands for the id of the year's instance."""
        cycles = self.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(PLAN_KEY))
        cycle = min(instance.id for instance in cycles)
        what = f"{account} {path.strip('/').replace('/', ' ')}"
        self.desks.look(self.desks.visit(account, path.format(cycle=cycle)), what)

    def move_to(self, day: date) -> None:
        """Move the clock with the time machine."""
        page = self.desks.visit("sysadmin", "/demo/clock")
        page.fill("[name=day]", format_roc(day, "list"))
        with page.expect_navigation():
            page.click("main form button.primary")
        assert self.clock.now().astimezone(TAIPEI).date() == day

    def do_on_page(self, task: Task, account: str, *, has_scripts: bool = True) -> None:
        """From the inbox to the sent task, as this account."""
        page = self.open_from_inbox(task, account, has_scripts=has_scripts)
        what = self._kind_of_page(task, account, has_scripts=has_scripts)
        is_new = what not in self.done
        self.done.add(what)
        if is_new and what in SENT_EMPTY:
            self.send(page)
            self.desks.look(page, f"{what} refused")
        self.fill(page, task, account, has_scripts=has_scripts)
        if is_new:
            self.desks.look(page, what, has_scripts=has_scripts)
        self.send(page)
        refused = page.locator("#faults").all_inner_texts()
        assert (page.url.partition("?")[0], refused) == (f"{self.desks.address}/inbox", []), what

    def send(self, page: Page) -> None:
        """Press the button that completes the task."""
        with page.expect_navigation():
            page.click("button[name=_op][value=complete]")

    def send_second(self, page: Page, what: str) -> None:
        """Send a page whose task somebody else has completed meanwhile, and look at the answer."""
        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            self.send(page)
        assert sent.value.status == CONFLICT
        self.desks.look(page, what)

    def open_from_inbox(self, task: Task, account: str, *, has_scripts: bool = True) -> Page:
        """Find a task in the inbox of an account and open it."""
        page = self.desks.page_of(account, has_scripts=has_scripts)
        page.goto(f"{self.desks.address}/inbox")
        page.click(f"#t-{task.id} .verb a")
        page.wait_for_url(f"**/tasks/{task.id}*")
        return page

    def fill(self, page: Page, task: Task, account: str, *, has_scripts: bool = True) -> None:
        """Fill in the form with what this account writes in the demo."""
        actor = self.engine.actor(account)
        form, content = self.engine.ask(actor, _shown, task)
        scene = PageScene(self.engine, actor, task, content, self.clock.now())
        values = {**content.values, **ENTRIES[form.key](scene)}
        Filler(page, has_scripts).fill(fields_of(form), values)

    def open_tasks(self) -> list[Task]:
        """What is open for the plan, oldest first."""
        return sorted(self.engine.ask(SYSTEM, open_tasks), key=lambda task: task.id)

    def _kind_of_page(self, task: Task, account: str, *, has_scripts: bool) -> str:
        """Pages of one kind look alike, except those of the one who decides: each round has its changes."""
        kind = key_of(task)
        if account == "director":
            return f"{kind} {self.clock.now():%m%d}"
        return kind if has_scripts else f"{kind} plain"

    def _owed(self) -> Owed:
        found: dict[str, set[str]] = {}
        for account in ACCOUNTS:
            for row in self.engine.ask(self.engine.actor(account), inbox, limit=200).rows:
                found.setdefault(f"{row.process_key}.{row.element_id}", set()).add(account)
        return {key: frozenset(owners) for key, owners in found.items()}

    def _paged(self, moment: Moment, tasks: list[Task]) -> Iterator[Task]:
        if not moment.is_paged:
            return
        wanted = moment.by or (owner_of(tasks[0]),)
        for account in wanted:
            yield next(task for task in tasks if owner_of(task) == account)


def _shown(reader: Reader, task: Task) -> tuple[FormDefinition, FormContent]:
    form = form_of(reader, task)
    return form, content_of(reader, task, form)
