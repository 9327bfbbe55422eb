"""The plan as JSON and back. The same plan always gives the same JSON, so that its digest can be signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from engine.plan.document_number import DocumentNumber
from engine.plan.rule_error import PlanRuleError
from engine.plan.tree import (
    Action,
    Assessment,
    BasisLetter,
    Method,
    Plan,
    PlanUnit,
    Rewards,
    Sections,
    Steps,
    Strategy,
    Target,
)

SCHEMA = "planflow-plan/1"

T = TypeVar("T")
Reader = Callable[[Any], Any]


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan in JSON types only: dates ISO, decimals as plain strings without idle zeros."""
    return {"schema": SCHEMA, **_encode(plan)}


def from_json(body: Mapping[str, Any]) -> Plan:
    """The plan of that JSON, exactly as it was; PlanRuleError when it is not a plan document."""
    if body.get("schema") != SCHEMA:
        raise PlanRuleError("This is not a plan document of the form {schema}", schema=SCHEMA)
    try:
        return _plan({name: value for name, value in body.items() if name != "schema"})
    except PlanRuleError:
        raise
    except (AttributeError, ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise PlanRuleError("The plan document cannot be read: {reason}", reason=error) from error


def action_to_json(action: Action) -> dict[str, Any]:
    """One action in JSON types, e.g. for a form."""
    encoded: dict[str, Any] = _encode(action)
    return encoded


def action_from_json(body: Mapping[str, Any]) -> Action:
    """The action of that JSON; PlanRuleError when it is none."""
    try:
        return _action(body)
    except PlanRuleError:
        raise
    except (AttributeError, ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise PlanRuleError("The action cannot be read: {reason}", reason=error) from error


def decimal_text(number: Decimal) -> str:
    """A decimal without exponent and idle zeros: 120, 0.5."""
    text = format(number, "f")
    trimmed = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if trimmed in ("-0", "") else trimmed


def _encode(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_encode(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _encode(each) for name, each in value.items()}
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _build(kind: type[T], body: Mapping[str, Any], **readers: Reader) -> T:
    """An instance of `kind`: fields without a reader are taken as they are, unknown fields refused."""
    return kind(**{name: readers[name](value) if name in readers else value for name, value in body.items()})


def _many(reader: Reader) -> Reader:
    def read(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(reader(value) for value in values)

    return read


def _maybe(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        return None if value is None else reader(value)

    return read


_texts = _many(str)
_maybe_date = _maybe(date.fromisoformat)


def _number(body: Mapping[str, Any]) -> DocumentNumber:
    return _build(DocumentNumber, body)


def _target(body: Mapping[str, Any]) -> Target:
    return _build(Target, body, value=Decimal, baseline=_maybe(Decimal))


def _action(body: Mapping[str, Any]) -> Action:
    return _build(
        Action,
        body,
        owner_units=_texts,
        targets=_many(_target),
        milestone_on=_maybe_date,
        evidence_kinds=_texts,
        tags=_texts,
    )


def _method(body: Mapping[str, Any]) -> Method:
    return _build(Method, body, units=_texts, actions=_many(_action))


def _strategy(body: Mapping[str, Any]) -> Strategy:
    return _build(Strategy, body, methods=_many(_method))


def _letter(body: Mapping[str, Any]) -> BasisLetter:
    return _build(BasisLetter, body, issued_on=_maybe_date, number=_maybe(_number))


def _steps(body: Mapping[str, Any]) -> Steps:
    return _build(Steps, body)


def _assessment(body: Mapping[str, Any]) -> Assessment:
    return _build(Assessment, body, k2_on=_maybe_date, k3_on=_maybe_date, k4_on=_maybe_date)


def _rewards(body: Mapping[str, Any]) -> Rewards:
    return _build(Rewards, body)


def _sections(body: Mapping[str, Any]) -> Sections:
    return _build(Sections, body, scope_units=_texts, steps=_steps, assessment=_assessment, rewards=_rewards)


def _unit(body: Mapping[str, Any]) -> PlanUnit:
    return _build(PlanUnit, body)


def _plan(body: Mapping[str, Any]) -> Plan:
    return _build(
        Plan,
        body,
        units=_many(_unit),
        basis=_many(_letter),
        sections=_sections,
        strategies=_many(_strategy),
        not_applicable=dict,
    )
