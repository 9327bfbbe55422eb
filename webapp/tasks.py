"""The page of one task: fill in, save, edit rows, attach, sign; take and put back."""

from typing import Any
from uuid import uuid4

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.commands.tasks import claim, complete, discard_draft, resolve, save_draft, unclaim
from engine.domain.definition import FormDefinition
from engine.domain.form import DRAFT_COPY, ShownDocument, structural_fault
from engine.domain.form_fields import fields_of
from engine.domain.identity import Agency
from engine.domain.permission import may_see_agency
from engine.domain.task import instance_of
from engine.errors import (
    Conflict,
    DraftSavedElsewhere,
    FieldError,
    Invalid,
    ShownContentChanged,
    StaleTask,
    TaskNotOpen,
)
from engine.forms.faults import one_each
from engine.queries.since_seen import return_reasons
from engine.queries.task_page import TaskPage, is_returned, task_page
from webapp.dates import clock_time, moment_words
from webapp.door import actor, ask, engine, execute, now
from webapp.errors import error_response
from webapp.forms import conditions_css, edit_rows
from webapp.inbox_way import address_after, list_address
from webapp.panels import (
    change_names,
    edit_difference,
    finding_words,
    inline_difference,
    panel_columns,
    panel_is_short,
    panel_place,
    panel_text,
    panel_words,
    seen_difference,
)
from webapp.plan_pages import STATE_WORDS
from webapp.seen import seen_seal, since_opened
from webapp.sign_strip import sign_strip
from webapp.task_forms import (
    SHOWN,
    differences_to,
    draft_key,
    draft_mark,
    draft_values,
    is_approval,
    posted_paper,
    read_posted,
    task_form,
)
from webapp.verb_words import VERB_ICONS, VERB_WORDS

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")

OK, CONFLICT, UNPROCESSABLE = 200, 409, 422
# Choices that are drawn as the verbs of the sign panel.
VERB_FIELDS = frozenset({"decision", "verdict", "opinion_kind"})
ROW_VERBS = ("add", "copy", "remove", "up", "down")

Answer = str | AnyResponse | tuple[str | Response, int]


@blueprint.app_template_filter("file_size")
def file_size(size: int) -> str:
    """`84 KB`, `1.2 MB`."""
    return f"{size / 1_048_576:.1f} MB" if size >= 1_048_576 else f"{max(1, round(size / 1024))} KB"


@blueprint.app_template_filter("in_fours")
def in_fours(digest: str) -> str:
    """The first twelve letters of a digest in three groups, short enough to read out."""
    return " ".join(digest[i : i + 4] for i in range(0, 12, 4))


@blueprint.app_template_filter("reasons_by")
def reasons_by(values: dict[str, Any], form: FormDefinition) -> tuple[str, ...]:
    """The reasons of a return as the list of a form words them."""
    return return_reasons(form, values)


for words in (
    panel_text, panel_columns, panel_is_short, finding_words, inline_difference, edit_difference,
    seen_difference, change_names,
):  # fmt: skip
    blueprint.add_app_template_filter(words)


@blueprint.context_processor
def names() -> dict[str, Any]:
    """What the templates of this folder need beside the page itself."""
    task_id = (request.view_args or {}).get("task_id")
    return {
        "new_command_id": lambda: str(uuid4()),
        "panel_place": panel_place,
        "verb_fields": VERB_FIELDS,
        "instance_href": _instance_href(task_id),
        "list_href": f"{list_address()}#t-{task_id}",
        "document_href": document_href,
        "panel_words": panel_words,
        "state_words": STATE_WORDS,
        "verb_words": VERB_WORDS,
        "verb_icons": VERB_ICONS,
    }


def _instance_href(task_id: int | None) -> str | None:
    if task_id is None or "instances.page" not in current_app.view_functions:
        return None
    return url_for("instances.page", instance_id=instance_of(task_id))


def document_href(document: ShownDocument) -> str | None:
    """Where a document can be read as a whole: plans have pages of their own, for the branch."""
    year = document.owner.rpartition(":")[2]
    if document.kind != "plan" or not year.isdigit() or not may_see_agency(actor(), Agency.BRANCH):
        return None
    return url_for("plans.page", roc_year=int(year), no=document.no)


@blueprint.get("/<int:task_id>")
def page(task_id: int) -> str:
    """The task with its form."""
    return _render(ask(task_page, task_id), open_row=request.args.get("row", ""))


@blueprint.get("/<int:task_id>/form.css")
def conditions(task_id: int) -> Response:
    """The style rules by which the task's form shows and hides fields."""
    shown = ask(task_page, task_id)
    return Response(conditions_css(fields_of(shown.form)), mimetype="text/css")


@blueprint.post("/<int:task_id>")
def act(task_id: int) -> Answer:
    """Carry out the button that was pressed; whatever was entered is kept."""
    operation = request.form.get("_op", "save")
    verb = operation.partition(":")[0]
    if verb in ("complete", "paper"):
        return _complete(task_id, on_paper=verb == "paper")
    if verb == "discard":
        execute(discard_draft, task_id)
        flash(gettext("Your draft was thrown away."))
        return redirect(url_for("tasks.page", task_id=task_id))
    shown = ask(task_page, task_id)
    reading = read_posted(shown)
    values, row = reading.values, ""
    if shown.closed is not None:
        return _conflict(shown, values, TaskNotOpen())
    if verb in ROW_VERBS:
        values, row = edit_rows(fields_of(shown.form), values, operation)
    fault = structural_fault(values)
    if fault is not None or reading.errors:
        refused = (FieldError(path=fault[0], template=fault[1]),) if fault is not None else ()
        return _refused(shown, values, (*refused, *reading.errors), row)
    _save(task_id, values)
    if verb == "save":
        flash(gettext("Draft saved at %(time)s; only you can see it.", time=clock_time(now())))
    anchor = (row or operation.partition(":")[2]).replace("/", "-") if verb != "save" else None
    return redirect(url_for("tasks.page", task_id=task_id, row=row or None, _anchor=anchor))


