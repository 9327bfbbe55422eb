"""All that the inbox shows at one look, read on one picture of the database."""

from dataclasses import dataclass

from engine.domain.preference import SavedView
from engine.plan.calendar import WorkCalendar
from engine.queries.definitions import startable_of
from engine.queries.organisation import unit_labels
from engine.queries.tasks import InboxPage, View, inbox, inbox_counts
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxScreen:
    """One page of one view, the counts of all, the words of the filters, and what days are worked."""

    page: InboxPage
    counts: dict[str, int]
    unit_labels: dict[str, str]
    process_names: dict[str, str]
    calendar: WorkCalendar
    may_start: bool
    views: tuple[SavedView, ...]


def inbox_screen(
    reader: Reader, *, view: str = View.OPEN, cursor: str | None = None, q: str = "",
    process_key: str | None = None, unit: str | None = None, roc_year: int | None = None,
    due: str | None = None, priority: str | None = None, sort: str = "due",
) -> InboxScreen:  # fmt: skip
    """One look at the reader's inbox; Invalid for a view, sort or cursor that does not exist."""
    units, latest = unit_labels(reader), reader.definitions.all_latest()
    page = inbox(
        reader, view=view, cursor=cursor, q=q, process_key=process_key, unit=unit, roc_year=roc_year,
        due=due, priority=priority, sort=sort, labels=units,
    )  # fmt: skip
    return InboxScreen(
        page=page,
        counts=inbox_counts(reader),
        unit_labels=units,
        process_names={process.key: process.name for process in latest},
        calendar=reader.calendar,
        may_start=bool(startable_of(reader, latest)),
        views=tuple(reader.saved_views.of_actor({unit for _, unit in reader.actor.pairs if unit})),
    )
