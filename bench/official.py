"""Somebody at work over HTTP: verbs of the API and a page, and a diary of every answer."""

import http.client
import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from bench import approval_15
from engine.commands import organisation
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork

PASSWORD = "Office-of-2026-bench"
NO_ANSWER = "no answer"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the status, 0 when the connection broke, and how long it took."""

    verb: str
    status: int
    kind: str
    at: float
    seconds: float
    body: Any = None

    @property
    def is_success(self) -> bool:
        return http.client.OK <= self.status < http.client.MULTIPLE_CHOICES

    @property
    def is_conflict(self) -> bool:
        return self.status == http.client.CONFLICT


@dataclass(slots=True)
class Diary:
    """What one official was told, and which work was acknowledged."""

    answers: list[Answer] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    completed: list[int] = field(default_factory=list)


class Official:
    """One person with a connection that is kept, and opened again after it broke."""

    def __init__(self, port: int, user_id: str, token: str) -> None:
        self.user_id = user_id
        self.diary = Diary()
        self._port = port
        self._connection: http.client.HTTPConnection | None = None
        self._token = token
        self._cookies: dict[str, str] = {}
        self._csrf = ""

    def sign_in(self) -> None:
        """Open a session for pages; RuntimeError when the account is refused."""
        self._read_page("/login")
        form = urlencode({"csrf_token": self._csrf, "user_id": self.user_id, "password": PASSWORD})
        status, _ = self._page("POST", "/login", form)
        if status != http.client.FOUND:
            raise RuntimeError(f"{self.user_id} could not sign in: {status}")
        self._read_page("/inbox")

    def read_inbox(self) -> list[dict[str, Any]]:
        """The first page of the inbox."""
        answer = self.call("read the inbox", "GET", "/tasks?view=open")
        return list(answer.body["items"]) if answer.is_success else []

    def start(self, key: str, number: str, variables: dict[str, Any]) -> Answer:
        """Start an instance; the same number starts it once."""
        body = {"definition_key": key, "business_key": f"{key}:{number}", "variables": variables}
        answer = self.call("start", "POST", "/process-instances", body, key=f"start:{number}")
        if answer.is_success:
            self.diary.started.append(answer.body["id"])
        return answer

    def claim(self, task_id: int) -> Answer:
        """Take a task."""
        return self.call("claim", "POST", f"/tasks/{task_id}/claim")

    def open(self, task_id: int) -> Answer:
        """Look at a task as a whole."""
        return self.call("open a task", "GET", f"/tasks/{task_id}")

    def complete(self, task: dict[str, Any], values: dict[str, Any], verb: str = "complete") -> Answer:
        """Complete a task that was opened; sent again it is done once."""
        body = {"values": values, "revision": task["revision"], "shown_digest": task["shown_digest"]}
        key = f"c:{task['id']}:{self.user_id}"
        answer = self.call(verb, "POST", f"/tasks/{task['id']}/complete", body, key=key)
        if answer.is_success:
            self.diary.completed.append(answer.body["task_id"])
        return answer

    def save_draft(self, task: dict[str, Any], values: dict[str, Any]) -> None:
        """Keep on the page what was entered so far."""
        form = {"csrf_token": self._csrf, "_shown_digest": task["shown_digest"], "_copy": "bench", **values}
        began = time.perf_counter()
        status, body = self._page("POST", f"/tasks/{task['id']}/draft", urlencode(form))
        kind = NO_ANSWER if not status else f"{status}"
        self._note("save a draft", status, kind, began, body)

    def call(self, verb: str, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """One call of the API."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        began = time.perf_counter()
        try:
            connection = self._open_connection()
            text = json.dumps(body) if body is not None else "{}" if method == "POST" else None
            connection.request(method, f"/api/v1{path}", text, headers)
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self._hang_up()
            return self._note(verb, 0, NO_ANSWER, began, None)
        return self._note(verb, answer.status, _kind(answer, told), began, told)

    def leave(self) -> None:
        """Close the connection."""
        self._hang_up()

    def _note(self, verb: str, status: int, kind: str, began: float, body: Any) -> Answer:
        ended = time.perf_counter()
        answer = Answer(verb=verb, status=status, kind=kind, at=ended, seconds=ended - began, body=body)
        self.diary.answers.append(
            Answer(verb=verb, status=status, kind=kind, at=ended, seconds=ended - began)
        )
        return answer

    def _read_page(self, path: str) -> None:
        status, text = self._page("GET", path)
        found = CSRF.search(text)
        if status != http.client.OK or found is None:
            raise RuntimeError(f"the page {path} could not be read: {status}")
        self._csrf = found.group(1)

    def _page(self, method: str, path: str, form: str | None = None) -> tuple[int, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            connection = self._open_connection()
            connection.request(method, path, form, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return 0, ""
        for header in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return answer.status, text

    def _open_connection(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def hire(engine: Engine, port: int, count: int) -> list[Official]:
    """So many people who hold every role of the bench, each with an account and a token."""
    hired = []
    for number in range(1, count + 1):
        user_id = f"official_{number}"
        engine.execute(SYSTEM, _add, user_id)
        token = engine.execute(SYSTEM, organisation.issue_token, user_id, label="bench")
        hired.append(Official(port, user_id, token))
    return hired


def _add(uow: UnitOfWork, user_id: str) -> None:
    organisation.add_user(uow, user_id, name=f"承辦人{user_id[-1]}", password=PASSWORD, must_change=False)
    for role, unit in approval_15.HELD:
        organisation.grant(uow, user_id, role=role, unit=unit, valid_from=uow.today)


def answers_of(officials: Iterable[Official]) -> list[Answer]:
    """Every answer that anybody got, in the order of time."""
    return sorted((a for each in officials for a in each.diary.answers), key=lambda answer: answer.at)


def kinds(answers: Iterable[Answer]) -> dict[str, int]:
    """How often each kind of answer came, the most frequent first."""
    return dict(Counter(answer.kind for answer in answers).most_common())


def _kind(answer: http.client.HTTPResponse, told: Any) -> str:
    """The status, and of a refusal the name of the problem; what is no proper problem document says so."""
    if answer.status < http.client.BAD_REQUEST:
        return str(answer.status)
    is_problem = answer.headers.get_content_type() == "application/problem+json" and told.get("detail")
    name = str(told.get("type", "")).rpartition(":")[2] if is_problem else "without a problem document"
    if answer.status == http.client.SERVICE_UNAVAILABLE and not answer.headers.get("Retry-After"):
        name += " without Retry-After"
    return f"{answer.status} {name}"
