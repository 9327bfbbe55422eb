"""What changed in what a form shows, since a page that showed earlier versions of its documents."""

from collections.abc import Mapping

from engine.domain.shown_difference import ShownChange
from engine.queries.since_seen import Identity, changes_from
from engine.queries.task_page import task_page
from engine.store.unit_of_work import Reader


def shown_changes(reader: Reader, task_id: int, seen: Mapping[Identity, int]) -> tuple[ShownChange, ...]:
    """Field by field, from the versions that were seen to those that the task shows its reader now.

    NotFound, NotPermitted as the page of the task; only documents that it shows are read.
    """
    page = task_page(reader, task_id)
    return changes_from(reader, page.task, page.form, page.content, seen)
