"""The plan as a value: sections, and strategies with their methods, actions and targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from engine.plan.document_number import DocumentNumber
from engine.plan.rule_error import PlanRuleError
from engine.plan.vocabulary import ALL_UNITS, LINE_UNITS, OWN_METHOD

Comparator = Literal[">=", "=", "<="]
Period = Literal["year", "half_year", "quarter", "2years"]
Aggregation = Literal["sum", "max", "any", "average", "min"]
TargetOwner = Literal["branch", "bureau"]
UnitKind = Literal["line", "staff"]
ActionKind = Literal["quantified", "milestone", "narrative"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is counted, how much of it, and how results of several units become the branch's result."""

    indicator: str
    value: Decimal
    unit: str
    comparator: Comparator = ">="
    period: Period = "year"
    counting_rule: str = ""
    baseline: Decimal | None = None
    aggregation: Aggregation = "sum"
    owner: TargetOwner = "branch"
    demand_driven: bool = False

    def __post_init__(self) -> None:
        for name, given, known in (
            ("comparator", self.comparator, Comparator),
            ("period", self.period, Period),
            ("aggregation", self.aggregation, Aggregation),
            ("owner", self.owner, TargetOwner),
        ):
            if given not in get_args(known):
                raise PlanRuleError("{value} is not a known {name} of a target", value=given, name=name)
        for number in (self.value, self.baseline):
            if number is not None and not number.is_finite():
                raise PlanRuleError("{number} is not a number of a target", number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One concrete action (具體推動作法). `filled_by` wrote it in place of the unit `filled_for` (代填)."""

    id: str = ""
    summary: str
    owner_units: tuple[str, ...] = ()
    handler: str | None = None
    targets: tuple[Target, ...] = ()
    milestone: str = ""
    milestone_on: date | None = None
    narrative_reason: str = ""
    evidence_kinds: tuple[str, ...] = ()
    creative: bool = False
    inclusive: bool = False
    tags: tuple[str, ...] = ()
    filled_by: str | None = None
    filled_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method (推動方式) with its responsible units and the bureau's item that it answers.

    `bureau_ref` is None until it is mapped; `OWN_METHOD` (分局自訂): the bureau's plan has no such item.
    """

    id: str
    title: str
    units: tuple[str, ...] = ()
    bureau_ref: str | None = None
    needs_review: bool = False
    actions: tuple[Action, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether the branch set this method itself."""
        return self.bureau_ref == OWN_METHOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One strategy (執行策略)."""

    id: str
    title: str
    methods: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisLetter:
    """One letter that the plan rests on. `bureau_plan_year`: it carries the bureau's plan of that year."""

    issuer: str
    issued_on: date | None = None
    number: DocumentNumber | None = None
    subject: str = ""
    also: str = ""
    bureau_plan_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """實施步驟: prose, and whether it contains the reporting and the publication step."""

    text: str = ""
    reporting: bool = False
    publication: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """考核作業: prose, and the three dates of 陸.一(一)(二)(三)."""

    text: str = ""
    k2_on: date | None = None
    k3_on: date | None = None
    k4_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewards:
    """獎勵方式: prose, and the version of the reward rule that applies."""

    text: str = ""
    rule_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The texts of the chapters. `basis` and `strategies` introduce their lists and may stay empty."""

    basis: str = ""
    goal: str = ""
    scope: str = ""
    scope_units: tuple[str, ...] = ()
    strategies: str = ""
    steps: Steps = field(default_factory=Steps)
    assessment: Assessment = field(default_factory=Assessment)
    rewards: Rewards = field(default_factory=Rewards)
    supplement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUnit:
    """A unit as it was named when the plan was made."""

    id: str
    label: str
    kind: UnitKind

    def __post_init__(self) -> None:
        if self.kind not in get_args(UnitKind):
            raise PlanRuleError("{value} is not a kind of unit", value=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of the plan of one agency and ROC year. `not_applicable`: unit id -> its reason."""

    agency: str
    agency_id: str
    roc_year: int
    title: str
    units: tuple[PlanUnit, ...] = ()
    basis: tuple[BasisLetter, ...] = ()
    sections: Sections = field(default_factory=Sections)
    strategies: tuple[Strategy, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """agency:year, the key of everything that belongs to this plan."""
        return f"{self.agency_id}:{self.roc_year}"

    def methods(self) -> Iterator[Method]:
        """Every method, in the plan's order."""
        for strategy in self.strategies:
            yield from strategy.methods

    def actions(self) -> Iterator[Action]:
        """Every action, in the plan's order."""
        for method in self.methods():
            yield from method.actions

    def method(self, method_id: str) -> Method:
        """That method; PlanRuleError when there is none."""
        for method in self.methods():
            if method.id == method_id:
                return method
        raise PlanRuleError("The plan has no method {method}", method=method_id)

    def action(self, action_id: str) -> Action:
        """That action; PlanRuleError when there is none."""
        for action in self.actions():
            if action.id == action_id:
                return action
        raise PlanRuleError("The plan has no action {action}", action=action_id)

    def unit_label(self, unit_id: str) -> str:
        """The name of a unit as this plan knows it; the id for a unit that it does not know."""
        return next((unit.label for unit in self.units if unit.id == unit_id), unit_id)

    def units_text(self, unit_ids: tuple[str, ...]) -> str:
        """Units as the plan prints them: 各單位, 各業務單位 or their names."""
        wanted = set(unit_ids)
        if wanted and wanted == {unit.id for unit in self.units}:
            return ALL_UNITS
        if wanted and wanted == {unit.id for unit in self.units if unit.kind == "line"}:
            return LINE_UNITS
        return "、".join(self.unit_label(unit) for unit in unit_ids)

    def actions_of(self, unit_id: str) -> tuple[Action, ...]:
        """The actions that a unit owns."""
        return tuple(action for action in self.actions() if unit_id in action.owner_units)
