"""The inbox: what I owe and what I sent, by tab, filter and search; taking a task and putting it back."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from engine.commands.tasks import claim, unclaim
from engine.queries.inbox_screen import InboxScreen, inbox_screen
from engine.queries.tasks import COMPLETED_VIEWS, InboxPage, View
from webapp.dates import local_day
from webapp.door import actor, ask, execute, now
from webapp.inbox_lines import Group, grouped, line_of
from webapp.inbox_tabs import TAB_BY_VIEW, filter_menus, kept_query, link, shown_count, tab_links
from webapp.sessions import local_address

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

NARROWING = ("year", "work", "unit", "q")


@blueprint.get("")
def page() -> str:
    """One page of one tab."""
    kept = kept_query(request.args)
    view = kept.get("view", str(View.OPEN))
    year = kept.get("year", "")
    screen = ask(
        inbox_screen,
        view=view,
        cursor=request.args.get("cursor"),
        q=kept.get("q", ""),
        process_key=kept.get("work"),
        unit=kept.get("unit"),
        roc_year=int(year) if year.isdecimal() and len(year) < 4 else None,
        sort=kept.get("sort", "due"),
    )
    found, counts, today = screen.page, screen.counts, local_day(now())
    tab = TAB_BY_VIEW.get(view, TAB_BY_VIEW[View.OPEN])
    return render_template(
        "inbox/page.html",
        tab=tab,
        tabs=tab_links(counts, tab),
        count=shown_count(counts[tab.view]),
        open_count=shown_count(counts[View.OPEN]),
        filters=filter_menus(kept, today, screen.process_names.items(), screen.unit_labels.items()),
        kept={name: value for name, value in kept.items() if name != "q"},
        q=kept.get("q", ""),
        narrowed=any(name in kept for name in NARROWING),
        clear_href=link(kept, **dict.fromkeys(NARROWING)),
        groups=_groups(screen, view, kept.get("sort", "due")),
        caption=_caption(found),
        closed_view=view in COMPLETED_VIEWS,
        sort_columns=_sort_columns(kept),
        first_href=link(kept) if request.args.get("cursor") else None,
        next_href=link(kept, cursor=found.next_cursor) if found.next_cursor else None,
        here=request.full_path.rstrip("?"),
        may_start=screen.may_start,
    )


@blueprint.post("/<int:task_id>/claim")
def claim_task(task_id: int) -> Response:
    """Take a task, and stay where the list was."""
    execute(claim, task_id)
    return _back_to(task_id)


@blueprint.post("/<int:task_id>/unclaim")
def unclaim_task(task_id: int) -> Response:
    """Put a task back into its pool, and stay where the list was."""
    execute(unclaim, task_id)
    return _back_to(task_id)


def _back_to(task_id: int) -> Response:
    back = local_address(request.form.get("back")) or url_for("inbox.page")
    return redirect(f"{back}#t-{task_id}")


def _groups(screen: InboxScreen, view: str, sort: str) -> tuple[Group, ...]:
    lines = tuple(
        line_of(row, actor(), now(), screen.calendar, screen.unit_labels) for row in screen.page.rows
    )
    if lines and (view in COMPLETED_VIEWS or sort != "due"):
        return (Group(name="all", word=None, lines=lines),)
    return grouped(lines, local_day(now()))


def _caption(found: InboxPage) -> str:
    return str(ngettext("%(num)d task on this page", "%(num)d tasks on this page", len(found.rows)))


def _sort_columns(kept: dict[str, str]) -> list[dict[str, object]]:
    by = kept.get("sort", "due")
    return [
        {"word": word, "href": link(kept, sort=sort), "current": by == (sort or "due"), "order": order}
        for word, sort, order in (
            (gettext("Arrived"), "since", "descending"),
            (gettext("Due date"), None, "ascending"),
        )
    ]
