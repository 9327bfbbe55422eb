"""The calendar: the secret link of one's own dates, and the file that calendar programs read through it."""

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from engine.commands.calendar_links import make_link, revoke_link
from engine.documents.icalendar_file import MEDIA_TYPE, CalendarDay, calendar_file
from engine.domain.identity import SYSTEM
from engine.queries.calendar_feed import DatedTask, own_link, person_of_link, personal_calendar
from webapp.dates import day_words
from webapp.door import ask, engine, execute

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


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
    about = f"{task.label}（{task.subject}）" if task.subject else task.label
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
