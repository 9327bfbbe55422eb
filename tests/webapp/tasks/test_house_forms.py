"""Every form that the year of a plan comes to can be opened, filled in and sent on its own page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from engine.activities.content import content_of, form_of
from engine.clock import FixedClock
from engine.demo.agency import account_of
from engine.demo.entries import ENTRIES
from engine.demo.paces import PACES, TURNS
from engine.demo.player import Player, key_of
from engine.demo.scene import Scene
from engine.demo.story import START_OF_115, begin_demo, start_cycle
from engine.domain.form_fields import fields_of
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.engine import Engine
from tests.webapp.forms.test_round_trip import posted
from tests.webapp.tasks.test_page import form_of as form_on
from tests.webapp.tasks.test_page import posted_by, soup
from webapp.app import create_app
from webapp.forms import draw
from webapp.settings import WebSettings

PASSWORD = "Correct-horse-7-battery"


@dataclass(slots=True, kw_only=True)
class PlayerAtPages(Player):
    """Plays the year; the first task of every element is done on its page."""

    app: Flask
    answers: dict[str, str] = field(default_factory=dict)

    def complete(self, task: Task) -> None:
        key = key_of(task)
        if key in self.answers:
            super(PlayerAtPages, self).complete(task)
        else:
            self.answers[key] = self._complete_at_page(task)

    def _complete_at_page(self, task: Task) -> str:
        candidate = task.candidates[0]
        account = account_of(candidate.role, candidate.unit)
        client = self.app.test_client()
        client.post("/login", data={"user_id": account, "password": PASSWORD})
        page = client.get(f"/tasks/{task.id}")
        if 'id="sign"' in page.text:  # what is signed alone can be looked at among others as well
            assert client.get(f"/inbox/bulk/approve?task={task.id}").status_code == 200
        hidden = {n: v for n, v in posted_by(form_on(page)).items() if n.startswith("_") or n == "command_id"}
        data = MultiDict([*hidden.items(), *self._entries(task, account), ("_op", "complete")])
        answer = client.post(f"/tasks/{task.id}", data=data, content_type="multipart/form-data")
        self.done += 1
        return " ".join(link.text for link in soup(answer).select("#faults a")) or str(answer.location)

    def _entries(self, task: Task, account: str) -> list[tuple[str, str]]:
        actor = self.engine.actor(account)
        form = self.engine.ask(actor, form_of, task)
        content = self.engine.ask(actor, content_of, task, form)
        entered = self.entered(form.key, Scene(self.engine, actor, task, content, self.clock.now()))
        drawn = draw(
            fields_of(form), {**content.values, **entered}, first=content.values, choices=content.choices,
            errors={}, unfinished=frozenset(), yes_no=("是", "否"),
        )  # fmt: skip
        return posted(drawn)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerAtPages]:
    """The year 114, played to its end."""
    clock = FixedClock()
    path: Path = tmp_path_factory.mktemp("year") / "year.db"
    engine = Engine(f"sqlite:///{path}", clock)
    app = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only", demo=True), clock=clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    begin_demo(engine, clock, PASSWORD)
    start_cycle(engine, 114)
    calendar: Any = engine.ask(SYSTEM, lambda reader: reader.calendar)
    player = PlayerAtPages(engine, clock, ENTRIES, PACES, calendar, turns=TURNS, app=app)
    player.play(START_OF_115)
    yield player
    engine.close()


def test_every_form_is_sent_from_its_page(year: PlayerAtPages) -> None:
    assert {key: answer for key, answer in year.answers.items() if answer != "/inbox"} == {}
    assert len(year.answers) > 30
