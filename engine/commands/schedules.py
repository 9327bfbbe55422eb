"""The schedule of a plan's year: enter and change it before the cycle begins."""

from engine.activities.deadlines import DEADLINES
from engine.activities.working_plan import AGENCY_ID
from engine.activities.year_schedule import SCHEDULE, schedule_of
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.plan.schedule import Schedule, changed_schedule, moves_only_award, schedule_faults, to_json
from engine.store.unit_of_work import UnitOfWork

YEARS = range(100, 200)


def change(uow: UnitOfWork, roc_year: int, schedule: Schedule, *, letter: str = "") -> Schedule:
    """Enter the schedule of a year; earlier entries stay readable.

    Only before the cycle of the year has computed its dates: from then on a letter of the bureau moves them,
    and only K6 is entered here, which the award of the next year brings.
    `letter` is the number of the bureau's letter, without which K2, K3 and K4 stay where they are.
    """
    require(uow.actor, Action.CHANGE_SCHEDULE)
    if roc_year not in YEARS:
        raise Invalid(
            (FieldError(path="roc_year", template="Enter a year of the ROC calendar, such as 115"),)
        )
    plan_key = f"{uow.organisation.setting('agency_id', AGENCY_ID)}:{roc_year}"
    before = schedule_of(uow, plan_key)
    if uow.documents.find(plan_key, DEADLINES) is not None and not moves_only_award(before, schedule):
        reason = "The cycle of this year has begun: only a letter of the head office moves its dates now"
        raise Invalid((FieldError(path="", template=reason),))
    faults = list(schedule_faults(before, schedule, letter))
    if faults:
        raise Invalid(
            tuple(
                FieldError(path=path, template=fault.template, params=dict(fault.params))
                for path, fault in faults
            )
        )
    changed = changed_schedule(before, schedule, letter.strip())
    uow.documents.put(plan_key, SCHEDULE, "", to_json(changed), note=letter.strip())
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))
    return changed
