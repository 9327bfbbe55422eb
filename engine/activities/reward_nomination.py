"""Proposing persons for a reward (F21 提列敘獎名單), what the rule gives each of them, and their grades."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.recusal import STEPS, stand_ins, takers
from engine.activities.reward_dates import next_due
from engine.activities.reward_lists import (
    RewardList,
    accounts_named,
    accounts_perhaps_on,
    bounds_words,
    grade_choices,
    line_words,
    members_of_branch,
    person_words,
)
from engine.activities.screening_records import AGENCIES
from engine.activities.working_plan import AGENCY_NAME
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.agency_names import agency_called
from engine.plan.reward_list import (
    MANY_MAIN_HANDLERS,
    OUTCOMES,
    Person,
    RewardLine,
    fact_from_json,
    main_handlers,
    plain,
)
from engine.plan.rewards import RuledFact, grade_named
from engine.plan.rule_error import PlanRuleError
from engine.plan.vocabulary import BUREAU
from engine.store.unit_of_work import Reader, UnitOfWork

SERVING = "serving"
RULING = "reward_ruling"
# What the branch calls the bureau.
HEAD_OFFICE = "總局"


def nomination(reader: Reader, task: Task) -> FormContent:
    """The persons as proposed before, else those whose reward has fallen, else who the entry names."""
    own = RewardList(reader, task)
    lines = [line for line in own.lines() if line.is_open] or own.to_revoke()
    rows = [_row_of(line) for line in lines] or list(_rows_of_entry(reader, own.entry_key))
    return FormContent(
        values={
            "outcome": OUTCOMES[own.outcome],
            "persons": rows,
            **({"many_reason": own.many_reason} if own.many_reason else {}),
        },
        choices={"people": members_of_branch(reader)},
    )


def check_nomination(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """One row per person, each with what names the person; coaches serve where their clause says."""
    faults = list(_row_faults(reader, task, values["persons"]))
    if faults:
        return faults
    lines = [_line_of(reader, row) for row in values["persons"]]
    faults += _forgotten(RewardList(reader, task), lines)
    if main_handlers(lines) > MANY_MAIN_HANDLERS and not values.get("many_reason"):
        faults.append(
            FieldError(
                path="many_reason",
                template="Say why there are more than {limit} main handlers",
                params={"limit": MANY_MAIN_HANDLERS},
            )
        )
    return faults


def record_nomination(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the proposal; what was decided before on this list stays as it is."""
    own = RewardList(uow, task)
    settled = [line for line in own.lines() if not line.is_open]
    lines = [_line_of(uow, row) for row in values["persons"]]
    named = accounts_perhaps_on(uow, [*settled, *lines])
    for step in STEPS:
        takers(uow, step, named)
    reason = values.get("many_reason", "") if main_handlers(lines) > MANY_MAIN_HANDLERS else ""
    own.save(uow, [*settled, *lines], "proposed", many_reason=reason)
    return {"persons": len(lines)}


