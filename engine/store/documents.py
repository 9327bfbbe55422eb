"""Versioned documents: JSON by owner, kind and key; a new version is added, an old one never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.canonical import canonical_json
from engine.domain.document import Document, DocumentRef
from engine.errors import NotFound, ProcessFailed
from engine.store import tables
from engine.store.repository import Repository

if TYPE_CHECKING:
    from engine.store.unit_of_work import Reader

_VERSION = tables.document_version.c
_BODY = tables.content.c.body
_PLAN = "plan"  # the kind of document that makes its owner a plan
JSON_TYPE = "application/json"
VersionName = tuple[str, str, str, int]  # owner, kind, key, number
Versions = list[Document]  # named, because `Documents.list` hides the built-in one


class Documents(Repository):
    """Documents; `put` is told by the next event of the unit of work."""

    def put(self, owner: str, kind: str, key: str, body: dict[str, Any], *, note: str = "") -> DocumentRef:
        """Add the next version of a document, also when its body equals the latest one.

        A restricted instance writes none beside a plan: whoever sees a plan reads what is kept under its key.
        """
        uow = self.writer
        if uow.current and uow.current.instance.restricted_to and self.keys(owner, _PLAN):
            raise ProcessFailed(reason=f"a restricted instance writes no document of the plan {owner}")
        digest = uow.content.put(canonical_json(body).encode(), JSON_TYPE)
        latest = sa.select(sa.func.max(_VERSION.no)).where(_is(owner, kind, key))
        ref = DocumentRef(
            owner=owner, kind=kind, key=key, no=(self.core.execute(latest).scalar() or 0) + 1, digest=digest
        )
        fields = {
            "owner": owner, "kind": kind, "key": key, "no": ref.no, "note": note,
            "made_at": to_micros(uow.now),
            "made_by": uow.actor.user_id, "task_id": uow.current_task_id,
        }  # fmt: skip
        self.write(sa.insert(tables.document_version), {**fields, "digest": bytes.fromhex(digest)})
        uow.collect("documents", {**fields, "digest": digest})
        return ref

    def find(self, owner: str, kind: str, key: str = "", no: int | None = None) -> Document | None:
        """One version of a document (the latest unless `no` is given), if there is one."""
        query = _select().where(_is(owner, kind, key)).order_by(_VERSION.no.desc()).limit(1)
        if no is not None:
            query = query.where(_VERSION.no == no)
        row = self.core.execute(query).first()
        return _document(row) if row else None

    def get(self, owner: str, kind: str, key: str = "", no: int | None = None) -> Document:
        """One version of a document; NotFound when there is none."""
        found = self.find(owner, kind, key, no)
        if found is None:
            raise NotFound(kind="document", id="/".join(part for part in (owner, kind, key) if part))
        return found

    def keys(self, owner: str, kind: str) -> list[str]:
        """The keys under which an owner has documents of a kind."""
        wanted = sa.and_(_VERSION.owner == owner, _VERSION.kind == kind)
        return list(
            self.core.execute(
                sa.select(_VERSION.key).where(wanted).distinct().order_by(_VERSION.key)
            ).scalars()
        )

    def list(self, owner: str, kind: str) -> Versions:
        """The latest version of every document of a kind, by key."""
        return self.list_of((owner,), kind)

    def list_of(self, owners: Iterable[str], kind: str) -> Versions:
        """The latest version of every document of a kind that one of the owners has, by owner and key."""
        newer = tables.document_version.alias().c
        is_latest = ~sa.exists().where(
            newer.owner == _VERSION.owner, newer.kind == _VERSION.kind, newer.key == _VERSION.key,
            newer.no > _VERSION.no,
        )  # fmt: skip
        wanted = _select().where(_VERSION.owner.in_(owners), _VERSION.kind == kind, is_latest)
        return _documents(self.core.execute(wanted.order_by(_VERSION.owner, _VERSION.key)))

    def versions(self, owner: str, kind: str, key: str = "") -> Versions:
        """Every version of a document, oldest first."""
        return _documents(self.core.execute(_select().where(_is(owner, kind, key)).order_by(_VERSION.no)))

    def all_versions(self, owner: str, kind: str, beginning: str) -> Versions:
        """Every version of every document whose key begins so, in the order in which they were made."""
        begins = _VERSION.key.startswith(beginning, autoescape=True)
        wanted = sa.and_(_VERSION.owner == owner, _VERSION.kind == kind, begins)
        order = (_VERSION.made_at, _VERSION.key, _VERSION.no)
        return _documents(self.core.execute(_select().where(wanted).order_by(*order)))

    def exactly(
        self, wanted: Iterable[tuple[str, str, str, int]]
    ) -> dict[tuple[str, str, str, int], Document]:
        """Those of the named versions (owner, kind, key, number) that exist, in one statement."""
        columns = sa.tuple_(_VERSION.owner, _VERSION.kind, _VERSION.key, _VERSION.no)
        named = sorted(set(wanted))
        if not named:
            return {}
        found = _documents(self.core.execute(_select().where(columns.in_(named))))
        return {(one.owner, one.kind, one.key, one.no): one for one in found}


class PinnedDocuments(Documents):
    """Documents of which some are read in an earlier version: whoever asks for the latest gets that one."""

    def __init__(self, reader: Reader, versions: Mapping[tuple[str, str, str], int]) -> None:
        super().__init__(reader)
        self._versions = versions

    def find(self, owner: str, kind: str, key: str = "", no: int | None = None) -> Document | None:
        """One version of a document: the given one, else the one that is pinned, else the latest."""
        return super().find(owner, kind, key, no or self._versions.get((owner, kind, key)))


def _select() -> sa.Select[Any]:
    return sa.select(tables.document_version, _BODY).join_from(
        tables.document_version, tables.content, tables.content.c.digest == _VERSION.digest
    )


def _is(owner: str, kind: str, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(_VERSION.owner == owner, _VERSION.kind == kind, _VERSION.key == key)


def _documents(rows: Iterable[Any]) -> Versions:
    return [_document(row) for row in rows]


def _document(row: Any) -> Document:
    owner, kind, key, no, digest, note, made_at, made_by, task_id, body = row
    return Document(
        owner=owner, kind=kind, key=key, no=no, digest=bytes(digest).hex(), note=note,
        made_at=from_micros(made_at),
        made_by=made_by, task_id=task_id, body=json.loads(bytes(body)),
    )  # fmt: skip
