"""What comes of a reward list: the superior's reply, the order (獎懲令), letters to agencies, notices."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.letter_entries import (
    BRANCH_PREFIX,
    BUREAU_PREFIX,
    ISSUERS,
    incoming_letter,
    letter_faults,
    outgoing_letter,
)
from engine.activities.notices import MAIL
from engine.activities.reward_dates import REPLY_WORKING_DAYS, due_in, next_due
from engine.activities.reward_lists import (
    ISSUED,
    RECOMMENDED,
    RewardList,
    bounds_words,
    grade_choices,
    grade_words,
    line_words,
    person_words,
)
from engine.activities.reward_nomination import grade_faults
from engine.activities.reward_review import for_superior
from engine.activities.working_plan import AGENCY_NAME
from engine.domain.form import FormContent
from engine.domain.letter import Letter
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.reward_list import Issue, LineState, RewardLine, Way
from engine.plan.rewards import grade_named
from engine.plan.vocabulary import BUREAU
from engine.store.unit_of_work import Reader, UnitOfWork

ORDER_PREFIX = "經標高人字"
# Where people read the orders that name them, whatever else they may know of.
OWN_ORDERS = "/account#orders"
ISSUE_WORDS = {
    Issue.NEW: "發布",
    Issue.REISSUE: "撤銷原令、另發新令",
    Issue.REVOKE: "撤銷原令",
    Issue.WAIT: "暫緩",
    Issue.BLOCKED: "不列入",
}
# What becomes of a passed line that no order or letter may name (now, or for good).
HELD = {Issue.WAIT: LineState.DEFERRED, Issue.BLOCKED: LineState.BLOCKED}
ANSWERS = {"agree": "同意", "change": "修正", "decline": "不同意"}


def superior_letter(reader: Reader, task: Task) -> FormContent:
    """The usual parts of the letter, and the lines on which the superior agency decides."""
    own = RewardList(reader, task)
    lines = for_superior(own, task.inputs["hr_check"]["named"])
    values = {
        "doc_prefix": BRANCH_PREFIX,
        "to": [BUREAU],
        "subject": f"檢陳本分局{task.inputs['award_year']}年政府服務獎敘獎建議名單，請鑒核。",
        "expectation": "instruct",
        "sent_by": "electronic",
    }
    return FormContent(values=values, panels={"reward_lines": [line_words(line) for line in lines]})


def check_own_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Dated no later than today, with a number of its own."""
    return list(letter_faults(reader, values, AGENCY_NAME))


