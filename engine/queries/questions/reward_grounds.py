"""Question 12: on what every line of a reward list rests, from the facts to the order.

The rule is asked of the histories: which version of the decision table the process of the list was pinned to,
which of its rows matched, and which of them counted. Other lists of the edition are always looked at.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from engine.activities.award_records import ENTRY, award_year_of
from engine.activities.reward_lists import (
    LINE,
    MODES,
    REVOKED,
    REWARD,
    STATES,
    grade_words,
    line_words,
    person_words,
)
from engine.domain.history import EventType
from engine.domain.sensitive import Kept, SensitiveLook
from engine.plan.reward_list import OUTCOMES, RELATIONS, WAITING, LineState, RewardLine, Way, line_from_json
from engine.plan.rewards import Mode, RuledFact, grade_named
from engine.queries.questions.answer import (
    Answer,
    Cell,
    Column,
    Mark,
    Part,
    Question,
    Row,
    Term,
    Words,
    strongest,
)
from engine.queries.questions.deployed import Deployments, deployments_told
from engine.queries.questions.scope import Scene, Scope, scene_of
from engine.queries.questions.trail import Recorded, Told, Trail
from engine.store.unit_of_work import Reader

TABLE = "reward_clause.dmn"
SHORT = 12
CHOOSING = {"choose_grade": "grades", "committee_record": "lines", "superior_reply": "lines"}
CHOSEN_BY = {
    "choose_grade": "Chosen by {person}: {grade}",
    "committee_record": "Changed by the committee ({person}): {grade}",
    "superior_reply": "Changed by the superior agency (entered by {person}): {grade}",
}
# A line in one of these may still lead to a reward.
PENDING = (*WAITING, LineState.PASSED)


def reward_grounds(reader: Reader, scene: Scene) -> Answer:
    """Every line of the reward lists asked about, by edition, entry and person."""
    trail = Trail(reader, scene if not scene.scope.told else scene_of(reader, Scope()))
    told = _Told(trail, deployments_told(reader))
    asked = [line for line in told.lines if line.told.event.stream in scene.instances]
    for edition in {line.owner for line in asked}:
        reader.looks.add(SensitiveLook(kept=Kept.REWARD_LIST, key=edition))
    rows = tuple(told.row(line) for line in sorted(asked, key=_order))
    persons = {(line.owner, line.body["person"]["key"]) for line in asked}
    summary = Words(
        template="{lines} lines of reward lists for {persons} persons.",
        params={"lines": len(rows), "persons": len(persons)},
    )
    return Answer(rows=rows, summary=(summary,))


class _Told:
    """What the histories tell of reward lists, read once for all lines."""

    def __init__(self, trail: Trail, deployments: Deployments) -> None:
        documents = sorted(trail.documents(LINE, REWARD, ENTRY), key=lambda document: document.no)
        self.trail = trail
        self.deployments = deployments
        latest = {(d.owner, d.key): d for d in documents if d.kind == LINE}
        self.lines = list(latest.values())
        self.entries = {d.owner: d for d in documents if d.kind == ENTRY}
        self.issued: dict[tuple[str, str], list[Recorded]] = defaultdict(list)
        for document in documents:
            if document.kind == REWARD:
                self.issued[document.owner, document.key].append(document)
        self.rules = _rules(trail)
        self.choices = [
            completed
            for completed in trail.events(EventType.TASK_COMPLETED)
            if completed.event.element_id in CHOOSING
        ]

    def row(self, recorded: Recorded) -> Row:
        """One line with its grounds."""
        line = line_from_json(recorded.body)
        mark, why = strongest(self._remarks(recorded, line))
        return Row(
            cells=(
                (*self._person_cell(recorded, line), Part(line.merits)),
                tuple(self._fact(recorded, fact) for fact in line.bounds.facts[:1]),
                tuple(self._fact(recorded, fact) for fact in line.bounds.facts[1:]),
                (Part(line_words(line)["bounds"]), *self._rule_cell(recorded)),
                (Part(line_words(line)["grade"]), *self._chosen(recorded, line)),
                (Part(STATES[line.state]), *_steps(line)),
                self._elsewhere(recorded),
            ),
            place=recorded.place,
            mark=mark,
            why=why,
        )

    def _person_cell(self, recorded: Recorded, line: RewardLine) -> Cell:
        return (Part(person_words(line)), Part(line_words(line)["relations"]), Part(self._list(recorded)))

    def _list(self, recorded: Recorded) -> str:
        """The list of a line: whose entry it was, and for which outcome."""
        entry = self.entries.get(recorded.body["entry_key"])
        entrant = str(entry.body.get("entrant_label", "")) if entry else ""
        return f"{entrant} {OUTCOMES[recorded.body['outcome']]}".strip()

    def _rule_cell(self, recorded: Recorded) -> Cell:
        """The version of the decision table to which the process of the list was pinned."""
        deployment = self.trail.scene.around[recorded.told.event.stream].deployment_id
        pinned = self.deployments.get(deployment)
        if pinned is None or TABLE not in pinned.files:
            return ()
        version = Words(
            template="Version {version} of {file}",
            params={"file": Term("敘獎條款"), "version": self.deployments.version_of(TABLE, deployment)},
        )
        return (Part(version), Part(pinned.files[TABLE][:SHORT]))

    def _fact(self, recorded: Recorded, fact: RuledFact) -> Part:
        """A fact, the row of the table that matched it, and what that row gives."""
        words = f"{_fact_words(fact)}：{fact.clause or '—'} {MODES[fact.mode]}{grade_words(fact.grade)}"
        found = self.rules.get((recorded.told.event.stream, fact.outcome, fact.relation))
        if found is None:
            return Part(words)
        rule, event = found
        return Part(f"{words}（{rule}）", event.place)

    def _chosen(self, recorded: Recorded, line: RewardLine) -> Iterator[Part]:
        """Who chose the grade: nobody where the clause fixes it, else each who chose or changed it."""
        if line.bounds.mode is not Mode.AT_MOST:
            yield Part(Words(template="Chosen by nobody: the clause fixes it"))
        for completed in self.choices:
            element = str(completed.event.element_id)
            if completed.event.stream != recorded.told.event.stream:
                continue
            for chosen in completed.values.get(CHOOSING[element], ()):
                if chosen.get("key") != line.person.key or chosen.get("decision", "change") != "change":
                    continue
                params = {"person": self.trail.person(completed.event.actor), "grade": chosen["grade"]}
                yield Part(Words(template=CHOSEN_BY[element], params=params), completed.place)

    def _elsewhere(self, recorded: Recorded) -> Cell:
        """The person's lines on other lists of the edition, each with its orders."""
        return tuple(Part(self._other(other), other.place) for other in self._others(recorded))

    def _others(self, recorded: Recorded) -> list[Recorded]:
        return [
            other
            for other in self.lines
            if other.owner == recorded.owner
            and other.key != recorded.key
            and other.body["person"]["key"] == recorded.body["person"]["key"]
        ]

    def _other(self, other: Recorded) -> str:
        grade = grade_words(grade_named(other.body["grade"]))
        words = f"{self._list(other)}：{STATES[other.body['state']]}，{grade}"
        orders = [
            f"（{order}{'' if stands else '，已撤銷'}）"
            for order, (of_list, stands) in self._orders(other).items()
            if of_list == _list_of(other)
        ]
        return "".join((words, *orders))

    def _orders(self, line: Recorded) -> dict[str, tuple[tuple[str, str], bool]]:
        """What was issued in the edition to the person of a line: of which list, and whether it stands."""
        found: dict[str, tuple[tuple[str, str], bool]] = {}
        for order in self.issued.get((line.owner, line.body["person"]["key"]), ()):
            found[str(order.body["order"]["full"])] = (_list_of(order), order.body["state"] != REVOKED)
        return found

    def _remarks(self, recorded: Recorded, line: RewardLine) -> Iterator[tuple[Mark, Words]]:
        """Two rewards that stand are a breach; a line under way whose person has one is to be looked at.

        That an order was revoked and replaced by a higher one is the rule itself (柒.二(五)).
        """
        orders = self._orders(recorded)
        standing = [number for number, (_, stands) in orders.items() if stands]
        is_open = line.state in PENDING
        if len(standing) > 1:
            template = "Two rewards of one edition stand: {orders}"
            yield Mark.BREACH, Words(template=template, params={"orders": "、".join(standing)})
        elif is_open and any(orders[number][0] != _list_of(recorded) for number in standing):
            yield Mark.REMARKABLE, Words(template="Rewarded elsewhere in the same edition")
        elif is_open and any(LineState(other.body["state"]) in PENDING for other in self._others(recorded)):
            yield Mark.REMARKABLE, Words(template="Named elsewhere in the same edition")
        if line.way is not Way.APART and line.bounds.facts and line.grade not in line.bounds.choices():
            yield Mark.BREACH, Words(template="The grade lies outside what the clause allows")


