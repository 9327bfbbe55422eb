"""Proves a dossier of planflow without planflow. It needs Python 3.8 and nothing else.

    python3 verify.py                     the folder in which this program lies
    python3 verify.py dossier.zip         the ZIP file itself, every byte of it
    python3 verify.py dossier.zip --digest SHA256     ... and that it is the file that was recorded
    python3 verify.py dossier.zip --anchors FILE      ... and what anchors kept elsewhere saw of it

Checked are: every file against the manifest, the manifest against its seal, the chain of every history, the
files and documents that events name by digest, the definitions that histories are pinned to, anchors, and
of a ZIP every byte between and around its files. What differs is named, and the exit code is 1.

A program that came with a dossier proves that nothing was damaged. Whoever forges a dossier can forge the
program as well: then take this program from elsewhere, and compare the digest of the ZIP with the one that
planflow recorded when it was made, and the roots of anchors with those on paper.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import mmap
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING or __package__:
    from engine.documents.verify_chain import anchor_file_faults, canonical, faults_by_anchors, first_fault
else:  # alone, in a dossier
    sys.dont_write_bytecode = True  # a folder that is being proven stays as it is
    sys.path.insert(0, str(Path(__file__).parent))
    from verify_chain import anchor_file_faults, canonical, faults_by_anchors, first_fault

FORMAT = "planflow-dossier/1"
MANIFEST, SEAL = "manifest.json", "seal.txt"
MANIFEST_START = b'{\n "format": "planflow-dossier/1"'
SEAL_TEXT = "SHA-256 of manifest.json （清冊摘要值）\n{}\n"
HEADER, DIRECTORY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
END_SIZE = 22
STORED, DEFLATED = 0, 8
UTF_8 = 0x800
FILE_KEYS = {"digest", "name", "size", "media_type"}
HEX = re.compile("[0-9a-f]{64}")
Bytes = Union[bytes, mmap.mmap]


def sha256(body: bytes) -> str:
    """The digest of bytes, as the manifest writes it."""
    return hashlib.sha256(body).hexdigest()


def parting(one: bytes | str, other: bytes | str) -> int:
    """Where two texts differ first; the length of the shorter one if nowhere before."""
    return next(
        (at for at, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other))
    )


# How a ZIP looks around its files: one way only, so that every byte of it can be told beforehand.


def entry_of(name: str, body: bytes, packed: bytes | None = None) -> dict[str, Any]:
    """What the manifest tells of a file; `packed` are its deflated bytes, if it is not stored as it is."""
    raw = body if packed is None else packed
    return {
        "name": name, "size": len(body), "sha256": sha256(body), "crc32": zlib.crc32(body),
        "method": STORED if packed is None else DEFLATED, "packed_size": len(raw),
        "packed_sha256": sha256(raw),
    }  # fmt: skip


def local_header(entry: dict[str, Any], moment: list[int]) -> bytes:
    """What stands before the bytes of a file."""
    name = entry["name"].encode()
    return b"".join((struct.pack("<4s5H3I2H", HEADER, *_facts(entry, moment, name), 0), name))


def directory_entry(entry: dict[str, Any], moment: list[int], offset: int) -> bytes:
    """What the directory at the end says of a file."""
    name, mode = entry["name"].encode(), 0o100644 << 16
    facts = struct.pack("<5H3I2H", *_facts(entry, moment, name), 0)
    rest = struct.pack("<3H2I", 0, 0, 0, mode, offset)
    return b"".join((DIRECTORY, struct.pack("<H", 0x0314), facts, rest, name))


def end_record(count: int, size: int, offset: int, comment: bytes) -> bytes:
    """What stands at the very end, with the digest of the manifest."""
    return struct.pack("<4s4H2IH", END, 0, 0, count, count, size, offset, len(comment)) + comment


def comment_of(manifest: bytes) -> bytes:
    """The comment of the ZIP."""
    return f"{FORMAT} {sha256(manifest)}".encode()


def _facts(entry: dict[str, Any], moment: list[int], name: bytes) -> tuple[int, ...]:
    year, month, day, hour, minute, second = moment
    time, date = hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
    sizes = (entry["crc32"], entry["packed_size"], entry["size"])
    return (20, UTF_8, entry["method"], time, date, *sizes, len(name))


# Reading a dossier: a folder or a ZIP.


class Folder:
    """An unpacked dossier."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = self._read(MANIFEST)

    def faults(self) -> Iterator[str]:
        """Seal, missing and additional files; the files themselves are compared by the caller."""
        if self.manifest is None:
            yield f"{MANIFEST} is missing"
            return
        seal = self._read(SEAL)
        if seal != SEAL_TEXT.format(sha256(self.manifest)).encode():
            what = (
                "is missing" if seal is None else f"and {SEAL} do not fit each other: one of them was altered"
            )
            yield f"{SEAL} {what}" if seal is None else f"{MANIFEST} {what}"
            return
        known = {entry["name"] for entry in json.loads(self.manifest)["files"]} | {MANIFEST, SEAL}
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path).as_posix()
            if path.is_file() and name not in known and "__pycache__" not in name:
                yield f"{name} is no part of the dossier"

    def read(self, entry: dict[str, Any]) -> bytes | None:
        """The bytes of a file, if they are there."""
        return self._read(entry["name"])

    def _read(self, name: str) -> bytes | None:
        path = self.path / name
        return path.read_bytes() if path.is_file() else None


