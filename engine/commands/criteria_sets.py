"""Sets of criteria: copy one for a year, change the copy, release it; each change stays readable."""

from collections.abc import Sequence
from dataclasses import replace

from engine.activities.criteria_sets import (
    CRITERIA_SET,
    DRAFT,
    RELEASED,
    CriteriaSet,
    all_sets,
    criteria_owner,
    rows_of,
)
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.permission import Action, require
from engine.errors import Conflict, FieldError, Invalid, NotFound
from engine.plan.criteria import Criterion, criteria_faults
from engine.store.unit_of_work import UnitOfWork

YEARS = range(100, 200)


class SetReleased(Conflict):
    """A released set of criteria is never changed: copy it and change the copy."""


def copy(uow: UnitOfWork, key: str, *, roc_year: int) -> CriteriaSet:
    """A draft for a year that begins as another set."""
    require(uow.actor, Action.CHANGE_CRITERIA)
    source = _find(uow, key)
    if roc_year not in YEARS:
        raise Invalid(
            (FieldError(path="roc_year", template="Enter a year of the ROC calendar, such as 115"),)
        )
    numbers = [
        int(known.rpartition("-")[2])
        for known in uow.documents.keys(criteria_owner(uow), CRITERIA_SET)
        if known.startswith(f"{roc_year}-")
    ]
    new = f"{roc_year}-{max(numbers, default=0) + 1}"
    return _put(uow, replace(source, key=new, roc_year=roc_year, state=DRAFT), f"copied from {key}")


def change(uow: UnitOfWork, key: str, *, name: str, criteria: Sequence[Criterion]) -> CriteriaSet:
    """Write a draft anew; SetReleased for a set that was released."""
    require(uow.actor, Action.CHANGE_CRITERIA)
    before = _find(uow, key)
    _require_draft(before)
    return _put(uow, _checked(replace(before, name=name.strip(), criteria=tuple(criteria))), "changed")


def release(uow: UnitOfWork, key: str) -> CriteriaSet:
    """Offer a set to assessments; from now on it stays as it is."""
    require(uow.actor, Action.CHANGE_CRITERIA)
    before = _find(uow, key)
    _require_draft(before)
    return _put(uow, _checked(replace(before, state=RELEASED)), "released")


def _find(uow: UnitOfWork, key: str) -> CriteriaSet:
    found = next((each for each in all_sets(uow) if each.key == key), None)
    if found is None:
        raise NotFound(kind="criteria", id=key)
    return found


def _require_draft(found: CriteriaSet) -> None:
    if not found.may_change:
        raise SetReleased


def _checked(found: CriteriaSet) -> CriteriaSet:
    faults = tuple(
        FieldError(path=path, template=fault.template, params=dict(fault.params))
        for path, fault in criteria_faults(found.name, found.criteria)
    )
    if faults:
        raise Invalid(faults)
    return found


def _put(uow: UnitOfWork, found: CriteriaSet, note: str) -> CriteriaSet:
    body = {
        "name": found.name, "roc_year": found.roc_year, "state": found.state,
        "criteria": rows_of(found.criteria),
    }  # fmt: skip
    uow.documents.put(criteria_owner(uow), CRITERIA_SET, found.key, body, note=note)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))
    return found
