"""The tabs and filters of the inbox as links: what is chosen stands in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.priority import Priority
from engine.plan.roc import roc_year
from engine.queries.tasks import COMPLETED_VIEWS, COUNT_CAP, DueWithin, View
from webapp.verb_words import PRIORITY_WORDS

KEPT = ("view", "year", "work", "unit", "due", "priority", "sort", "q", "cols")
YEARS_BACK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab: its view, its word, and what an empty list of it says."""

    view: View
    word: LazyString
    empty: LazyString
    would: LazyString
    gap: bool = False
    only_when_filled: bool = False


TABS: tuple[Tab, ...] = (
    Tab(
        view=View.OPEN,
        word=lazy_gettext("Due"),
        empty=lazy_gettext("Nothing is waiting for you"),
        would=lazy_gettext("Work that you or your role owe appears here, the earliest due date first."),
    ),
    Tab(
        view=View.COUNTERSIGN,
        word=lazy_gettext("To countersign"),
        empty=lazy_gettext("Nothing is waiting for your unit's opinion"),
        would=lazy_gettext("Items on which another unit asks for your opinion appear here."),
    ),
    Tab(
        view=View.RETURNED,
        word=lazy_gettext("Returned"),
        empty=lazy_gettext("Nothing was returned"),
        would=lazy_gettext("What you sent appears here when it is returned, with the reason."),
    ),
    Tab(
        view=View.DEPUTY,
        word=lazy_gettext("As deputy"),
        empty=lazy_gettext("Nothing waits for those in whose place you stand"),
        would=lazy_gettext(
            "While you stand in for somebody, what that person owes appears here only. What you signed one "
            "level before waits for that person, or for another deputy."
        ),
    ),
    Tab(
        view=View.DUE_SOON,
        word=lazy_gettext("Due soon"),
        empty=lazy_gettext("Nothing falls due in the next three days"),
        would=lazy_gettext("Work that falls due within three days appears here."),
    ),
    Tab(
        view=View.OVERDUE,
        word=lazy_gettext("Overdue"),
        empty=lazy_gettext("Nothing is overdue"),
        would=lazy_gettext("Work whose due date has passed appears here and is reported to your chief."),
    ),
    Tab(
        view=View.ASSIGNABLE,
        word=lazy_gettext("To assign"),
        empty=lazy_gettext("Nothing waits to be assigned"),
        would=lazy_gettext("Work of your unit that nobody has taken appears here."),
        only_when_filled=True,
    ),
    Tab(
        view=View.FOLLOW_UP,
        word=lazy_gettext("Put off"),
        empty=lazy_gettext("You have put nothing off"),
        would=lazy_gettext("What you do not want to see before a day appears here until then."),
        only_when_filled=True,
    ),
    Tab(
        view=View.SENT,
        word=lazy_gettext("Sent"),
        empty=lazy_gettext("You have sent nothing that is still under way"),
        would=lazy_gettext("What you completed appears here as long as its process goes on."),
        gap=True,
    ),
    Tab(
        view=View.CLOSED,
        word=lazy_gettext("Closed"),
        empty=lazy_gettext("Nothing of yours has been closed yet"),
        would=lazy_gettext("What you completed appears here once its process has ended."),
    ),
)
DUE_WORDS = {
    DueWithin.TODAY: lazy_gettext("until today"),
    DueWithin.WEEK: lazy_gettext("until the end of the week"),
    DueWithin.MONTH: lazy_gettext("within 30 days"),
    DueWithin.UNDATED: lazy_gettext("without a due date"),
}
TAB_BY_VIEW = {str(tab.view): tab for tab in TABS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One link of a filter."""

    word: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterMenu:
    """One filter: its name, its word, what is chosen now, and the links to everything else."""

    name: str
    word: str
    value: str
    chosen: bool
    choices: tuple[Choice, ...]


def kept_query(args: Mapping[str, str]) -> dict[str, str]:
    """What is chosen in an address: known names only, without what is empty."""
    return {name: args[name] for name in KEPT if args.get(name)}


def link(kept: Mapping[str, str], **changes: str | None) -> str:
    """The inbox with what is chosen, changed in these places; a changed list begins at its first page."""
    return _address(url_for("inbox.page"), {**kept, **changes})


def _address(path: str, chosen: Mapping[str, str | None]) -> str:
    """What `url_for` would make of it; a filter has hundreds of links to one path."""
    query = urlencode({name: value for name, value in chosen.items() if value}, safe="!$'()*,/:;?@")
    return f"{path}?{query}" if query else path


def shown_count(number: int) -> str:
    """A count that stops at its cap."""
    return f"{COUNT_CAP - 1}+" if number >= COUNT_CAP else str(number)


def tab_links(counts: Mapping[str, int], chosen: Tab) -> list[dict[str, Any]]:
    """The tabs as links; a tab forgets what the others were narrowed to."""
    return [
        {
            "word": tab.word,
            "view": str(tab.view),
            "href": url_for("inbox.page", view=None if tab is TABS[0] else str(tab.view)),
            "shown": shown_count(counts[str(tab.view)]),
            "gap": tab.gap,
            "current": tab is chosen,
        }
        for tab in TABS
        if tab is chosen or not tab.only_when_filled or counts[str(tab.view)]
    ]


def filter_menus(
    kept: Mapping[str, str],
    today: date,
    processes: Iterable[tuple[str, str]],
    units: Iterable[tuple[str, str]],
) -> list[FilterMenu]:
    """The filters for year, work, unit and, in lists of open tasks, due date and priority."""
    newest = roc_year(today) + 1
    shown = range(newest, newest - YEARS_BACK, -1)
    years = [(str(year), gettext("Year %(year)s", year=year)) for year in shown]
    dues = [(str(due), str(word)) for due, word in DUE_WORDS.items()]
    is_open = kept.get("view") not in COMPLETED_VIEWS
    return [
        _menu(kept, "year", gettext("Year"), years),
        _menu(kept, "work", gettext("Work"), processes),
        _menu(kept, "unit", gettext("Unit"), units),
        *([_menu(kept, "due", gettext("Due date"), dues)] if is_open else []),
        *([_menu(kept, "priority", gettext("Priority"), _priorities())] if is_open else []),
    ]


def _priorities() -> list[tuple[str, str]]:
    return [
        (str(Priority.HIGH), gettext("high or highest")),
        (str(Priority.HIGHEST), str(PRIORITY_WORDS[Priority.HIGHEST])),
    ]


def _menu(kept: Mapping[str, str], name: str, word: str, choices: Iterable[tuple[str, str]]) -> FilterMenu:
    now = kept.get(name, "")
    every = gettext("all")
    offered, path = [("", every), *choices], url_for("inbox.page")
    return FilterMenu(
        name=name,
        word=word,
        value=dict(offered).get(now, now),
        chosen=bool(now),
        choices=tuple(
            Choice(word=label, href=_address(path, {**kept, name: value}), current=value == now)
            for value, label in offered
        ),
    )
