"""Looking at a reward list: the chief's review, personnel's check (hr_check) and the merit committee."""

from collections.abc import Iterable
from typing import Any

from engine.activities.calls import Check, Completion, Prefill
from engine.activities.deciding_levels import chain_levels
from engine.activities.plan_documents import not_after_today, shown
from engine.activities.recusal import STEPS, stand_ins, takers
from engine.activities.reward_dates import next_due
from engine.activities.reward_lists import (
    RewardList,
    accounts_like,
    accounts_on,
    bounds_words,
    grade_choices,
    grade_words,
    line_words,
    many_panel,
    members_of_branch,
    person_words,
)
from engine.activities.reward_nomination import grade_faults
from engine.activities.signoff import signing_levels
from engine.domain.form import FormContent
from engine.domain.identity import ROLES
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.reward_list import OUTCOMES, LineState, RewardLine
from engine.plan.rewards import grade_named
from engine.store.unit_of_work import Reader, UnitOfWork

CHAIN = "reward_list"
DIRECTOR = "director"
DECIDED = {"pass": "通過", "change": "修正", "defer": "緩議"}


def reviewed(reader: Reader, task: Task) -> FormContent:
    """The whole list with the reason of every grade."""
    own = RewardList(reader, task)
    lines = own.lines()
    return FormContent(
        shown=_shown(own),
        panels={
            **many_panel(lines, own.many_reason),
            "reward_lines": [line_words(line) for line in lines],
        },
    )


