"""Uploaded files, for those who may see the task, the instance or the plan that holds them."""

import json
from typing import Any

import sqlalchemy as sa

from engine.domain.document import FileRef
from engine.domain.permission import may_see_instance
from engine.errors import NotFound
from engine.forms import files_within
from engine.queries.task_page import task_page
from engine.store import tables
from engine.store.unit_of_work import Reader


def file_body(
    reader: Reader, digest: str, *, task_id: int | None = None, instance_id: int | None = None
) -> tuple[FileRef, bytes]:
    """A file with its bytes.

    It is for who brought it, for whom a task shows it to (`task_id`), and for whom may see the instance in
    whose history it stands (`instance_id`). Anybody else gets NotFound, as if there were no such file.
    """
    if not _may_read(reader, digest, task_id, instance_id):
        raise NotFound(kind="file", id=digest)
    return reader.files.get(digest), reader.content.get(digest)


def own_files(reader: Reader, digests: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Those of the uploads that the actor brought, as they stand in the values of a form."""
    user = reader.actor.user_id
    return {
        digest: reader.files.get(digest).json()
        for digest in digests
        if reader.files.was_uploaded_by(digest, user)
    }


def _may_read(reader: Reader, digest: str, task_id: int | None, instance_id: int | None) -> bool:
    if task_id is not None:
        page = task_page(reader, task_id)
        shown = [
            page.task.inputs,
            page.content.values,
            page.content.panels,
            page.closed and page.closed.values,
        ]
        if digest in files_within(shown):
            return True
    if instance_id is not None:
        instance = reader.instances.find(instance_id)
        if instance is not None and may_see_instance(reader.actor, instance):
            reader.looks_at(instance)
            if _is_in_history(reader, instance_id, digest):
                return True
    return reader.files.was_uploaded_by(digest, reader.actor.user_id)


def _is_in_history(reader: Reader, instance_id: int, digest: str) -> bool:
    """True if an event of the instance names the file, itself or in a document that the event recorded."""
    event = tables.history_event.c
    named = sa.select(
        sa.exists().where(event.stream == instance_id, event.data.contains(digest, autoescape=True))
    )
    if reader.transaction.core.execute(named).scalar() is True:
        return True
    recorded = sa.select(event.data).where(event.stream == instance_id, event.data.contains('"documents":['))
    return any(
        digest in files_within(_body(reader, ref))
        for (data,) in reader.transaction.core.execute(recorded)
        for ref in json.loads(data)["documents"]
    )


def _body(reader: Reader, ref: dict[str, Any]) -> Any:
    return reader.documents.get(ref["owner"], ref["kind"], ref["key"], ref["no"]).body
