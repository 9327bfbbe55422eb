"""The search of the top bar: what was found of each kind, in lines that lead to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from engine.domain.letter import Letter
from engine.queries.awards import AwardLine
from engine.queries.plans import PlanLine
from engine.queries.search import Hits, Kind, SearchPage, search
from engine.queries.tasks import InboxRow
from webapp.awards import STATE_WORDS as ENTRY_STATE_WORDS
from webapp.dates import local_day
from webapp.definition_words import in_language
from webapp.door import ask
from webapp.inbox_tabs import shown_count
from webapp.plan_pages import STATE_WORDS
from webapp.wording import say

blueprint = Blueprint("search", __name__, url_prefix="/search")

LONGEST_QUERY = 100
KIND_WORDS: dict[Kind, LazyString] = {
    Kind.OPEN: lazy_gettext("Tasks to do"),
    Kind.DONE: lazy_gettext("Tasks you completed"),
    Kind.PLANS: lazy_gettext("Yearly plans"),
    Kind.LETTERS: lazy_gettext("Letters"),
    Kind.ENTRIES: lazy_gettext("Award entries"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One hit: where it leads, what it is, what it belongs to, and the day that matters."""

    href: str
    words: str
    beside: str
    day_word: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The hits of one kind; `more_href` leads to all of them, or to the following page."""

    kind: Kind
    word: LazyString
    shown: str
    lines: tuple[Line, ...]
    more_href: str | None


@blueprint.get("")
def page() -> str:
    """What was found, a few of each kind; or one kind in pages."""
    q = request.args.get("q", "").strip()[:LONGEST_QUERY]
    kind, cursor = request.args.get("kind") or None, request.args.get("cursor") or None
    found = ask(search, q, kind=kind, cursor=cursor)
    return render_template(
        "search/page.html",
        q=q,
        groups=tuple(_groups(found, q, kind)),
        kind_word=KIND_WORDS[Kind(kind)] if kind else None,
        all_href=url_for("search.page", q=q),
        first_href=url_for("search.page", q=q, kind=kind) if cursor else None,
    )


@blueprint.get("/suggestions")
def suggestions() -> str:
    """The first hits of every kind while a person types: a part of a page, put under the search box."""
    q = request.args.get("q", "").strip()[:LONGEST_QUERY]
    found = ask(search, q)
    groups = tuple(_groups(found, q, None))
    number = sum(found.counts.values())
    words = ngettext(
        "%(num)d found; the arrow keys lead there", "%(num)d found; the arrow keys lead there", number
    )
    return render_template("search/suggestions.html", q=q, groups=groups, found_words=words)


def _groups(found: SearchPage, q: str, kind: str | None) -> Iterator[Group]:
    """The kinds of which something was found."""
    for each, hits, lines in (
        (Kind.OPEN, found.open, map(_task, found.open.rows)),
        (Kind.DONE, found.done, map(_task, found.done.rows)),
        (Kind.PLANS, found.plans, map(_plan, found.plans.rows)),
        (Kind.LETTERS, found.letters, map(_letter, found.letters.rows)),
        (Kind.ENTRIES, found.entries, map(_entry, found.entries.rows)),
    ):
        if hits.rows:
            yield Group(
                kind=each,
                word=KIND_WORDS[each],
                shown=shown_count(found.counts[each]),
                lines=tuple(lines),
                more_href=_more(hits, found.counts[each], each, q, kind),
            )


def _more(hits: Hits[Any], count: int, each: Kind, q: str, kind: str | None) -> str | None:
    if kind is None:
        return url_for("search.page", q=q, kind=each) if count > len(hits.rows) else None
    following = hits.next_cursor
    return url_for("search.page", q=q, kind=kind, cursor=following) if following else None


def _task(row: InboxRow) -> Line:
    ended = row.closed_at or row.due_at
    return Line(
        href=url_for("tasks.page", task_id=row.task_id),
        words=f"{in_language(row.label)}\u3000{row.subject}".strip(),
        beside=row.unit_label,
        day_word=say("Done on") if row.closed_at else say("Due date"),
        day=local_day(ended) if ended else None,
    )


def _plan(line: PlanLine) -> Line:
    return Line(
        href=url_for("plans.page", roc_year=line.roc_year),
        words=line.title,
        beside=str(STATE_WORDS.get(line.state, line.state)),
    )


def _letter(letter: Letter) -> Line:
    _, roc_year = letter.plan_key.rsplit(":", 1)
    return Line(
        href=url_for("plans.letter", roc_year=roc_year, letter_id=letter.id),
        words=letter.subject,
        beside=f"{letter.issuer} {letter.full_number}",
        day_word=say("Date of the letter"),
        day=letter.doc_on,
    )


def _entry(line: AwardLine) -> Line:
    return Line(
        href=url_for("awards.page", award_year=line.award_year, no=line.no),
        words=line.theme or say("Entry %(no)d", no=line.no),
        beside=f"{line.entrant} {ENTRY_STATE_WORDS.get(line.state, line.state)}".strip(),
    )
