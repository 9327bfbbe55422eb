"""The reward rule (柒.二): what the clauses give one person in one award year, together and never added.

Which clause a single fact falls under is said by the decision table `reward_clause`. Here stands only how
the facts of one person combine (柒.二(五): the highest only, and nothing twice).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from engine.plan.rule_error import PlanRuleError


class Mode(StrEnum):
    """How a clause binds: a fixed reward, one up to a limit (最高), or none."""

    EXACT = "exact"
    AT_MOST = "at_most"
    NONE = "none"


@dataclass(frozen=True, slots=True, order=True)
class Grade:
    """A reward. Grades compare by their weight, never by their Chinese words."""

    weight: int
    label: str = field(compare=False)

    def __str__(self) -> str:
        return self.label


# 3 嘉獎 weigh as much as 1 記功, 3 記功 as much as 1 記大功; nothing is ever exchanged or added up.
NO_GRADE = Grade(0, "none")
GRADES: Mapping[str, Grade] = MappingProxyType(
    {
        grade.label: grade
        for grade in (
            NO_GRADE,
            Grade(1, "嘉獎1次"),
            Grade(2, "嘉獎2次"),
            Grade(3, "記功1次"),
            Grade(6, "記功2次"),
            Grade(9, "記大功1次"),
        )
    }
)
MAJOR_MERIT = GRADES["記大功1次"]
NO_GRADE_LABEL = "不予敘獎"


def grade_named(label: str) -> Grade:
    """The grade of that name; PlanRuleError when there is none."""
    if label not in GRADES:
        raise PlanRuleError("There is no reward “{grade}”", grade=label)
    return GRADES[label]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledFact:
    """One relation of a person to one outcome, with the row of the table `reward_clause` that fits it."""

    outcome: str
    relation: str
    clause: str | None
    mode: Mode
    grade: Grade

    @property
    def rank(self) -> tuple[Grade, bool, str, str]:
        """The weight decides, then exact before at most; the words only keep the order the same each time."""
        return self.grade, self.mode is Mode.EXACT, self.outcome, self.relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What one person may get in one award year, and why: all facts, the one that counts first."""

    mode: Mode
    cap: Grade
    floor: Grade
    clause: str | None
    facts: tuple[RuledFact, ...]

    def choices(self) -> tuple[Grade, ...]:
        """The grades that may be chosen, highest first."""
        return tuple(grade for grade in sorted(GRADES.values(), reverse=True) if self._allows(grade))

    def chosen(self, grade: Grade) -> Grade:
        """The grade, if it lies within the bounds; PlanRuleError otherwise."""
        if self.mode is Mode.EXACT and grade != self.cap:
            raise PlanRuleError("Clause {clause} fixes {cap}", clause=self.clause, cap=_words(self.cap))
        if grade > self.cap:
            raise PlanRuleError("{grade} is more than {cap}", grade=_words(grade), cap=_words(self.cap))
        if grade < self.floor:
            raise PlanRuleError("{grade} is less than {floor}", grade=_words(grade), floor=_words(self.floor))
        return grade

    def _allows(self, grade: Grade) -> bool:
        return self.floor <= grade <= self.cap


def entitlement(facts: Iterable[RuledFact]) -> Entitlement:
    """What all facts of one person in one award year give together (柒.二(五)).

    The clause with the highest weight counts, an exact one before one up to a limit. Whoever has a fixed
    reward does not end lower because a wider clause also fits: the highest exact grade is the floor.
    """
    ranked = tuple(sorted(set(facts), key=lambda fact: fact.rank, reverse=True))
    if not ranked:
        return Entitlement(mode=Mode.NONE, cap=NO_GRADE, floor=NO_GRADE, clause=None, facts=())
    highest = ranked[0]
    floor = max((fact.grade for fact in ranked if fact.mode is Mode.EXACT), default=NO_GRADE)
    return Entitlement(mode=highest.mode, cap=highest.grade, floor=floor, clause=highest.clause, facts=ranked)


def _words(grade: Grade) -> str:
    return NO_GRADE_LABEL if grade == NO_GRADE else grade.label
