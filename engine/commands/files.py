"""Uploads: a file is checked by its content and kept by its digest; a digest alone gives no right to it."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.domain.definition import FormDefinition
from engine.domain.document import FileRef
from engine.domain.form import EMPTY_CONTENT, FormContent
from engine.errors import FieldError, Invalid
from engine.forms import file_entries, files_within
from engine.forms.faults import FILE_GONE
from engine.forms.uploads import check_upload
from engine.store.unit_of_work import UnitOfWork


def add_file(uow: UnitOfWork, *, name: str, body: bytes) -> FileRef:
    """Keep an upload of the actor; Invalid when its content is not of a kind that may be attached."""
    checked = check_upload(name, body)
    return uow.files.add(checked.name, body, checked.media_type)


def refuse_foreign_files(uow: UnitOfWork, form: FormDefinition, values: Mapping[str, Any]) -> None:
    """Invalid when values without a task name a file that the actor did not bring."""
    errors = tuple(foreign_files(uow, form, EMPTY_CONTENT, values))
    if errors:
        raise Invalid(errors)


def foreign_files(
    uow: UnitOfWork, form: FormDefinition, content: FormContent, values: Mapping[str, Any]
) -> Iterator[FieldError]:
    """A fault for each file that the actor neither brought nor was shown."""
    shown = files_within([content.values, content.panels])
    for path, file in file_entries(form, values):
        if file != shown.get(file["digest"]) and not is_own_file(uow, file):
            yield FieldError(path=path, template=FILE_GONE)


def is_own_file(uow: UnitOfWork, file: Mapping[str, Any]) -> bool:
    """True for a reference to an upload of the actor, told as it was kept."""
    digest = str(file["digest"])
    is_digest = len(digest) == 64 and all(letter in "0123456789abcdef" for letter in digest)
    if not is_digest or not uow.files.was_uploaded_by(digest, uow.actor.user_id):
        return False
    kept = uow.files.get(digest)
    return (file["size"], file["media_type"]) == (kept.size, kept.media_type)
