"""Proves an exported history without planflow:

    python3 verify_chain.py history.json                         the chain of its events
    python3 verify_chain.py history.json --anchors anchors.json  and what anchors kept elsewhere saw of it
    python3 verify_chain.py history.json --files FOLDER          and files that are named by their SHA-256
    python3 verify_chain.py --anchors anchors.json               the roots of a file of anchors alone

Every event carries SHA-256(previous digest + canonical JSON of its columns). This program computes each of
them again, names the first event that differs, and exits with 1. An anchor is the Merkle root over the last
events of all histories: compare the printed root with the one on paper. It needs Python 3.8 and nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

GENESIS = b"\x00" * 32
COLUMNS = (
    "stream", "seq", "type", "origin", "actor", "on_behalf_of", "role", "unit", "occurred_at", "command_id",
    "element_id", "task_id", "data",
)  # fmt: skip
ANCHORS_FORMAT = "planflow-anchors/1"
NAMED_BY_DIGEST = re.compile(r"[0-9a-f]{64}")


def sealed_text(event: dict[str, Any]) -> str:
    """The text under an event's digest: a canonical JSON array of its columns."""
    return canonical([event[name] for name in COLUMNS])


def canonical(value: Any) -> str:
    """JSON with sorted keys and without blanks: the one form in which anything is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def first_fault(events: list[dict[str, Any]]) -> str | None:
    """What is wrong first, or None."""
    digest = GENESIS
    for place, event in enumerate(events, start=1):
        missing = [name for name in (*COLUMNS, "digest") if name not in event]
        if missing:
            return f"event {place} lacks {', '.join(missing)}"
        if event["seq"] != place:
            return f"event {place} is missing; the next one is event {event['seq']}"
        if event["stream"] != events[0]["stream"]:
            return f"event {place} belongs to another history"
        digest = hashlib.sha256(digest + sealed_text(event).encode()).digest()
        if digest.hex() != event["digest"]:
            return f"event {place} is not as it was sealed"
    return None


def merkle_root(leaves: list[bytes]) -> bytes:
    """The root over leaves in their order; an odd one is carried up."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves] or [GENESIS]
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\x01" + p[0] + p[1]).digest() if len(p) == 2 else p[0] for p in pairs]
    return level[0]


def anchor_file_faults(document: dict[str, Any]) -> Iterator[str]:
    """Every anchor of a file whose root is not that of its list."""
    if document.get("format") != ANCHORS_FORMAT:
        yield f"the format of the anchors is not {ANCHORS_FORMAT}"
        return
    for anchor in document["anchors"]:
        leaves = [canonical(head).encode() for head in sorted(anchor["heads"])]
        if merkle_root(leaves).hex() != anchor["root"]:
            yield f"anchor {anchor['anchor']} does not have its root"


def faults_by_anchors(history: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    """What anchors saw of a history that it does not show; those made after its export may have seen more."""
    events = history["events"]
    for anchor, seq, digest in _heads_of(history, document):
        if seq > len(events):
            if _made_at(anchor) <= datetime.fromisoformat(history["exported_at"]):
                yield f"anchor {anchor['anchor']} saw event {seq}; it is gone"
        elif events[seq - 1]["digest"] != digest:
            yield f"anchor {anchor['anchor']} saw another event {seq}"


def file_faults(folder: Path) -> Iterator[str]:
    """Every file that is named by a SHA-256 and has another one."""
    for path in sorted(folder.rglob("*")):
        named = NAMED_BY_DIGEST.match(path.name)
        if named and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != named.group():
            yield f"the file {path.relative_to(folder)} does not have the SHA-256 of its name"


def _heads_of(history: dict[str, Any], document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int, str]]:
    stream = history["events"][0]["stream"] if history["events"] else None
    for anchor in document["anchors"]:
        for anchored, seq, digest in anchor["heads"]:
            if anchored == stream:
                yield anchor, seq, digest


def _made_at(anchor: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(anchor["made_at"])


def prove(history: dict[str, Any] | None, anchors: dict[str, Any] | None, folder: Path | None) -> list[str]:
    """Every fault of what is given; empty when all is as it was sealed."""
    faults = list(anchor_file_faults(anchors)) if anchors else []
    if history is not None:
        chain = first_fault(history["events"]) if history["events"] else "there is no event"
        faults += [chain] if chain else []
        faults += faults_by_anchors(history, anchors) if anchors and not faults else []
    return faults + (list(file_faults(folder)) if folder else [])


def verdict(history: dict[str, Any] | None, anchors: dict[str, Any] | None) -> Iterator[str]:
    """What was proven, in lines."""
    if history is not None:
        events = history["events"]
        yield f"Proven: {len(events)} events, last digest {events[-1]['digest']}"
    if history is not None and anchors:
        seen = [min(seq, len(events)) for _, seq, _ in _heads_of(history, anchors)]
        yield f"{len(seen)} anchors saw this history, up to event {max(seen, default=0)}"
    for anchor in anchors["anchors"] if anchors else ():
        root = " ".join(re.findall("....", anchor["root"]))
        yield f"Anchor {anchor['anchor']}, {anchor['made_at']}, {len(anchor['heads'])} histories: {root}"


def histories_in(document: dict[str, Any] | None) -> list[dict[str, Any] | None]:
    """The histories of a file: one, or a list of several; None where only anchors were given."""
    several: list[dict[str, Any] | None] = (
        document["histories"] if document and "histories" in document else []
    )
    return several or [document]


def main(words: list[str] | None = None) -> int:
    """Print the verdict; 0 only when everything is as it was sealed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument("history", nargs="?", help="the history as JSON")
    parser.add_argument("--anchors", help="a file of anchors that was kept elsewhere")
    parser.add_argument("--files", help="a folder of files that are named by their SHA-256")
    given = parser.parse_args(words)
    if not given.history and not given.anchors:
        parser.print_help()
        return 2
    try:
        anchors, folder = _read(given.anchors), Path(given.files) if given.files else None
        histories = histories_in(_read(given.history))
        faults = [
            f"history {(history or {})['instance']}: {fault}" if len(histories) > 1 else fault
            for history in histories
            for fault in prove(history, anchors, folder)
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"NOT PROVEN: a file cannot be read: {type(error).__name__}: {error}")
        return 1
    for fault in faults:
        print(f"NOT PROVEN: {fault}")
    proven = [] if faults else histories
    for line in dict.fromkeys(line for history in proven for line in verdict(history, anchors)):
        print(line)
    return 1 if faults else 0


def _read(path: str | None) -> dict[str, Any] | None:
    if path is None:
        return None
    found: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
