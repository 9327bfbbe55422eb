"""Letters: correct a wrong entry; the values before stay readable."""

from typing import Any

from engine.domain.letter import Letter
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.store.unit_of_work import UnitOfWork

REASON_LENGTH = 5


def correct(uow: UnitOfWork, letter_id: int, *, changes: dict[str, Any], reason: str) -> Letter:
    """Correct fields of a registered letter (更正登錄); the entry before stays readable."""
    require(uow.actor, Action.CORRECT_LETTER)
    if len(reason.strip()) < REASON_LENGTH:
        raise Invalid(
            (
                FieldError(
                    path="reason",
                    template="Give the reason in at least {limit} characters",
                    params={"limit": REASON_LENGTH},
                ),
            )
        )
    return uow.letters.correct(letter_id, changes, reason.strip())
