"""Anchors as a file that is kept where nobody who writes the database can write."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from engine.clock import TAIPEI
from engine.domain.anchor import KeptAnchor
from engine.errors import FieldError, Invalid

FORMAT = "planflow-anchors/1"
ABOUT = {
    "heads": "the last event of every history as [stream, number, digest], in the order of streams",
    "root": "the Merkle root over them: a leaf is SHA-256(byte 0 + JSON of one list without blanks), a pair"
    " is SHA-256(byte 1 + left + right), an odd one is carried up, until one is left",
    "compare": "planflow verify --anchors FILE; without planflow: python3 verify_chain.py --anchors FILE",
    "說明": "每一錨列出當時各歷程的最後一筆；根值可由此清單重算，並與紙本備查單核對",
}


def anchor_lines(anchors: Iterable[KeptAnchor], exported_at: datetime) -> Iterator[str]:
    """The file piece by piece, one anchor at a time, because years of anchors are large."""
    head = {"format": FORMAT, "about": ABOUT, "exported_at": _local(exported_at)}
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "anchors": ['
    for number, anchor in enumerate(anchors):
        told = {
            "anchor": anchor.id, "made_at": _local(anchor.made_at), "root": anchor.root,
            "streams": len(anchor.heads), "events": sum(seq for _, seq, _ in anchor.heads),
            "heads": [[stream, seq, digest.hex()] for stream, seq, digest in anchor.heads],
        }  # fmt: skip
        yield ("," if number else "") + "\n  " + json.dumps(told, separators=(",", ":"))
    yield "\n ]\n}\n"


def read_anchor_file(text: str) -> tuple[KeptAnchor, ...]:
    """The anchors of a file; Invalid for a text that is no such file."""
    try:
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise ValueError(told["format"])
        return tuple(_anchor(each) for each in told["anchors"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid((FieldError(path="anchors", template="This is no file of anchors"),)) from error


def _anchor(told: dict[str, Any]) -> KeptAnchor:
    return KeptAnchor(
        id=int(told["anchor"]),
        made_at=datetime.fromisoformat(told["made_at"]),
        root=str(told["root"]),
        heads=tuple((int(s), int(seq), bytes.fromhex(digest)) for s, seq, digest in told["heads"]),
    )


def _local(at: datetime) -> str:
    return at.astimezone(TAIPEI).isoformat()
