"""Letters: correct a wrong entry; the values before stay readable."""

from collections.abc import Iterator
from typing import Any

from engine.activities.letter_entries import corrected_basis, correction_faults
from engine.activities.plan_documents import is_in_drafting
from engine.activities.working_plan import load_plan, save_plan
from engine.domain.letter import Letter, corrected
from engine.domain.permission import Action, require, sight_of
from engine.errors import FieldError, Invalid
from engine.plan.document import with_basis
from engine.store.unit_of_work import UnitOfWork

REASON_LENGTH = 5


def correct(
    uow: UnitOfWork,
    letter_id: int,
    *,
    changes: dict[str, Any],
    reason: str,
    number_confirmed: bool = False,
) -> Letter:
    """Correct a registered letter (更正登錄) by the rules of its entry; what stood there stays readable.

    A plan in drafting takes the correction into its basis; what is signed or enacted stays as it is.
    """
    require(uow.actor, Action.CORRECT_LETTER)
    before = uow.letters.get(letter_id, sight_of(uow.actor))
    after = corrected(before, changes, reason=reason.strip(), at=uow.now.isoformat(), by=uow.actor.user_id)
    faults = [*_reason_faults(reason.strip())]
    faults += correction_faults(uow, before, after, number_confirmed=number_confirmed)
    if faults:
        raise Invalid(tuple(faults))
    _correct_basis(uow, before, after)
    return uow.letters.correct(letter_id, changes, reason.strip())


def _reason_faults(reason: str) -> Iterator[FieldError]:
    if len(reason) < REASON_LENGTH:
        template, params = "Give the reason in at least {limit} characters", {"limit": REASON_LENGTH}
        yield FieldError(path="reason", template=template, params=params)


def _correct_basis(uow: UnitOfWork, before: Letter, after: Letter) -> None:
    """壹: the basis of a plan in drafting names its letters as they are registered."""
    if is_in_drafting(uow, before.plan_key):
        plan = load_plan(uow, before.plan_key)
        basis = [corrected_basis(row, before, after) for row in plan.basis]
        save_plan(uow, before.plan_key, with_basis(plan, basis), "letter_corrected")
