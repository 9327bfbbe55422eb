"""The edition of an award year as the branch keeps it: its categories are master data with a history."""

from collections.abc import Sequence

from engine.activities.award_records import EDITION, categories
from engine.activities.working_plan import AGENCY_ID
from engine.domain.form import NOT_STORABLE, STRANGE_CHARACTER
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.plan.award import edition_key
from engine.store.unit_of_work import UnitOfWork

YEARS = range(100, 200)
LONGEST_NAME, MOST = 40, 20


def change_categories(uow: UnitOfWork, award_year: int, names: Sequence[str]) -> None:
    """Set the categories of an award year; entries that were written keep the name that they chose."""
    require(uow.actor, Action.CHANGE_EDITION)
    fault = _fault(award_year, names)
    if fault is not None:
        raise Invalid((FieldError(path="categories", template=fault[0], params=fault[1]),))
    edition = edition_key(uow.organisation.setting("agency_id", AGENCY_ID), award_year)
    if uow.documents.find(edition, EDITION) is not None and list(names) == categories(uow, edition):
        raise Invalid((FieldError(path="categories", template="Nothing differs from the entry"),))
    uow.documents.put(edition, EDITION, "", {"categories": list(names)})
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def _fault(award_year: int, names: Sequence[str]) -> tuple[str, dict[str, int]] | None:
    if award_year not in YEARS:
        return "Enter a year of the ROC calendar, such as 115", {}
    if not names:
        return "This entry is required", {}
    if len(names) > MOST or any(len(name) > LONGEST_NAME for name in names):
        return "Name at most {most} categories of {limit} characters", {"most": MOST, "limit": LONGEST_NAME}
    if len(set(names)) < len(names):
        return "Two categories have the same name", {}
    return (STRANGE_CHARACTER, {}) if any(NOT_STORABLE.search(name) for name in names) else None
