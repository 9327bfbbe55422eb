"""Recusal (迴避): nobody grades, checks, decides or signs a list that names them; others do, on record."""

from collections.abc import Iterable
from typing import Any

from engine.domain.identity import ANY_UNIT, ROLES
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import Reader

# Who takes a step, and who takes it when everybody of the role is named.
STEPS: dict[str, tuple[str, ...]] = {
    "choose": ("sec_handler", "sec_chief", "deputy_director", "director", "hr_chief"),
    "review": ("sec_chief", "deputy_director", "director", "hr_chief"),
    "check": ("hr_handler", "hr_chief"),
    "committee": ("merit_committee", "hr_chief"),
    "order": ("hr_handler", "hr_chief"),
}
LABELS = {
    "choose": "擇定敘獎額度",
    "review": "主管覆核",
    "check": "人事室審查",
    "committee": "考績委員會審議",
    "order": "發布獎懲令",
}
UNIT_CHIEF = "unit_chief"


def takers(reader: Reader, step: str, named: Iterable[str], unit: str = "") -> list[list[str]]:
    """The pair of role and unit that takes a step without those who are named; a unit's chief comes first.

    PlanRuleError when everybody who could is named: somebody else must be given the role first.
    """
    pairs = [(role, ANY_UNIT) for role in STEPS[step]]
    if unit:
        pairs.insert(0, (UNIT_CHIEF, unit))
    found = next((pair for pair in pairs if free(reader, *pair, named)), None)
    if found is None:
        raise PlanRuleError(
            "Everybody who could take the step “{step}” is on the list; give its role to somebody else",
            step=LABELS[step],
        )
    return [list(found)]


def free(reader: Reader, role: str, unit: str, named: Iterable[str]) -> set[str]:
    """The present members of a role and unit who are not named."""
    members = {user.id for user in reader.organisation.members(role, unit, reader.today)}
    return members - set(named)


def stand_ins(pairs: dict[str, list[list[str]]]) -> list[dict[str, Any]]:
    """Which steps another role takes because its holders are named."""
    return [
        {"step": LABELS[step], "instead": ROLES[pair[0][0]].label, "reason": "named_on_list"}
        for step, pair in pairs.items()
        if pair[0][0] not in (STEPS[step][0], UNIT_CHIEF)
    ]
