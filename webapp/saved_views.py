"""Saved views of the inbox: kept, shared and taken away from the menu beside the filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.commands.saved_views import remove_view, save_view
from engine.domain.identity import Actor
from engine.domain.preference import SavedView
from webapp.door import execute
from webapp.inbox_tabs import kept_query, link
from webapp.inbox_way import list_address

blueprint = Blueprint("saved_views", __name__, url_prefix="/inbox/views")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewLink:
    """One saved view as its link; `of` names who shares it, and is empty for one's own."""

    name: str
    href: str
    current: bool
    of: str
    is_shared: bool


def view_links(views: Iterable[SavedView], me: Actor, shown: Mapping[str, str]) -> list[ViewLink]:
    """The views that a person may use; the one whose choices the list shows now is marked."""
    return [
        ViewLink(
            name=view.name, href=link(kept_query(view.chosen)), current=view.chosen == dict(shown),
            of="" if view.owner == me.user_id else view.owner_name, is_shared=view.unit is not None,
        )
        for view in views
    ]  # fmt: skip


@blueprint.post("")
def save() -> Response:
    """Keep what is chosen in the list under a name."""
    name, chosen = request.form.get("name", ""), kept_query(request.form)
    execute(save_view, name, chosen=chosen, unit=request.form.get("share_with") or None)
    flash(gettext("The view “%(name)s” was saved.", name=name.strip()))
    return redirect(link(chosen))


@blueprint.post("/remove")
def remove() -> Response:
    """Take one of one's own views away."""
    name = request.form.get("name", "")
    execute(remove_view, name)
    flash(gettext("The view “%(name)s” was removed.", name=name))
    return redirect(list_address())
