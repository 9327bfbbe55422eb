"""The opinions that were asked of colleagues about one task, for those who see the task."""

from dataclasses import dataclass
from datetime import datetime

from engine.activities.opinions import OPINION, owner_of_opinions
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOpinion:
    """One question; `state` is asked, answered or unanswered, `opinion` the answer."""

    name: str
    title: str
    question: str
    asked_at: datetime
    state: str
    opinion: str


def asked_opinions(reader: Reader, task_id: int) -> tuple[AskedOpinion, ...]:
    """Who was asked about a task, the first question first."""
    found = [document.body for document in reader.documents.list(owner_of_opinions(task_id), OPINION)]
    return tuple(
        AskedOpinion(
            name=body["asked_name"], title=body["asked_title"], question=body["question"],
            asked_at=datetime.fromisoformat(body["asked_at"]), state=body["state"],
            opinion=body.get("opinion", ""),
        )
        for body in sorted(found, key=lambda body: str(body["asked_at"]))
    )  # fmt: skip