def record_superior_letter(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the letter and keep for each line that it was reported."""
    own = RewardList(uow, task)
    letter = uow.letters.register(outgoing_letter(own.entry_key, values))
    words, on = letter.full_number, values["doc_date"]
    lines = for_superior(own, task.inputs["hr_check"]["named"])
    own.replace(uow, [line.stepped(line.state, "reported", words, on) for line in lines], "reported")
    return {"letter_id": letter.id, "reply_due": due_in(uow, REPLY_WORKING_DAYS)}


def superior_answer(reader: Reader, task: Task) -> FormContent:
    """The lines that were reported, each for the answer of the superior agency."""
    own = RewardList(reader, task)
    lines = for_superior(own, task.inputs["hr_check"]["named"])
    rows = [
        {
            "key": line.person.key,
            "person": person_words(line),
            "bounds": bounds_words(line.bounds),
            "proposed": grade_words(line.grade),
            "remark": _answer_remark(own, line),
            "decision": "agree",
        }
        for line in lines
    ]
    return FormContent(
        values={"lines": rows, "doc_prefix": BUREAU_PREFIX}, choices={"grades": grade_choices(lines)}
    )


def check_superior_answer(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A letter that came in; the superior, too, decides within the bounds of the rule."""
    lines = {line.person.key: line for line in RewardList(reader, task).lines()}
    return [
        *letter_faults(reader, values, ISSUERS[values["issuer"]]),
        *grade_faults("lines", values["lines"], lines),
    ]


def record_superior_answer(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the reply; people of the bureau are rewarded by the bureau, ours by our order."""
    own = RewardList(uow, task)
    letter = uow.letters.register(incoming_letter(own.entry_key, values))
    rows = {row["key"]: row for row in values["lines"]}
    changed = []
    for line in for_superior(own, task.inputs["hr_check"]["named"]):
        answered = _answered(line, rows[line.person.key], letter)
        is_final = answered.state is LineState.LETTERED
        changed.append(_recommended_once(uow, own, answered, letter) if is_final else answered)
    own.replace(uow, changed, "answered")
    return {"letter_id": letter.id, "due": next_due(uow)}


def prepare_orders(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Compare with the other lists of the edition; a line that may not be issued stays with the reason."""
    own = RewardList(uow, call)
    _compare(uow, own)
    superior = for_superior(own, call.data["hr_check"]["named"])
    letters = [line for line in _passed(own, Way.LETTER) if line not in superior]
    return {
        "needs_superior": bool(superior),
        "orders": bool(_passed(own, Way.ORDER)),
        "letters": bool(letters),
        "due": next_due(uow),
    }


def order_content(reader: Reader, task: Task) -> FormContent:
    """The lines of the order, with what it does to an earlier order of the edition."""
    own = RewardList(reader, task)
    lines = _passed(own, Way.ORDER)
    issues = [own.issue(line) for line in lines]
    rows = [
        {
            "person": person_words(line),
            "relations": line_words(line)["relations"],
            "clause": line.bounds.clause or "",
            "grade": grade_words(line.grade),
            "issue": ISSUE_WORDS[issue],
            "remark": remark,
        }
        for line, (issue, remark) in zip(lines, issues, strict=True)
    ]
    remains = any(issue not in HELD for issue, _ in issues)
    return FormContent(
        values={"lines": rows, "outcome": "issue" if remains else "nothing", "doc_prefix": ORDER_PREFIX}
    )


def check_order(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """An order of today or before, with a number that no other order has."""
    if values["outcome"] == "nothing":
        return []
    return list(letter_faults(reader, {**values, "doc_type": "order"}, AGENCY_NAME))


def record_order(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Issue the order: an earlier one of the edition is revoked for its person, never topped up."""
    own = RewardList(uow, task)
    _compare(uow, own)
    lines = _passed(own, Way.ORDER)
    if not lines:
        return {"ordered": [], "due": next_due(uow)}
    letter = uow.letters.register(
        replace(outgoing_letter(own.entry_key, values, subject="政府服務獎獎懲令"), doc_type="令")
    )
    order = _order(letter)
    ordered = []
    for line in lines:
        issue, remark = own.issue(line)
        words = f"{letter.full_number}令" if issue is Issue.NEW else f"{letter.full_number}令：{remark}"
        own.settle(uow, line, ISSUED, order)
        ordered.append(line.stepped(LineState.ORDERED, "order", words, order["on"]))
    own.replace(uow, ordered, "ordered")
    return {
        "letter_id": letter.id,
        "ordered": [line.person.key for line in ordered],
        "due": next_due(uow),
    }


def recommendations(reader: Reader, task: Task) -> FormContent:
    """One letter for each agency whose people are recommended (建議敘獎): that agency decides."""
    own = RewardList(reader, task)
    lines = _passed(own, Way.LETTER)
    due = [line for line in lines if own.issue(line)[0] not in HELD]
    rows = [
        {
            "agency": agency,
            "persons": "、".join(_recommended(own, line) for line in due if line.person.agency == agency),
            "doc_prefix": BRANCH_PREFIX,
        }
        for agency in dict.fromkeys(line.person.agency for line in due)
    ]
    told = [{**line_words(line), "note": own.issue(line)[1]} for line in lines]
    return FormContent(values={"letters": rows}, panels={"reward_lines": told})


def check_recommendations(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Each letter has a number of its own."""
    faults, numbers = [], [(row["doc_prefix"], row["doc_no"]) for row in values["letters"]]
    for index, row in enumerate(values["letters"]):
        faults += [
            replace(fault, path=f"letters/{index}/{fault.path}")
            for fault in letter_faults(reader, row, AGENCY_NAME)
        ]
        if numbers[index] in numbers[:index]:
            faults.append(
                FieldError(path=f"letters/{index}/doc_no", template="Two letters have the same number")
            )
    return faults


def record_recommendations(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the letters; no order is issued here for these persons."""
    own = RewardList(uow, task)
    _compare(uow, own)
    subject = f"建議敘獎：{task.inputs['award_year']}年政府服務獎，請查照。"
    changed = []
    for row in values["letters"]:
        letter = uow.letters.register(
            outgoing_letter(own.entry_key, {**row, "to": [row["agency"]]}, subject=subject)
        )
        for line in _passed(own, Way.LETTER):
            if line.person.agency == row["agency"]:
                own.settle(uow, line, RECOMMENDED, _order(letter))
                on = letter.doc_on.isoformat()
                changed.append(line.stepped(LineState.LETTERED, "letter", letter.full_number, on))
    own.replace(uow, changed, "lettered")
    return {}


def notify_persons(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Tell everybody with an account that the order of this round names them, and whether a line waits."""
    own = RewardList(uow, call)
    had_order = call.data["prepare_orders"]["orders"]
    ordered = set(call.data["issue_order"]["ordered"] if had_order else ())
    told = []
    for line in own.lines():
        if line.person.key in ordered and line.person.user:
            key = f"{call.instance_id}:{call.element_id}:{call.task_id}:{line.person.user}"
            payload = {
                "user": line.person.user,
                "template": "An order of reward was issued to you: {number}",
                "params": {"label": "獎懲令", "number": line.trail[-1]["words"].partition("：")[0]},
                "instance_id": call.instance_id,
                "owner_key": own.entry_key,
                "path": OWN_ORDERS,
            }
            uow.outbox.add(key, MAIL, payload)
            told.append(line.person.user)
    return {"told": told, "waiting": bool(own.waiting())}


def _answered(line: RewardLine, row: Mapping[str, Any], letter: Letter) -> RewardLine:
    if row["decision"] == "change":
        line = line.chosen(grade_named(row["grade"]))
    words, on = f"{letter.full_number}：{ANSWERS[row['decision']]}", letter.doc_on.isoformat()
    if row["decision"] == "decline":
        return line.stepped(LineState.DECLINED, "superior", words, on)
    state = LineState.PASSED if line.way is Way.ORDER else LineState.LETTERED
    return line.stepped(state, "superior", words, on)


def _answer_remark(own: RewardList, line: RewardLine) -> str:
    """What an answer meets in the edition; the superior who answers does not wait for another list."""
    issue, reason = own.issue(line)
    return reason if issue is not Issue.WAIT else ""


def _recommended_once(uow: UnitOfWork, own: RewardList, line: RewardLine, letter: Letter) -> RewardLine:
    """What the superior agency gave is kept, unless the person has as much in the edition already."""
    issue, reason = own.issue(line)
    if issue is Issue.BLOCKED:
        return line.stepped(LineState.BLOCKED, "blocked", reason, letter.doc_on.isoformat())
    own.settle(uow, line, RECOMMENDED, _order(letter))
    return line


def _recommended(own: RewardList, line: RewardLine) -> str:
    """A person of a letter with the reward, and what becomes of an earlier recommendation."""
    issued = own.issued(line.person.key)
    earlier = f"撤回原建議（{issued['order']['full']}，{issued['grade']}）" if issued else ""
    grade = grade_words(line.grade) if own.issue(line)[0] is not Issue.REVOKE else ""
    return f"{line.person.name} {'，'.join(filter(None, (grade, earlier)))}"


def _passed(own: RewardList, way: Way) -> list[RewardLine]:
    return [line for line in own.lines() if line.state is LineState.PASSED and line.way is way]


def _compare(uow: UnitOfWork, own: RewardList) -> None:
    """Take out, each with its reason, the passed lines that one reward per person and edition holds back."""
    today = uow.today.isoformat()
    passed = [line for line in own.lines() if line.state is LineState.PASSED]
    compared = [_compared(own, line, today) for line in passed]
    changed = [line for line in compared if line.state is not LineState.PASSED]
    if changed:
        own.replace(uow, changed, "compared")


def _compared(own: RewardList, line: RewardLine, today: str) -> RewardLine:
    """The line as it goes on, or held back with what still holds of its facts."""
    issue, reason = own.issue(line)
    if issue not in HELD:
        return line
    return line.without_fallen(own.pairs(line)).stepped(HELD[issue], "blocked", reason, today)


def _order(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "prefix": letter.prefix,
        "number": letter.number,
        "full": letter.full_number,
        "on": letter.doc_on.isoformat(),
    }


ACTIVITIES: dict[str, Activity] = {
    "rewards.prepare_orders": prepare_orders,
    "rewards.notify_persons": notify_persons,
}
PREFILLS: dict[str, Prefill] = {
    "rewards.superior_letter": superior_letter,
    "rewards.superior_answer": superior_answer,
    "rewards.order_content": order_content,
    "rewards.recommendations": recommendations,
}
CHECKS: dict[str, Check] = {
    "rewards.check_own_letter": check_own_letter,
    "rewards.check_superior_answer": check_superior_answer,
    "rewards.check_order": check_order,
    "rewards.check_recommendations": check_recommendations,
}
COMPLETIONS: dict[str, Completion] = {
    "rewards.record_superior_letter": record_superior_letter,
    "rewards.record_superior_answer": record_superior_answer,
    "rewards.record_order": record_order,
    "rewards.record_recommendations": record_recommendations,
}
