"""The way back to the list from which a task was opened, and on to the next one."""

from collections.abc import Sequence

from flask import session, url_for

from engine.domain.priority import Priority
from engine.domain.task import Task
from engine.queries.tasks import COMPLETED_VIEWS, InboxRow, position
from webapp.sessions import local_address

LIST = "list"
SORT = "list_sort"
LONGEST = 1500  # the cookie of a session holds no more than 4 KB


def remember_list(address: str, *, view: str, sort: str) -> None:
    """Remember the list that a person looks at; lists of what is done lead on to nothing."""
    if view in COMPLETED_VIEWS or len(address) > LONGEST:
        forget_list()
        return
    session[LIST], session[SORT] = address, sort


def forget_list() -> None:
    """Lead back to the inbox as it opens."""
    session.pop(LIST, None)
    session.pop(SORT, None)


def list_address() -> str:
    """The list that a person looked at last."""
    return local_address(session.get(LIST)) or url_for("inbox.page")


def address_after(task: Task, priority: Priority, then: Sequence[Task] = ()) -> str:
    """The same list once a task was done: it stays where it was and offers what follows.

    `then` are the next steps of the same matter that are the person's own.
    """
    if LIST not in session:
        return url_for("inbox.page")
    due, task_id = position(task, session.get(SORT, "due"), priority=priority)
    address = list_address()
    then_words = f"&then={then[0].id}" if then else ""
    return f"{address}{'&' if '?' in address else '?'}after={due}.{task_id}{then_words}"


def row_after(rows: Sequence[InboxRow], after: tuple[int, int] | None, sort: str) -> InboxRow | None:
    """The first row beyond a place in the list, else its first one; None without a place."""
    if after is None:
        return None
    beyond = (row for row in rows if position(row, sort, priority=row.priority) > after)
    return next(beyond, rows[0] if rows else None)
