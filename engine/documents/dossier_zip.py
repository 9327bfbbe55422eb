"""Packs a dossier: one ZIP whose every byte follows from its manifest, and a seal over the manifest.

Files are written one after another, so that only one of them lies in memory. The manifest comes after them:
it tells of each file what it is and what its packed bytes are, and how the ZIP is laid out is told by the
program that proves it (`verify_dossier`).
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Any

from engine.clock import TAIPEI
from engine.documents.verify_dossier import (
    FORMAT,
    MANIFEST,
    SEAL,
    SEAL_TEXT,
    comment_of,
    directory_entry,
    end_record,
    entry_of,
    local_header,
    sha256,
)
from engine.errors import FieldError, Invalid

# Beyond these a ZIP would need other records, which not every program reads.
MOST_BYTES, MOST_FILES = 0xFFFF_FFFF, 0xFFFF
WORTH_PACKING = frozenset({"html", "svg", "css", "json", "bpmn", "dmn", "csv", "xes", "txt", "py"})


def pack(
    target: IO[bytes],
    files: Iterable[tuple[str, bytes]],
    about: Mapping[str, Any],
    *,
    made_at: datetime,
    stored: frozenset[str] = frozenset(),
) -> None:
    """Write files with their names into a ZIP; `about` is told in the manifest, `stored` are never deflated.

    Invalid for more than a ZIP of the common kind holds.
    """
    at = made_at.astimezone(TAIPEI)
    moment = [at.year, at.month, at.day, at.hour, at.minute, at.second]
    entries = [_write(target, name, body, moment, is_stored=name in stored) for name, body in files]
    manifest = manifest_text({**about, "moment": moment}, entries).encode()
    seal = SEAL_TEXT.format(sha256(manifest)).encode()
    entries += [
        _write(target, name, body, moment, is_stored=True)
        for name, body in ((MANIFEST, manifest), (SEAL, seal))
    ]
    start = target.tell()
    if len(entries) > MOST_FILES:
        raise _too_large()
    offset = 0
    for entry in entries:
        target.write(directory_entry(entry, moment, offset))
        offset += len(local_header(entry, moment)) + entry["packed_size"]
    target.write(end_record(len(entries), target.tell() - start, start, comment_of(manifest)))


def manifest_text(about: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> str:
    """The manifest: what it is about, then one line for each file."""
    head = json.dumps({"format": FORMAT, **about}, ensure_ascii=False, indent=1)
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    return f'{head.removesuffix(chr(10) + "}")},\n "files": [\n{lines}\n]}}\n'


def _write(
    target: IO[bytes], name: str, body: bytes, moment: list[int], *, is_stored: bool
) -> dict[str, Any]:
    entry, packed = entry_of(name, body), body
    if not is_stored and name.rpartition(".")[2] in WORTH_PACKING:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(body) + packer.flush()
        entry = entry_of(name, body, packed)
    if target.tell() + len(packed) > MOST_BYTES:
        raise _too_large()
    target.write(local_header(entry, moment))
    target.write(packed)
    return entry


def _too_large() -> Invalid:
    return Invalid(
        (FieldError(path="", template="This is more than one dossier can hold; take the parts one by one"),)
    )
