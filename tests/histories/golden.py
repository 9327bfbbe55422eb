"""Golden histories: every stream of a released version with the content that its events name, as one file.

A file holds what cannot be made again: events without their digests, the head of each stream, and content.
When it is loaded, every digest is computed by the code of today and must lead to the recorded head; rows are
made from events. So a file tells of nothing that the version of today could have changed.
"""

import base64
import json
import lzma
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.domain.canonical import GENESIS, chain_digest
from engine.domain.history import (
    DEFINITIONS_STREAM,
    FIRST_INSTANCE_ID,
    EventType,
    origin_of,
    sealed_json,
)
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import rebuild
from engine.replay.organisation import ToldOrganisation
from engine.replay.register import Register
from engine.replay.told_rows import Rows
from engine.store import schema, tables
from engine.store.database import Transaction
from engine.store.deputy_tables import deputyship
from engine.store.proof_rows import ProofRows
from engine.store.unit_of_work import Reader, UnitOfWork

FOLDER = Path(__file__).parent
Row = dict[str, Any]
FORMAT = "planflow-golden/1"
# What an event has beside its stream, its number and its digest; its origin follows from its type.
COLUMNS = (
    "type", "actor", "on_behalf_of", "role", "unit", "occurred_at", "command_id", "element_id", "task_id",
    "data",
)  # fmt: skip


class NotAsRecorded(AssertionError):
    """A digest that today's code computes does not lead to the head that was recorded."""


def path_of(version: str) -> Path:
    """Where the golden file of a version lies."""
    return FOLDER / f"{version}.json.xz"


def save(engine: Engine, version: str) -> Path:
    """Write everything that a database holds of the truth; FileExistsError for a version that has a file."""
    path = path_of(version)
    body = json.dumps(engine.ask(SYSTEM, _whole, version), ensure_ascii=False, separators=(",", ":")) + "\n"
    with path.open("xb") as file:
        file.write(lzma.compress(body.encode(), preset=9 | lzma.PRESET_EXTREME))
    return path


def read(path: Path) -> dict[str, Any]:
    """What a golden file tells; ValueError for a format that nobody knows."""
    golden: dict[str, Any] = json.loads(lzma.decompress(path.read_bytes()))
    if golden["format"] != FORMAT:
        raise ValueError(golden["format"])
    return golden


def load(engine: Engine, golden: dict[str, Any]) -> list[int]:
    """Bring an empty database to what a golden file tells; gives the ids of the instances.

    NotAsRecorded where a stream does not end in the head that was recorded.
    """
    sealed = {s["stream"]: _sealed(s["stream"], golden["columns"], s["events"]) for s in golden["streams"]}
    for stream in golden["streams"]:
        if sealed[stream["stream"]][-1]["digest"].hex() != stream["head"]:
            raise NotAsRecorded(stream["stream"])
    _make_tables(engine)
    engine.execute(SYSTEM, _insert_content, golden["content"])
    engine.execute(SYSTEM, _insert_events, sealed)
    engine.execute(SYSTEM, _insert_told)
    instances = [stream["stream"] for stream in golden["streams"] if stream["stream"] >= FIRST_INSTANCE_ID]
    for number in sorted(instances):
        engine.execute(SYSTEM, rebuild, number)
    return instances


def _make_tables(engine: Engine) -> None:
    """The newest schema alone: a new database gets calendars, whose events are among those of the file."""
    transaction = Transaction(engine.database, write=True)
    try:
        schema.upgrade(transaction.core)
        transaction.commit()
    finally:
        transaction.release()


def _whole(reader: Reader, version: str) -> dict[str, Any]:
    heads = {stream: head for stream, _, head in reader.history.heads()}
    content = reader.transaction.core.execute(
        sa.select(tables.content.c.media_type, tables.content.c.body).order_by(tables.content.c.digest)
    )
    return {
        "format": FORMAT,
        "version": version,
        "columns": COLUMNS,
        "streams": [
            {
                "stream": stream,
                "head": heads[stream].hex(),
                "events": [[getattr(e, name) for name in COLUMNS] for e in reader.history.events(stream)],
            }
            for stream in reader.history.streams()
        ],
        "content": [[media_type, *_as_text(bytes(body))] for media_type, body in content],
    }


def _as_text(body: bytes) -> tuple[str, str]:
    try:
        return "text", body.decode()
    except UnicodeDecodeError:
        return "base64", base64.b64encode(body).decode()


def _sealed(stream: int, columns: list[str], events: Iterable[list[Any]]) -> list[Row]:
    """The rows of a stream, each with the digest that today's code computes."""
    digest, rows = GENESIS, []
    for seq, values in enumerate(events, start=1):
        event = dict(zip(columns, values, strict=True))
        covered = {name: value for name, value in event.items() if name != "type"}
        digest = chain_digest(digest, sealed_json(stream=stream, seq=seq, type_=event["type"], **covered))
        origin = str(origin_of(EventType(event["type"])))
        rows.append({"stream": stream, "seq": seq, "origin": origin, **event, "digest": digest})
    return rows


def _insert_content(uow: UnitOfWork, content: Iterable[tuple[str, str, str]]) -> None:
    for media_type, spelling, text in content:
        uow.content.put(base64.b64decode(text) if spelling == "base64" else text.encode(), media_type)


def _insert_events(uow: UnitOfWork, sealed: dict[int, list[Row]]) -> None:
    core = uow.transaction.core
    for stream, rows in sealed.items():
        core.execute(sa.insert(tables.history_event), rows)
        if stream < FIRST_INSTANCE_ID:
            head = {"stream": stream, "seq": len(rows), "head": rows[-1]["digest"]}
            core.execute(sa.insert(tables.stream_head), head)


def _insert_told(uow: UnitOfWork) -> None:
    """The rows of definitions, of the organisation and of documents, as events tell them."""
    for event in ProofRows(uow).told(DEFINITIONS_STREAM, (EventType.DEPLOYED,)):
        _insert_deployment(uow, event.occurred_at, event.actor, event.data)
    told = ToldOrganisation()
    assert list(told.read_stream(uow)) == []
    register = Register()
    for stream in uow.history.streams():
        for event in ProofRows(uow).told_refs(stream):
            register.read(event)
    files: Rows = {key: ways[0] for key, ways in register.files.items()}
    for table, rows, key in (
        (tables.user, told.users, ("id",)),
        (tables.unit, told.units, ("id",)),
        (tables.membership, told.memberships, ("user_id", "role", "unit", "valid_from")),
        (deputyship, told.deputyships, ("id",)),
        (tables.setting, told.settings, ("key",)),
        (tables.calendar_year, told.years, ("year",)),
        (tables.document_version, register.documents, ("owner", "kind", "key", "no")),
        (tables.letter, register.letters, ("id",)),
        (tables.file, files, ("digest", "uploaded_by", "name")),
    ):
        for values, row in rows.items():
            columns = dict(zip(key, values, strict=True)) | row.columns
            uow.transaction.core.execute(sa.insert(table), columns)


def _insert_deployment(uow: UnitOfWork, at: int, by: str, told: dict[str, Any]) -> None:
    core, number = uow.transaction.core, told["deployment"]
    deployed = {"id": number, "digest": bytes.fromhex(told["digest"]), "deployed_at": at, "deployed_by": by}
    core.execute(sa.insert(tables.deployment), deployed)
    files = [
        {"deployment_id": number, "name": name, "digest": bytes.fromhex(digest)}
        for name, digest in told["files"].items()
    ]
    core.execute(sa.insert(tables.deployment_file), files)
    core.execute(sa.insert(tables.process_definition), told["processes"])