def record_review(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """From now on personnel has the list."""
    return {"due": next_due(uow)}


def checked(reader: Reader, task: Task) -> FormContent:
    """The list with what personnel looks at: the same person elsewhere in the edition, and recusals."""
    own = RewardList(reader, task)
    rows = [
        {
            **line_words(line),
            "elsewhere": "；".join(_elsewhere(own, line)),
            "recusal": "、".join(_own_steps(reader, line.person.user)),
        }
        for line in own.lines()
        if line.is_waiting or line.state is LineState.APART
    ]
    return FormContent(
        values={"lines": rows}, choices={"people": members_of_branch(reader)}, shown=_shown(own),
        panels=many_panel(own.lines(), own.many_reason),
    )  # fmt: skip


def check_hr(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A list is in order with its certificate (柒.二(二)) and when people of one name were told apart."""
    if values["result"] != "conforms":
        return []
    own = RewardList(reader, task)
    faults = list(_certificate_faults(own, "result"))
    if not values.get("namesakes_confirmed"):
        faults += _namesake_faults(own)
    return faults


def record_hr(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Who else recuses, who takes the next steps, and whether there is anything to decide."""
    own = RewardList(uow, task)
    told_apart = values["result"] == "conforms" and values.get("namesakes_confirmed")
    on_list = accounts_on(own.lines()) if told_apart else task.inputs["apply_rule"]["named"]
    named = sorted({*on_list, *values.get("recused", ())})
    pairs = {step: takers(uow, step, named) for step in ("committee", "order")}
    return {
        "named": named,
        **pairs,
        "stand_ins": stand_ins(pairs),
        "to_decide": bool(own.waiting()),
        "signable": bool(signing_levels(uow, chain_levels(uow, CHAIN), named)),
    }


def session(reader: Reader, task: Task) -> FormContent:
    """The lines that wait for the committee, with their bounds."""
    own = RewardList(reader, task)
    lines = own.waiting()
    rows = [
        {
            "key": line.person.key,
            "person": person_words(line),
            "relations": line_words(line)["relations"],
            "clause": line.bounds.clause or "",
            "bounds": bounds_words(line.bounds),
            "proposed": grade_words(line.grade),
            "remark": line.trail[-1]["words"] if line.trail else "",
            "decision": "pass",
        }
        for line in lines
    ]
    return FormContent(
        values={"lines": rows}, choices={"grades": grade_choices(lines)}, shown=_shown(own),
        panels=many_panel(lines, own.many_reason),
    )  # fmt: skip


def check_session(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A session that was held, with its certificate registered; a changed grade stays within the bounds."""
    own = RewardList(reader, task)
    lines = {line.person.key: line for line in own.lines()}
    return [
        *not_after_today(reader, values, "met_on"),
        *_certificate_faults(own, "lines"),
        *grade_faults("lines", values["lines"], lines),
    ]


def record_session(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep each decision, and tell where the list goes from here."""
    own = RewardList(uow, task)
    rows = {row["key"]: row for row in values["lines"]}
    words = f"{values['session']}：" + "{}"
    changed = [_decided(line, rows[line.person.key], words, values["met_on"]) for line in own.waiting()]
    own.replace(uow, changed, "committee")
    return {"passed": any(line.state is LineState.PASSED for line in changed)}


def for_superior(own: RewardList, named: Iterable[str]) -> list[RewardLine]:
    """The lines that the superior agency decides: 記大功, people of the bureau, a list with the director."""
    reader = own.reader
    directors = {user.id for user in reader.organisation.members(DIRECTOR, "", reader.today)}
    is_named = not directors.isdisjoint(named)
    return [line for line in own.lines() if line.needs_superior(director_named=is_named)]


def _decided(line: RewardLine, row: dict[str, Any], words: str, on: str) -> RewardLine:
    if row["decision"] == "defer":
        return line.stepped(LineState.DEFERRED, "committee", words.format(DECIDED["defer"]), on)
    if row["decision"] == "change":
        line = line.chosen(grade_named(row["grade"]))
    return line.stepped(LineState.PASSED, "committee", words.format(DECIDED[row["decision"]]), on)


def _shown(own: RewardList) -> tuple[Any, ...]:
    return (shown("敘獎名單", own.document),) if own.document else ()


def _namesake_faults(own: RewardList) -> Iterable[FieldError]:
    """People of one name are told apart: in the edition, and from the accounts of the house."""
    if any(own.namesakes(line) for line in own.lines()):
        yield FieldError(
            path="namesakes_confirmed",
            template="Somebody of this name stands in the edition: confirm that it is another person",
        )
    elif any(accounts_like(own.reader, line) for line in own.lines()):
        yield FieldError(
            path="namesakes_confirmed",
            template="Somebody of the house has this name: confirm that it is another person",
        )


def _elsewhere(own: RewardList, line: RewardLine) -> Iterable[str]:
    """The same person, or a namesake, in the same edition and in the house."""
    issued = own.issued(line.person.key)
    if issued:
        yield f"同屆已核給{issued['grade']}（{issued['order']['full']}）"
    for other in own.elsewhere(line.person.key):
        yield f"同屆另列於{OUTCOMES[other['outcome']]}名單（擇一最高）"
    for other in own.namesakes(line):
        yield f"同名：{other['person']['agency']}"
    for user in accounts_like(own.reader, line):
        yield f"同名：本分局{user.title}"


def _own_steps(reader: Reader, user: str) -> Iterable[str]:
    """The roles of the procedure that a person holds and must not use for this list."""
    signing = (level["role"] for level in chain_levels(reader, CHAIN))
    roles = dict.fromkeys((*(role for roles in STEPS.values() for role in roles), *signing))
    holds = (r for r in roles if any(u.id == user for u in reader.organisation.members(r, "", reader.today)))
    return [ROLES[role].label for role in holds]


def _certificate_faults(own: RewardList, path: str) -> Iterable[FieldError]:
    """柒.二(二) asks for the certificate (獲頒獎狀): until it is registered nothing is decided."""
    outcomes = own.reader.documents.list(own.entry_key, "award_outcome")
    registered = any(outcome.body.get("certificate_no") for outcome in outcomes)
    if own.outcome == "finalist" and not registered:
        yield FieldError(
            path=path, template="Register the certificate of the finalist first; then the list is decided"
        )


PREFILLS: dict[str, Prefill] = {
    "rewards.reviewed": reviewed,
    "rewards.checked": checked,
    "rewards.session": session,
}
CHECKS: dict[str, Check] = {
    "rewards.check_hr": check_hr,
    "rewards.check_session": check_session,
}
COMPLETIONS: dict[str, Completion] = {
    "rewards.record_review": record_review,
    "rewards.record_hr": record_hr,
    "rewards.record_session": record_session,
}
