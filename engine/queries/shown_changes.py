"""What changed in the plans that a form shows, since a page that showed earlier versions of them."""

from collections.abc import Mapping

from engine.plan.differences import Change, diff_plans
from engine.plan.document import from_json
from engine.queries.decision import PLAN
from engine.queries.task_page import task_page
from engine.store.unit_of_work import Reader

Identity = tuple[str, str, str]  # owner, kind, key


def shown_changes(reader: Reader, task_id: int, seen: Mapping[Identity, int]) -> tuple[Change, ...]:
    """Field by field, from the version that was seen to the one that the task shows its reader now.

    NotFound, NotPermitted as the page of the task; only documents that it shows are read.
    """
    found: list[Change] = []
    for shown in task_page(reader, task_id).content.shown:
        no = seen.get((shown.owner, shown.kind, shown.key), shown.no)
        before = reader.documents.find(shown.owner, shown.kind, shown.key, no) if no != shown.no else None
        if shown.kind == PLAN and before is not None:
            after = reader.documents.get(shown.owner, shown.kind, shown.key, shown.no)
            found += diff_plans(from_json(before.body), from_json(after.body))
    return tuple(found)
