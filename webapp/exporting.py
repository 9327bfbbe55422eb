"""Files that leave the house, for pages, API and command line alike: read, written, recorded, handed out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from engine.commands.exports import Taken, record_export
from engine.documents.dossier import dossier_file
from engine.documents.exported import InstanceHistory
from engine.documents.history_files import FORMATS
from engine.documents.odf import SHEET
from engine.domain.document import FileRef
from engine.domain.identity import Actor
from engine.engine import Engine
from engine.errors import FieldError, Invalid
from engine.queries.exports import ExportScope, histories_of, history_of

DOSSIER = "dossier"


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
    """A file that may leave now; its digest stands in the event that told it."""

    file: FileRef
    body: bytes


def export_instance(engine: Engine, actor: Actor, instance_id: int, format_: str) -> Export:
    """The history of an instance in a format of KINDS; NotFound for what the actor may not see."""
    histories = engine.ask(actor, history_of, instance_id)
    write = dossier_file if format_ == DOSSIER else FORMATS[format_]
    return _recorded(engine, actor, histories, format_, write, f"planflow-{instance_id}")


def export_many(engine: Engine, actor: Actor, scope: ExportScope, format_: str) -> Export:
    """The histories of a scope in one file; Invalid for a format that holds one instance only."""
    if format_ not in FORMATS:
        raise Invalid((FieldError(path="format", template="Choose one of the options"),))
    histories = engine.ask(actor, histories_of, scope)
    return _recorded(engine, actor, histories, format_, FORMATS[format_], "planflow-histories")


def _recorded(
    engine: Engine,
    actor: Actor,
    histories: Sequence[InstanceHistory],
    format_: str,
    write: Callable[[Sequence[InstanceHistory]], bytes],
    stem: str,
) -> Export:
    """Nothing is handed out before its event is there; it is written outside of the transaction."""
    body = write(histories)
    kind, digest = KINDS[format_], sha256(body).hexdigest()
    taken = [Taken(instance=h.instance.id, seq=len(h.events)) for h in histories]
    engine.execute(actor, record_export, format_=format_, digest=digest, taken=taken)
    name = f"{stem}.{kind.suffix}"
    return Export(
        file=FileRef(digest=digest, name=name, size=len(body), media_type=kind.media_type), body=body
    )
