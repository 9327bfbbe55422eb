"""A forger with every right over a database: switches its guards off and writes by raw SQL."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from engine.domain.anchor import root_of
from engine.domain.canonical import GENESIS, canonical_json, chain_digest
from engine.domain.history import FIRST_INSTANCE_ID, ORGANISATION_STREAM, sealed_json

COLUMNS = (
    "stream, seq, type, origin, actor, on_behalf_of, role, unit, occurred_at, command_id, element_id,"
    " task_id, data, digest"
)
NOWHERE = 999  # a stream that nobody has
Change = Callable[[dict[str, Any]], object]


class Forger:
    """Raw SQL without triggers and foreign keys."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, **values: Any) -> sa.CursorResult[Any]:
        return self._connection.execute(sa.text(statement), values)

    def events(self, stream: int) -> list[dict[str, Any]]:
        query = f"select {COLUMNS} from history_event where stream = :stream order by seq"
        return [dict(row) for row in self.run(query, stream=stream).mappings()]

    def digest(self, stream: int, seq: int) -> bytes:
        query = "select digest from history_event where stream = :stream and seq = :seq"
        return bytes(self.run(query, stream=stream, seq=seq).scalar_one())

    def swap(self, stream: int, one: int, other: int) -> None:
        """Let two events of a stream change places."""
        for before, after in ((one, 0), (other, one), (0, other)):
            move = "update history_event set seq = :after where stream = :stream and seq = :before"
            self.run(move, stream=stream, before=before, after=after)

    def exchange(self, one: int, other: int) -> None:
        """Let two streams change places."""
        for before, after in ((one, NOWHERE), (other, one), (NOWHERE, other)):
            move = "update history_event set stream = :after where stream = :before"
            self.run(move, before=before, after=after)

    def head(self, stream: int, seq: int, digest: bytes) -> None:
        """Make the row beside a stream agree."""
        table, key = ("process_instance", "id") if stream >= FIRST_INSTANCE_ID else ("stream_head", "stream")
        update = f"update {table} set seq = :seq, head = :head where {key} = :stream"
        self.run(update, seq=seq, head=digest, stream=stream)

    def reseal(self, stream: int, change: Change = lambda event: None, first: int = 1) -> None:
        """Change events from one on, and seal the whole rest of the chain and its head anew."""
        events = self.events(stream)
        digest = bytes(events[first - 2]["digest"]) if first > 1 else GENESIS
        for event in events[first - 1 :]:
            change(event)
            digest = self._put(event, digest)
        self.head(stream, events[-1]["seq"], digest)

    def reseal_anchors(self) -> None:
        """Make every anchor, its list, its row and the event that told it agree with the forged chains."""

        def follow(event: dict[str, Any]) -> None:
            if event["type"] == "anchor_made":
                told = json.loads(event["data"])
                event["data"] = canonical_json(told | self._anchor_anew(told))

        self.reseal(ORGANISATION_STREAM, follow)

    def _put(self, event: dict[str, Any], before: bytes) -> bytes:
        event["digest"] = chain_digest(
            before,
            sealed_json(*(event[name] for name in COLUMNS.split(", ") if name not in ("origin", "digest"))),
        )
        self.run(
            "update history_event set actor = :actor, role = :role, data = :data, digest = :digest"
            " where stream = :stream and seq = :seq",
            **{name: event[name] for name in ("actor", "role", "data", "digest", "stream", "seq")},
        )
        return bytes(event["digest"])

    def _anchor_anew(self, told: dict[str, Any]) -> dict[str, str]:
        query = "select body from content where digest = :digest"
        listed = json.loads(bytes(self.run(query, digest=bytes.fromhex(told["heads"])).scalar_one()))
        heads = [(stream, seq, self.digest(stream, seq)) for stream, seq, _ in listed]
        body = canonical_json([[stream, seq, digest.hex()] for stream, seq, digest in heads]).encode()
        list_digest, root = chain_digest(b"", body.decode()), root_of(heads)
        self.run(
            "insert into content (digest, media_type, size, body) values (:digest, 'application/json', :size,"
            " :body) on conflict do nothing",
            digest=list_digest, size=len(body), body=body,
        )  # fmt: skip
        update = "update anchor set root = :root, heads = :heads where id = :id"
        self.run(update, root=root, heads=list_digest, id=told["anchor"])
        return {"root": root.hex(), "heads": list_digest.hex()}


@contextmanager
def forging(database_url: str) -> Iterator[Forger]:
    """Everything that is done becomes durable together."""
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            query = "select name from sqlite_master where type = 'trigger'"
            for (name,) in connection.execute(sa.text(query)).all():
                connection.exec_driver_sql(f'drop trigger "{name}"')
        else:
            connection.exec_driver_sql("set session_replication_role = replica")
        yield Forger(connection)
    engine.dispose()
