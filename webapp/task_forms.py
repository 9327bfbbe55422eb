"""The form of one task on its page: what is drawn, and what was posted."""

from dataclasses import dataclass, replace
from typing import Any

from flask import request
from flask_babel import gettext

from engine.commands.files import add_file
from engine.commands.paper import Paper
from engine.domain.form import DRAFT_COPY
from engine.domain.form_fields import Field, FieldKind
from engine.errors import FieldError, Invalid
from engine.forms import files_within, validate_values
from engine.queries.files import own_files
from engine.queries.task_page import TaskPage
from webapp.definition_words import fault_label, worded_choices, worded_fields
from webapp.door import actor, ask, engine
from webapp.forms import (
    Difference,
    Drawn,
    Reading,
    as_read_only,
    compare,
    draw,
    posted_digests,
    posted_uploads,
    read_values,
)
from webapp.wording import in_words

# A draft remembers what its person was shown, beside the name of the copy: names of no field.
SHOWN = "_shown"
SIGN_PANEL_KINDS = (FieldKind.TABLE, FieldKind.GROUP, FieldKind.FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault in words, for the summary at the top: it links to the field of the same path."""

    path: str
    label: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskForm:
    """What the templates draw: all fields, those of the sign panel, the faults, the draft."""

    fields: tuple[Drawn, ...]
    beside: tuple[Drawn, ...]
    faults: tuple[Fault, ...]
    draft_is_stale: bool
    draft_differences: tuple[Difference, ...]

    @property
    def has_conditions(self) -> bool:
        return _has_conditions(tuple(d.field for d in (*self.fields, *self.beside)))


def yes_no() -> tuple[str, str]:
    """How a bool is told."""
    return gettext("Yes"), gettext("No")


def is_approval(page: TaskPage) -> bool:
    """True for tasks that are decided on the approver's page."""
    return page.form.ui.get("display") == "approval"


def draft_values(page: TaskPage) -> dict[str, Any] | None:
    """The entries of the person's draft, if there is one."""
    return (
        {k: v for k, v in page.draft.values.items() if k not in (SHOWN, DRAFT_COPY)} if page.draft else None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMark:
    """Which draft a page was drawn with, for the script that keeps a copy on the person's computer.

    `key` names the copies of one person at one task, `copy` the one that the server has; `stamp` tells one
    saving from every other: that name, or the instant of what was saved without a script.
    """

    key: str
    copy: str = ""
    stamp: str = ""


def draft_key(task_id: int) -> str:
    """The name of a person's copy of a draft on their computer."""
    return f"draft:{actor().user_id}:{task_id}"


def draft_mark(page: TaskPage) -> DraftMark:
    """What the page tells its script of the person's draft."""
    draft = page.draft
    key = draft_key(page.task.id)
    return DraftMark(key=key, copy=draft.copy, stamp=draft.stamp) if draft else DraftMark(key=key)


def task_form(
    page: TaskPage,
    values: dict[str, Any] | None = None,
    errors: tuple[FieldError, ...] = (),
    open_row: str = "",
) -> TaskForm:
    """The form with the given values, else with the draft, else with what was filled in before."""
    fields = worded_fields(page.form)
    shown = values if values is not None else page.content.values | (draft_values(page) or {})
    if page.closed is not None:
        fields, shown = as_read_only(fields), page.closed.values
    drawn = draw(
        fields, shown, first=page.content.values, choices=worded_choices(page.content.choices),
        errors={error.path: in_words(error) for error in errors},
        unfinished=frozenset(error.path for error in validate_values(page.form, shown)),
        yes_no=yes_no(), open_row=open_row,
    )  # fmt: skip
    approval = is_approval(page) and page.closed is None
    beside = tuple(
        d for d in drawn if approval and not d.field.read_only and d.field.kind not in SIGN_PANEL_KINDS
    )
    stale = page.draft is not None and page.draft.values.get(SHOWN, page.shown_digest) != page.shown_digest
    return TaskForm(
        fields=tuple(d for d in drawn if d not in beside), beside=beside,
        faults=tuple(_fault(page, error) for error in errors),
        draft_is_stale=stale, draft_differences=_draft_differences(page, fields) if stale else (),
    )  # fmt: skip


def _fault(page: TaskPage, error: FieldError) -> Fault:
    return Fault(path=error.path, label=fault_label(page.form, error), message=in_words(error))


def read_posted(page: TaskPage) -> Reading:
    """What was posted for a task, with the files that came along kept and put into their fields."""
    fields = worded_fields(page.form)
    known = files_within([page.content.values, page.content.panels, page.task.inputs])
    known |= ask(own_files, posted_digests(request.form) - known.keys())
    reading = read_values(fields, request.form, first=page.content.values, files=known)
    refused: list[FieldError] = []
    for name, field, upload in posted_uploads(fields, request.files):
        try:
            ref = engine().execute(actor(), add_file, name=upload.filename or "", body=upload.read()).json()
        except Invalid as error:
            path = name.replace("-", "/")
            refused += [replace(fault, path=path, label=field.title) for fault in error.errors]
        else:
            _put_file(reading.values, name.split("-"), ref)
    return Reading(values=reading.values, errors=(*reading.errors, *refused))


def posted_paper() -> Paper:
    """The scan and the reason of a step that was taken on paper; Invalid without a scan."""
    upload = request.files.get("_paper_scan")
    if upload is None or not upload.filename:
        template = "Attach the scan of the signed sheet as PDF, PNG or JPG"
        raise Invalid((FieldError(path="", template=template),))
    scan = engine().execute(actor(), add_file, name=upload.filename, body=upload.read()).json()
    return Paper(reason=request.form.get("_paper_reason", ""), scan=scan)


def differences_to(page: TaskPage, mine: dict[str, Any]) -> tuple[tuple[Difference, ...], int]:
    """What a person entered beside what stands now: the values that were sent, or those filled in before."""
    now = page.closed.values if page.closed else page.content.values
    return compare(
        worded_fields(page.form), mine, now, choices=worded_choices(page.content.choices), yes_no=yes_no()
    )


def _draft_differences(page: TaskPage, fields: tuple[Field, ...]) -> tuple[Difference, ...]:
    mine = draft_values(page) or {}
    now = {name: value for name, value in page.content.values.items() if name in mine}
    found, _ = compare(fields, mine, now, choices=worded_choices(page.content.choices), yes_no=yes_no())
    return found


def _put_file(values: dict[str, Any], parts: list[str], ref: dict[str, Any]) -> None:
    """Add a file to the list at a posted name such as `rows-0-evidence`; a row that is gone gets none."""
    here: Any = values
    for part in parts[:-1]:
        if part.isdigit():
            here = here[int(part)] if isinstance(here, list) and int(part) < len(here) else {}
        else:
            here = here.setdefault(part, {}) if isinstance(here, dict) else {}
    if isinstance(here, dict):
        here.setdefault(parts[-1], []).append(ref)


def _has_conditions(fields: tuple[Field, ...]) -> bool:
    return any(field.conditions or _has_conditions(field.children) for field in fields)
