"""The ministry's answer to an agency that asks for its designation to be reconsidered (A16)."""

from typing import Any

from engine.activities.calls import Check, Completion, Prefill
from engine.activities.letter_entries import ISSUERS, MINISTRY_PREFIX, letter_faults, outgoing_letter
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.store.unit_of_work import Reader, UnitOfWork

MINISTRY = ISSUERS["ministry"]


def reconsideration(reader: Reader, task: Task) -> FormContent:
    """What the agency asks for, and first words for the answer."""
    values = {
        "reason_told": task.inputs["reason"],
        "doc_prefix": MINISTRY_PREFIX,
        "to": [task.inputs["entrant_label"]],
        "subject": f"有關指定參加{task.inputs['award_year']}年政府服務獎請重新考量一案，請查照。",
        "expectation": "note",
        "sent_by": "electronic",
    }
    return FormContent(values=values)


def check_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """The ministry's letter is dated sensibly and its number is new (F6)."""
    return list(letter_faults(reader, values, MINISTRY))


def record_reconsideration(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the ministry's answer."""
    letter = uow.letters.register(outgoing_letter(task.inputs["entry_key"], values, issuer=MINISTRY))
    return {"letter_id": letter.id}


PREFILLS: dict[str, Prefill] = {"ministry.reconsideration": reconsideration}
CHECKS: dict[str, Check] = {"ministry.check_letter": check_letter}
COMPLETIONS: dict[str, Completion] = {"ministry.record_reconsideration": record_reconsideration}
