"""The reward rule (柒.二): what the clauses give one person in one award year, together and never added.

Under which clause a single fact falls is said by the decision table `reward_clause`, which a process asks;
`ruling` says the shipped one in code, and a test compares them over the whole grid. How the facts of one
person combine (柒.二(五): the highest only, and nothing twice) stands here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from engine.plan.rule_error import PlanRuleError


class Mode(StrEnum):
    """How a clause binds: a fixed reward, one up to a limit (最高), or none."""

    EXACT = "exact"
    AT_MOST = "at_most"
    NONE = "none"


class Grade(StrEnum):
    """A reward, by its Chinese words. Grades compare by their weight: 嘉獎2次 is less than 記功1次.

    3 嘉獎 weigh as much as 1 記功, 3 記功 as much as 1 記大功; nothing is ever exchanged or added up.
    """

    NONE = "none"
    COMMENDATION = "嘉獎1次"
    TWO_COMMENDATIONS = "嘉獎2次"
    MERIT = "記功1次"
    TWO_MERITS = "記功2次"
    MAJOR_MERIT = "記大功1次"

    @property
    def label(self) -> str:
        return self.value

    @property
    def weight(self) -> int:
        return _WEIGHTS[self]

    def __lt__(self, other: str) -> bool:
        return self.weight < Grade(other).weight

    def __le__(self, other: str) -> bool:
        return self.weight <= Grade(other).weight

    def __gt__(self, other: str) -> bool:
        return self.weight > Grade(other).weight

    def __ge__(self, other: str) -> bool:
        return self.weight >= Grade(other).weight


_WEIGHTS: Mapping[str, int] = MappingProxyType(dict(zip(Grade, (0, 1, 2, 3, 6, 9), strict=True)))
NO_GRADE = Grade.NONE
GRADES: Mapping[str, Grade] = MappingProxyType({grade.value: grade for grade in Grade})
MAJOR_MERIT = Grade.MAJOR_MERIT
NO_GRADE_LABEL = "不予敘獎"
RELATIONS = frozenset({"main_handler", "head", "other_merit", "superior_coach", "bureau_coach"})


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


# 6.2: the fixed reward of main handlers and the limit of the others, by the outcome.
_CLAUSES: Mapping[str, tuple[str, Grade, Grade]] = MappingProxyType(
    {
        "won": ("柒.二(一)", Grade.MAJOR_MERIT, Grade.MERIT),
        "finalist": ("柒.二(二)", Grade.MERIT, Grade.TWO_COMMENDATIONS),
        "recommended": ("柒.二(三)", Grade.TWO_COMMENDATIONS, Grade.COMMENDATION),
    }
)


def ruling(outcome: str, relation: str) -> RuledFact:
    """The row of 柒.二(一) to (四) for one fact; none where the entry was not recommended."""
    if outcome not in _CLAUSES or relation not in RELATIONS:
        return RuledFact(outcome=outcome, relation=relation, clause=None, mode=Mode.NONE, grade=NO_GRADE)
    clause, fixed, limit = _CLAUSES[outcome]
    if relation == "bureau_coach":
        clause, mode, grade = "柒.二(四)", Mode.EXACT, Grade.COMMENDATION
    elif relation == "main_handler":
        mode, grade = Mode.EXACT, fixed
    else:
        mode, grade = Mode.AT_MOST, limit
    return RuledFact(outcome=outcome, relation=relation, clause=clause, mode=mode, grade=grade)


def entitlement(facts: Iterable[tuple[str, str]]) -> Entitlement:
    """What one person may get for (outcome, relation) pairs of one award year, by the shipped clauses."""
    return combined(ruling(outcome, relation) for outcome, relation in facts)


def combined(facts: Iterable[RuledFact]) -> Entitlement:
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
    return NO_GRADE_LABEL if grade is NO_GRADE else grade.label
