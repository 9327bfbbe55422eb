"""An extra opinion asked of a colleague (徵詢意見): kept beside the task that asked; it decides nothing."""

from collections.abc import Mapping
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Completion, Prefill
from engine.domain.form import FormContent, ShownDocument
from engine.domain.task import Task
from engine.store.unit_of_work import Reader, UnitOfWork

OPINION = "asked_opinion"
PROCESS = "opinion_request"
ASKED, ANSWERED, UNANSWERED = "asked", "answered", "unanswered"


def owner_of_opinions(task_id: int) -> str:
    """Under which owner the opinions on a task are kept."""
    return f"task:{task_id}"


def question(reader: Reader, task: Task) -> FormContent:
    """Who asks what, about which step; and the version of the plan that the asker was shown."""
    request = task.inputs["request"]
    asker = reader.organisation.user(request["asker"])
    return FormContent(
        panels={
            "question": request["question"],
            "asked_by": f"{asker.name} {asker.title}".strip(),
            "about_step": request["step"],
        },
        shown=tuple(ShownDocument(**document) for document in request["documents"]),
    )


def record(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the answer beside the task that asked."""
    _close(uow, task.inputs["request"], {
        "state": ANSWERED, "opinion": values["opinion"], "by": uow.actor.user_id, "name": uow.actor.name,
        "title": uow.actor.title, "answered_at": uow.now.isoformat(),
    })  # fmt: skip
    return {}


def expire(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Close a question that nobody answered in time; silence is no agreement here."""
    _close(uow, call.data["request"], {"state": UNANSWERED})
    return {"answered": False}


def _close(uow: UnitOfWork, request: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    found = uow.documents.get(request["owner"], OPINION, request["no"])
    uow.documents.put(found.owner, OPINION, found.key, {**found.body, **told})


ACTIVITIES: dict[str, Activity] = {"opinions.expire": expire}
PREFILLS: dict[str, Prefill] = {"opinions.question": question}
COMPLETIONS: dict[str, Completion] = {"opinions.record": record}
