"""The table of deciding levels (分層負責): enter it anew from a day on; every version stays readable."""

from engine.activities.deciding_levels import DECIDING_LEVELS, agency_of_table
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.plan.deciding_levels import DecidingTable, table_faults, to_json
from engine.store.unit_of_work import UnitOfWork


def change(uow: UnitOfWork, table: DecidingTable) -> DecidingTable:
    """Let a table hold from its day on (domain 7.14); one that begins on the same day is replaced.

    Rounds that are open keep the levels with which they began. Invalid with an entry per bad line: without a
    deciding level, with a role that signs nothing, or from a day in the past.
    """
    require(uow.actor, Action.CHANGE_DECIDING_LEVELS)
    faults = tuple(
        FieldError(path=path, template=fault.template, params=dict(fault.params))
        for path, fault in table_faults(table, uow.today)
    )
    if faults or table.valid_from is None:
        raise Invalid(faults)
    key = table.valid_from.isoformat()
    uow.documents.put(agency_of_table(uow), DECIDING_LEVELS, key, to_json(table), note=table.basis.strip())
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))
    return table
