"""Files that leave the house, for pages, API and command line alike: read, written, recorded, handed out."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Flask

from engine.commands.exports import Taken, record_export
from engine.documents.dossier import about, dossier_files, stored_names
from engine.documents.dossier_zip import pack
from engine.documents.exported import InstanceHistory
from engine.documents.history_files import FORMATS
from engine.documents.odf import SHEET
from engine.domain.document import FileRef
from engine.domain.identity import Actor
from engine.engine import Engine
from engine.errors import FieldError, Invalid
from engine.queries.dossier import DossierContent, dossier_content, in_batches, upload_bodies
from engine.queries.exports import ExportScope, histories_of, history_of
from webapp.dossier import layout_in_words, pages_of

DOSSIER = "dossier"
# A dossier up to this size lies in memory, a larger one on the disk.
BYTES_IN_MEMORY = 16_000_000
BYTES_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How files of a format end and what they are."""

    suffix: str
    media_type: str


KINDS = {
    "json": Kind(suffix="json", media_type="application/json"),
    "csv": Kind(suffix="csv", media_type="text/csv"),
    "ods": Kind(suffix="ods", media_type=SHEET),
    "xes": Kind(suffix="xes", media_type="application/xml"),
    "ocel": Kind(suffix="ocel.json", media_type="application/json"),
    DOSSIER: Kind(suffix="zip", media_type="application/zip"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file that may leave now, at its beginning; its digest stands in the event that told it."""

    file: FileRef
    body: IO[bytes]

    def parts(self) -> Iterator[bytes]:
        """The bytes piece by piece; the file is closed after the last one."""
        with self.body:
            while part := self.body.read(BYTES_AT_ONCE):
                yield part


def export_instance(app: Flask, engine: Engine, actor: Actor, instance_id: int, format_: str) -> Export:
    """The history of an instance in a format of KINDS; NotFound for what the actor may not see."""
    stem = f"planflow-{instance_id}"
    if format_ == DOSSIER:
        content = engine.ask(actor, dossier_content, instance_id)
        body = _packed(app, engine, actor, content)
        return _recorded(engine, actor, content.dossier.histories, format_, body, stem)
    histories = engine.ask(actor, history_of, instance_id)
    return _recorded(engine, actor, histories, format_, io.BytesIO(FORMATS[format_](histories)), stem)


def export_many(engine: Engine, actor: Actor, scope: ExportScope, format_: str) -> Export:
    """The histories of a scope in one file; Invalid for a format that holds one instance only."""
    if format_ not in FORMATS:
        raise Invalid((FieldError(path="format", template="Choose one of the options"),))
    histories = engine.ask(actor, histories_of, scope)
    body = io.BytesIO(FORMATS[format_](histories))
    return _recorded(engine, actor, histories, format_, body, "planflow-histories")


def _packed(app: Flask, engine: Engine, actor: Actor, content: DossierContent) -> IO[bytes]:
    """The ZIP of a dossier; of uploads only some lie in memory at once."""
    dossier = content.dossier
    with app.app_context():
        layout = layout_in_words(content)
        pages = pages_of(content, layout)
    uploads = (
        upload
        for part in in_batches(dossier.files)
        for upload in engine.ask(actor, upload_bodies, dossier.main.instance.id, part)
    )
    body = SpooledTemporaryFile(max_size=BYTES_IN_MEMORY)  # noqa: SIM115 - who hands it out closes it
    pack(
        body, dossier_files(dossier, layout, pages, uploads), about(dossier, layout),
        made_at=dossier.made_at, stored=stored_names(layout),
    )  # fmt: skip
    return body


def _recorded(
    engine: Engine,
    actor: Actor,
    histories: Sequence[InstanceHistory],
    format_: str,
    body: IO[bytes],
    stem: str,
) -> Export:
    """Nothing is handed out before its event is there; it was written outside of the transaction."""
    digest, size = _measured(body)
    taken = [Taken(instance=h.instance.id, seq=len(h.events)) for h in histories]
    engine.execute(actor, record_export, format_=format_, digest=digest, taken=taken)
    kind = KINDS[format_]
    name = f"{stem}.{kind.suffix}"
    return Export(file=FileRef(digest=digest, name=name, size=size, media_type=kind.media_type), body=body)


def _measured(body: IO[bytes]) -> tuple[str, int]:
    """The SHA-256 and the size of a file, which is at its beginning afterwards."""
    digest, size = sha256(), 0
    body.seek(0)
    while part := body.read(BYTES_AT_ONCE):
        digest.update(part)
        size += len(part)
    body.seek(0)
    return digest.hexdigest(), size
