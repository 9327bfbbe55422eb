"""Passing on for reading (傳閱): people and units confirm that they have read what was decided."""

from typing import Any

from engine.activities.award_records import entry_panels
from engine.activities.calls import Completion, Prefill
from engine.activities.plan_documents import shown
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.store.unit_of_work import Reader, UnitOfWork

CIRCULATION, RECEIPT = "circulation", "reading_receipt"
PROCESS = "circulation"


def owner_of_circulations(instance_id: int) -> str:
    """Under which owner the circulations of an instance are kept."""
    return f"instance:{instance_id}"


def passed(reader: Reader, task: Task) -> FormContent:
    """The version that was decided, who passes it on, and why."""
    own = task.inputs["circulation"]
    sender = reader.organisation.user(own["sent_by"])
    of = own["document"]
    document = reader.documents.get(of["owner"], of["kind"], of["key"], of["no"])
    return FormContent(
        panels={
            "passed_on_by": f"{sender.name} {sender.title}".strip(),
            **({"passed_on_note": own["note"]} if own["note"] else {}),
            **entry_panels(document),
        },
        shown=(shown(own["title"], document),),
    )


def confirm(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the receipt of one reader; a unit confirms by whoever of it reads first."""
    own, reader = task.inputs["circulation"], task.inputs["reader"]
    body = {
        "reader": reader["key"], "by": uow.actor.user_id, "name": uow.actor.name, "title": uow.actor.title,
        "read_at": uow.now.isoformat(), "remark": values.get("remark", ""),
    }  # fmt: skip
    uow.documents.put(own["owner"], RECEIPT, f"{own['no']}:{reader['key']}", body)
    return {}


PREFILLS: dict[str, Prefill] = {"circulation.passed": passed}
COMPLETIONS: dict[str, Completion] = {"circulation.confirm": confirm}
