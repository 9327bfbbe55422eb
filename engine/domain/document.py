"""Documents: versioned JSON beside the process variables, and the files that people upload."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """Names one version of a document; `digest` is the hex SHA-256 of its canonical JSON."""

    owner: str
    kind: str
    key: str
    no: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One version of a document with its body, and who made it in which task."""

    owner: str
    kind: str
    key: str
    no: int
    digest: str
    note: str
    made_at: datetime
    made_by: str
    task_id: int | None
    body: dict[str, Any]

    @property
    def ref(self) -> DocumentRef:
        return DocumentRef(owner=self.owner, kind=self.kind, key=self.key, no=self.no, digest=self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """One uploaded file, as it stands in the values of a form."""

    digest: str
    name: str
    size: int
    media_type: str

    def json(self) -> dict[str, Any]:
        return {"digest": self.digest, "name": self.name, "size": self.size, "media_type": self.media_type}
