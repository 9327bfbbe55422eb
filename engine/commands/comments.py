"""Comments on a task or an instance, with mentions: `@王怡婷` or `@account` is told by mail."""

from collections.abc import Iterator

from engine.commands.seen_tasks import in_whose_place
from engine.domain.form import NOT_STORABLE, STRANGE_CHARACTER
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import User
from engine.domain.permission import may_comment, may_see_instance, may_see_task, refusal_of
from engine.domain.task import Task
from engine.errors import FieldError, Invalid, NotFound, NotPermitted
from engine.store.actors import actor_of
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import UnitOfWork

LONGEST_COMMENT = 1_000
MOST_MENTIONS = 20
MENTIONED = "{who} mentioned you in a comment on “{label}”: {text}"
MENTIONED_ELSEWHERE = "{who} mentioned you in a comment; read it there"


def comment(uow: UnitOfWork, instance_id: int, *, text: str, task_id: int | None = None) -> list[str]:
    """Say something about an instance, or about one of its tasks; gives the accounts that it mentions.

    Whoever sees the one or the other may, but for auditors and administrators. Only people who see it as well
    can be mentioned; Invalid names the first word behind an @ that means nobody, or several people.
    """
    handle, task = _open(uow, instance_id, task_id)
    _check_text(text)
    mentioned = _mentioned(uow, handle, task, text)
    told = {"note": text.strip(), "users": [user.id for user in mentioned], **in_whose_place(uow)}
    handle.note(
        EventDraft(
            type=EventType.COMMENT_MADE, element_id=task.element_id if task else None, task_id=task_id,
            data=told,
        )
    )  # fmt: skip
    label = task.label if task else handle.instance.title
    for user in mentioned:
        if user.id == uow.actor.user_id:
            continue
        template, params = MENTIONED, {"who": uow.actor.name, "label": label, "text": text.strip()}
        if handle.instance.restricted_to:  # mails leave the house: what only some may know stays in it (7.35)
            template, params = MENTIONED_ELSEWHERE, {"who": uow.actor.name}
        payload = {"user": user.id, "template": template, "params": params, "instance_id": instance_id}
        uow.outbox.add(
            f"comment:{instance_id}:{handle.seq}:{user.id}", "mail",
            payload | ({"task": task_id} if task_id else {}),
        )  # fmt: skip
    return [user.id for user in mentioned]


def _open(uow: UnitOfWork, instance_id: int, task_id: int | None) -> tuple[InstanceHandle, Task | None]:
    task = None
    if task_id is None:
        handle = uow.instances.open(instance_id)
    else:
        handle = uow.instances.open_for_task(task_id)
        task = handle.task
        if task is None or handle.id != instance_id:
            raise NotFound(kind="task", id=task_id)
    if not may_see_instance(uow.actor, handle.instance):
        if task is None:
            raise NotFound(kind="process instance", id=instance_id)
        if not may_see_task(uow.actor, task, handle.instance):
            raise refusal_of(uow.actor, task, handle.instance)
    if not may_comment(uow.actor):
        raise NotPermitted
    return handle, task


def _check_text(text: str) -> None:
    if not text.strip():
        raise Invalid((FieldError(path="text", template="This entry is required"),))
    if NOT_STORABLE.search(text):
        raise Invalid((FieldError(path="text", template=STRANGE_CHARACTER),))
    if len(text.strip()) > LONGEST_COMMENT:
        params = {"limit": LONGEST_COMMENT}
        raise Invalid((FieldError(path="text", template="Use at most {limit} characters", params=params),))


def _mentioned(uow: UnitOfWork, handle: InstanceHandle, task: Task | None, text: str) -> list[User]:
    """The people behind the @ of a text, each once and in their order."""
    if "@" not in text:
        return []
    by_word: dict[str, list[User]] = {}
    for user in uow.organisation.users():
        for word in {user.id, user.name}:
            if user.active and word:
                by_word.setdefault(word, []).append(user)
    found: dict[str, User] = {}
    for user in _users_behind(text, by_word):
        if not _sees(uow, handle, task, user):
            template = "{who} may not see this and cannot be mentioned"
            raise Invalid((FieldError(path="text", template=template, params={"who": user.name}),))
        found[user.id] = user
    if len(found) > MOST_MENTIONS:
        params = {"limit": MOST_MENTIONS}
        raise Invalid((FieldError(path="text", template="Mention at most {limit} people", params=params),))
    return list(found.values())


def _users_behind(text: str, by_word: dict[str, list[User]]) -> Iterator[User]:
    """The person whom the longest known word behind each @ means; an @ inside an address means nobody."""
    for place, sign in enumerate(text):
        if sign != "@" or (place and text[place - 1].isascii() and text[place - 1].isalnum()):
            continue
        rest = text[place + 1 :]
        word = max((word for word in by_word if rest.startswith(word)), key=len, default=None)
        if word is None:
            shown = rest.split()[0][:20] if rest.split() else ""
            template = "There is nobody called “{word}”"
            raise Invalid((FieldError(path="text", template=template, params={"word": shown}),))
        if len(by_word[word]) > 1:
            template = "Several people are called “{word}”: write the account, such as @{account}"
            params = {"word": word, "account": by_word[word][0].id}
            raise Invalid((FieldError(path="text", template=template, params=params),))
        yield by_word[word][0]


def _sees(uow: UnitOfWork, handle: InstanceHandle, task: Task | None, user: User) -> bool:
    person = actor_of(uow, user.id)
    if may_see_instance(person, handle.instance):
        return True
    return task is not None and may_see_task(person, task, handle.instance)
