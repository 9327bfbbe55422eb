"""Passwords and tokens against the organisation's stream: nobody gets into an account by a row alone."""

from collections.abc import Iterator
from typing import Any

from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.domain.identity import password_seal
from engine.replay.told_rows import Expected, Key, Rows, StreamFault, by_key, compared, expect, fold
from engine.store import tables
from engine.store.proof_rows import Columns, ProofRows, Told
from engine.store.unit_of_work import Reader

_TYPES = (EventType.PASSWORD_CHANGED, EventType.TOKEN_ISSUED, EventType.TOKEN_REVOKED)


class ToldCredentials:
    """Passwords and tokens as events tell them.

    Events of earlier versions tell no seal of a hash and no name of a token: such a password is compared
    by when it was set, such a token by whose it is, what it is called and when it was issued.
    """

    def __init__(self) -> None:
        self.passwords: Rows = {}
        self.tokens: Rows = {}
        self._unnamed: dict[Key, list[Expected]] = {}
        self._revoked: dict[str, int] = {}

    def read(self, event: Told) -> None:
        """Take over one change."""
        told = event.data
        if event.type == EventType.PASSWORD_CHANGED:
            sealed = {"hash": told["seal"]} if "seal" in told else {}
            columns = {"changed_at": event.occurred_at, "must_change": told["must_change"], **sealed}
            expect(self.passwords, (told["user"],), event, **columns)
        elif event.type == EventType.TOKEN_REVOKED:
            self._revoked[told["token"]] = event.occurred_at
        else:
            columns = {"user_id": told["user"], "label": told["label"], "issued_at": event.occurred_at}
            issued = Expected(stream=event.stream, seq=event.seq, columns=columns)
            if "token" in told:
                self.tokens[(told["token"],)] = issued
            else:
                self._unnamed.setdefault(tuple(columns.values()), []).append(issued)

    def name_tokens(self, stored: dict[Key, Columns]) -> None:
        """Let each event that names no token tell one of the stored ones that it may have told."""
        for key, row in stored.items():
            of_event = self._unnamed.get((row["user_id"], row["label"], row["issued_at"]))
            if key not in self.tokens and of_event:
                self.tokens[key] = of_event.pop(0)
        for issued in self.tokens.values():
            issued.columns["revoked_at"] = None
        for digest, at in self._revoked.items():
            if (digest,) in self.tokens:
                self.tokens[(digest,)].columns["revoked_at"] = at


def credential_faults(reader: Reader) -> Iterator[StreamFault]:
    """(stream, fault) for every password and token that is not as the organisation's stream tells.

    One that is missing opens no door: a copy for somebody else may well come without them.
    """
    rows, told = ProofRows(reader), ToldCredentials()
    yield from fold(rows.told(ORGANISATION_STREAM, _TYPES), told.read)
    passwords = by_key([_sealed(row) for row in rows.rows(tables.password)], "user_id")
    tokens = by_key([_named(row) for row in rows.rows(tables.api_token)], "digest")
    told.name_tokens(tokens)
    for table, expected, stored in (
        (tables.password, told.passwords, passwords),
        (tables.api_token, told.tokens, tokens),
    ):
        told_of = {key: row for key, row in expected.items() if key in stored}
        for stream, _, fault in compared(table.name, told_of, stored, lambda _: ORGANISATION_STREAM):
            yield stream, fault


def _sealed(row: Columns) -> dict[str, Any]:
    return {**row, "hash": password_seal(row["user_id"], row["hash"])}


def _named(row: Columns) -> dict[str, Any]:
    return {**row, "digest": bytes(row["digest"]).hex()}
