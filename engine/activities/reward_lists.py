"""Reward lists as documents: the list of an outcome, its lines under the edition, and what was issued.

The list is a document of the entry. Every line stands also under the edition (屆), where it is found from
every entry, and so does what was issued to a person: one reward per person and edition (柒.二(五)).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.activities.award_records import outcomes_of
from engine.activities.calls import ActivityCall
from engine.activities.working_plan import AGENCY_NAME
from engine.domain.document import Document
from engine.domain.identity import Agency, User
from engine.domain.instance import Instance
from engine.domain.task import Task
from engine.plan.award import stands
from engine.plan.reward_list import (
    GONE,
    KINDS,
    MANY_MAIN_HANDLERS,
    OUTCOMES,
    RELATIONS,
    SETTLED,
    UNDER_WAY,
    Issue,
    LineState,
    RewardLine,
    Way,
    issue_of,
    line_from_json,
    main_handlers,
    plain,
)
from engine.plan.rewards import NO_GRADE, NO_GRADE_LABEL, Entitlement, Grade, Mode, grade_named
from engine.store.unit_of_work import Reader, UnitOfWork

PROCESS = "commendation"
LIST, LINE, REWARD = "reward_list", "reward_line", "reward"
ISSUED, REVOKED, RECOMMENDED = "issued", "revoked", "recommended"
STATES: Mapping[str, str] = {
    "proposed": "擬議中",
    "deferred": "緩議",
    "passed": "審議通過",
    "declined": "未獲同意",
    "blocked": "不得敘獎",
    "ordered": "已發布",
    "lettered": "已函請服務機關辦理",
    "apart": "另案辦理",
    "dropped": "已撤回",
}
MODES: Mapping[Mode, str] = {Mode.EXACT: "定額", Mode.AT_MOST: "最高", Mode.NONE: "無"}


class RewardList:
    """The list of one outcome of an entry, as a step of its process sees it."""

    def __init__(self, reader: Reader, subject: Task | ActivityCall | Mapping[str, Any]) -> None:
        values = _values_of(subject)
        self.reader = reader
        self.entry_key = str(values["entry_key"])
        self.edition_key = str(values["edition_key"])
        self.no = str(values["outcome_no"])

    @property
    def outcome(self) -> str:
        """The outcome for which persons are rewarded."""
        return str(self.reader.documents.get(self.entry_key, "award_outcome", self.no).body["outcome"])

    @property
    def has_fallen(self) -> bool:
        """True when a lower outcome of the entry was recorded afterwards."""
        return has_fallen(self.reader, self.entry_key, self.outcome)

    @property
    def entrant_unit(self) -> str:
        """The unit that entered, if it was not the agency itself."""
        found = self.reader.documents.find(self.entry_key, "award_entry")
        return str(found.body["entrant"]) if found and found.body["entrant_kind"] == "unit" else ""

    @property
    def document(self) -> Document | None:
        return self.reader.documents.find(self.entry_key, LIST, self.no)

    def lines(self) -> tuple[RewardLine, ...]:
        """The lines as they stand now."""
        found = self.document
        return tuple(line_from_json(line) for line in found.body["lines"]) if found else ()

    def waiting(self) -> list[RewardLine]:
        """Lines that wait for the committee."""
        return [line for line in self.lines() if line.is_waiting]

    @property
    def many_reason(self) -> str:
        """Why the list names so many main handlers, if it does."""
        found = self.document
        return str(found.body.get("many_reason", "")) if found else ""

    def save(
        self, uow: UnitOfWork, lines: Iterable[RewardLine], note: str, *, many_reason: str | None = None
    ) -> None:
        """The next version of the list, and of every line under the edition; a reason stays until another."""
        whole = [line.json() for line in lines]
        head = {"entry_key": self.entry_key, "outcome_no": self.no, "outcome": self.outcome}
        reason = self.many_reason if many_reason is None else many_reason
        told = {"many_reason": reason} if reason else {}
        uow.documents.put(self.entry_key, LIST, self.no, {**head, **told, "lines": whole}, note=note)
        kept = {document.key: document for document in uow.documents.list(self.edition_key, LINE)}
        keys = {line_key(line["person"]["key"], self.entry_key, self.no): {**head, **line} for line in whole}
        for key, body in keys.items():
            if key not in kept or kept[key].body != body:
                uow.documents.put(self.edition_key, LINE, key, body, note=note)
        for key, document in kept.items():
            if self._is_own(document.body) and key not in keys and document.body["state"] != "dropped":
                dropped = {**document.body, "state": str(LineState.DROPPED)}
                uow.documents.put(self.edition_key, LINE, key, dropped, note=note)

    def replace(self, uow: UnitOfWork, changed: Iterable[RewardLine], note: str) -> None:
        """The next version with these lines in place of those of the same persons."""
        by_person = {line.person.key: line for line in changed}
        self.save(uow, (by_person.get(line.person.key, line) for line in self.lines()), note)

    def elsewhere(self, person_key: str) -> list[dict[str, Any]]:
        """The person's lines on other lists of the edition: other entries, and other outcomes of this one."""
        return [
            document.body
            for document in self.reader.documents.list(self.edition_key, LINE)
            if document.body["person"]["key"] == person_key
            and not self._is_own(document.body)
            and document.body["state"] not in GONE
            and not has_fallen(self.reader, document.body["entry_key"], document.body["outcome"])
        ]

    def pairs(self, line: RewardLine) -> list[tuple[str, str]]:
        """The facts of a person, (outcome, relation): of this list, and of what other lists decided.

        What another list only proposes or has passed may still be returned, declined or cancelled.
        """
        here = [(self.outcome, relation) for relation in line.relations]
        decided = [other for other in self.elsewhere(line.person.key) if _is_fact(other)]
        return here + [(other["outcome"], relation) for other in decided for relation in other["relations"]]

    def namesakes(self, line: RewardLine) -> list[dict[str, Any]]:
        """Lines of the edition with the same name and another identity, for personnel to look at."""
        return [
            document.body
            for document in self.reader.documents.list(self.edition_key, LINE)
            if plain(document.body["person"]["name"]) == plain(line.person.name)
            and document.body["person"]["key"] != line.person.key
            and document.body["state"] not in GONE
        ]

    def issued(self, person_key: str) -> dict[str, Any] | None:
        """What was issued to the person in the edition and still stands."""
        found = self.reader.documents.find(self.edition_key, REWARD, person_key)
        return found.body if found and found.body["state"] != REVOKED else None

    def to_revoke(self) -> list[RewardLine]:
        """The lines of persons whose reward rests on an outcome of this entry that has fallen."""
        return to_revoke(self.reader, self.edition_key, self.entry_key)

    def issue(self, line: RewardLine) -> tuple[Issue, str]:
        """What an order does for a line, and why it may not be."""
        if self.has_fallen:
            return Issue.BLOCKED, "參獎結果已更正，本名單不再發布"
        issued = self.issued(line.person.key)
        standing = grade_named(issued["grade"]) if issued else None
        fallen = issued is not None and rests_on_fallen(self.reader, issued)
        decision = issue_of(line.grade, standing, fallen=fallen)
        if issued and decision is Issue.BLOCKED and line.grade != NO_GRADE:
            return decision, f"同屆已核給{issued['grade']}（{issued['order']['full']}），不得重複敘獎"
        if decision is Issue.BLOCKED:
            return decision, "不予敘獎"
        if line.without_fallen(self.pairs(line)) is not line:
            return Issue.WAIT, "同屆他案之敘獎依據已不存在，重行審議"
        for other in self.elsewhere(line.person.key):
            if grade_named(other["grade"]) > line.grade and other["state"] in UNDER_WAY:
                words = f"同屆另案（{OUTCOMES[other['outcome']]}）擬敘{other['grade']}較高，俟該案定案再議"
                return Issue.WAIT, words
        if issued and decision is not Issue.NEW:
            replaced = "，另發新令" if decision is Issue.REISSUE else ""
            return decision, f"撤銷原令（{issued['order']['full']}，{issued['grade']}）{replaced}"
        return decision, ""

    def settle(self, uow: UnitOfWork, line: RewardLine, state: str, order: Mapping[str, Any]) -> None:
        """Keep what was issued; an earlier order is revoked first and stays in the story of the person.

        Where no reward remains, its end is all that is kept.
        """
        earlier = self.issued(line.person.key)
        if earlier is not None:
            revoked = {**earlier, "state": REVOKED, "revoked_by": dict(order)}
            uow.documents.put(self.edition_key, REWARD, line.person.key, revoked, note="revoked")
        if line.grade == NO_GRADE:
            return
        body = {
            "state": state,
            "grade": line.grade.label,
            "clause": line.bounds.clause,
            "order": dict(order),
            "entry_key": self.entry_key,
            "outcome_no": self.no,
            "person": line.json()["person"],
            "revokes": earlier["order"] if earlier else None,
        }
        uow.documents.put(self.edition_key, REWARD, line.person.key, body, note=state)

    def _is_own(self, body: Mapping[str, Any]) -> bool:
        return (body["entry_key"], body["outcome_no"]) == (self.entry_key, self.no)


