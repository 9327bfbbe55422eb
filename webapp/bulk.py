"""Several tasks of the inbox at once: each one is checked, done and recorded by itself, and reported."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine.commands.denials import record_denial
from engine.commands.tasks import assign, claim, complete
from engine.errors import EngineError, Invalid, NotFound, NotPermitted, TaskHeldByOther
from engine.queries.several_tasks import (
    DECISION,
    MOST_AT_ONCE,
    OPINION,
    PLAIN_VERBS,
    Hindrance,
    KnownTask,
    known_tasks,
    people_to_assign,
    signing_items,
)
from webapp.definition_words import fault_label
from webapp.door import actor, ask, engine
from webapp.inbox_way import list_address
from webapp.panels import panel_place, panel_words
from webapp.plan_pages import STATE_WORDS
from webapp.tasks import document_href
from webapp.wording import in_words, say

blueprint = Blueprint("bulk", __name__, url_prefix="/inbox/bulk")
UNPROCESSABLE = 422
OWN_NAMES = re.compile(r' (?:id|aria-labelledby)="[^"]*"')
LONGEST_NUMBER = 18  # digits that fit into a column

HINDRANCE_WORDS: dict[Hindrance, LazyString] = {
    Hindrance.GONE: lazy_gettext("There is no such task for you any more."),
    Hindrance.CLOSED: lazy_gettext("This task was completed or withdrawn in the meantime."),
    Hindrance.HELD: lazy_gettext("Somebody else holds this task."),
    Hindrance.NO_APPROVAL: lazy_gettext("This is no approval: open it and fill in its form."),
    Hindrance.DRAFT: lazy_gettext("You began to write an opinion here: open it, then send or discard it."),
}

Act = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one task: `fault` is empty where it was done."""

    task_id: int
    task: KnownTask | None
    fault: str


@blueprint.app_template_filter("nameless")
def nameless(panels: Markup) -> Markup:
    """Panels without their ids, because the page shows the same panel of several items."""
    return Markup(OWN_NAMES.sub("", panels))  # noqa: S704 - quotes in texts of people are escaped already


@blueprint.context_processor
def names() -> dict[str, Any]:
    """What the panels of an item need beside the item itself."""
    return {
        "panel_place": panel_place,
        "panel_words": panel_words,
        "state_words": STATE_WORDS,
        "document_href": document_href,
    }


@blueprint.post("")
def begin() -> str | Response:
    """What is wanted of the chosen tasks: taking them is done at once, everything else is shown first."""
    verb, chosen = request.form.get("verb", ""), _chosen(request.form.getlist("task"))
    if not chosen or verb not in ("claim", "approve", "assign"):
        return redirect(list_address())
    if verb != "claim":
        return redirect(url_for(f"bulk.{verb}_page", task=chosen), code=303)
    return _report(gettext("Taken"), chosen, {task_id: _fault_of(task_id, claim) for task_id in chosen})


@blueprint.get("/approve")
def approve_page() -> str:
    """All that the approver is about to sign, item by item, each with its digest."""
    items = ask(signing_items, _chosen(request.args.getlist("task")))
    return render_template(
        "inbox/approve.html", items=items, ready=[item for item in items if item.hindrance is None],
        hindrance_words=HINDRANCE_WORDS, list_href=list_address(),
    )  # fmt: skip


@blueprint.post("/approve")
def approve() -> str | Response:
    """Sign each item that was left ticked, by the digest of what was shown of it."""
    chosen = _chosen(request.form.getlist("task"))
    return _report(gettext("Signed"), chosen, {task_id: _sign(task_id) for task_id in chosen})


@blueprint.get("/assign")
def assign_page() -> str:
    """To whom the chosen tasks may be given."""
    return _assigning(_chosen(request.args.getlist("task")))


@blueprint.post("/assign")
def assign_all() -> str | Response | tuple[str, int]:
    """Give each of the chosen tasks to one person."""
    chosen, user = _chosen(request.form.getlist("task")), request.form.get("user", "")
    if chosen and not user:
        return _assigning(chosen, gettext("Choose a person")), UNPROCESSABLE
    return _report(
        gettext("Assigned"), chosen, {task_id: _fault_of(task_id, assign, user=user) for task_id in chosen}
    )


def _assigning(chosen: list[int], fault: str = "") -> str:
    page = ask(people_to_assign, chosen)
    people = [(user.id, f"{user.name} {user.title}".strip()) for user in page.people]
    return render_template(
        "inbox/assign.html", page=page, people=people, fault=fault, list_href=list_address()
    )


def _chosen(numbers: Sequence[str]) -> list[int]:
    """The numbers of the chosen tasks, each once, as many as one go may have."""
    return list(dict.fromkeys(int(number) for number in numbers if _is_number(number)))[:MOST_AT_ONCE]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


def _sign(task_id: int) -> str:
    """Send the plain decision of one item; gives what hindered it, or nothing."""
    verb, revision = request.form.get(f"verb-{task_id}", ""), request.form.get(f"revision-{task_id}", "")
    if verb not in PLAIN_VERBS or not (
        revision.isascii() and revision.isdigit() and len(revision) <= LONGEST_NUMBER
    ):
        return str(HINDRANCE_WORDS[Hindrance.NO_APPROVAL])
    opinion = request.form.get("opinion", "").strip()
    return _fault_of(
        task_id, complete, values={DECISION: verb, **({OPINION: opinion} if opinion else {})},
        revision=int(revision), shown_digest=request.form.get(f"digest-{task_id}", ""),
    )  # fmt: skip


def _fault_of(task_id: int, command: Act, **arguments: Any) -> str:
    """Carry out a command on one task, in a transaction of its own; what hindered it, in words."""
    sent = request.form.get("command_id", "")
    command_id = f"{sent}:{task_id}" if sent else None
    try:
        engine().execute(actor(), command, task_id, command_id=command_id, **arguments)
    except TaskHeldByOther as error:
        return "" if command is claim and error.fields.get("assignee") == actor().user_id else in_words(error)
    except (NotPermitted, NotFound) as error:
        if isinstance(error, NotPermitted):
            engine().execute(actor(), record_denial, place=f"{request.method} {request.path} {task_id}")
        return in_words(error) if isinstance(error, NotPermitted) else str(HINDRANCE_WORDS[Hindrance.GONE])
    except Invalid as error:
        return _missing(task_id, error)
    except EngineError as error:
        return in_words(error)
    return ""


def _missing(task_id: int, error: Invalid) -> str:
    """Which entries a task asks for beyond a plain approval, or why a person may not be given it."""
    page = ask(signing_items, [task_id])[0].page
    form = page.form if page else None
    told = ("：".join(filter(None, (fault_label(form, fault), in_words(fault)))) for fault in error.errors)
    return say("It asks for more: %(what)s", what=say(", ").join(told))


def _report(word: str, chosen: list[int], faults: dict[int, str]) -> str | Response:
    if not chosen:
        return redirect(list_address())
    known = ask(known_tasks, chosen)
    outcomes = [Outcome(task_id=n, task=known.get(n), fault=faults[n]) for n in chosen]
    return render_template(
        "inbox/report.html", word=word, list_href=list_address(),
        done=[outcome for outcome in outcomes if not outcome.fault],
        failed=[outcome for outcome in outcomes if outcome.fault],
    )  # fmt: skip
