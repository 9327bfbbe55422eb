"""Proves the chain of an exported history without planflow: python3 verify_chain.py history.json

Every event carries SHA-256(previous digest + canonical JSON of its columns). This program computes each of
them again, names the first event that differs, and exits with 1. It needs Python 3.8 and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

GENESIS = b"\x00" * 32
COLUMNS = (
    "stream", "seq", "type", "origin", "actor", "on_behalf_of", "role", "unit", "occurred_at", "command_id",
    "element_id", "task_id", "data",
)  # fmt: skip


def sealed_text(event: dict[str, Any]) -> str:
    """The text under an event's digest: a canonical JSON array of its columns."""
    columns = [event[name] for name in COLUMNS]
    return json.dumps(columns, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def first_fault(events: list[dict[str, Any]]) -> str | None:
    """What is wrong first, or None."""
    digest = GENESIS
    for place, event in enumerate(events, start=1):
        if event["seq"] != place:
            return f"event {place} is missing; the next one is event {event['seq']}"
        if event["stream"] != events[0]["stream"]:
            return f"event {place} belongs to another history"
        digest = hashlib.sha256(digest + sealed_text(event).encode()).digest()
        if digest.hex() != event["digest"]:
            return f"event {place} is not as it was sealed"
    return None


def main(path: str) -> int:
    """Print the verdict; 0 only when every event is as it was sealed."""
    events = json.loads(Path(path).read_text("utf-8"))["events"]
    fault = first_fault(events)
    if fault or not events:
        print(f"NOT PROVEN: {fault or 'there is no event'}")
        return 1
    print(f"Proven: {len(events)} events, last digest {events[-1]['digest']}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__)
        raise SystemExit(2)
    raise SystemExit(main(sys.argv[1]))