def _is_fact(line: Mapping[str, Any]) -> bool:
    """True for a line that gave a reward, or that only as high a one of the edition held back."""
    was_held_back = line["state"] == LineState.BLOCKED and grade_named(line["grade"]) != NO_GRADE
    return line["state"] in SETTLED or was_held_back


def drop_cancelled(uow: UnitOfWork, instance: Instance) -> None:
    """撤案 of a commendation: what it has not given yet says nothing about its persons any more."""
    (started,) = uow.history.events(instance.id, to_seq=1)
    own = RewardList(uow, started.told["variables"])
    dropped = [replace(line, state=LineState.DROPPED) for line in own.lines() if line.is_open]
    if dropped:
        own.replace(uow, dropped, "cancelled")


def line_key(person_key: str, entry_key: str, outcome_no: str) -> str:
    """Under which key of the edition a line stands."""
    return f"{person_key}|{entry_key}|{outcome_no}"


def to_revoke(reader: Reader, edition_key: str, entry_key: str) -> list[RewardLine]:
    """The lines by which an entry gave the rewards that rest on an outcome that has fallen since."""
    rewards = [reward.body for reward in reader.documents.list(edition_key, REWARD)]
    fallen = [
        line_key(reward["person"]["key"], entry_key, reward["outcome_no"])
        for reward in rewards
        if reward["entry_key"] == entry_key and reward["state"] != REVOKED and rests_on_fallen(reader, reward)
    ]
    return [line_from_json(reader.documents.get(edition_key, LINE, key).body) for key in fallen]


