"""徵詢意見: the holder of a task asks one colleague for an opinion, which decides nothing."""

from dataclasses import asdict

from engine.activities.colleagues import colleagues
from engine.activities.content import content_of, form_in
from engine.activities.moments import end_of_day
from engine.activities.opinions import ASKED, OPINION, PROCESS, owner_of_opinions
from engine.commands.deliveries import deliver_all, start_linked
from engine.commands.seen_tasks import open_seen, task_note
from engine.commands.steps import Progress
from engine.domain.history import EventType
from engine.domain.task import Task, may_complete
from engine.errors import FieldError, Invalid, NotPermitted
from engine.store.unit_of_work import UnitOfWork

# 速件 (domain 7.15); after ten working days nobody waits for it any more.
ANSWER_DAYS, LAST_DAYS = 3, 10
SHORTEST, LONGEST = 5, 1000
MOST = 20


def ask_opinion(uow: UnitOfWork, task_id: int, *, user: str, question: str) -> int:
    """Ask a colleague for an opinion on an open task that the actor may complete; gives the new instance.

    Invalid for whoever the task excludes, for oneself, for outsiders, for somebody who was asked and has not
    answered, and for what is restricted: nobody else may know of that.
    """
    handle, task = open_seen(uow, task_id)
    if not may_complete(uow.actor, task):
        raise NotPermitted
    question = question.strip()
    faults = _faults(uow, task, user, question, is_restricted=bool(handle.instance.restricted_to))
    if faults:
        raise Invalid(tuple(faults))
    owner = owner_of_opinions(task_id)
    no = str(len(uow.documents.keys(owner, OPINION)) + 1)
    request = {
        "asked": user, "asker": uow.actor.user_id, "question": question, "owner": owner, "no": no,
        "title": task.subject, "step": task.label,
        "documents": _plan_shown(uow, task, handle.instance.deployment_id),
        "due": _after(uow, ANSWER_DAYS), "expires": _after(uow, LAST_DAYS),
    }  # fmt: skip
    asked = uow.organisation.user(user)
    body = {
        "asked": user, "asked_name": asked.name, "asked_title": asked.title, "asker": uow.actor.user_id,
        "question": question, "asked_at": uow.now.isoformat(), "due": request["due"], "state": ASKED,
    }  # fmt: skip
    uow.documents.put(owner, OPINION, no, body)
    told = {"user": user, "question": question, "label": task.label}
    handle.note(task_note(uow, EventType.OPINION_ASKED, task, **told))
    progress = Progress.none()
    variables = {"plan_key": str(handle.instance.plan_key), "request": request}
    key = f"{handle.instance.business_key}:{task_id}:{no}"
    started = start_linked(uow, PROCESS, key, variables, parent_id=handle.id, progress=progress)
    deliver_all(uow, progress)
    return started


def _faults(
    uow: UnitOfWork, task: Task, user: str, question: str, *, is_restricted: bool
) -> list[FieldError]:
    faults = []
    if is_restricted:
        faults.append(FieldError(path="user", template="Nobody else may know of this: ask nobody about it"))
    elif user == uow.actor.user_id or task.excludes(user) or user not in {u.id for u in colleagues(uow)}:
        faults.append(FieldError(path="user", template="This person cannot be asked"))
    else:
        asked = [document.body for document in uow.documents.list(owner_of_opinions(task.id), OPINION)]
        if any(body["asked"] == user and body["state"] == ASKED for body in asked):
            faults.append(FieldError(path="user", template="This person was asked and has not answered yet"))
        elif len(asked) >= MOST:
            faults.append(
                FieldError(
                    path="user", template="Ask at most {limit} times about one task", params={"limit": MOST}
                )
            )
    if not SHORTEST <= len(question) <= LONGEST:
        template = "Ask in {shortest} to {longest} characters"
        params = {"shortest": SHORTEST, "longest": LONGEST}
        faults.append(FieldError(path="question", template=template, params=params))
    return faults


def _plan_shown(uow: UnitOfWork, task: Task, deployment_id: int) -> list[dict[str, object]]:
    """The version of a plan that the task shows: everybody of the branch may read it."""
    content = content_of(uow, task, form_in(uow, task, deployment_id))
    return [asdict(document) for document in content.shown if document.kind == "plan"]


def _after(uow: UnitOfWork, days: int) -> str:
    return end_of_day(uow.calendar.add_working_days(uow.today, days))