def list_facts(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Every fact on which a ruling is needed: of this list and of what other lists gave the persons."""
    own = RewardList(uow, call)
    pairs = {pair for line in own.lines() for pair in own.pairs(line)}
    return {"facts": [{"outcome": outcome, "relation": relation} for outcome, relation in sorted(pairs)]}


def keep_ruling(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Keep what the decision table says about one fact."""
    own, fact = RewardList(uow, call), call.data["fact"]
    uow.documents.put(own.entry_key, RULING, _ruling_key(own, fact), {**fact, **call.data["reward_clause"]})
    return {}


def apply_rule(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Give every line the rulings on its facts; a fixed reward stands, others begin at their limit."""
    own = RewardList(uow, call)
    rulings = {pair: _ruling(own, pair) for line in own.lines() for pair in own.pairs(line)}
    lines = [
        line.with_facts(rulings[pair] for pair in own.pairs(line)) if line.is_open else line
        for line in own.lines()
    ]
    own.save(uow, lines, "ruled")
    named = accounts_perhaps_on(uow, lines)
    may_choose = any(line.may_choose() for line in lines)
    pairs = {
        **({"choose": takers(uow, "choose", named)} if may_choose else {}),
        "review": takers(uow, "review", named, own.entrant_unit),
        "check": takers(uow, "check", named),
    }
    return {
        "may_choose": may_choose,
        "named": named,
        **pairs,
        "stand_ins": stand_ins(pairs),
        "due": next_due(uow),
    }


def choices(reader: Reader, task: Task) -> FormContent:
    """The lines whose clause leaves a choice, with their bounds, and those that are fixed."""
    lines = RewardList(reader, task).lines()
    open_lines = [line for line in lines if line.may_choose()]
    rows = [
        {
            "key": line.person.key,
            "person": person_words(line),
            "clause": line.bounds.clause or "",
            "bounds": bounds_words(line.bounds),
            "grade": line.grade.label,
        }
        for line in open_lines
    ]
    fixed = [line_words(line) for line in lines if not line.may_choose()]
    return FormContent(
        values={"grades": rows},
        choices={"grades": grade_choices(open_lines)},
        panels={"reward_lines": fixed} if fixed else {},
    )


def check_choices(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Each grade lies between what the person is entitled to and what the clause allows."""
    lines = {line.person.key: line for line in RewardList(reader, task).lines()}
    return list(grade_faults("grades", values["grades"], lines))


def record_choices(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the grades that were chosen, and who reviews them: nobody reviews what they chose themselves.

    Invalid when nobody else could.
    """
    own = RewardList(uow, task)
    grades = {row["key"]: grade_named(row["grade"]) for row in values["grades"]}
    lines = [line for line in own.lines() if line.person.key in grades]
    own.replace(uow, [line.chosen(grades[line.person.key]) for line in lines], "chosen")
    apart = sorted({*task.inputs["apply_rule"]["named"], uow.actor.user_id})
    try:
        review = takers(uow, "review", apart, own.entrant_unit)
    except PlanRuleError:
        template = "Only you could review these grades; give that role to somebody else first"
        raise Invalid((FieldError(path="grades", template=template),)) from None
    return {"review": review, "named": apart, "due": next_due(uow)}


def grade_faults(
    table: str, rows: list[dict[str, Any]], lines: Mapping[str, RewardLine]
) -> Iterator[FieldError]:
    """A fault for each row whose grade the rule refuses."""
    for index, row in enumerate(rows):
        if row.get("grade") is None:
            continue
        try:
            lines[row["key"]].chosen(grade_named(row["grade"]))
        except PlanRuleError as error:
            yield FieldError(
                path=f"{table}/{index}/grade", template=error.template, params=dict(error.params)
            )


def _ruling(own: RewardList, pair: tuple[str, str]) -> RuledFact:
    """The ruling that was kept for a fact of this list."""
    key = _ruling_key(own, {"outcome": pair[0], "relation": pair[1]})
    return fact_from_json(own.reader.documents.get(own.entry_key, RULING, key).body)


def _ruling_key(own: RewardList, fact: Mapping[str, str]) -> str:
    return f"{own.no}:{fact['outcome']}:{fact['relation']}"


def _row_faults(reader: Reader, task: Task, rows: list[dict[str, Any]]) -> Iterator[FieldError]:
    own = RewardList(reader, task)
    seen: set[str] = set()
    settled = {line.person.key for line in own.lines() if not line.is_open}
    rewarded = _rewarded_before(reader, own.entry_key)
    for index, row in enumerate(rows):
        path = f"persons/{index}"
        faults = list(_identity_faults(reader, row, path))
        yield from faults
        if faults:
            continue
        line = _line_of(reader, row)
        if line.person.key in seen | settled:
            yield FieldError(
                path=f"{path}/relations",
                template="This person is on the list already; enter all relations in one row",
            )
        seen.add(line.person.key)
        yield from _coach_faults(line, path)
        if plain(line.person.name) in rewarded and not row.get("distinct_reason"):
            yield FieldError(
                path=f"{path}/distinct_reason",
                template="A reward was proposed for this person after the self-assessment: "
                "say why these are other merits",
            )


def _forgotten(own: RewardList, lines: list[RewardLine]) -> Iterator[FieldError]:
    """Whoever was rewarded for an outcome that has fallen is on the list: that reward ends here."""
    named = {line.person.key for line in (*own.lines(), *lines)}
    for line in own.to_revoke():
        if line.person.key not in named:
            yield FieldError(
                path="persons",
                template="The outcome was corrected: name {person}, whose reward is to be revoked",
                params={"person": line.person.name},
            )


def _identity_faults(reader: Reader, row: Mapping[str, Any], path: str) -> Iterator[FieldError]:
    """Somebody is named; whoever has an account of the house is named by it, and recuses."""
    own_people = row["kind"] in ("civil_servant", "contract")
    if own_people and not row.get("person") and accounts_named(reader, str(row.get("name", ""))):
        yield FieldError(
            path=f"{path}/person", template="Somebody of the house has this name: choose the account"
        )
    if not row.get("person") and not (own_people is False and row.get("name")) and not row.get("name"):
        name = "person" if own_people else "name"
        yield FieldError(path=f"{path}/{name}", template="Choose the person, or write the name")
    if _serves_elsewhere(row) and not row.get("agency"):
        yield FieldError(path=f"{path}/agency", template="Name the agency where the person serves now")


def _coach_faults(line: RewardLine, path: str) -> Iterator[FieldError]:
    """總局 and superior coaches are people of those agencies; which of the two holds is for personnel."""
    if "bureau_coach" in line.relations and not line.person.is_of_bureau:
        yield FieldError(
            path=f"{path}/relations", template="Only people of the bureau are coaches of the bureau"
        )
    if "superior_coach" in line.relations and line.person.agency == AGENCY_NAME:
        yield FieldError(
            path=f"{path}/relations", template="Coaches of the superior agency serve at that agency"
        )


def _serves_elsewhere(row: Mapping[str, Any]) -> bool:
    moved = row["kind"] == "civil_servant" and row.get("standing", SERVING) != SERVING
    return moved or row["kind"] in ("other_agency", "private")


def _agency_called(name: str) -> str:
    """The bureau and its branches by their whole names, however they were written; any other as it was."""
    meant = BUREAU if plain(name) == HEAD_OFFICE else agency_called(name, AGENCIES)
    return meant if meant in AGENCIES else name.strip()


def _line_of(reader: Reader, row: Mapping[str, Any]) -> RewardLine:
    user = reader.organisation.find_user(row["person"]) if row.get("person") else None
    person = Person(
        user=user.id if user else "",
        name=user.name if user else str(row["name"]).strip(),
        agency=_agency_called(str(row["agency"])) if _serves_elsewhere(row) else AGENCY_NAME,
        kind=row["kind"],
        serving=row.get("standing", SERVING) == SERVING,
    )
    return RewardLine(
        person=person, relations=tuple(row["relations"]), merits=row["merits"], period=row.get("period", "")
    )


def _row_of(line: RewardLine) -> dict[str, Any]:
    """A line as a row of the form; a person with an account is named by it."""
    person = line.person
    named: dict[str, Any] = {"person": person.user} if person.user else {"name": person.name}
    elsewhere = {"agency": person.agency} if person.agency != AGENCY_NAME else {}
    standing = {"standing": SERVING if person.serving else "transferred"}
    row = {
        "kind": person.kind, "relations": list(line.relations), "merits": line.merits, **named, **elsewhere,
        **(standing if person.kind == "civil_servant" else {}),
    }  # fmt: skip
    return row | ({"period": line.period} if line.period else {})


def _rows_of_entry(reader: Reader, entry_key: str) -> Iterator[dict[str, Any]]:
    """The team and the coaches that the entry named, without their merits."""
    found = reader.documents.find(entry_key, "award_entry")
    entry: dict[str, Any] = found.body if found else {}
    for member in entry.get("team", ()):
        yield _row_of_member(reader, member, "civil_servant", AGENCY_NAME)
    for coach in entry.get("coaches", ()):
        yield _row_of_member(reader, coach, "other_agency", coach["agency"])


def _row_of_member(reader: Reader, member: Mapping[str, Any], kind: str, agency: str) -> dict[str, Any]:
    user = reader.organisation.find_user(str(member.get("person", "")))
    named = {"person": user.id} if user else {"name": str(member["name"])}
    elsewhere = {"agency": agency} if kind == "other_agency" else {"standing": SERVING}
    merits = {"merits": member["facts"]} if member.get("facts") else {}
    return {"kind": kind, "relations": [member["relation"]], **named, **elsewhere, **merits}


def _rewarded_before(reader: Reader, entry_key: str) -> str:
    """What was proposed by 柒.一 for the plans of the entry: the same merits are not rewarded twice."""
    found = reader.documents.find(entry_key, "award_entry")
    plans = found.body.get("related_plans", ()) if found else ()
    proposals = (reader.documents.find(str(plan_key), "reward_proposal") for plan_key in plans)
    return plain("".join(f"{p.body['proposal']}{p.body['basis']}" for p in proposals if p))


ACTIVITIES: dict[str, Activity] = {
    "rewards.list_facts": list_facts,
    "rewards.keep_ruling": keep_ruling,
    "rewards.apply_rule": apply_rule,
}
PREFILLS: dict[str, Prefill] = {
    "rewards.nomination": nomination,
    "rewards.choices": choices,
}
CHECKS: dict[str, Check] = {
    "rewards.check_nomination": check_nomination,
    "rewards.check_choices": check_choices,
}
COMPLETIONS: dict[str, Completion] = {
    "rewards.record_nomination": record_nomination,
    "rewards.record_choices": record_choices,
}
