"""The working plan: reading it, writing its next version, and what forms need to know of it."""

from datetime import date
from typing import Any

from engine.domain.document import DocumentRef
from engine.domain.identity import Agency, UnitKind
from engine.errors import FieldError, Invalid
from engine.plan.document import Plan, PlanUnit, from_json, to_json
from engine.plan.rule_error import PlanRuleError
from engine.plan.vocabulary import SECTION_LABELS
from engine.store.unit_of_work import Reader, UnitOfWork

PLAN = "plan"
COMPILATION = "compilation"
AGENCY_NAME = "經濟部標準檢驗局高雄分局"
AGENCY_ID = "bsmi_khh"
REWARD_RULES = ("reward_clause:1",)


def load_plan(reader: Reader, plan_key: str) -> Plan:
    """The latest version of the working plan."""
    return from_json(reader.documents.get(plan_key, PLAN).body)


def save_plan(uow: UnitOfWork, plan_key: str, plan: Plan, note: str) -> DocumentRef:
    """A new version of the working plan; the same content makes no new version."""
    body = to_json(plan)
    before = uow.documents.find(plan_key, PLAN)
    if before is not None and before.body == body:
        return before.ref
    return uow.documents.put(plan_key, PLAN, "", body, note=note)


def plan_panel(reader: Reader, plan_key: str) -> dict[str, Any]:
    """Which version of the plan a form shows."""
    found = reader.documents.get(plan_key, PLAN)
    return {"version": found.no, "digest": found.digest, "plan_key": plan_key}


def plan_units(reader: Reader) -> tuple[PlanUnit, ...]:
    """The active line and staff units of the branch, as a plan names them."""
    return tuple(
        PlanUnit(id=unit.id, label=unit.label, kind="line" if unit.kind is UnitKind.LINE else "staff")
        for unit in reader.organisation.units()
        if unit.active and unit.agency is Agency.BRANCH and unit.kind in (UnitKind.LINE, UnitKind.STAFF)
    )


def element_choices(plan: Plan) -> list[tuple[str, str]]:
    """Every section and action that a remark can point at."""
    sections = list(SECTION_LABELS.items())
    return [*sections, *((action.id, f"{action.id} {action.summary[:40]}") for action in plan.actions())]


def element_label(plan: Plan, element_id: str) -> str:
    """The words for a section or action."""
    return dict(element_choices(plan)).get(element_id, element_id)


def refused(error: PlanRuleError, path: str) -> Invalid:
    """A refusal of a plan rule as a fault of one field."""
    return Invalid((FieldError(path=path, template=error.template, params=dict(error.params)),))


def parse_day(value: Any) -> date | None:
    """The date of a form value, None when it is empty."""
    return date.fromisoformat(value) if value else None
