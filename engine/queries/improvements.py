"""公告 of a year's improvement status (陸.一(一)): findings and where they stand, no person's name."""

from dataclasses import dataclass
from datetime import date

from engine.activities.improvement import items_of_year, year_of
from engine.activities.working_plan import AGENCY_ID
from engine.domain.document import Document
from engine.domain.identity import Agency, Unit
from engine.domain.permission import may_see_agency
from engine.errors import NotFound
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementLine:
    """One finding that had to be improved, and the year whose assessment found it."""

    roc_year: int
    unit: str
    finding: str
    due_on: date
    state: str
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementNotice:
    """What was published, and how every finding stands today. `summary` is empty before its publication.

    What earlier years left unimproved comes first: an item outlives the cycle that found it (陸.一(一)).
    """

    roc_year: int
    summary: str
    url: str
    published_on: date | None
    lines: tuple[ImprovementLine, ...]
    improved: int


def improvement_notice(reader: Reader, roc_year: int) -> ImprovementNotice:
    """The notice of a year; NotFound for no such plan, or when the reader may not see it."""
    plan_key = f"{reader.organisation.setting('agency_id', AGENCY_ID)}:{roc_year}"
    if not may_see_agency(reader.actor, Agency.BRANCH) or reader.documents.find(plan_key, "plan") is None:
        raise NotFound(kind="plan", id=roc_year)
    units = {unit.id: unit for unit in reader.organisation.units()}
    items = items_of_year(reader, plan_key)
    items.sort(key=lambda item: (year_of(item), _position(units, item.body["unit"]), item.key))
    lines = tuple(_line(units, item) for item in items)
    published = reader.documents.find(plan_key, "improvement_status")
    told = published.body if published else {}
    return ImprovementNotice(
        roc_year=roc_year,
        summary=str(told.get("summary", "")),
        url=str(told.get("url", "")),
        published_on=date.fromisoformat(told["published_on"]) if published else None,
        lines=lines,
        improved=sum(line.closed_on is not None for line in lines),
    )


def _position(units: dict[str, Unit], unit_id: str) -> int:
    return units[unit_id].position if unit_id in units else 0


def _line(units: dict[str, Unit], item: Document) -> ImprovementLine:
    body = item.body
    return ImprovementLine(
        roc_year=year_of(item),
        unit=units[body["unit"]].label if body["unit"] in units else body["unit"],
        finding=body["finding"],
        due_on=date.fromisoformat(body["due_on"]),
        state=body["state_label"],
        closed_on=date.fromisoformat(body["closed_on"]) if body.get("closed_on") else None,
    )
