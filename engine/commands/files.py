"""Uploads: a file is checked by its content and kept by its digest."""

from engine.domain.document import FileRef
from engine.forms.uploads import check_upload
from engine.store.unit_of_work import UnitOfWork


def add_file(uow: UnitOfWork, *, name: str, body: bytes) -> FileRef:
    """Keep an upload of the actor; Invalid when its content is not of a kind that may be attached."""
    checked = check_upload(name, body)
    return uow.files.add(checked.name, body, checked.media_type)
