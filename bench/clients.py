"""Clients that complete tasks over HTTP, each with a connection that it keeps."""

import http.client
import json
import queue
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bench import approval_15
from engine.domain.form import EMPTY_CONTENT, shown_digest

Waiting = queue.Queue[dict[str, Any]]


@dataclass(slots=True)
class Tally:
    """What the clients saw: the time of each completion, every answer that was no success, the wall time."""

    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    wall: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How to reach the server: the port, the token of the clerk, the digests of the forms."""

    port: int
    token: str
    digests: dict[str, str]


def drive(door: Door, first: list[dict[str, Any]], clients: int, *, mix: bool, follow: bool = True) -> Tally:
    """Let clients complete tasks until none is left.

    With `mix` any client takes any task, so that instances wander between the workers; without it a client
    stays with its own instances. Without `follow` what opens afterwards is left alone.
    """
    shared: Waiting = queue.Queue()
    queues: list[Waiting] = [shared if mix else queue.Queue() for _ in range(clients)]
    for number, task in enumerate(first):
        queues[number % clients].put(task)
    tally = Tally()
    threads = [
        threading.Thread(target=_client, args=(door, waiting, tally, follow), daemon=True)
        for waiting in queues
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for waiting in set(queues):
        waiting.join()
    tally.wall = time.perf_counter() - began
    for waiting in queues:
        waiting.put({})
    for thread in threads:
        thread.join()
    return tally


def complete(door: Door, connection: http.client.HTTPConnection, task: dict[str, Any]) -> tuple[int, str]:
    """Complete one task; gives the status and the text of the answer."""
    headers = {"Authorization": f"Bearer {door.token}", "Content-Type": "application/json"}
    element_id, task_id = task["element_id"], task["id"]
    digest = door.digests[approval_15.kind_of(element_id)]
    body = {
        "values": approval_15.values_for(element_id, task_id),
        "revision": task["revision"],
        "shown_digest": shown_digest(task_id, digest, {}, EMPTY_CONTENT),
    }
    key = {"Idempotency-Key": f"c:{task_id}"}
    connection.request("POST", f"/api/v1/tasks/{task_id}/complete", json.dumps(body), headers | key)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def _client(door: Door, waiting: Waiting, tally: Tally, follow: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=60)
    while task := waiting.get():
        began = time.perf_counter()
        status, text = complete(door, connection, task)
        if status == http.client.OK:
            tally.seconds.append(time.perf_counter() - began)
            for following in json.loads(text)["next_tasks"] if follow else ():
                waiting.put(following)
        else:
            tally.refused.append(f"{status} {text[:200]!r}")
        waiting.task_done()
    connection.close()
