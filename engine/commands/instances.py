"""Process instances: start, cancel, suspend, resume."""

from typing import Any

from engine.activities import amendment
from engine.activities.cancelling import drop_cancelled, may_withdraw, why_not_cancelled
from engine.activities.plan_documents import enter_cancelled
from engine.commands.deliveries import deliver_all, start_linked
from engine.commands.files import refuse_foreign_files
from engine.commands.reasons import check_reason
from engine.commands.steps import Progress, carry_on, check_running
from engine.domain.form import EMPTY_CONTENT, NOT_STORABLE, STRANGE_CHARACTER, structural_fault
from engine.domain.history import EventDraft, EventType
from engine.domain.instance import Instance, InstanceState
from engine.domain.permission import Action, may, may_see_instance, require, require_one_of
from engine.errors import (
    Conflict,
    FieldError,
    InstanceEnded,
    Invalid,
    KeyUsedBefore,
    NotFound,
    NotPermitted,
)
from engine.forms import accept_values
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import UnitOfWork

CANCEL_REASON_LENGTH = 20  # F22 cancel_case
REASON_LENGTH = 5
LONGEST_KEY = 200


class AlreadyStarted(Conflict):
    """A process instance with this business key is running already."""


def start(uow: UnitOfWork, *, definition_key: str, business_key: str, variables: dict[str, Any]) -> int:
    """Start a process by hand; gives the instance id. The actor must hold one of the starters' roles.

    Repeating the command with the same id gives its author the same instance, and is KeyUsedBefore for any
    other start. Two running instances of one process never share a business key.
    """
    if uow.command_id and (earlier := uow.instances.started_by_command(uow.command_id)):
        first = (earlier.started_by, earlier.definition_key, earlier.business_key)
        if first != (uow.actor.user_id, definition_key, business_key):
            raise KeyUsedBefore
        return earlier.id
    _check_business_key(business_key)
    parsed = uow.definitions.parsed(uow.definitions.latest(definition_key).deployment_id)
    definition = parsed.processes[definition_key]
    if not definition.starters:
        raise NotPermitted
    require_one_of(uow.actor, definition.starters)
    form = parsed.forms.get(definition.start_form or "")
    if form is not None:
        variables, errors = accept_values(form, EMPTY_CONTENT, variables)
        if errors:
            raise Invalid(errors)
        refuse_foreign_files(uow, form, variables)
    elif fault := structural_fault(variables):
        raise Invalid((FieldError(path=fault[0], template=fault[1]),))
    if uow.instances.find_running(definition_key, business_key) is not None:
        raise AlreadyStarted
    if definition_key == amendment.PROCESS:
        variables = {**variables, "amendment_no": amendment.next_no(uow, business_key)}
    progress = Progress.none()
    instance_id = start_linked(
        uow,
        definition_key,
        business_key,
        variables,
        parent_id=None,
        progress=progress,
        command_id=uow.command_id,
    )
    deliver_all(uow, progress)
    return instance_id


def cancel(uow: UnitOfWork, instance_id: int, *, reason: str) -> None:
    """End an instance for good (撤案), and all that it set going; the number is never used again.

    The director may, and whoever started it until somebody has decided on it. Invalid, with what to do
    instead, where a partner would wait for it in vain.
    """
    handle = uow.instances.open(instance_id)
    if not may_see_instance(uow.actor, handle.instance):
        raise NotFound(kind="process instance", id=instance_id)
    is_withdrawn = not may(uow.actor, Action.CANCEL_INSTANCE)
    if is_withdrawn and not may_withdraw(uow, handle.instance):
        raise NotPermitted
    check_reason(reason, CANCEL_REASON_LENGTH)
    if handle.state.has_ended:
        raise InstanceEnded
    if refusal := why_not_cancelled(uow, handle.instance):
        raise Invalid((FieldError(path="reason", template=refusal),))
    progress = Progress.none()
    if handle.instance.definition_key == amendment.PROCESS:
        amendment.drop_cancelled(uow, handle.instance)
    elif handle.instance.parent_id is None:
        enter_cancelled(uow, handle.instance.plan_key)
        _cancel_amendments(uow, handle.instance, {"reason": reason.strip()}, progress)
    told = {"reason": reason.strip(), **({"withdrawn": True} if is_withdrawn else {})}
    cancel_with_linked(uow, handle, told, progress)
    deliver_all(uow, progress)


def _cancel_amendments(uow: UnitOfWork, cycle: Instance, told: dict[str, Any], progress: Progress) -> None:
    """What amends a plan ends with it."""
    for running in uow.instances.of_plan(str(cycle.plan_key)):
        if running.definition_key == amendment.PROCESS and not running.state.has_ended:
            amendment.drop_cancelled(uow, running)
            cancel_with_linked(uow, uow.instances.open(running.id), told, progress)


def cancel_with_linked(
    uow: UnitOfWork, handle: InstanceHandle, told: dict[str, Any], progress: Progress
) -> None:
    """End an instance and all that it set going; the caller has checked the right to."""
    drop_cancelled(uow, handle.instance)
    step = handle.live.cancel(uow.now)
    cancelled = EventDraft(type=EventType.INSTANCE_CANCELLED, data=told)
    carry_on(uow, handle, cancelled, step, progress=progress)
    for linked in uow.instances.children(handle.id):
        if not linked.state.has_ended:
            cancel_with_linked(uow, uow.instances.open(linked.id), told, progress)


def suspend(uow: UnitOfWork, instance_id: int, *, reason: str) -> None:
    """Stop an instance: tasks cannot be completed and timers do not fire until it is resumed."""
    handle = _open_for(uow, instance_id, Action.SUSPEND_INSTANCE, reason)
    check_running(handle)
    handle.suspend(EventDraft(type=EventType.INSTANCE_SUSPENDED, data={"reason": reason.strip()}))


def resume(uow: UnitOfWork, instance_id: int, *, reason: str) -> None:
    """Let a suspended instance go on; timers that fell due meanwhile fire next."""
    handle = _open_for(uow, instance_id, Action.SUSPEND_INSTANCE, reason)
    if handle.state is not InstanceState.SUSPENDED:
        raise Conflict
    handle.resume(EventDraft(type=EventType.INSTANCE_RESUMED, data={"reason": reason.strip()}))


def _check_business_key(key: str) -> None:
    if not key.strip():
        raise Invalid((FieldError(path="business_key", template="This entry is required"),))
    if NOT_STORABLE.search(key):
        raise Invalid((FieldError(path="business_key", template=STRANGE_CHARACTER),))
    if len(key) > LONGEST_KEY:
        template, params = "Use at most {limit} characters", {"limit": LONGEST_KEY}
        raise Invalid((FieldError(path="business_key", template=template, params=params),))


def _open_for(
    uow: UnitOfWork, instance_id: int, action: Action, reason: str, shortest: int = REASON_LENGTH
) -> InstanceHandle:
    handle = uow.instances.open(instance_id)
    if not may_see_instance(uow.actor, handle.instance):
        raise NotFound(kind="process instance", id=instance_id)
    require(uow.actor, action)
    if len(reason.strip()) < shortest:
        raise Invalid(
            (
                FieldError(
                    path="reason",
                    template="Give the reason in at least {limit} characters",
                    params={"limit": shortest},
                ),
            )
        )
    return handle