def _rules(trail: Trail) -> dict[tuple[int, str, str], tuple[str, Told]]:
    """Which row of the table matched a fact, by instance, outcome and relation; the latest ruling counts."""
    facts: dict[int, Sequence[Mapping[str, Any]]] = {}
    found: dict[tuple[int, str, str], tuple[str, Told]] = {}
    listed = trail.events(EventType.ACTIVITY_RETURNED, containing='"rewards.list_facts"')
    ruled = trail.events(EventType.ELEMENT_PASSED, containing='"decision":"reward_clause"')
    for event in sorted((*listed, *ruled), key=lambda each: (each.event.stream, each.event.seq)):
        stream = event.event.stream
        if event.event.type is EventType.ACTIVITY_RETURNED:
            facts[stream] = event.data["result"]["facts"]
            continue
        number = int(event.data["path"].partition("[")[2].partition("]")[0])
        fact = facts[stream][number - 1]
        found[stream, fact["outcome"], fact["relation"]] = ("、".join(event.data["rules"]), event)
    return found


def _steps(line: RewardLine) -> Iterator[Part]:
    """What the committee, the superior agency and the order made of a line, each with its date."""
    for entry in line.trail:
        yield Part(entry["words"])
        yield Part(date.fromisoformat(entry["on"]))


