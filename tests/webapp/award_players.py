"""Plays the award of the demo in a browser: every task of it by the account that owes it, at its own desk."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from engine.activities.content import content_of, form_of
from engine.demo.player import Player, key_of, owner_of
from engine.domain.definition import FormDefinition
from engine.domain.form import FormContent
from engine.domain.form_fields import fields_of
from engine.domain.task import Task
from engine.queries.tasks import inbox
from engine.store.unit_of_work import Reader
from tests.webapp.cycle_desk import Desks
from tests.webapp.form_filling import Filler, PageScene

SCORE = "entry_scoring.score_entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What an account found where it may not look: the answer of each address, and what was told."""

    account: str
    answers: tuple[int, ...]
    told: tuple[str, ...]


@dataclass(slots=True)
class PlayerInBrowser(Player):
    """Fills in each form on its page; the first page of each kind is looked at.

    `prying` holds what reviewers found of the others before they had scored themselves, `recused` what people
    found when they tried to open a task that excludes them.
    """

    desks: Desks = field(kw_only=True)
    prying: list[Glance] = field(default_factory=list)
    recused: list[Glance] = field(default_factory=list)
    _comments: dict[str, set[str]] = field(default_factory=dict)
    _looked_at: set[str] = field(default_factory=set)

    def complete(self, task: Task) -> None:
        """Find the task in the inbox of its owner, fill in its page, and send it."""
        account, key = owner_of(task), key_of(task)
        self._try_as_excluded(task)
        if key == SCORE:
            self._pry(task, account)
        page = self.desks.visit(account, "/inbox")
        page.click(f"#t-{task.id} .verb a")
        page.wait_for_url(f"**/tasks/{task.id}*")
        values = self._fill(page, task, account)
        if key not in self._looked_at:
            self._looked_at.add(key)
            self.desks.look(page, key)
        with page.expect_navigation():
            page.click("button[name=_op][value=complete]")
        refused = page.locator("#faults").all_inner_texts()
        assert (page.url.partition("?")[0], refused) == (f"{self.desks.address}/inbox", []), key
        if key == SCORE and values.get("comment"):
            self._comments.setdefault(account, set()).add(str(values["comment"]))
        self.done += 1

    def glance(self, account: str, paths: tuple[str, ...], words: tuple[str, ...]) -> Glance:
        """What an account is answered at some addresses, and which of the words it is told there."""
        request = self.desks.page_of(account).request
        answers = [request.get(f"{self.desks.address}{path}") for path in paths]
        texts = "\n".join(answer.text() for answer in answers)
        return Glance(
            account=account,
            answers=tuple(answer.status for answer in answers),
            told=tuple(word for word in words if word in texts),
        )

    def _fill(self, page: Page, task: Task, account: str) -> dict[str, Any]:
        actor = self.engine.actor(account)
        form, content = self.engine.ask(actor, _shown, task)
        scene = PageScene(self.engine, actor, task, content, self.clock.now())
        values = {**content.values, **self.entered(form.key, scene)}
        Filler(page).fill(fields_of(form), values)
        return values

    def _pry(self, task: Task, account: str) -> None:
        own = self._comments.get(account, set())
        others = {word for user, said in self._comments.items() if user != account for word in said} - own
        if others:
            paths = (f"/tasks/{task.id}", f"/instances/{task.instance_id}", "/inbox?view=sent")
            self.prying.append(self.glance(account, paths, tuple(others)))

    def _try_as_excluded(self, task: Task) -> None:
        for account in task.excluded:
            rows = self.engine.ask(self.engine.actor(account), inbox, limit=200).rows
            found = self.glance(account, (f"/tasks/{task.id}",), ())
            listed = tuple(row.label for row in rows if row.task_id == task.id)
            self.recused.append(Glance(account=account, answers=found.answers, told=listed))


def _shown(reader: Reader, task: Task) -> tuple[FormDefinition, FormContent]:
    form = form_of(reader, task)
    return form, content_of(reader, task, form)
