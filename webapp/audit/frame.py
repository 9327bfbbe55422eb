"""What the pages of the auditor's desk share: their tabs."""

from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

TABS: tuple[tuple[str, LazyString], ...] = (
    ("audit_desk.page", lazy_gettext("Overview")),
    ("audit_questions.index", lazy_gettext("Standing questions")),
    ("audit_moments.page", lazy_gettext("As of a moment")),
    ("audit_proof.page", lazy_gettext("Integrity")),
    ("audit_processes.index", lazy_gettext("Process view")),
    ("audit_samples.index", lazy_gettext("Audit runs")),
    ("audit_exports.index", lazy_gettext("Exports")),
    ("instances.index", lazy_gettext("All processes")),
)


def audit_page(template: str, *, under: str = "", **context: Any) -> str:
    """A page of the desk with its tabs; `under` is the blueprint whose tab a page further down belongs to."""
    here = (under or request.blueprint or "") + "."
    tabs = [
        {"href": url_for(endpoint), "word": word, "current": endpoint.startswith(here)}
        for endpoint, word in TABS
        if endpoint in current_app.view_functions
    ]
    return render_template(template, **{"audit_tabs": tabs, **context})
