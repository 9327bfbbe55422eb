"""The weekly overdue report (逾期週報): kept as it was, and told to the chiefs whom it concerns."""

from datetime import date, timedelta

from engine.activities.overdue import (
    REPORT,
    OverdueLine,
    lines_json,
    overdue_lines,
    reports_owner,
)
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import ANY_UNIT
from engine.errors import NotPermitted
from engine.store.unit_of_work import Reader, UnitOfWork

MAIL = "mail"
TOLD = "Weekly overdue report of {day}: {count} overdue in {unit}"
WHOLE_BRANCH = "全分局"


def week_of(on: date) -> date:
    """The Monday of a day's week."""
    return on - timedelta(days=on.weekday())


def has_report(reader: Reader) -> bool:
    """Whether this week's report was made."""
    return reader.documents.find(reports_owner(reader), REPORT, week_of(reader.today).isoformat()) is not None


def make_weekly(uow: UnitOfWork) -> bool:
    """Make this week's report unless there is one; the system does it on the first working day of a week."""
    if not uow.actor.is_system:
        raise NotPermitted
    if has_report(uow):
        return False
    week, lines = week_of(uow.today).isoformat(), overdue_lines(uow)
    body = {"on": uow.today.isoformat(), "lines": lines_json(lines)}
    uow.documents.put(reports_owner(uow), REPORT, week, body)
    told = sorted(_tell(uow, week, lines))
    uow.record_note(
        ORGANISATION_STREAM,
        EventDraft(type=EventType.DOCUMENT_RECORDED, data={"users": told, "channel": MAIL}),
    )
    return True


def _tell(uow: UnitOfWork, week: str, lines: tuple[OverdueLine, ...]) -> set[str]:
    """Tell the secretariat's chief of the whole branch, and the chief of each unit of the unit."""
    counts: dict[str, int] = {}
    for line in lines:
        if line.unit:
            counts[line.unit] = counts.get(line.unit, 0) + 1
    told = {
        user.id: (WHOLE_BRANCH, len(lines))
        for user in uow.organisation.members("sec_chief", ANY_UNIT, uow.today)
    }
    for unit, count in counts.items():
        found = uow.organisation.find_unit(unit)
        for user in uow.organisation.members("unit_chief", unit, uow.today):
            told.setdefault(user.id, (found.label if found else unit, count))
    for user_id, (label, count) in told.items():
        params = {"day": week, "count": count, "unit": label}
        payload = {"user": user_id, "template": TOLD, "params": params, "path": f"/overdue?week={week}"}
        uow.outbox.add(f"overdue:{week}:{user_id}", MAIL, payload)
    return set(told)
