"""Documents, letters and files: their rows against the refs that events carry."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from engine.domain.canonical import canonical_json
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.domain.identity import SYSTEM_ACTOR
from engine.domain.task import instance_of
from engine.replay.told_rows import Expected, Key, Rows, StreamFault, by_key, compared, expect, fold
from engine.store import tables
from engine.store.proof_rows import Columns, ProofRows, Told
from engine.store.unit_of_work import Reader

_Row = TypeVar("_Row", Expected, Columns)
_DOCUMENT_KEY = ("owner", "kind", "key", "no")
_FILE_KEY = ("digest", "uploaded_by", "name")


class Register:
    """What events told of documents, letters and files."""

    def __init__(self) -> None:
        self.documents: Rows = {}
        self.letters: Rows = {}
        self.files: dict[Key, list[Expected]] = {}  # the same file may be brought again; one row stays

    def read(self, event: Told) -> None:
        """Take over the refs of one event."""
        for ref in _refs(event, "documents"):
            columns = {name: ref[name] for name in ("note", "made_at", "made_by", "task_id")}
            key = tuple(ref[name] for name in _DOCUMENT_KEY)
            expect(self.documents, key, event, digest=bytes.fromhex(ref["digest"]), **columns)
        for letter in _refs(event, "letters"):
            self._letter(event, letter)
        if event.type == EventType.LETTER_CORRECTED:
            self._letter(event, event.data["after"])
        for file in _refs(event, "files"):
            self._file(event, file, SYSTEM_ACTOR)
        if event.type == EventType.DOCUMENT_RECORDED and "file" in event.data:
            self._file(event, event.data["file"], event.actor)

    def _letter(self, event: Told, letter: dict[str, Any]) -> None:
        columns = {name: letter[name] for name in ("plan_key", "issuer", "prefix", "number")}
        body = canonical_json(letter)
        expect(self.letters, (letter["id"],), event, stream=event.stream, body=body, **columns)

    def _file(self, event: Told, file: dict[str, Any], brought_by: str) -> None:
        columns = {"size": file["size"], "media_type": file["media_type"], "uploaded_at": event.occurred_at}
        told = Expected(stream=event.stream, seq=event.seq, columns=columns)
        self.files.setdefault((bytes.fromhex(file["digest"]), brought_by, file["name"]), []).append(told)


def register_faults(reader: Reader, streams: Iterable[int]) -> Iterator[StreamFault]:
    """(stream, fault) for every row of documents, letters and files that is not as it was told."""
    rows, told = ProofRows(reader), Register()
    yield from _folded(rows, streams, told)
    documents, letters, files = (
        rows.rows(table) for table in (tables.document_version, tables.letter, tables.file)
    )
    yield from _compared(told, documents, letters, files)


def register_faults_of(reader: Reader, instance_id: int) -> Iterator[StreamFault]:
    """The same for one instance: what it told, and rows that claim to come from it."""
    rows, told = ProofRows(reader), Register()
    yield from _folded(rows, (instance_id,), told)
    documents = rows.documents_near(instance_id, {key[0] for key in told.documents})
    letters = rows.letters_near(instance_id, {key[0] for key in told.letters})
    files = rows.files_of({key[0] for key in told.files})
    yield from _compared(
        told,
        [d for d in documents if _key(d) in told.documents or _stream_of_document(d) == instance_id],
        letters,
        [f for f in files if tuple(f[name] for name in _FILE_KEY) in told.files],
    )


def _folded(rows: ProofRows, streams: Iterable[int], told: Register) -> Iterator[StreamFault]:
    for stream in streams:
        yield from fold(rows.told_refs(stream), told.read)


def _compared(
    told: Register, documents: list[Columns], letters: list[Columns], files: list[Columns]
) -> Iterator[StreamFault]:
    stored_files = by_key(files, *_FILE_KEY)
    expected_files = {key: _nearest(ways, stored_files.get(key)) for key, ways in told.files.items()}
    for table, expected, stored, stream_of in (
        ("document_version", told.documents, by_key(documents, *_DOCUMENT_KEY), _stream_of_document),
        ("letter", told.letters, by_key(letters, "id"), lambda row: int(row["stream"])),
        ("file", _shown(expected_files), _shown(stored_files), lambda _: ORGANISATION_STREAM),
    ):
        for stream, _, fault in compared(table, expected, stored, stream_of):
            yield stream, fault


def _nearest(ways: list[Expected], stored: Columns | None) -> Expected:
    """Of all events that brought a file, the one that the row shows; the first if it shows none of them."""
    for way in ways:
        if stored is not None and all(stored[name] == value for name, value in way.columns.items()):
            return way
    return ways[0]


def _shown(rows: dict[Key, _Row]) -> dict[Key, _Row]:
    """Keys of files as a report can print them."""
    return {(digest.hex(), *rest): row for (digest, *rest), row in rows.items()}


def _key(row: Columns) -> Key:
    return tuple(row[name] for name in _DOCUMENT_KEY)


def _stream_of_document(row: Columns) -> int:
    return ORGANISATION_STREAM if row["task_id"] is None else instance_of(row["task_id"])


def _refs(event: Told, name: str) -> list[dict[str, Any]]:
    found = event.data.get(name, [])
    return found if isinstance(found, list) else []
