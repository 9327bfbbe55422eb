"""What the page of a task showed when it was opened, carried by the page itself under our signature.

A refusal can then tell what changed since. Whoever alters it only loses that: it decides nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, request
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer

from engine.domain.canonical import digest_of
from engine.domain.form_fields import fields_of
from engine.domain.shown_difference import ShownChange
from engine.queries.shown_changes import shown_changes
from engine.queries.since_seen import Identity
from engine.queries.task_page import TaskPage
from webapp.dates import moment_words
from webapp.door import actor, ask, now
from webapp.forms import Difference, compare
from webapp.panels import PANEL_WORDS, change_names, panel_text, panel_words
from webapp.task_forms import yes_no

FIELD = "_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What stood on a page: who held the task, its last day, first values, versions, digests of panels."""

    at: datetime
    holder: str
    due_at: str
    values: dict[str, Any]
    documents: dict[Identity, int]
    panels: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceOpened:
    """What changed since the page was opened; `parts` names panels that changed, without what they hold."""

    opened_at: datetime
    differing: tuple[Difference, ...]
    parts: tuple[str, ...]


def seen_seal(page: TaskPage) -> str:
    """What a page shows, as one text for a hidden field."""
    shown = {
        "task": page.task.id,
        "user": actor().user_id,
        "at": now().isoformat(),
        "holder": _holder(page),
        "due": _due(page),
        "values": page.content.values,
        "documents": [[d.owner, d.kind, d.key, d.no] for d in page.content.shown],
        "panels": _digests(page),
    }
    return str(_signer().dumps(shown))


def since_opened(page: TaskPage) -> SinceOpened | None:
    """What differs now from what the posted page had shown; None when it does not say."""
    seen = _posted(page)
    if seen is None:
        return None
    differing = [*_task_changes(seen, page), *_content_changes(seen, page)]
    return SinceOpened(opened_at=seen.at, differing=tuple(differing), parts=_parts(seen, page))


def _posted(page: TaskPage) -> Seen | None:
    try:
        told = _signer().loads(request.form.get(FIELD, ""))
    except BadSignature:
        return None
    if (told["task"], told["user"]) != (page.task.id, actor().user_id):
        return None
    return Seen(
        at=datetime.fromisoformat(told["at"]), holder=told["holder"], due_at=told["due"],
        values=told["values"], panels=told["panels"],
        documents={(owner, kind, key): no for owner, kind, key, no in told["documents"]},
    )  # fmt: skip


def _task_changes(seen: Seen, page: TaskPage) -> Iterator[Difference]:
    if page.closed is not None:
        done = gettext("Withdrawn") if page.closed.was_withdrawn else gettext("Done")
        after = f"{done} {page.closed.who} {moment_words(page.closed.at)}"
        yield Difference(label=gettext("State"), before=gettext("Waiting"), after=" ".join(after.split()))
    elif seen.holder != _holder(page):
        nobody = gettext("nobody has taken it yet")
        yield Difference(label=gettext("Holder"), before=seen.holder or nobody, after=_holder(page) or nobody)
    if seen.due_at != _due(page):
        yield Difference(label=gettext("Due date"), before=seen.due_at, after=_due(page))


def _content_changes(seen: Seen, page: TaskPage) -> Iterator[Difference]:
    """Of what the form shows; of a closed task nothing is read any more."""
    if page.closed is not None:
        return
    labels = {(d.owner, d.kind, d.key): (d.label, d.no) for d in page.content.shown}
    for identity, (label, no) in labels.items():
        before = seen.documents.get(identity, 0)
        if before != no:
            yield Difference(label=label, before=_version(before), after=_version(no))
    yield from (_told(change) for change in ask(shown_changes, page.task.id, seen.documents))
    fields, choices = fields_of(page.form), page.content.choices
    yield from compare(fields, seen.values, page.content.values, choices=choices, yes_no=yes_no())[0]


def _parts(seen: Seen, page: TaskPage) -> tuple[str, ...]:
    """The panels that changed, by their names; those without one are counted among the others."""
    if page.closed is not None:
        return ()
    present = _digests(page)
    changed = [name for name in {**seen.panels, **present} if seen.panels.get(name) != present.get(name)]
    words = (panel_words(name) if name in PANEL_WORDS else gettext("other parts") for name in changed)
    return tuple(dict.fromkeys(words))


def _told(change: ShownChange) -> Difference:
    before, after = panel_text(change.before), panel_text(change.after)
    return Difference(label=change_names(change), before=before, after=after)


def _version(no: int) -> str:
    return gettext("version %(no)d", no=no) if no else ""


def _holder(page: TaskPage) -> str:
    return page.assignee.name if page.assignee else ""


def _due(page: TaskPage) -> str:
    return moment_words(page.task.due_at) if page.task.due_at else ""


def _digests(page: TaskPage) -> Mapping[str, str]:
    return {name: digest_of(panel).hex()[:16] for name, panel in page.content.panels.items()}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="seen")
