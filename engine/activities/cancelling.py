"""撤案: when an instance is not cancelled because a partner waits for it, and what a cancelled one leaves."""

from engine.activities import reward_lists
from engine.activities.award_records import drop_cancelled_entry, was_sent
from engine.domain.instance import Instance
from engine.store.unit_of_work import Reader, UnitOfWork

AWARD_ENTRY, WITHDRAWAL = "award_entry", "withdraw_entry"
SUPERIOR_REPLY = "superior_reply"
SCREENING = "ministry_screening"


def why_not_cancelled(reader: Reader, instance: Instance) -> str | None:
    """Why cancelling would leave somebody outside the house waiting, or None where it may go.

    What a plan or an amendment asked the bureau needs no rule: its review is cancelled with it. The screening
    of the ministry is nobody's to cancel.
    """
    if instance.definition_key == AWARD_ENTRY and was_sent(reader, str(instance.plan_key)):
        waiting = reader.messages.of_instance(instance.id)
        if any(one.subscription.name == WITHDRAWAL for one in waiting):
            return "The ministry has this entry: take it back with 撤回參獎, so that it is told"
        return "The ministry has decided on this entry: complete its last step"
    if instance.definition_key == reward_lists.PROCESS:
        open_tasks = reader.tasks.open_of_instance(instance.id)
        if any(task.element_id == SUPERIOR_REPLY for task in open_tasks):
            return "The superior agency was asked to decide: enter its reply first"
    return None


def may_withdraw(reader: Reader, instance: Instance) -> bool:
    """True for the one who started a matter, while nobody has decided on it (撤案, F22 cancel_case).

    What another process set going ends with that one; and whoever lost the role has nothing to withdraw. The
    screening is nobody's to withdraw: agencies and reviewers would wait in vain.
    """
    if instance.parent_id is not None or instance.started_by != reader.actor.user_id:
        return False
    if instance.definition_key == SCREENING:
        return False
    process = reader.definitions.parsed(instance.deployment_id).processes[instance.definition_key]
    return not reader.actor.roles.isdisjoint(process.starters) and not reader.history.is_decided(instance.id)


def drop_cancelled(uow: UnitOfWork, instance: Instance) -> None:
    """Say in the records of an instance that it came to nothing; the history of its cancelling holds them."""
    if instance.definition_key == reward_lists.PROCESS:
        reward_lists.drop_cancelled(uow, instance)
    if instance.definition_key == AWARD_ENTRY:
        drop_cancelled_entry(uow, str(instance.plan_key))
