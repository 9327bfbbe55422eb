"""What the pages of the administration share: their tabs and the words of kinds and agencies."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.identity import Agency, UnitKind
from engine.domain.permission import Action, may
from engine.errors import Conflict, Invalid
from webapp.door import actor
from webapp.errors import faults_of
from webapp.wording import in_words

TABS: tuple[tuple[str, Action, LazyString], ...] = (
    ("admin_users.index", Action.ADMINISTER_ACCOUNTS, lazy_gettext("Accounts")),
    ("admin_units.index", Action.ADMINISTER_UNITS, lazy_gettext("Units")),
    ("admin_definitions.index", Action.READ_DEFINITIONS, lazy_gettext("Process definitions")),
    ("admin_calendar.index", Action.ADMINISTER_CALENDAR, lazy_gettext("Office calendar")),
    ("admin_levels.page", Action.CHANGE_DECIDING_LEVELS, lazy_gettext("Deciding levels")),
    ("admin_extension_levels.page", Action.CHANGE_DECIDING_LEVELS, lazy_gettext("Extension levels")),
    ("admin_incidents.index", Action.READ_INCIDENTS, lazy_gettext("Incidents")),
)

KIND_WORDS: dict[str, LazyString] = {
    UnitKind.LINE: lazy_gettext("Line unit"),
    UnitKind.STAFF: lazy_gettext("Staff unit"),
    UnitKind.HEAD: lazy_gettext("Head of the agency"),
    UnitKind.PLACE: lazy_gettext("Service place"),
    UnitKind.OUTSIDE: lazy_gettext("Outside unit"),
}

AGENCY_WORDS: dict[str, LazyString] = {
    Agency.BRANCH: lazy_gettext("Branch"),
    Agency.BUREAU: lazy_gettext("Head office"),
    Agency.MINISTRY: lazy_gettext("Ministry"),
}

UNPROCESSABLE = 422


def admin_page(template: str, **context: Any) -> str:
    """A page of the administration with its tabs; `given` is what the person entered before a refusal."""
    here = (request.blueprint or "") + "."
    tabs = [
        {"href": url_for(endpoint), "word": word, "current": endpoint.startswith(here)}
        for endpoint, action, word in TABS
        if may(actor(), action)
    ]
    shown = {
        "admin_tabs": tabs,
        "faults": [],
        "given": request.form if request.method == "POST" else {},
        "kinds": list(KIND_WORDS.items()),
        "kind_words": KIND_WORDS,
        "agencies": list(AGENCY_WORDS.items()),
        "agency_words": AGENCY_WORDS,
    }
    return render_template(template, **{**shown, **context})


def faults_in(refusal: Invalid | Conflict, path: str) -> list[dict[str, str]]:
    """The faults of a refused form; a conflict stands at the field that it is about."""
    if isinstance(refusal, Invalid):
        return list(faults_of(refusal))
    return [{"path": path, "label": "", "message": in_words(refusal)}]
