"""Reward lists (敘獎名單): one line per person, from the proposal to the order. A step gives a new line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from engine.plan.rewards import (
    MAJOR_MERIT,
    NO_GRADE,
    Entitlement,
    Grade,
    Mode,
    RuledFact,
    combined,
    grade_named,
)
from engine.plan.vocabulary import BUREAU

RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "main_handler": "主要承辦人員",
        "head": "首長（主管）",
        "other_merit": "其他有功人員",
        "superior_coach": "上級機關輔導有功人員",
        "bureau_coach": "總局輔導有功人員",
    }
)
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {"won": "得獎", "finalist": "入圍實地訪查", "recommended": "薦送未入圍", "not_recommended": "未獲推薦"}
)
KINDS: Mapping[str, str] = MappingProxyType(
    {"civil_servant": "公務人員", "contract": "約聘僱", "other_agency": "外機關", "private": "民間"}
)
# More main handlers than this are possible (柒.二 sets no limit), and ask for a reason.
MANY_MAIN_HANDLERS = 3


class Way(StrEnum):
    """Who decides on a line: this house by an order, the person's own agency on our letter, or neither."""

    ORDER = "order"
    LETTER = "letter"
    APART = "apart"


class LineState(StrEnum):
    """Where a line stands."""

    PROPOSED = "proposed"
    DEFERRED = "deferred"
    PASSED = "passed"
    DECLINED = "declined"
    BLOCKED = "blocked"
    ORDERED = "ordered"
    LETTERED = "lettered"
    APART = "apart"
    DROPPED = "dropped"


