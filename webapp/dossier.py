"""The pages and pictures of a dossier: read offline, in Chinese, in the words of the pages of planflow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from flask import current_app, render_template
from flask_babel import force_locale, gettext, ngettext

from engine.documents.dossier import (
    INDEX,
    TABLES,
    Dossier,
    DossierDocument,
    DossierLayout,
    layout_of,
)
from engine.domain.document import FileRef
from engine.domain.identity import SYSTEM_ACTOR, User
from engine.queries.dossier import DossierContent, InstanceStory
from webapp.diagrams import kept_picture
from webapp.document_keys import key_words
from webapp.document_names import kind_words
from webapp.dossier_style import with_style
from webapp.locale import CHINESE
from webapp.timeline import Day, tell

STYLE = Path(__file__).parent / "static" / "dossier.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One diagram of a page: its name, its file, and whether it is that of the instance's own process."""

    name: str
    path: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One document or file of a page, with the event that names it first."""

    name: str
    path: str
    digest: str
    version: int | None = None
    seq: int | None = None
    size: int | None = None
    is_shown: bool = False


def layout_in_words(content: DossierContent) -> DossierLayout:
    """The places of a dossier; documents are called in Chinese."""

    def name_of(document: DossierDocument) -> str:
        return f"{_name(content, document.kind, document.key)} {gettext('Version %(no)d', no=document.no)}"

    with current_app.test_request_context(), force_locale(CHINESE):
        return layout_of(content.dossier, name_of)


def pages_of(content: DossierContent, layout: DossierLayout) -> dict[str, bytes]:
    """The pages by their names: the one to begin with, those of other instances, all events, and pictures."""
    pages: dict[str, bytes] = {}
    with current_app.test_request_context(), force_locale(CHINESE):
        for story in content.stories:
            number = story.history.instance.id
            pictures = _pictures(story, pages)
            is_main = number == content.dossier.main.instance.id
            name = INDEX if is_main else f"instances/{number}.html"
            pages[name] = _page(content, layout, story, pictures, is_main=is_main)
            pages[f"events/{number}.html"] = _events(content, story)
    return {INDEX: pages.pop(INDEX), "style.css": STYLE.read_bytes(), **pages}


def _pictures(story: InstanceStory, pages: dict[str, bytes]) -> list[Picture]:
    """Draws the diagrams of an instance into the pages."""
    found = []
    for name, source in story.diagrams:
        instance = story.history.instance
        path = f"diagrams/{instance.id}/{source.process}.svg"
        pages[path] = with_style(kept_picture(source, name, story.tasks))
        found.append(Picture(name=name, path=path, is_own=source.process == instance.definition_key))
    return found


def _page(
    content: DossierContent,
    layout: DossierLayout,
    story: InstanceStory,
    pictures: list[Picture],
    *,
    is_main: bool,
) -> bytes:
    dossier, instance = content.dossier, story.history.instance
    return render_template(
        "dossier/instance.html", up="" if is_main else "../", is_main=is_main, dossier=dossier,
        instance=instance, history=story.history, name=story.history.name, pictures=pictures,
        days=_oldest_first(content, story, "people"), documents=_documents(content, layout, instance.id),
        files=_files(dossier, layout) if is_main else [], stories=content.stories, layout=layout,
        maker=_called(content.people, dossier.made_by), starter=_called(content.people, instance.started_by),
        tables=list(TABLES.values()), anchors={way.anchor: way for way in dossier.anchors}.values(),
        address=_address, ngettext=ngettext,
    ).encode()  # fmt: skip


def _events(content: DossierContent, story: InstanceStory) -> bytes:
    digests = {event.seq: event.digest.hex() for event in story.history.events}
    return render_template(
        "dossier/events.html", up="../", dossier=content.dossier, instance=story.history.instance,
        name=story.history.name, days=_oldest_first(content, story, "all"), digests=digests,
    ).encode()  # fmt: skip


def _oldest_first(content: DossierContent, story: InstanceStory, view: str) -> tuple[Day, ...]:
    """The timeline of the page, as one reads a file on paper: from the beginning."""
    told = tell(story.rows, content.people, content.units, view=view, most=None)
    return tuple(replace(day, sentences=day.sentences[::-1]) for day in told.days[::-1])


def _documents(content: DossierContent, layout: DossierLayout, instance_id: int) -> list[Part]:
    return [
        Part(
            name=_name(content, d.kind, d.key),
            path=layout.contents[d.digest], digest=d.digest, version=d.no, seq=d.seq, is_shown=d.is_shown,
        )
        for d in content.dossier.documents
        if d.instance == instance_id
    ]  # fmt: skip


def _name(content: DossierContent, kind: str, key: str) -> str:
    return " ".join(filter(None, (kind_words(kind), key_words(key, content.units, content.people))))


def _files(dossier: Dossier, layout: DossierLayout) -> list[Part]:
    def part(file: FileRef) -> Part:
        return Part(name=file.name, path=layout.contents[file.digest], digest=file.digest, size=file.size)

    return [part(file) for file in dossier.files]


def _called(people: Mapping[str, User], user_id: str) -> str:
    if user_id == SYSTEM_ACTOR:
        return str(gettext("The system"))
    user = people.get(user_id)
    return f"{user.name} {user.title}".strip() if user else user_id


def _address(path: str) -> str:
    """A path as a link writes it."""
    return quote(path)
