"""The inbox: what I owe and what I sent, by tab, filter and search; taking a task and putting it back."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.preferences import choose_columns
from engine.commands.saved_views import units_to_share_with
from engine.commands.tasks import claim, unclaim
from engine.queries.inbox_completed import WALK
from engine.queries.inbox_screen import InboxScreen, inbox_screen
from engine.queries.tasks import COMPLETED_VIEWS, InboxPage, View, cursor_key, inbox_counts
from webapp.dates import local_day
from webapp.definition_words import in_language
from webapp.door import actor, ask, execute, now
from webapp.inbox_columns import ALL_COLUMNS, columns_shown
from webapp.inbox_lines import Group, grouped, line_of
from webapp.inbox_tabs import TAB_BY_VIEW, filter_menus, kept_query, link, shown_count, tab_links
from webapp.inbox_way import list_address, remember_list, row_after
from webapp.saved_views import view_links
from webapp.sessions import local_address

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

CHIEFS = {"unit_chief", "sec_chief"}  # who assigns tasks (`domain/task.may_assign`)
NARROWING = ("year", "work", "unit", "due", "priority", "q")


@blueprint.get("")
def page() -> str | AnyResponse:
    """One page of one tab; after a task was done, the list stays and the next one is offered."""
    kept = kept_query(request.args)
    view, sort, cursor = kept.get("view", str(View.OPEN)), kept.get("sort", "due"), request.args.get("cursor")
    screen = _screen(kept, view, sort, cursor)
    after = cursor_key(request.args.get("after")) if request.args.get("after") else None
    if cursor and after and not screen.page.rows:  # the last page is empty now
        return redirect(link(kept, after=request.args["after"]))
    here = link(kept, cursor=cursor)
    remember_list(here, view=view, sort=sort)
    found, counts, today = screen.page, screen.counts, local_day(now())
    tab = TAB_BY_VIEW.get(view, TAB_BY_VIEW[View.OPEN])
    columns = columns_shown(kept.get("cols"))
    shown = {**kept, "cols": ",".join(column.name for column in columns)}
    following = row_after(found.rows, after, sort)
    return render_template(
        "inbox/page.html",
        tab=tab,
        tabs=tab_links(counts, tab),
        count=shown_count(counts[tab.view]),
        open_count=shown_count(counts[View.OPEN]),
        filters=filter_menus(kept, today, _works(screen).items(), screen.unit_labels.items()),
        kept={name: value for name, value in kept.items() if name != "q"},
        q=kept.get("q", ""),
        narrowed=any(name in kept for name in NARROWING),
        clear_href=link(kept, **dict.fromkeys(NARROWING)),
        groups=_groups(screen, view, sort),
        caption=_caption(found),
        closed_view=view in COMPLETED_VIEWS,
        walk=WALK,
        assigns=view == View.ASSIGNABLE,
        may_assign=not actor().roles.isdisjoint(CHIEFS),
        columns=columns,
        views=view_links(screen.views, actor(), shown),
        shown=shown,
        share_units=[(unit, screen.unit_labels.get(unit, unit)) for unit in units_to_share_with(actor())],
        all_columns=ALL_COLUMNS,
        sort_links=_sort_links(kept),
        first_href=link(kept) if cursor else None,
        next_href=link(kept, cursor=found.next_cursor) if found.next_cursor else None,
        here=here,
        no_columns_href=link(kept, cols=None, cursor=cursor),
        following=following,
        then=next((row for row in found.rows if str(row.task_id) == request.args.get("then")), None),
        is_after=after is not None,
        may_start=screen.may_start,
    )


def _screen(kept: dict[str, str], view: str, sort: str, cursor: str | None) -> InboxScreen:
    year = kept.get("year", "")
    return ask(
        inbox_screen,
        view=view,
        cursor=cursor,
        q=kept.get("q", ""),
        process_key=kept.get("work"),
        unit=kept.get("unit"),
        roc_year=int(year) if year.isdecimal() and len(year) < 4 else None,
        due=kept.get("due"),
        priority=kept.get("priority"),
        sort=sort,
    )


@blueprint.get("/counts")
def counts() -> AnyResponse:
    """The counts of all tabs, as the page asks for them by itself; the same ones are not sent twice."""
    found = ask(inbox_counts)
    answer = jsonify({view: shown_count(number) for view, number in found.items()})
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.post("/columns")
def keep_columns() -> AnyResponse:
    """Keep which columns the list has."""
    execute(choose_columns, columns=request.form.getlist("columns"))
    return redirect(local_address(request.form.get("back")) or url_for("inbox.page"))


@blueprint.post("/<int:task_id>/claim")
def claim_task(task_id: int) -> AnyResponse:
    """Take a task, and stay where the list was."""
    execute(claim, task_id)
    return _back_to(task_id)


@blueprint.post("/<int:task_id>/unclaim")
def unclaim_task(task_id: int) -> AnyResponse:
    """Put a task back into its pool, and stay where the list was."""
    execute(unclaim, task_id)
    return _back_to(task_id)


def _back_to(task_id: int) -> AnyResponse:
    back = local_address(request.form.get("back")) or list_address()
    return redirect(f"{back}#t-{task_id}")


def _works(screen: InboxScreen) -> dict[str, str]:
    return {key: in_language(name) for key, name in screen.process_names.items()}


def _groups(screen: InboxScreen, view: str, sort: str) -> tuple[Group, ...]:
    works = _works(screen)
    lines = tuple(
        line_of(row, actor(), now(), screen.calendar, screen.unit_labels, works) for row in screen.page.rows
    )
    if lines and (view in COMPLETED_VIEWS or sort != "due"):
        return (Group(name="all", word=None, lines=lines),)
    return grouped(lines, local_day(now()))


def _caption(found: InboxPage) -> str:
    return str(ngettext("%(num)d task on this page", "%(num)d tasks on this page", len(found.rows)))


def _sort_links(kept: dict[str, str]) -> dict[str, dict[str, object]]:
    by = kept.get("sort", "due")
    return {
        name: {"href": link(kept, sort=sort), "current": by == (sort or "due"), "order": order}
        for name, sort, order in (
            ("priority", "priority", "descending"),
            ("since", "since", "descending"),
            ("due", None, "ascending"),
        )
    }
