"""The office of the demo as tests use it: its app, its clocks, and browsers with somebody signed in."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from engine.clock import FixedClock
from engine.commands.organisation import issue_token
from engine.demo.story import plan_of_114
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.letter import Letter
from engine.engine import Engine
from engine.plan.document import to_json
from engine.store.unit_of_work import UnitOfWork
from webapp.app import create_app
from webapp.settings import WebSettings

PASSWORD = "Kaohsiung-Plan-115"
PLAN = "bsmi_khh:114"


@dataclass(slots=True)
class Office:
    """An app over the demo. `clock` is that of the demo, `watch` the one by which sessions end."""

    app: Flask
    engine: Engine
    clock: FixedClock
    watch: FixedClock
    tokens: dict[str, str] = field(default_factory=dict)

    def stranger(self) -> FlaskClient:
        """A browser in which nobody has signed in."""
        return self.app.test_client()

    def client(self, user_id: str) -> FlaskClient:
        """A browser in which this person has signed in."""
        client = self.stranger()
        answer = client.post("/login", data={"user_id": user_id, "password": PASSWORD})
        assert answer.status_code == 302
        return client

    def token(self, user_id: str) -> str:
        """A token of this person for the API."""
        if user_id not in self.tokens:
            self.tokens[user_id] = self.engine.execute(SYSTEM, issue_token, user_id, label="tests")
        return self.tokens[user_id]

    def instance_id(self, business_key: str) -> int:
        """The instance of the yearly cycle of a plan."""
        found = self.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(business_key))
        return next(i.id for i in found if i.definition_key == "annual_plan_lifecycle")

    def open_task(self, instance_id: int) -> int:
        """The first open task of an instance."""
        return self.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id))[0].id


def open_office(engine: Engine, clock: FixedClock, **settings: Any) -> Office:
    """The pages over an engine, without the check against forged forms, which a test of its own covers."""
    watch = FixedClock()
    app = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only", demo=True, **settings), watch)
    app.config.update(WTF_CSRF_ENABLED=False)
    return Office(app=app, engine=engine, clock=clock, watch=watch)


def record_plan(uow: UnitOfWork) -> None:
    """Record the plan of 114 and one letter about it, as a process would have done."""
    uow.documents.put(PLAN, "plan", "", to_json(plan_of_114()))
    uow.documents.put(PLAN, "plan_state", "", {"state": "executing"})
    uow.letters.register(
        Letter(
            plan_key=PLAN, direction="in", issuer="標準檢驗局", prefix="經標秘字", number="11400000010",
            doc_type="函", doc_on=date(2025, 1, 20), subject="檢送114年度提升服務效能實施計畫",
        )
    )  # fmt: skip
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))