def _fact_words(fact: RuledFact) -> str:
    return f"{OUTCOMES[fact.outcome]}・{RELATIONS[fact.relation]}"


def _list_of(recorded: Recorded) -> tuple[str, str]:
    """The list to which a line or an order belongs: of an entry, for one of its outcomes."""
    return str(recorded.body["entry_key"]), str(recorded.body["outcome_no"])


def _order(line: Recorded) -> tuple[int, str, str, str]:
    entry = str(line.body["entry_key"])
    return award_year_of(f"{line.owner}:0"), entry, str(line.body["outcome_no"]), line.key


QUESTION = Question(
    number=12,
    slug="reward-grounds",
    title="Grounds of rewards",
    sentence="For a reward line: which facts, which clause, which rule (DMN) version, which alternatives "
    "matched, who chose the grade, committee session, order number; was the same person rewarded for the "
    "same edition elsewhere?",
    columns=(
        Column(key="person", title="Person"),
        Column(key="fact", title="Fact and clause that count"),
        Column(key="alternatives", title="Alternatives that matched"),
        Column(key="rule", title="Bounds and version of the rule"),
        Column(key="grade", title="Grade and who chose it"),
        Column(key="order", title="Committee session and order"),
        Column(key="elsewhere", title="Elsewhere in the edition"),
    ),
    ask=reward_grounds,
)