# A line in one of these is not decided yet and waits for a session of the committee.
WAITING = (LineState.PROPOSED, LineState.DEFERRED)
# A line in one of these may still be proposed anew: nothing has left the house.
OPEN = (*WAITING, LineState.PASSED, LineState.APART)
# A line in one of these gave a reward: a fact for the person's lines on other lists.
SETTLED = (LineState.ORDERED, LineState.LETTERED)
# A line in one of these may still give a reward: a lower one on another list waits for it.
UNDER_WAY = (LineState.PROPOSED, LineState.PASSED)
# A line in one of these says nothing about the person any more.
GONE = (LineState.DECLINED, LineState.DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is proposed: an account of ours, or a name at an agency. `key` tells two persons apart."""

    user: str = ""
    name: str
    agency: str
    kind: str
    serving: bool = True

    @property
    def key(self) -> str:
        """The account, else name and agency without the marks in which two entries may differ."""
        return f"account:{self.user}" if self.user else f"outside:{plain(self.name)}@{plain(self.agency)}"

    @property
    def way(self) -> Way:
        """約聘僱 and private partners are dealt with apart; whoever serves elsewhere, by that agency."""
        if self.kind in ("contract", "private"):
            return Way.APART
        return Way.ORDER if self.kind == "civil_servant" and self.serving else Way.LETTER

    @property
    def is_of_bureau(self) -> bool:
        return plain(self.agency) == plain(BUREAU)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardLine:
    """One person of a list, with what the rule gives, what was chosen, and what came of it.

    `facts` are all facts of the person in the edition, also those of other entries and earlier outcomes
    for which a reward was given already.
    `trail` tells every step after the proposal: {"step", "grade", "words", "on"}.
    """

    person: Person
    relations: tuple[str, ...]
    merits: str
    period: str = ""
    facts: tuple[RuledFact, ...] = ()
    grade: Grade = NO_GRADE
    state: LineState = LineState.PROPOSED
    trail: tuple[Mapping[str, Any], ...] = ()

    @property
    def way(self) -> Way:
        return self.person.way

    @property
    def bounds(self) -> Entitlement:
        """What all facts of the person give together (柒.二(五))."""
        return combined(self.facts)

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    def with_facts(self, facts: Iterable[RuledFact]) -> RewardLine:
        """The line after the rule was applied: a fixed reward stands at once, others begin at the limit."""
        ruled = replace(self, facts=tuple(facts))
        if self.way is Way.APART:
            return replace(ruled, state=LineState.APART)
        return replace(ruled, grade=ruled.bounds.cap)

    def without_fallen(self, pairs: Iterable[tuple[str, str]]) -> RewardLine:
        """The line ruled by those of its facts, as (outcome, relation), that still hold."""
        held = frozenset(pairs)
        facts = tuple(fact for fact in self.facts if (fact.outcome, fact.relation) in held)
        return self if facts == self.facts else self.with_facts(facts)

    def may_choose(self) -> bool:
        """True where the clause leaves a choice."""
        return self.is_waiting and self.way is not Way.APART and self.bounds.mode is Mode.AT_MOST

    def chosen(self, grade: Grade) -> RewardLine:
        """The line with a grade within its bounds; PlanRuleError for any other."""
        return replace(self, grade=self.bounds.chosen(grade))

    def stepped(self, state: LineState, step: str, words: str, on: str) -> RewardLine:
        """The line after a step, which its trail keeps with the grade as it was then."""
        entry = {"step": step, "grade": self.grade.label, "words": words, "on": on}
        return replace(self, state=state, trail=(*self.trail, entry))

    def needs_superior(self, *, director_named: bool) -> bool:
        """記大功, a list that names the deciding director, and people of the bureau go to the superior."""
        if self.state is not LineState.PASSED:
            return False
        if self.way is Way.LETTER:
            return self.person.is_of_bureau
        return self.way is Way.ORDER and (director_named or self.grade == MAJOR_MERIT)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def json(self) -> dict[str, Any]:
        """JSON; `line_from_json` reads it."""
        bounds = self.bounds
        return {
            "person": {**asdict(self.person), "key": self.person.key, "way": str(self.way)},
            "relations": list(self.relations),
            "merits": self.merits,
            "period": self.period,
            "facts": [_fact_json(fact) for fact in bounds.facts],
            "clause": bounds.clause,
            "mode": str(bounds.mode),
            "cap": bounds.cap.label,
            "floor": bounds.floor.label,
            "grade": self.grade.label,
            "state": str(self.state),
            "trail": [dict(entry) for entry in self.trail],
        }


def line_from_json(body: Mapping[str, Any]) -> RewardLine:
    """The line that `RewardLine.json` wrote."""
    person = {name: body["person"][name] for name in ("user", "name", "agency", "kind", "serving")}
    return RewardLine(
        person=Person(**person),
        relations=tuple(body["relations"]),
        merits=body["merits"],
        period=body["period"],
        facts=tuple(fact_from_json(fact) for fact in body["facts"]),
        grade=grade_named(body["grade"]),
        state=LineState(body["state"]),
        trail=tuple(body["trail"]),
    )


def fact_from_json(fact: Mapping[str, Any]) -> RuledFact:
    """A fact with the row of the table that fits it."""
    return RuledFact(
        outcome=fact["outcome"], relation=fact["relation"], clause=fact["clause"], mode=Mode(fact["mode"]),
        grade=grade_named(fact["grade"]),
    )  # fmt: skip


def main_handlers(lines: Iterable[RewardLine]) -> int:
    """How many persons a list names as main handlers."""
    return sum("main_handler" in line.relations for line in lines)


class Issue(StrEnum):
    """What an order does for a line: the first, one in place of an earlier one, only its end, or nothing.

    Nothing for good, or nothing until the higher line of another list is decided.
    """

    NEW = "new"
    REISSUE = "reissue"
    REVOKE = "revoke"
    WAIT = "wait"
    BLOCKED = "blocked"


def issue_of(grade: Grade, issued: Grade | None, *, fallen: bool = False) -> Issue:
    """One reward per person and edition: a higher one replaces the earlier order and adds nothing to it.

    An order whose outcome has fallen ends in any event: what remains replaces it, or it is revoked alone.
    """
    if fallen:
        return Issue.REVOKE if grade == NO_GRADE else Issue.REISSUE
    if grade == NO_GRADE:
        return Issue.BLOCKED
    if issued is None:
        return Issue.NEW
    return Issue.REISSUE if grade > issued else Issue.BLOCKED


def plain(text: str) -> str:
    """A name without spaces and width of characters, for comparing."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _fact_json(fact: RuledFact) -> dict[str, Any]:
    return {
        "outcome": fact.outcome, "relation": fact.relation, "clause": fact.clause, "mode": str(fact.mode),
        "grade": fact.grade.label,
    }  # fmt: skip
