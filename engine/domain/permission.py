"""Who may do and see what beyond tasks: one table of roles per action, and the rule of what an actor sees."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.definition import FormDefinition
from engine.domain.identity import ROLES_APART, Actor, Agency
from engine.domain.instance import Instance, Subscription
from engine.domain.task import Task, acting_for, capacity, may_look_back, may_see
from engine.errors import NotFound, NotPermitted


class Action(StrEnum):
    """An act that is not the completion of a task."""

    ADMINISTER_ACCOUNTS = "administer_accounts"
    ADMINISTER_UNITS = "administer_units"
    ADMINISTER_CALENDAR = "administer_calendar"
    ADMINISTER_SETTINGS = "administer_settings"
    DEPLOY = "deploy"
    READ_DEFINITIONS = "read_definitions"
    CANCEL_INSTANCE = "cancel_instance"
    SUSPEND_INSTANCE = "suspend_instance"
    READ_HISTORY = "read_history"
    VERIFY = "verify"
    MAKE_ANCHOR = "make_anchor"
    URGE = "urge"
    CORRECT_LETTER = "correct_letter"
    SEND_MESSAGE = "send_message"
    CHANGE_SCHEDULE = "change_schedule"
    CHANGE_CRITERIA = "change_criteria"
    CHANGE_DECIDING_LEVELS = "change_deciding_levels"
    CIRCULATE = "circulate"
    CHANGE_EDITION = "change_edition"
    READ_OVERDUE = "read_overdue"
    READ_OVERDUE_OF_ALL = "read_overdue_of_all"
    READ_INCIDENTS = "read_incidents"
    TRY_AGAIN = "try_again"
    READ_REWARDS = "read_rewards"
    RECORD_DEPUTIES = "record_deputies"
    AUDIT = "audit"


ROLES_BY_ACTION: dict[Action, frozenset[str]] = {
    Action.ADMINISTER_ACCOUNTS: frozenset({"sysadmin"}),
    Action.ADMINISTER_UNITS: frozenset({"sysadmin"}),
    Action.ADMINISTER_CALENDAR: frozenset({"sysadmin"}),
    Action.ADMINISTER_SETTINGS: frozenset({"sysadmin"}),
    Action.DEPLOY: frozenset({"sysadmin"}),
    Action.READ_DEFINITIONS: frozenset({"sysadmin", "auditor", "sec_handler", "sec_chief"}),
    Action.CANCEL_INSTANCE: frozenset({"director"}),
    Action.SUSPEND_INSTANCE: frozenset({"director", "sec_chief"}),
    Action.READ_HISTORY: frozenset({"auditor", "sec_handler", "sec_chief", "deputy_director", "director"}),
    Action.VERIFY: frozenset({"auditor", "sysadmin"}),
    Action.MAKE_ANCHOR: frozenset({"auditor", "sysadmin"}),
    Action.URGE: frozenset({"sec_handler", "sec_chief"}),
    Action.CORRECT_LETTER: frozenset({"sec_handler", "registry"}),
    Action.SEND_MESSAGE: frozenset({"sec_handler"}),
    Action.CHANGE_SCHEDULE: frozenset({"sec_handler", "sec_chief"}),
    Action.CHANGE_CRITERIA: frozenset({"sec_handler", "sec_chief"}),
    Action.CHANGE_DECIDING_LEVELS: frozenset({"sec_chief", "sysadmin"}),
    Action.CIRCULATE: frozenset({"sec_handler", "sec_chief", "unit_chief", "deputy_director", "director"}),
    Action.CHANGE_EDITION: frozenset({"sec_handler", "sec_chief"}),
    Action.READ_OVERDUE: frozenset(
        {"unit_chief", "sec_handler", "sec_chief", "deputy_director", "director", "auditor"}
    ),
    Action.READ_OVERDUE_OF_ALL: frozenset(
        {"sec_handler", "sec_chief", "deputy_director", "director", "auditor"}
    ),
    Action.READ_INCIDENTS: frozenset({"sysadmin", "auditor"}),
    Action.TRY_AGAIN: frozenset({"sysadmin", "sec_handler", "sec_chief"}),
    Action.RECORD_DEPUTIES: frozenset({"sysadmin"}),
    Action.AUDIT: frozenset({"auditor"}),
    Action.READ_REWARDS: frozenset(
        {
            "sec_handler",
            "sec_chief",
            "hr_handler",
            "hr_chief",
            "merit_committee",
            "deputy_director",
            "director",
            "auditor",
        }
    ),
}


def may(actor: Actor, action: Action) -> bool:
    """True if one of the actor's roles allows the action; the system may do everything."""
    return actor.is_system or not ROLES_BY_ACTION[action].isdisjoint(actor.roles)


