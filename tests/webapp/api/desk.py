"""The API at work: the office of the approval with an app over it, and calls by anybody with a token."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from engine.clock import FixedClock
from engine.commands import organisation
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork
from tests.engine.commands.office import PEOPLE, Office
from webapp.app import create_app
from webapp.settings import WebSettings

BUREAU = "bureau_01"
CALLERS = ("clerk", BUREAU, *(user_id for user_id, _, _ in PEOPLE))
PREFIX = "/api/v1"
INSTANCES = "/process-instances"
SECRET = "a-secret-of-tests-only"
REASON = "因總局來文要求暫緩辦理，俟來文後再行恢復"


@dataclass(slots=True)
class Desk:
    """The app, the office behind it, and everybody's token."""

    app: Flask
    office: Office
    clock: FixedClock
    tokens: dict[str, str]

    @property
    def engine(self) -> Engine:
        return self.office.engine

    def call(self, who: str | None, method: str, path: str, **request: Any) -> TestResponse:
        """One call as somebody, or without a token; a path that starts with `/api` is taken as it is."""
        headers = dict(request.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return self.send(method, path, headers=headers, **request)

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        address = path if path.startswith(PREFIX) else PREFIX + path
        return self.app.test_client().open(address, method=method, **request)

    def get(self, who: str | None, path: str, **query: Any) -> TestResponse:
        return self.call(who, "GET", path, query_string=query)

    def post(self, who: str | None, path: str, body: Any = None, **request: Any) -> TestResponse:
        return self.call(who, "POST", path, json=body, **request)

    def start(self, number: int = 1) -> Task:
        """The draft of a new instance of the approval."""
        return self.office.start(number)

    def history(self, instance_id: int) -> list[Any]:
        return self.engine.ask(SYSTEM, lambda reader: reader.history.events(instance_id))


def staff(uow: UnitOfWork) -> None:
    """Somebody of the bureau, who is no part of the branch."""
    organisation.add_unit(uow, "bureau", label="總局秘書室", kind="staff", agency="bureau", position=90)
    organisation.add_user(uow, BUREAU, name=BUREAU, title="科員")
    organisation.grant(uow, BUREAU, role="bureau_sec_handler", unit="bureau", valid_from=uow.today)


def open_desk(office: Office, clock: FixedClock, **settings: Any) -> Desk:
    """The API over an office whose people have tokens."""
    app = create_app(office.engine, WebSettings(secret_key=SECRET, **settings), FixedClock())
    tokens = {
        user: office.engine.execute(SYSTEM, organisation.issue_token, user, label="tests") for user in CALLERS
    }
    return Desk(app=app, office=office, clock=clock, tokens=tokens)


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and kind of a refusal, which must be a whole problem document (RFC 9457)."""
    body = answer.get_json()
    assert answer.content_type == "application/problem+json"
    assert body["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "code"} == body.keys() - {"errors"}
    kind: str = body["type"].removeprefix("urn:planflow:problem:")
    return answer.status_code, kind


def fields(answer: TestResponse) -> list[str]:
    """The paths of the entries that a call was refused for."""
    assert problem(answer)[0] == 422
    return [fault["path"] for fault in answer.get_json()["errors"]]