def has_fallen(reader: Reader, entry_key: str, outcome: str) -> bool:
    """True for an outcome above the one that was recorded last for its entry."""
    recorded = outcomes_of(reader, entry_key)
    return bool(recorded) and not stands(outcome, recorded[-1].body["outcome"])


def rests_on_fallen(reader: Reader, issued: Mapping[str, Any]) -> bool:
    """True for what was issued for an outcome that has fallen since."""
    outcome = reader.documents.get(issued["entry_key"], "award_outcome", issued["outcome_no"])
    return has_fallen(reader, issued["entry_key"], outcome.body["outcome"])


def grade_words(grade: Grade) -> str:
    """A grade as people read it."""
    return NO_GRADE_LABEL if grade == NO_GRADE else grade.label


def bounds_words(bounds: Entitlement) -> str:
    """What may be chosen: 記大功1次（定額）, or 最高嘉獎2次、不低於嘉獎1次."""
    if bounds.mode is Mode.EXACT:
        return f"{grade_words(bounds.cap)}（定額）"
    if bounds.mode is Mode.NONE:
        return NO_GRADE_LABEL
    floor = f"、不低於{grade_words(bounds.floor)}" if bounds.floor != NO_GRADE else ""
    return f"最高{grade_words(bounds.cap)}{floor}"