class Zip:
    """A dossier as the one file that it left in."""

    def __init__(self, body: Bytes) -> None:
        self.body = body
        self.places: dict[str, int] = {}
        self.tail = max(body.rfind(END), 0)
        self.at = body.rfind(MANIFEST_START)
        self.manifest = self._manifest()

    def _manifest(self) -> bytes | None:
        """The manifest, found by how it begins: it stays readable whatever else is damaged."""
        end = self.body.find(b"\n]}\n", self.at) if self.at >= 0 else -1
        return None if end < 0 else bytes(self.body[self.at : end + 4])

    def faults(self) -> Iterator[str]:
        """Everything but the contents of files: seal, headers, packed bytes, directory, end."""
        if self.manifest is None:
            yield (
                f"{MANIFEST} is not as it was written: its beginning or end is not there"
                " (of a ZIP that was packed anew only the unpacked folder can be proven)"
            )
            return
        told, kept, sealed = sha256(self.manifest), self._in_comment(), self._in_seal()
        if told != kept and told != sealed:
            yield (
                f"{MANIFEST} is not as it was sealed"
                if kept == sealed
                else f"{MANIFEST}, {SEAL} and the end differ"
            )
            return
        yield from self._layout(json.loads(self.manifest))

    def _in_comment(self) -> str:
        return bytes(self.body[self.tail + END_SIZE :])[-64:].decode("ascii", "replace")

    def _in_seal(self) -> str:
        after = bytes(self.body[self.at + len(self.manifest or b"") : self.tail])
        found = HEX.search(after.split(DIRECTORY)[0].decode("ascii", "replace"))
        return found.group() if found else ""

    def _layout(self, manifest: dict[str, Any]) -> Iterator[str]:
        assert self.manifest is not None
        seal = SEAL_TEXT.format(sha256(self.manifest)).encode()
        moment, offset = manifest["moment"], 0
        entries = [*manifest["files"], entry_of(MANIFEST, self.manifest), entry_of(SEAL, seal)]
        directory = b""
        for entry in entries:
            header = local_header(entry, moment)
            directory += directory_entry(entry, moment, offset)
            yield from self._compare(header, offset, f"the ZIP header of {entry['name']}")
            offset += len(header)
            self.places[entry["name"]] = offset
            packed = self.body[offset : offset + entry["packed_size"]]
            if sha256(packed) != entry["packed_sha256"] and entry["method"] == DEFLATED:
                yield f"{entry['name']}: its packed bytes (from byte {offset} of the ZIP) are others"
            offset += entry["packed_size"]
        yield from self._compare(seal, self.places[SEAL], SEAL)
        start = offset
        for entry in entries:
            line = directory_entry(
                entry, moment, self.places[entry["name"]] - len(local_header(entry, moment))
            )
            yield from self._compare(line, offset, f"what the directory of the ZIP says of {entry['name']}")
            offset += len(line)
        end = end_record(len(entries), len(directory), start, comment_of(self.manifest))
        yield from self._compare(end, offset, "the end of the ZIP")
        if len(self.body) != offset + len(end):
            yield f"the ZIP has {len(self.body) - offset - len(end)} bytes more than it was made with"

    def _compare(self, wanted: bytes, offset: int, what: str) -> Iterator[str]:
        found = self.body[offset : offset + len(wanted)]
        if found != wanted:
            yield f"{what} is not as it was written, at byte {offset + parting(wanted, found)} of the ZIP"

    def read(self, entry: dict[str, Any]) -> bytes | None:
        """The bytes of a file, unpacked as far as that can be done."""
        at = self.places.get(entry["name"])
        if at is None:
            return None
        packed = bytes(self.body[at : at + entry["packed_size"]])
        if entry["method"] == STORED:
            return packed
        unpacker = zlib.decompressobj(-15)
        try:
            return unpacker.decompress(packed, entry["size"] + 1)
        except zlib.error:
            return None


