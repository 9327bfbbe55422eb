"""What a waiting token means outside: an open task, a request to an activity, a timer, a subscription."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.domain.identity import ANY_UNIT, PERSON, ROLES
from engine.domain.instance import ActivityRequest, OpenedTask, Subscription, WaitingTimer
from engine.domain.task import LONGEST_GRACE, Candidate
from engine.runtime.diagram import Element
from engine.runtime.driver import StepFailed, path_of
from engine.runtime.events import correlation_text
from engine.runtime.functions import private_copy
from engine.runtime.moments import parse_instant
from engine.runtime.specs import value_of
from engine.runtime.variables import visible


def opened_task(token: Any, title: str) -> OpenedTask:
    """The task of a ready user task, with candidates, due time and inputs as of now."""
    element: Element = token.task_spec.element
    form = token.workflow.run.parsed.forms[element.form]
    due_at = _instant(token, element.due)
    return OpenedTask(
        id=token.id,
        process_key=element.process_key,
        element_id=element.id,
        path=path_of(token),
        label=element.name,
        subject=str(value_of(token, element.subject)) if element.subject else title,
        candidates=candidates_of(token),
        due_at=due_at,
        late_after_at=_late_after(token, element, due_at),
        excluded=_excluded(token, element),
        inputs={name: member_at(token.data, name) for name in form.inputs},
    )


def member_at(variables: Mapping[str, Any], path: str) -> Any:
    """A private copy of the value at a dotted path such as `assign_units.note`; None where nothing is."""
    value: Any = variables
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return private_copy(value)


def candidates_of(token: Any) -> tuple[Candidate, ...]:
    """From the task's own expression (a role, or pairs of role and unit), else from the role of its lane."""
    element: Element = token.task_spec.element
    role: Any = value_of(token, element.role_from) if element.role_from else element.role
    unit: Any = value_of(token, element.unit) if element.unit else ANY_UNIT
    pairs = role if isinstance(role, list) else [[role, unit]]
    candidates = []
    for pair in pairs:
        if not _is_candidate(pair):
            raise StepFailed(f"“{pair!s:.80}” is not a pair of a known role and a unit")
        candidate = Candidate(role=pair[0], unit=pair[1] or ANY_UNIT)
        if candidate not in candidates:
            candidates.append(candidate)
    if not candidates:
        raise StepFailed("nobody may take this task: the list of roles is empty")
    return tuple(candidates)


def _is_candidate(pair: Any) -> bool:
    """True for a known role with a unit, if any, and for one named person."""
    if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str | None)):
        return False
    return pair[0] in ROLES or (pair[0] == PERSON and bool(pair[1]))


def _excluded(token: Any, element: Element) -> tuple[str, ...]:
    """The people who may not take the task, each once and in the order of their ids."""
    if not element.excludes:
        return ()
    users = value_of(token, element.excludes)
    if not isinstance(users, list) or not all(isinstance(user, str) for user in users):
        raise StepFailed(
            f"the people whom {element.id} excludes are not a list of user ids: {element.excludes}"
        )
    return tuple(sorted(set(users)))


def _late_after(token: Any, element: Element, due_at: datetime | None) -> datetime | None:
    """The end of the days of grace: the due time itself where the diagram names none, and never before it."""
    if due_at is None:
        return None
    late_after_at = _instant(token, element.late_after) or due_at
    if late_after_at > due_at + LONGEST_GRACE:
        raise StepFailed(
            f"{element.id} would be late only after {LONGEST_GRACE.days} days and more: {element.late_after}"
        )
    return max(due_at, late_after_at)


def _instant(token: Any, expression: str | None) -> datetime | None:
    if not expression:
        return None
    try:
        return parse_instant(value_of(token, expression))
    except ValueError as error:
        raise StepFailed(f"{error}: {expression}") from None


def activity_request(token: Any) -> ActivityRequest:
    """The request of a service task, with its own copy of the variables."""
    element: Element = token.task_spec.element
    return ActivityRequest(
        task_id=token.id,
        process_key=element.process_key,
        element_id=element.id,
        activity=element.activity or "",
        data=private_copy(visible(token.data)),
    )


def waiting_timer(token: Any) -> WaitingTimer | None:
    """The timer of a token; None for one that never falls due."""
    due = token.internal_data.get("due")
    if due is None:
        return None
    return WaitingTimer(
        task_id=token.id, element_id=token.task_spec.element.id, due_at=datetime.fromisoformat(due)
    )


def subscription(token: Any) -> Subscription:
    """What a token that waits for a message subscribes to."""
    element: Element = token.task_spec.element
    expression = element.sender or element.correlation
    correlation = correlation_text(value_of(token, expression)) if expression else ""
    return Subscription(
        task_id=token.id,
        process_key=element.process_key,
        element_id=element.id,
        name=element.message or "",
        correlation=correlation,
        role=element.role if element.form and not element.sender else None,
        form=element.form,
    )
