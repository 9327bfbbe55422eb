"""行事曆: the deadlines of a year, and the secret link by which calendar programs read one's own dates."""

from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as Answer

from engine.commands.calendar_links import make_link, revoke_link
from engine.documents.icalendar_file import MEDIA_TYPE, CalendarDay, calendar_file
from engine.domain.identity import SYSTEM
from engine.domain.permission import Action, may
from engine.plan.roc import roc_to_ad_year, roc_year
from engine.queries.calendar_feed import DatedTask, own_link, person_of_link, personal_calendar
from engine.queries.year_calendar import CalendarEntry, StandingIn, YearCalendar, year_calendar
from webapp.characters import whole_number
from webapp.date_words import DATE_WORDS
from webapp.dates import day_words, local_day
from webapp.definition_words import in_language
from webapp.door import actor, ask, engine, execute, now

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")

SUNDAY = 6
SOON_DAYS = 7
# A day of the grid shows so many deadlines; the list below has all.
MOST_IN_A_DAY = 4
WEEKDAYS = (
    lazy_gettext("Sun"), lazy_gettext("Mon"), lazy_gettext("Tue"), lazy_gettext("Wed"), lazy_gettext("Thu"),
    lazy_gettext("Fri"), lazy_gettext("Sat"),
)  # fmt: skip
ICONS = {"plan": "journal-text", "report": "bar-chart-line", "award": "award", "task": "inbox"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEntry:
    """A deadline in words: where it leads, who owes it, and its status if it has one."""

    entry: CalendarEntry
    what: str
    about: str
    owed_by: str
    icon: str
    href: str | None
    mark: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDay:
    """A day of the month's grid; `off` says why it is not worked, or that a weekend is."""

    on: date
    in_month: bool
    is_today: bool
    is_off: bool
    off: str
    standing_in: tuple[str, ...]
    entries: tuple[ShownEntry, ...]
    more: int


@blueprint.get("")
def page() -> str:
    """The deadlines of a year: one month as a grid, the whole year as a list."""
    today = local_day(now())
    year = request.args.get("year", roc_year(today), type=whole_number)
    month = request.args.get("month", today.month if year == roc_year(today) else 1, type=whole_number)
    if month not in range(1, 13):
        abort(404)
    found = ask(year_calendar, year)
    shown = [_shown(entry, today) for entry in found.entries]
    by_month = {number: [e for e in shown if e.entry.on.month == number] for number in range(1, 13)}
    return render_template(
        "calendar/page.html",
        calendar=found,
        month=month,
        first=date(roc_to_ad_year(year), month, 1),
        by_month=by_month,
        periods=[(period, _standing_in(period)) for period in found.standing_in],
        weeks=_weeks(found, month, by_month[month], today),
        weekdays=WEEKDAYS,
        reads_overdue=may(actor(), Action.READ_OVERDUE),
    )


def _weeks(found: YearCalendar, month: int, shown: Iterable[ShownEntry], today: date) -> list[list[ShownDay]]:
    by_day: dict[date, list[ShownEntry]] = {}
    for entry in shown:
        by_day.setdefault(entry.entry.on, []).append(entry)
    weeks = Calendar(SUNDAY).monthdatescalendar(roc_to_ad_year(found.roc_year), month)
    return [[_day(found, month, on, by_day.get(on, []), today) for on in week] for week in weeks]


def _day(found: YearCalendar, month: int, on: date, own: list[ShownEntry], today: date) -> ShownDay:
    is_weekend = on.isoweekday() > 5
    words = ""
    if on in found.closures:
        words = gettext("Work stopped: %(basis)s", basis=found.closures[on])
    elif on in found.make_up_days:
        words = gettext("Make-up working day")
    elif on in found.days_off:
        words = gettext("Day off")
    return ShownDay(
        on=on,
        in_month=on.month == month,
        is_today=on == today,
        is_off=on in found.days_off or (is_weekend and on not in found.make_up_days),
        off=words if on.month == month else "",
        standing_in=tuple(
            _standing_in(each) for each in found.standing_in if each.first_on <= on <= each.last_on
        ),
        entries=tuple(own[:MOST_IN_A_DAY]),
        more=max(0, len(own) - MOST_IN_A_DAY),
    )


def _standing_in(period: StandingIn) -> str:
    if period.is_mine:
        return str(gettext("Standing in for %(who)s", who=period.name))
    return str(gettext("Deputy: %(who)s", who=period.name))


def _shown(entry: CalendarEntry, today: date) -> ShownEntry:
    what, about, href = _words(entry)
    if entry.kind == "task" and entry.count > 1:
        what = gettext("%(what)s (%(count)d)", what=what, count=entry.count)
    return ShownEntry(
        entry=entry, what=what, about=about, href=href,
        owed_by=gettext(", ").join(map(in_language, entry.owed_by)),
        icon=ICONS[entry.kind], mark=_mark(entry, today),
    )  # fmt: skip


def _words(entry: CalendarEntry) -> tuple[str, str, str | None]:
    """What is due, of which plan or edition, and where its page is."""
    plan = gettext("Plan of %(year)s", year=entry.year)
    if entry.kind == "plan":
        return str(DATE_WORDS[entry.name]), plan, url_for("schedules.page", roc_year=entry.year)
    if entry.kind == "report":
        return gettext("Progress report %(period)s", period=entry.name), plan, url_for(
            "schedules.page", roc_year=entry.year
        )  # fmt: skip
    if entry.kind == "award":
        edition = gettext("Award edition of %(year)s", year=entry.year)
        return entry.name, edition, url_for("awards.edition", award_year=entry.year)
    href = url_for("tasks.page", task_id=entry.task_id) if entry.task_id else None
    return in_language(entry.name), entry.subject or gettext("Year %(year)s", year=entry.year), href


def _mark(entry: CalendarEntry, today: date) -> str | None:
    if entry.kind == "task" and entry.is_late:
        return "overdue"
    if entry.on == today:
        return "today"
    return "soon" if 0 < (entry.on - today).days <= SOON_DAYS else None


@blueprint.get("/link")
def link() -> str:
    """Whether there is a link, and how it is used."""
    return render_template("calendar/link.html", link=ask(own_link), address="")


@blueprint.post("/link")
def make() -> str:
    """Make a link in the place of the one before; this page alone shows it."""
    secret = execute(make_link)
    address = url_for("calendar.feed", secret=secret, _external=True)
    return render_template("calendar/link.html", link=ask(own_link), address=address)


@blueprint.post("/link/revoke")
def revoke() -> Answer:
    """End the link: from now on it opens nothing."""
    execute(revoke_link)
    flash(gettext("The link was revoked. Calendars that use it get nothing any more."))
    return redirect(url_for("calendar.link"))


@blueprint.get("/<secret>.ics")
def feed(secret: str) -> Response:
    """The dates of the person whose link this is; whoever knows the link needs no session."""
    person = engine().ask(SYSTEM, person_of_link, secret)
    told = engine().ask(person, personal_calendar)
    g.own_language = told.language
    days = [day for task in told.tasks for day in _days(task)]
    body = calendar_file(gettext("planflow: due dates of %(name)s", name=person.name), days)
    return Response(body, mimetype=MEDIA_TYPE, headers={"X-Robots-Tag": "noindex"})


def _days(task: DatedTask) -> list[CalendarDay]:
    """The day on which a task is due and, where it is another one, the last day before it is late."""
    label = in_language(task.label)
    about = f"{label}（{task.subject}）" if task.subject else label
    told = gettext(
        "Due on %(due)s; late after %(late)s.",
        due=day_words(task.due_on), late=day_words(task.late_after_on),
    )  # fmt: skip
    description = f"{told}\n{task.unit_label}".strip()
    moments = {"due": (task.due_on, gettext("Due: %(what)s", what=about))}
    if task.late_after_on != task.due_on:
        moments["late"] = (task.late_after_on, gettext("Last day: %(what)s", what=about))
    return [
        CalendarDay(
            uid=f"task-{task.task_id}-{moment}@planflow", on=on, summary=summary, description=description,
            url=url_for("tasks.page", task_id=task.task_id, _external=True), made_at=task.opened_at,
        )
        for moment, (on, summary) in moments.items()
    ]  # fmt: skip