# What the files say.


def history_text(history: dict[str, Any]) -> str:
    """A history as a dossier writes it: one event on each line, so that a damaged byte has an event."""
    head = {key: value for key, value in history.items() if key != "events"}
    lines = ",\n".join(json.dumps(event, ensure_ascii=False, sort_keys=True) for event in history["events"])
    return f'{json.dumps(head, ensure_ascii=False, sort_keys=True)[:-1]}, "events": [\n{lines}\n]}}\n'


def history_faults(name: str, body: bytes) -> Iterator[str]:
    """What is wrong in the bytes of a history, and at which event."""
    try:
        text = body.decode()
        history = json.loads(text)
        chain = first_fault(history["events"])
        again = history_text(history)
    except UnicodeDecodeError as error:
        yield f"{name}: event {body[: error.start].count(10)} cannot be read (byte {error.start})"
    except json.JSONDecodeError as error:
        yield f"{name}: event {max(error.lineno - 1, 0)} cannot be read (line {error.lineno})"
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        yield f"{name}: it is no history ({type(error).__name__}: {error})"
    else:
        if chain:
            yield f"{name}: {chain}"
        elif again != text:
            event = text[: parting(again, text)].count(chr(10))
            yield f"{name}: event {event} is not written as it was"


def named_by(data: dict[str, Any]) -> Iterator[str]:
    """The digests of the documents and files that an event names."""
    yield from (ref["digest"] for ref in data.get("documents", ()))
    yield from (digest for *_, digest in data.get("shown_documents", ()))
    yield from files_in(data)


def files_in(value: Any) -> Iterator[str]:
    """The digests of the files that something names."""
    if isinstance(value, dict) and value.keys() >= FILE_KEYS:
        yield value["digest"]
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from files_in(child)


def content_faults(name: str, history: dict[str, Any], manifest: dict[str, Any]) -> Iterator[str]:
    """Documents and files that events name and that are not here, and definitions that are others."""
    known = {**manifest["contents"], **dict.fromkeys(manifest["gone"])}
    for event in history["events"]:
        data = json.loads(event["data"])
        for digest in named_by(data):
            if digest not in known:
                yield f"{name}: event {event['seq']} names {digest}, which is no part of the dossier"
        if event["type"] == "instance_started" and data.get("definition") not in (
            None,
            *manifest["definitions"],
        ):
            yield f"{name}: event {event['seq']} began by other definitions than those of the dossier"


def named_otherwise(manifest: dict[str, Any]) -> Iterator[str]:
    """Documents and files that are not those that events name."""
    digests = {entry["name"]: entry["sha256"] for entry in manifest["files"]}
    for digest, name in manifest["contents"].items():
        if digests.get(name) != digest:
            yield f"{name} does not have the SHA-256 by which events name it"


def definition_faults(manifest: dict[str, Any]) -> Iterator[str]:
    """Sets of definitions whose files do not have the digest of the set."""
    digests = {entry["name"]: entry["sha256"] for entry in manifest["files"]}
    for digest, folder in manifest["definitions"].items():
        own = sorted([n[len(folder) :], d] for n, d in digests.items() if n.startswith(folder))
        if sha256(canonical(own).encode()) != digest:
            yield f"{folder} is not the set of definitions {digest}"


def anchor_faults(manifest: dict[str, Any], histories: dict[int, dict[str, Any]]) -> Iterator[str]:
    """Anchors that saw another history, or whose way to the root leads elsewhere."""
    for seen in manifest["anchors"]:
        history = histories.get(seen["stream"])
        if history is None:
            continue
        event = next((e for e in history["events"] if e["seq"] == seen["seq"]), None)
        if event is None or event["digest"] != seen["digest"]:
            yield f"anchor {seen['anchor']} saw another event {seen['seq']} of history {seen['stream']}"
        if root_by(seen) != seen["root"]:
            yield f"anchor {seen['anchor']} does not have its root"


