"""The frame of every page: who is signed in, where the person may go, and the words around the sheet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Flask, request, url_for
from flask_babel import get_locale, lazy_gettext
from flask_babel.speaklater import LazyString
from flask_login import current_user

from engine.domain.identity import Actor, Agency
from engine.domain.permission import Action, may, may_see_agency
from webapp import dates
from webapp.definition_words import in_language
from webapp.deputy_words import in_place_of
from webapp.document_keys import key_words
from webapp.document_names import kind_words, note_words
from webapp.door import actor, now
from webapp.locale import CHINESE, ENGLISH, HTML_LANG, LANGUAGE_NAMES
from webapp.settings import WebSettings
from webapp.status import STATUS_MARKS
from webapp.wording import in_words, translated


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One entry of the rail: an endpoint, its icon and word, and who may open it."""

    endpoint: str
    paths: tuple[str, ...]
    icon: str
    word: LazyString
    may_open: Callable[[Actor], bool]


def does_business(person: Actor) -> bool:
    """True for people who can be given tasks; auditors and administrators never are (domain 1.3)."""
    return bool(person.roles - {"auditor", "sysadmin"})


def reads_plans(person: Actor) -> bool:
    """Plans show themselves to the branch that works on them and to auditors."""
    return may_see_agency(person, Agency.BRANCH)


def finds(person: Actor) -> bool:
    """True for those to whom the search can show something: a task, a plan or a letter."""
    return does_business(person) or reads_plans(person)


def home_of(person: Actor) -> Agency:
    """The agency whose name stands above a person's pages: their own, else that of the house, the branch."""
    return next((agency for agency in Agency if agency in person.agencies), Agency.BRANCH)


PLACES: tuple[Place, ...] = (
    Place(
        endpoint="inbox.page",
        paths=("/inbox", "/tasks", "/verbs", "/comments", "/start"),
        icon="inbox",
        word=lazy_gettext("Inbox"),
        may_open=does_business,
    ),
    Place(
        endpoint="plans.index",
        paths=("/plans", "/amendments", "/schedules", "/criteria", "/improvements"),
        icon="journal-text",
        word=lazy_gettext("Yearly plans"),
        may_open=reads_plans,
    ),
    Place(
        endpoint="awards.index",
        paths=("/awards", "/rewards"),
        icon="award",
        word=lazy_gettext("Awards"),
        may_open=reads_plans,
    ),
    Place(
        endpoint="calendar.page",
        paths=("/calendar", "/overdue"),
        icon="calendar3",
        word=lazy_gettext("Calendar"),
        may_open=finds,
    ),
    Place(
        endpoint="statistics.page",
        paths=("/statistics",),
        icon="bar-chart-line",
        word=lazy_gettext("Statistics"),
        may_open=reads_plans,
    ),
    Place(
        endpoint="audit_desk.page",
        paths=("/audit", "/instances"),
        icon="shield-check",
        word=lazy_gettext("Audit"),
        may_open=lambda person: "auditor" in person.roles,
    ),
    Place(
        endpoint="admin_users.index",
        paths=("/admin",),
        icon="gear",
        word=lazy_gettext("Administration"),
        may_open=lambda person: may(person, Action.ADMINISTER_ACCOUNTS),
    ),
)


def first_place(person: Actor, known: Callable[[str], bool]) -> str:
    """The endpoint of the page that a person sees first: the first of the rail, else their account."""
    return next((p.endpoint for p in PLACES if known(p.endpoint) and p.may_open(person)), "account.password")


def rail(person: Actor, known: Callable[[str], bool]) -> list[dict[str, Any]]:
    """The places that this person may open, with the present one marked."""
    return [
        {
            "href": url_for(place.endpoint),
            "icon": place.icon,
            "word": place.word,
            "current": request.path.startswith(place.paths),
        }
        for place in PLACES
        if known(place.endpoint) and place.may_open(person)
    ]


def install_frame(app: Flask, settings: WebSettings) -> None:
    """Give every template what the frame shows, and the filters for dates and engine messages."""

    def known(endpoint: str) -> bool:
        return endpoint in app.view_functions

    @app.context_processor
    def frame() -> dict[str, Any]:
        locale = str(get_locale())
        shown: dict[str, Any] = {
            "agency": settings.agencies[Agency.BRANCH],
            "support": settings.support,
            "page_lang": HTML_LANG.get(locale, HTML_LANG[CHINESE]),
            "other_language": _other_language(locale),
            "sprite": url_for("static", filename="vendor/bootstrap-icons/bootstrap-icons.svg"),
            "status_marks": STATUS_MARKS,
            "signed_in": bool(current_user.is_authenticated),
            "demo": settings.demo,
            "idle_seconds": int(settings.idle.total_seconds()),
            "new_command_id": _new_command_id,
            "now": now(),
            "today": dates.local_day(now()),
        }
        if current_user.is_authenticated:
            person = actor()
            shown |= {
                "who": person,
                "agency": settings.agencies[home_of(person)],
                "rail": rail(person, known),
                "finds": finds(person),
                "standing_in": person.deputyships,
            }
        return shown

    app.add_template_filter(dates.day_words, "day")
    app.add_template_filter(dates.plain_day, "plain_day")
    app.add_template_filter(dates.short_day, "short_day")
    app.add_template_filter(dates.short_day_words, "short_day_words")
    app.add_template_filter(dates.clock_time, "clock_time")
    app.add_template_filter(dates.moment_words, "moment")
    app.add_template_filter(in_words, "in_words")
    app.add_template_filter(translated, "translated")
    app.add_template_filter(in_language, "worded")
    app.add_template_filter(in_place_of, "in_place_of")
    app.add_template_filter(kind_words, "kind_words")
    app.add_template_filter(key_words, "key_words")
    app.add_template_filter(note_words, "note_words")


def _new_command_id() -> str:
    """A number for one form: sent twice, it is carried out once."""
    return str(uuid4())


def _other_language(locale: str) -> dict[str, str]:
    if locale == ENGLISH:
        return {"code": CHINESE, "lang": HTML_LANG[CHINESE], "name": LANGUAGE_NAMES[CHINESE]}
    return {"code": ENGLISH, "lang": HTML_LANG[ENGLISH], "name": LANGUAGE_NAMES[ENGLISH]}