@blueprint.post("/<int:task_id>/draft")
def draft(task_id: int) -> tuple[Response, int]:
    """Keep what a script sends while a person writes; names that are not of the form are refused."""
    shown = ask(task_page, task_id)
    reading = read_posted(shown)
    if reading.errors or structural_fault(reading.values) is not None:
        return jsonify(saved=False), UNPROCESSABLE
    after = request.form.getlist("_after") if "_after" in request.form else None
    try:
        _save(task_id, reading.values, after=after)
    except DraftSavedElsewhere:
        return jsonify(saved=False, elsewhere=True), CONFLICT
    words = gettext("Draft saved %(time)s", time=clock_time(now()))
    is_closed = shown.closed is not None
    is_changed = request.form.get("_shown_digest", "") != shown.shown_digest
    answer = jsonify(saved=True, closed=is_closed, changed=is_changed, words=words)
    return answer, CONFLICT if is_closed else OK


@blueprint.post("/<int:task_id>/claim")
def take(task_id: int) -> AnyResponse:
    """Take a task of a pool."""
    execute(claim, task_id)
    return redirect(url_for("tasks.page", task_id=task_id))


@blueprint.post("/<int:task_id>/unclaim")
def put_back(task_id: int) -> AnyResponse:
    """Put a task back into its pool."""
    execute(unclaim, task_id)
    flash(gettext("The task is back in the pool."))
    return redirect(list_address())


@blueprint.post("/<int:task_id>/resolve")
def give_back(task_id: int) -> AnyResponse:
    """Give a delegated task back to its owner."""
    execute(resolve, task_id)
    flash(gettext("The task was given back."))
    return redirect(list_address())


def _complete(task_id: int, *, on_paper: bool) -> Answer:
    shown = ask(task_page, task_id)
    reading = read_posted(shown)
    claimed = request.form.get("_shown_digest", "")
    try:
        if shown.closed is None:
            if reading.errors:
                raise Invalid(reading.errors)
            if claimed != shown.shown_digest:
                raise ShownContentChanged
        paper = posted_paper() if on_paper else None
        done = execute(
            complete, task_id, values=reading.values, revision=_revision(), shown_digest=claimed, paper=paper
        )
    except Invalid as error:
        return _refused(shown, reading.values, error.errors)
    except Conflict as error:
        return _conflict(shown, reading.values, error)
    told = {"label": shown.task.label, "subject": shown.task.subject}
    if is_returned(reading.values):
        flash(gettext("Returned: %(label)s, %(subject)s", **told), draft_key(task_id))
    else:
        flash(gettext("Sent: %(label)s, %(subject)s", **told), draft_key(task_id))
    return redirect(address_after(shown.task, shown.priority, done.next_tasks))


def _revision() -> int:
    """The revision that the page was drawn with; StaleTask when it was tampered with."""
    posted = request.form.get("_revision", "")
    if not (posted.isascii() and posted.isdigit() and len(posted) < 10):
        raise StaleTask
    return int(posted)


def _save(task_id: int, values: dict[str, Any], after: list[str] | None = None) -> None:
    kept = {name: value for name, value in values.items() if value is not None}
    # Not by the page's command id: that one is kept for the completion.
    entered = {
        **kept,
        SHOWN: request.form.get("_shown_digest", ""),
        DRAFT_COPY: request.form.get(DRAFT_COPY, "")[:100],
    }
    engine().execute(actor(), save_draft, task_id, values=entered, after=after)


def _refused(
    shown: TaskPage, values: dict[str, Any], errors: tuple[FieldError, ...], row: str = ""
) -> tuple[str, int]:
    """The same page with every fault named; the entries are kept as a draft, too."""
    if structural_fault(values) is None and shown.closed is None:
        _save(shown.task.id, values)
    told = one_each(fields_of(shown.form), list(errors))
    return _render(ask(task_page, shown.task.id), values=values, errors=told, open_row=row), UNPROCESSABLE


def _conflict(shown: TaskPage, values: dict[str, Any], error: Conflict) -> tuple[str | Response, int]:
    """Somebody was faster: who, when, what differs; the entries are kept as a draft."""
    kept = structural_fault(values) is None
    if kept:
        _save(shown.task.id, values)
    differing, same = differences_to(shown, values)
    return error_response(
        error, template="tasks/conflict.html", page=shown, differing=differing, same=same, is_draft_kept=kept,
        since=since_opened(shown),
        is_content_changed=isinstance(error, ShownContentChanged | StaleTask), entered=values,
        closed_at=moment_words(shown.closed.at) if shown.closed else "",
    )  # fmt: skip


def _render(
    shown: TaskPage,
    values: dict[str, Any] | None = None,
    errors: tuple[FieldError, ...] = (),
    open_row: str = "",
) -> str:
    template = "tasks/approve.html" if is_approval(shown) and shown.closed is None else "tasks/page.html"
    return render_template(
        template,
        page=shown,
        approval=is_approval(shown),
        strip=sign_strip(shown),
        form=task_form(shown, values, errors, open_row),
        draft=draft_mark(shown),
        seen="" if shown.closed else seen_seal(shown),
        unsent=differences_to(shown, draft_values(shown) or {})[0] if shown.closed and shown.draft else (),
    )