def root_by(seen: dict[str, Any]) -> str:
    """The Merkle root to which the last event of a history leads, by the digests beside its way."""
    leaf = canonical([seen["stream"], seen["seq"], seen["digest"]]).encode()
    digest = hashlib.sha256(b"\x00" + leaf).digest()
    for side, other in seen["way"]:
        pair = (bytes.fromhex(other), digest) if side == "left" else (digest, bytes.fromhex(other))
        digest = hashlib.sha256(b"\x01" + pair[0] + pair[1]).digest()
    return digest.hex()


def faults_of(dossier: Folder | Zip, kept: dict[str, Any] | None = None) -> Iterator[str]:
    """Everything that is not as it was written, sealed, named or anchored."""
    wrong = list(dossier.faults())
    yield from wrong
    if dossier.manifest is None or any(fault.startswith(MANIFEST) for fault in wrong):
        return  # what it says cannot be relied on
    manifest = json.loads(dossier.manifest)
    histories: dict[int, dict[str, Any]] = {}
    own = {told["file"]: told for told in manifest["histories"]}
    for entry in manifest["files"]:
        name, body = entry["name"], dossier.read(entry)
        is_whole = body is not None and sha256(body) == entry["sha256"]
        if body is None:
            yield f"{name} is missing or cannot be unpacked"
        elif not is_whole:
            yield f"{name} is not as it was (SHA-256)"
        if name in own and body is not None:
            found = list(history_faults(name, body))
            yield from found
            if not found and is_whole:
                histories[own[name]["instance"]] = json.loads(body)
    for told in manifest["histories"]:
        history = histories.get(told["instance"])
        if history is not None:
            yield from content_faults(told["file"], history, manifest)
            yield from (
                f"{told['file']}: {fault}" for fault in faults_by_anchors(history, kept or NO_ANCHORS)
            )
    yield from named_otherwise(manifest)
    yield from definition_faults(manifest)
    yield from anchor_faults(manifest, histories)
    yield from anchor_file_faults(kept) if kept else ()


NO_ANCHORS: dict[str, Any] = {"anchors": []}


def verdict(manifest: dict[str, Any]) -> Iterator[str]:
    """What was proven, in lines."""
    yield f"PROVEN 驗證通過: {len(manifest['files'])} files, {len(manifest['histories'])} histories"
    for told in manifest["histories"]:
        yield f"  {told['file']}: {told['events']} events, last digest {told['head']}"
    for seen in {seen["anchor"]: seen for seen in manifest["anchors"]}.values():
        yield f"  anchor {seen['anchor']} of {seen['made_at']}: {' '.join(re.findall('....', seen['root']))}"
    for digest in manifest["gone"]:
        yield f"  not kept any more when the dossier was made: {digest}"


def main(words: list[str] | None = None) -> int:
    """Print the verdict; 0 only when everything is as it was."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a console that has no Chinese
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument(
        "dossier", nargs="?", default=str(Path(__file__).parent), help="the ZIP or the folder"
    )
    parser.add_argument("--digest", help="the SHA-256 that planflow recorded of the ZIP")
    parser.add_argument("--anchors", help="a file of anchors that was kept elsewhere")
    given = parser.parse_args(words)
    try:
        path = Path(given.dossier)
        kept = json.loads(Path(given.anchors).read_text("utf-8")) if given.anchors else None
        dossier = Folder(path) if path.is_dir() else Zip(_mapped(path))
        faults = [*_other_file(path, given.digest), *faults_of(dossier, kept)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        faults = [f"it cannot be read: {type(error).__name__}: {error}"]
    for fault in faults:
        print(f"NOT PROVEN 驗證未通過: {fault}")
    if not faults:
        for line in verdict(json.loads(dossier.manifest or b"")):
            print(line)
    return 1 if faults else 0


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _other_file(path: Path, digest: str | None) -> Iterator[str]:
    if digest and (path.is_dir() or sha256(path.read_bytes()) != digest.strip().lower()):
        yield "this is not the file that was recorded: its SHA-256 is another one"


if __name__ == "__main__":
    raise SystemExit(main())
