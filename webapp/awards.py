"""Awards and rewards: the entries by award year, the page of one, and the edition with its categories."""

from datetime import date
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response

from engine.commands.awards import change_categories
from engine.domain.permission import Action, may
from engine.errors import FieldError, Invalid
from engine.plan.roc import roc_year
from engine.queries.awards import STAGES, EditionPage, award_file, award_list, award_page, edition_page
from engine.queries.definitions import startable
from webapp.dates import local_day
from webapp.door import actor, ask, execute, now
from webapp.downloads import download, is_digest
from webapp.wording import in_words

blueprint = Blueprint("awards", __name__, url_prefix="/awards")

UNPROCESSABLE = 422
STATE_WORDS: dict[str, LazyString] = {
    "preparing": lazy_gettext("Being prepared"),
    "no_entry": lazy_gettext("No entry, reported"),
    "released": lazy_gettext("Designation lifted"),
    "submitted": lazy_gettext("In the ministry's screening"),
    "withdrawn": lazy_gettext("Withdrawn"),
    "not_recommended": lazy_gettext("Not recommended"),
    "recommended": lazy_gettext("Recommended"),
    "finalist": lazy_gettext("Finalist, visited on site"),
    "won": lazy_gettext("Won"),
}
STAGE_WORDS: dict[str, LazyString] = {
    "preparing": lazy_gettext("Preparation"),
    "screening": lazy_gettext("Screening"),
    "contest": lazy_gettext("Award review"),
    "won": lazy_gettext("Award"),
}
ROUTE_WORDS: dict[str, LazyString] = {
    "self": lazy_gettext("Own entry"),
    "designated": lazy_gettext("Designated"),
}
# The outcome is marked by icon and word; what is under way is the ordinary state.
STATE_MARKS = {
    "won": "achieved",
    "finalist": "achieved",
    "recommended": "achieved",
    "not_recommended": "missed",
    "withdrawn": "cancelled",
    "no_entry": "not_applicable",
    "released": "not_applicable",
    "submitted": "running",
    "preparing": "drafting",
}
ENTRY_TEXTS: tuple[tuple[str, LazyString], ...] = (
    ("abstract", lazy_gettext("Abstract")),
    ("problem", lazy_gettext("Problem")),
    ("innovation", lazy_gettext("Innovation")),
    ("results", lazy_gettext("Results")),
    ("sustainability", lazy_gettext("Sustainability")),
)


@blueprint.get("", endpoint="index")
def listing() -> str:
    """The entries of every award year with their outcome and where they stand."""
    lines = ask(award_list)
    years = [(year, list(found)) for year, found in groupby(lines, key=lambda line: line.award_year)]
    may_start = any(definition.key == "award_entry" for definition in ask(startable))
    return render_template(
        "awards/index.html", years=years, state_words=STATE_WORDS, state_marks=STATE_MARKS,
        route_words=ROUTE_WORDS, may_start=may_start, next_year=roc_year(local_day(now())),
        rewards=_rewards(), may_change=may(actor(), Action.CHANGE_EDITION), as_day=date.fromisoformat,
    )  # fmt: skip


@blueprint.get("/<int:award_year>/<int:no>", endpoint="page")
def show(award_year: int, no: int) -> str:
    """One entry: outcomes, what was written, schedule, letters, plans and processes."""
    return render_template(
        "awards/page.html", page=ask(award_page, award_year, no), state_words=STATE_WORDS,
        state_marks=STATE_MARKS, route_words=ROUTE_WORDS, texts=ENTRY_TEXTS, rewards=_rewards(),
        stages=[STAGE_WORDS[name] for name, _ in STAGES], as_day=date.fromisoformat,
    )  # fmt: skip


@blueprint.get("/<int:award_year>/<int:no>/files/<digest>")
def attachment(award_year: int, no: int, digest: str) -> Response:
    """A file of an entry."""
    if not is_digest(digest):
        raise NoSuchPage
    return download(*ask(award_file, award_year, no, digest))


@blueprint.get("/<int:award_year>/edition")
def edition(award_year: int) -> str:
    """The edition of an award year: categories and schedule."""
    return _render_edition(ask(edition_page, award_year), None, ())


@blueprint.post("/<int:award_year>/edition")
def change_edition(award_year: int) -> Response | tuple[str, int]:
    """Set the categories; the lists before stay readable."""
    entered = request.form.get("categories", "")
    names = [line.strip() for line in entered.splitlines() if line.strip()]
    try:
        execute(change_categories, award_year, names)
    except Invalid as refusal:
        return _render_edition(ask(edition_page, award_year), entered, refusal.errors), UNPROCESSABLE
    flash(gettext("The categories were saved; the list before stays readable."))
    return redirect(url_for("awards.edition", award_year=award_year))


def _render_edition(page: EditionPage, entered: str | None, errors: tuple[FieldError, ...]) -> str:
    faults = [{"path": error.path, "label": error.label, "message": in_words(error)} for error in errors]
    text = "\n".join(page.categories) if entered is None else entered
    return render_template(
        "awards/edition.html", page=page, entered=text, faults=faults, as_day=date.fromisoformat
    )


def _rewards() -> str | None:
    """The page of reward lists, for those who may read them."""
    return url_for("rewards.index") if may(actor(), Action.READ_REWARDS) else None
