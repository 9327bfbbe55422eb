"""Letters (公文): what came in or went out, by number; a wrong entry is corrected, never overwritten."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from engine.errors import FieldError, Invalid

CORRECTABLE_FIELDS = frozenset(
    {"issuer", "prefix", "number", "doc_type", "doc_on", "received_on", "speed", "subject", "to", "cc",
     "reply_due_on", "outcome", "sent_by", "attachments"}
)  # fmt: skip
_DATES = ("doc_on", "received_on", "reply_due_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of the register (來文 `in`, 發文 `out`). `id` is 0 until the store has given it a number.

    `corrections` holds, oldest first, {"at", "by", "reason", "before"} of every correction entry.
    """

    plan_key: str
    direction: str
    issuer: str
    prefix: str
    number: str
    doc_type: str
    doc_on: date
    subject: str
    id: int = 0
    received_on: date | None = None
    speed: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    reply_due_on: date | None = None
    outcome: str | None = None
    sent_by: str | None = None
    attachments: tuple[dict[str, Any], ...] = ()
    corrections: tuple[dict[str, Any], ...] = ()

    @property
    def full_number(self) -> str:
        """The number as people write it: 經標高秘字第11490000470號; the prefix ends in 字."""
        return f"{self.prefix}第{self.number}號"

    def json(self) -> dict[str, Any]:
        """JSON with ISO dates; `letter_from_json` reads it."""
        fields = asdict(self)
        for name in _DATES:
            fields[name] = fields[name].isoformat() if fields[name] else None
        for name in ("to", "cc", "attachments", "corrections"):
            fields[name] = list(fields[name])
        return fields


def letter_from_json(fields: dict[str, Any]) -> Letter:
    """The letter that `Letter.json` wrote."""
    dates = {name: date.fromisoformat(fields[name]) for name in _DATES if fields.get(name)}
    lists = {name: tuple(fields.get(name, ())) for name in ("to", "cc", "attachments", "corrections")}
    return Letter(**{**fields, **dict.fromkeys(_DATES), **dates, **lists})


def corrected(letter: Letter, changes: dict[str, Any], *, reason: str, at: str, by: str) -> Letter:
    """The letter with some fields changed and the values before kept in its corrections.

    Invalid for a field that is never corrected.
    """
    unknown = sorted(changes.keys() - CORRECTABLE_FIELDS)
    if unknown:
        template = "This field cannot be corrected"
        raise Invalid(tuple(FieldError(path=name, template=template) for name in unknown))
    fields = letter.json()
    entry = {"at": at, "by": by, "reason": reason, "before": {name: fields[name] for name in sorted(changes)}}
    return replace(
        letter_from_json({**fields, **changes}), id=letter.id, corrections=(*letter.corrections, entry)
    )


def entries_before(letter: Letter) -> Iterator[Letter]:
    """The letter as it was registered before each of its corrections, the latest first."""
    entry = letter
    for correction in reversed(letter.corrections):
        entry = letter_from_json({**entry.json(), **correction["before"]})
        yield entry
