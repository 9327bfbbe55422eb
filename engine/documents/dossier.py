"""What a dossier holds and where each part lies in its ZIP."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.clock import TAIPEI
from engine.documents.exported import InstanceHistory
from engine.documents.history_files import FORMATS, history_document
from engine.documents.safe_names import Names
from engine.documents.verify_dossier import history_text
from engine.domain.definition import Deployment
from engine.domain.document import FileRef

HERE = Path(__file__).parent
# The programs by their names in the dossier; the last one lets Python run the ZIP itself.
PROGRAMS = {"verify.py": HERE / "verify_dossier.py", "verify_chain.py": HERE / "verify_chain.py"}
MAIN = b"import sys\n\nimport verify\n\nsys.exit(verify.main())\n"
README = HERE / "dossier_readme.txt"
INDEX = "index.html"
TABLES = {"csv": "tables/events.csv", "ods": "tables/events.ods", "xes": "tables/log.xes",
          "ocel": "tables/log.ocel.json"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierDocument:
    """One version of a document that an event recorded, or that somebody was shown (`is_shown`)."""

    owner: str
    kind: str
    key: str
    no: int
    digest: str
    instance: int
    seq: int
    is_shown: bool
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorWay:
    """That an anchor saw a history up to an event: the way from there to its root, past other digests."""

    anchor: int
    made_at: datetime
    root: str
    stream: int
    seq: int
    digest: str
    way: tuple[tuple[str, str], ...]

    def json(self) -> dict[str, Any]:
        return {
            "anchor": self.anchor, "made_at": self.made_at.astimezone(TAIPEI).isoformat(), "root": self.root,
            "stream": self.stream, "seq": self.seq, "digest": self.digest, "way": [list(w) for w in self.way],
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """An instance with all that it set going, first itself: histories, contents, definitions, anchors.

    `gone` are digests that events name and that the content store does not hold any more.
    """

    histories: tuple[InstanceHistory, ...]
    documents: tuple[DossierDocument, ...]
    files: tuple[FileRef, ...]
    gone: tuple[str, ...]
    deployments: tuple[Deployment, ...]
    anchors: tuple[AnchorWay, ...]
    made_at: datetime
    made_by: str

    @property
    def main(self) -> InstanceHistory:
        return self.histories[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierLayout:
    """Where the parts lie: histories by instance, documents and files by digest, definitions by theirs."""

    histories: Mapping[int, str]
    contents: Mapping[str, str]
    definitions: Mapping[str, str]


def layout_of(dossier: Dossier, name_of: Callable[[DossierDocument], str]) -> DossierLayout:
    """A place for every part; `name_of` calls a document in words that people read."""
    names, contents = Names(), {}
    for document in dossier.documents:
        if document.digest not in contents:
            contents[document.digest] = names.give("documents", f"{name_of(document)}.json")
    for file in dossier.files:
        if file.digest not in contents:
            contents[file.digest] = names.give("files", file.name)
    return DossierLayout(
        histories={h.instance.id: f"histories/{h.instance.id}.json" for h in dossier.histories},
        contents=contents,
        definitions={d.digest.hex(): f"definitions/{d.id}/" for d in dossier.deployments},
    )


def about(dossier: Dossier, layout: DossierLayout) -> dict[str, Any]:
    """What the manifest tells beside its files: what proves what."""
    return {
        "instance": dossier.main.instance.id,
        "title": dossier.main.instance.title or dossier.main.name,
        "made_at": dossier.made_at.astimezone(TAIPEI).isoformat(),
        "made_by": dossier.made_by,
        "histories": [
            {
                "file": layout.histories[h.instance.id], "instance": h.instance.id,
                "events": len(h.events), "head": h.events[-1].digest.hex(),
            }
            for h in dossier.histories
        ],
        "definitions": dict(layout.definitions),
        "contents": dict(layout.contents),
        "gone": list(dossier.gone),
        "anchors": [way.json() for way in dossier.anchors],
    }  # fmt: skip


def stored_names(layout: DossierLayout) -> frozenset[str]:
    """What is never deflated: in a history that lies there as it is, a damaged byte has an event."""
    return frozenset(layout.histories.values())


def dossier_files(
    dossier: Dossier, layout: DossierLayout, pages: Mapping[str, bytes], bodies: Iterable[tuple[str, bytes]]
) -> Iterator[tuple[str, bytes]]:
    """Every file with its name, the page to begin with first; `bodies` gives those of uploads by digest."""
    yield INDEX, pages[INDEX]
    yield "README.txt", README.read_text("utf-8").replace("\n", "\r\n").encode("utf-8-sig")
    for name, path in PROGRAMS.items():
        yield name, path.read_bytes()
    yield "__main__.py", MAIN
    yield from ((name, body) for name, body in pages.items() if name != INDEX)
    for history in dossier.histories:
        yield layout.histories[history.instance.id], history_text(history_document(history)).encode()
    for format_, name in TABLES.items():
        yield name, FORMATS[format_](dossier.histories)
    for deployment in dossier.deployments:
        folder = layout.definitions[deployment.digest.hex()]
        yield from ((f"{folder}{file.name}", file.body) for file in deployment.files)
    written: set[str] = set()
    for document in dossier.documents:
        if document.digest not in written:
            written.add(document.digest)
            yield layout.contents[document.digest], document.body
    for digest, body in bodies:
        if digest not in written:
            written.add(digest)
            yield layout.contents[digest], body
