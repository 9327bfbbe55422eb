"""The lines of the inbox: how one open or closed task reads in a list, and how the list falls into groups."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import url_for
from flask_babel import lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from engine.domain.identity import ANY_UNIT, PERSON, ROLES, Actor
from engine.domain.priority import Priority
from engine.domain.task import NORMAL
from engine.plan.calendar import WorkCalendar
from engine.plan.rule_error import PlanRuleError
from engine.queries.tasks import COUNTERSIGN, InboxRow
from webapp.dates import day_words, local_day
from webapp.definition_words import in_language
from webapp.deputy_words import CAUSE_WORDS
from webapp.wording import say

SUNDAY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A status of a line; `word` only where it says more than the status itself."""

    name: str
    word: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One task in one line: the verb first, the due date last, and below it why I see it."""

    id: int
    href: str
    verb: str
    subject: str
    sub: str
    marks: tuple[Mark, ...]
    work: str
    unit: str
    sender: str
    since: date
    due: date | None
    original: date | None
    late_after: date | None
    late_from: date | None
    days: Mark | None
    why: str
    may_claim: bool
    may_unclaim: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines that are due in the same stretch of time."""

    name: str
    word: LazyString | None
    lines: tuple[Line, ...]


GROUP_WORDS = {
    "overdue": lazy_gettext("Overdue"),
    "today": lazy_gettext("Today"),
    "week": lazy_gettext("This week"),
    "later": lazy_gettext("Later"),
    "undated": lazy_gettext("No due date"),
}


def group_of(due: date | None, today: date, late_after: date | None = None) -> str:
    """The stretch of time in which a due date lies; what is due already but not late yet is for today."""
    if due is None:
        return "undated"
    if (late_after or due) < today:
        return "overdue"
    if due <= today:
        return "today"
    return "week" if due <= today + timedelta(days=SUNDAY - today.weekday()) else "later"


def grouped(lines: Iterable[Line], today: date) -> tuple[Group, ...]:
    """Lines in the order of their due dates, in groups; a group that is empty is left out."""

    def name_of(line: Line) -> str:
        return group_of(line.due, today, line.late_after)

    order = tuple(GROUP_WORDS)
    in_order = sorted(lines, key=lambda line: order.index(name_of(line)))
    return tuple(
        Group(name=name, word=GROUP_WORDS[name], lines=tuple(members))
        for name, members in groupby(in_order, key=name_of)
    )


def days_mark(due: date, today: date, calendar: WorkCalendar, late_after: date | None = None) -> Mark:
    """The working days left or gone; calendar days where there is no office calendar of that year."""
    late_after = late_after or due
    if due == today:
        return Mark(name="today")
    if due < today <= late_after:
        return Mark(name="today", word=say("due already, not late yet"))
    days = abs(_days_between(today, late_after if late_after < today else due, calendar))
    if late_after < today:
        # A due date of yesterday's weekend is late although no working day has passed since.
        return Mark(name="overdue", word=ngettext("%(num)d day late", "%(num)d days late", max(days, 1)))
    return Mark(name="later", word=ngettext("%(num)d day left", "%(num)d days left", days))


def _days_between(start: date, end: date, calendar: WorkCalendar) -> int:
    try:
        return calendar.working_days_between(start, end)
    except PlanRuleError:
        return (end - start).days


def line_of(
    row: InboxRow,
    me: Actor,
    now: datetime,
    calendar: WorkCalendar,
    units: Mapping[str, str],
    works: Mapping[str, str],
) -> Line:
    """One row of the inbox as its line."""
    today = local_day(now)
    is_open = row.closed_at is None
    end = row.due_at if is_open else row.closed_at
    late_after = local_day(row.late_after_at) if row.late_after_at and is_open else None
    return Line(
        id=row.task_id,
        href=_href(row),
        verb=in_language(row.label),
        subject=row.subject,
        sub="",
        marks=tuple(_marks(row, me)) if is_open else (),
        work=works.get(row.process_key, ""),
        unit=row.unit_label,
        sender=f"{row.sent_by_name} {row.sent_by_title}".strip() or say("System"),
        since=local_day(row.opened_at),
        due=local_day(end) if end else None,
        original=local_day(row.original_due_at) if row.original_due_at and is_open else None,
        late_after=late_after,
        late_from=late_after + timedelta(days=1) if late_after else None,
        days=days_mark(local_day(end), today, calendar, late_after) if end and is_open else None,
        why=_why(row, me, units) if is_open else say("You see it because you completed it."),
        may_claim=is_open and row.assignee is None and row.reason is not None,
        may_unclaim=is_open and row.assignee in _held_as(row, me) and row.owner is None,
    )


def _href(row: InboxRow) -> str:
    """The page of the task; whoever only assigns it may not open it, and chooses to whom it goes."""
    if row.closed_at is None and row.reason is None and row.assignee is None:
        return url_for("bulk.assign_page", task=row.task_id)
    return url_for("tasks.page", task_id=row.task_id)


def _held_as(row: InboxRow, me: Actor) -> tuple[str, ...]:
    """In whose names the person may put the task back: their own, and that of whom they stand in for."""
    return me.user_id, *([row.deputyship.principal] if row.deputyship else ())


def _marks(row: InboxRow, me: Actor) -> Iterator[Mark]:
    if row.priority is not Priority.NORMAL:
        yield Mark(name=str(row.priority))
    if row.speed != NORMAL:
        yield Mark(name=row.speed)
    if row.was_returned:
        yield Mark(name="returned")
    if row.element_id == COUNTERSIGN:
        yield Mark(name="countersign")
    if row.deputyship is not None:
        yield Mark(name="deputy", word=say("For %(who)s", who=row.deputyship.name))
    if row.assignee is None:
        yield Mark(name="to_redirect" if row.owner else "unclaimed")
    elif row.owner is not None and row.owner != me.user_id:
        yield Mark(name="delegated")


def _why(row: InboxRow, me: Actor, units: Mapping[str, str]) -> str:
    """The reason for which a person sees a task: they hold it, or their role in a unit may take it."""
    if row.assignee == me.user_id and row.owner is not None:
        return say("You see it because a colleague asked you to prepare it.")
    if row.deputyship is not None:
        return say(
            "You see it because you stand in for %(who)s (%(cause)s, until %(day)s); signatures say so.",
            who=f"{row.deputyship.name} {row.deputyship.title}".strip(),
            cause=CAUSE_WORDS[row.deputyship.cause],
            day=day_words(row.deputyship.until),
        )
    if row.reason is None and row.assignee is None:
        return say("You see it because you assign the work of this unit; nobody has taken it yet.")
    if row.reason is None:
        return say("You see it because it was given to you.")
    pair = row.reason
    if pair.role == PERSON:
        return say("You see it because you were asked yourself.")
    unit = next((u for role, u in sorted(me.pairs) if role == pair.role and pair.unit in (ANY_UNIT, u)), "")
    role, of_unit = in_language(ROLES[pair.role].label), units.get(unit, "")
    held = role if role.startswith(of_unit) else f"{of_unit} {role}"
    if row.assignee == me.user_id:
        return say("You see it because you are %(role)s and have taken it.", role=held)
    return say("You see it because you are %(role)s; nobody has taken it yet.", role=held)