def person_words(line: RewardLine) -> str:
    """Name and agency; the agency only where it is not ours."""
    agency = f"（{line.person.agency}）" if line.person.agency != AGENCY_NAME else ""
    return f"{line.person.name}{agency}"


def line_words(line: RewardLine) -> dict[str, str]:
    """A line as people read it, for tables that cannot be changed."""
    apart = line.way is Way.APART
    return {
        "person": person_words(line),
        "employee_kind": KINDS[line.person.kind],
        "relations": "、".join(RELATIONS[relation] for relation in line.relations),
        "merits": line.merits,
        "clause": line.bounds.clause or "—",
        "bounds": "另案辦理" if apart else bounds_words(line.bounds),
        "grade": "—" if apart else grade_words(line.grade),
    }


def list_panels(document: Document) -> dict[str, Any]:
    """A list as whoever signs it reads it: every person, with the reason of the grade."""
    if document.kind != LIST:
        return {}
    lines = [line_from_json(line) for line in document.body["lines"]]
    passed = [line for line in lines if line.state is LineState.PASSED]
    return {
        **many_panel(passed, str(document.body.get("many_reason", ""))),
        "reward_lines": [line_words(line) for line in passed],
    }


def many_panel(lines: Iterable[RewardLine], reason: str) -> dict[str, Any]:
    """How many main handlers are rewarded and why, where there are many: nothing limits them (domain 6.4)."""
    count = main_handlers(lines)
    if count <= MANY_MAIN_HANDLERS:
        return {}
    return {"main_handlers": {"title": f"主要承辦人員{count}人", "text": reason}}


def grade_choices(lines: Iterable[RewardLine]) -> list[tuple[str, str]]:
    """Every grade that one of the lines may have, highest first; each line is checked by itself."""
    grades = {grade for line in lines for grade in line.bounds.choices()}
    return [(grade.label, grade_words(grade)) for grade in sorted(grades, reverse=True)]


def members_of_branch(reader: Reader) -> list[tuple[str, str]]:
    """Everybody who serves or served in the house, to choose from."""
    return [(user.id, f"{user.name} {user.title}".strip()) for user in _accounts_of_branch(reader)]


def accounts_named(reader: Reader, name: str) -> list[User]:
    """The accounts of the house with this name; a name that is written out may mean one of them."""
    return [user for user in _accounts_of_branch(reader) if plain(user.name) == plain(name)]


def accounts_like(reader: Reader, line: RewardLine) -> list[User]:
    """The accounts of the house that somebody who was proposed by name only may be."""
    return [] if line.person.user else accounts_named(reader, line.person.name)


def accounts_on(lines: Iterable[RewardLine]) -> list[str]:
    """The accounts that a list names: they neither grade nor check nor decide nor sign it."""
    return sorted({line.person.user for line in lines if line.person.user})


def accounts_perhaps_on(reader: Reader, lines: Iterable[RewardLine]) -> list[str]:
    """The accounts that a list names, and their namesakes until personnel has told them apart."""
    whole = list(lines)
    like = {user.id for line in whole for user in accounts_like(reader, line)}
    return sorted({*accounts_on(whole), *like})


def _accounts_of_branch(reader: Reader) -> list[User]:
    own = {unit.id for unit in reader.organisation.units() if unit.agency is Agency.BRANCH}
    ids = {m.user_id for m in reader.organisation.all_memberships() if m.unit in own}
    return [user for user in reader.organisation.users() if user.id in ids]


def _values_of(subject: Task | ActivityCall | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(subject, Task):
        return subject.inputs
    return subject.data if isinstance(subject, ActivityCall) else subject