def require(actor: Actor, action: Action) -> None:
    """Raise NotPermitted unless the actor may do this."""
    if not may(actor, action):
        raise NotPermitted


def require_one_of(actor: Actor, roles: Collection[str]) -> None:
    """Raise NotPermitted unless the actor holds one of the roles."""
    if not actor.is_system and actor.roles.isdisjoint(roles):
        raise NotPermitted


def may_send(actor: Actor, offered: Subscription) -> bool:
    """True if the actor may send the message that a catch event offers: as its only sender, or by role."""
    if not offered.is_action:
        return False
    if offered.role is None:
        return actor.user_id == offered.correlation
    return actor.holds(offered.role)


def may_comment(actor: Actor) -> bool:
    """People who do business comment on what they see; auditors and administrators only look (domain 1.3)."""
    return bool(actor.roles) and actor.roles.isdisjoint(ROLES_APART)


def may_see_agency(actor: Actor, agency: str) -> bool:
    """People see the instances of their own agency; auditors see all; administrators see no business content.

    An administrator with a business role besides sees what that role sees (separation of duties, domain 1.3).
    """
    if actor.is_system or "auditor" in actor.roles:
        return True
    business_roles = actor.roles - {"sysadmin", "auditor"}
    return bool(business_roles) and Agency(agency) in actor.agencies


def visible_agencies(actor: Actor) -> tuple[str, ...]:
    """The agencies whose instances the actor may see."""
    return tuple(str(agency) for agency in Agency if may_see_agency(actor, agency))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Which instances an actor may know of: those of some agencies and, if restricted, of some roles.

    `roles` is None for those to whom no instance is restricted. Statements ask the same (`store/sight.py`).
    """

    agencies: tuple[str, ...]
    roles: frozenset[str] | None

    def covers(self, instance: Instance) -> bool:
        if instance.agency not in self.agencies:
            return False
        return (
            not instance.restricted_to
            or self.roles is None
            or not self.roles.isdisjoint(instance.restricted_to)
        )


def sight_of(actor: Actor) -> Sight:
    """What an actor may know of: restricted instances are for holders of their roles, and for auditors."""
    sees_all = actor.is_system or "auditor" in actor.roles
    return Sight(agencies=visible_agencies(actor), roles=None if sees_all else actor.roles)


def may_see_instance(actor: Actor, instance: Instance) -> bool:
    """True if the actor may know that the instance exists."""
    return sight_of(actor).covers(instance)


def is_hidden_from(actor: Actor, instance: Instance) -> bool:
    """True if the instance is restricted to roles that the actor does not have."""
    return bool(instance.restricted_to) and not may_see_instance(actor, instance)


def may_see_task(actor: Actor, task: Task, instance: Instance) -> bool:
    """A task shows itself to its candidates and its holder.

    One of a hidden instance only to those who could take it now, so a lost role shuts it (T19).
    """
    if is_hidden_from(actor, instance):
        return capacity(actor, task) is not None
    return may_see(actor, task)


def may_look_back_at(actor: Actor, task: Task, instance: Instance) -> bool:
    """Whoever closed a task may look at it again, as long as its instance is not hidden from them."""
    return may_see_task(actor, task, instance) or (
        may_look_back(actor, task) and not is_hidden_from(actor, instance)
    )


def may_not_decide(actor: Actor, task: Task, form: FormDefinition) -> bool:
    """True for a deputy who prepares and hands on only, at a task whose completion decides (決行)."""
    deputyship = acting_for(actor, task)
    return deputyship is not None and not deputyship.may_decide and form.decides(task.inputs)


def refusal_of(actor: Actor, task: Task, instance: Instance) -> NotFound | NotPermitted:
    """What is answered to somebody who may not see a task; one of a hidden instance is not there at all."""
    if is_hidden_from(actor, instance):
        return NotFound(kind="task", id=task.id)
    return NotPermitted()
