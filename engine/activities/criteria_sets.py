"""Sets of criteria as master data: the example that is shipped (範例), and those that the branch released."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from engine.activities.working_plan import AGENCY_ID
from engine.domain.document import Document
from engine.plan.criteria import Criterion
from engine.store.unit_of_work import Reader

CRITERIA_SET = "criteria_set"
EXAMPLE = "example"
DRAFT, RELEASED = "draft", "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaSet:
    """One set. The example belongs to no year and is never changed; neither is a set that was released."""

    key: str
    name: str
    roc_year: int | None
    state: str
    criteria: tuple[Criterion, ...]

    @property
    def total(self) -> int:
        return sum(criterion.max_score for criterion in self.criteria)

    @property
    def may_change(self) -> bool:
        return self.state == DRAFT


def criteria_owner(reader: Reader) -> str:
    """Whose master data the sets are."""
    return str(reader.organisation.setting("agency_id", AGENCY_ID))


def example_set() -> CriteriaSet:
    """The example set; the official items of the award were not found in public sources."""
    text = files("engine.activities").joinpath("criteria.json").read_text(encoding="utf-8")
    body: dict[str, Any] = json.loads(text)
    return CriteriaSet(
        key=EXAMPLE, name=body["name"], roc_year=None, state=RELEASED, criteria=_criteria(body["criteria"])
    )


def all_sets(reader: Reader) -> tuple[CriteriaSet, ...]:
    """Every set, the newest year first, the example last."""
    found = [set_of(document) for document in reader.documents.list(criteria_owner(reader), CRITERIA_SET)]
    return (*sorted(found, key=_newest_first), example_set())


def released_sets(reader: Reader, roc_year: int) -> tuple[CriteriaSet, ...]:
    """What an assessment of a year may choose: the sets released for it or before it, and the example."""
    return tuple(
        each for each in all_sets(reader) if each.state == RELEASED and (each.roc_year or 0) <= roc_year
    )


def set_of(document: Document) -> CriteriaSet:
    """The set of a document."""
    body = document.body
    return CriteriaSet(
        key=document.key, name=body["name"], roc_year=int(body["roc_year"]), state=body["state"],
        criteria=_criteria(body["criteria"]),
    )  # fmt: skip


def _newest_first(each: CriteriaSet) -> tuple[int, int]:
    return -(each.roc_year or 0), -int(each.key.rpartition("-")[2])


def rows_of(criteria: tuple[Criterion, ...]) -> list[dict[str, Any]]:
    """Criteria as rows of JSON."""
    return [{"name": c.name, "max_score": c.max_score, "note": c.note} for c in criteria]


def _criteria(rows: list[dict[str, Any]]) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(name=row["name"], max_score=int(row["max_score"]), note=row.get("note", "")) for row in rows
    )
