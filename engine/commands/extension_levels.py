"""The table of who grants an extension of how many days: enter it anew from a day on; every version stays."""

from engine.activities.deciding_levels import agency_of_table
from engine.activities.extensions import EXTENSION_LEVELS
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.plan.extension import ExtensionTable, table_faults, to_json
from engine.store.unit_of_work import UnitOfWork


def change(uow: UnitOfWork, table: ExtensionTable) -> ExtensionTable:
    """Let a table hold from its day on (domain 7.17); one that begins on the same day is replaced.

    What is applied for already stays with its approver. Invalid with an entry per fault: a day in the past,
    no basis, a role that grants nothing, days that do not rise, no highest level without a limit.
    """
    require(uow.actor, Action.CHANGE_DECIDING_LEVELS)
    faults = tuple(
        FieldError(path=path, template=fault.template, params=dict(fault.params))
        for path, fault in table_faults(table, uow.today)
    )
    if faults or table.valid_from is None:
        raise Invalid(faults)
    key = table.valid_from.isoformat()
    uow.documents.put(agency_of_table(uow), EXTENSION_LEVELS, key, to_json(table), note=table.basis.strip())
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))
    return table
