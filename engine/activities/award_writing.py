"""What the branch writes for an award entry: the memo, the entry's data, and the letters that go out."""

from collections.abc import Iterator
from typing import Any

from engine.activities.award_opening import reply_due_words
from engine.activities.award_records import (
    ENTRY,
    MEMO,
    RELATIONS,
    ROUTES,
    SENT,
    award_year_of,
    edition_of,
    enter_entry_state,
    entrant_label,
    entry_choices,
    entry_of,
    people_of_branch,
    unrelated_actions,
)
from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.letter_entries import (
    BRANCH_PREFIX,
    ISSUERS,
    letter_faults,
    outgoing_letter,
    require_faultless,
)
from engine.activities.plan_documents import owner_of, shown
from engine.activities.working_plan import AGENCY_ID, AGENCY_NAME
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.award import screening_key
from engine.plan.vocabulary import BUREAU
from engine.store.unit_of_work import Reader, UnitOfWork

COACH_AGENCIES = {"bureau": BUREAU, "ministry": ISSUERS["ministry"]}
TEXTS = ("category", "theme", "abstract", "problem", "innovation", "results", "sustainability")


def memo(reader: Reader, task: Task) -> FormContent:
    """The memo as written before; at first the entry is about the plan of the year before (A4)."""
    key = owner_of(task)
    choices = entry_choices(reader, edition_of(key))
    before = reader.documents.find(key, MEMO)
    start = before.body if before else {"related_plans": _plan_before(key, choices)}
    return FormContent(
        values={
            **_known(start, "proposal", "reason", "entrant_kind", "entrant"),
            "award_year": task.inputs["award_year"],
            "route": ROUTES[task.inputs["route"]],
            "reply_due": reply_due_words(reader, key),
        },
        choices=choices,
    )


def check_memo(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Actions belong to plans that are named."""
    return list(unrelated_actions(values))


def record_memo(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the memo that the director decides on; not entering needs it as well."""
    names = ("proposal", "reason", "entrant_kind", "entrant", "category", "theme")
    body = {
        **{name: values.get(name) for name in names},
        "entrant_label": entrant_label(uow, values.get("entrant_kind"), values.get("entrant")),
        "related_plans": values.get("related_plans", []),
        "related_actions": _actions(values),
    }
    ref = uow.documents.put(owner_of(task), MEMO, "", body)
    return {"memo_no": ref.no}


def entry(reader: Reader, task: Task) -> FormContent:
    """The entry's data as written before, else what the memo or the designation say."""
    key = owner_of(task)
    start = entry_of(reader, key)
    choices = entry_choices(reader, edition_of(key))
    people = [(user.id, f"{user.name} {user.title}".strip()) for user in people_of_branch(reader)]
    return FormContent(
        values={
            **_known({"related_plans": _plan_before(key, choices), **start}, *TEXTS, "files"),
            "team": [_member_row(row) for row in start.get("team", ())],
            "coaches": [_coach_row(row) for row in start.get("coaches", ())],
            "entrant_label": start["entrant_label"],
        },
        choices={**choices, "people": people},
    )


def check_entry(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Results are given in numbers; the team names its main handlers, and everybody once (F18)."""
    faults = list(unrelated_actions(values))
    if not any(character.isdecimal() for character in values["results"]):
        faults.append(FieldError(path="results", template="Show the results with numbers"))
    if all(row["relation"] != "main_handler" for row in values["team"]):
        faults.append(FieldError(path="team", template="Name at least one main handler"))
    return [*faults, *_named_twice(values["team"])]


def record_entry(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the entry's data: the director signs this version, and the letter sends it."""
    key = owner_of(task)
    start = entry_of(uow, key)
    body = {
        "award_year": award_year_of(key),
        "edition_key": edition_of(key),
        "entrant_kind": start["entrant_kind"],
        "entrant": start["entrant"] if start["entrant_kind"] == "unit" else AGENCY_ID,
        "entrant_label": start["entrant_label"],
        **{name: values[name] for name in TEXTS},
        "related_plans": values.get("related_plans", []),
        "related_actions": _actions(values),
        "team": [_member(uow, row) for row in values["team"]],
        "coaches": [_coach(row) for row in values.get("coaches", ())],
        "files": values["files"],
        "truth_statement": True,
    }
    ref = uow.documents.put(key, ENTRY, "", body)
    # 會辦: a unit that enters is asked before the first level signs.
    units = [body["entrant"]] if body["entrant_kind"] == "unit" else []
    return {"entry_no": ref.no, "countersign_units": units}


def entry_letter(reader: Reader, task: Task) -> FormContent:
    """The signed entry, and first words for the letter that sends it to the ministry by way of the bureau."""
    document = reader.documents.get(owner_of(task), ENTRY)
    subject = f"檢送本分局參加{task.inputs['award_year']}年政府服務獎參獎資料1份，請鑒核。"
    values = {**_letter_values(subject), "attachments": document.body["files"]}
    return FormContent(values=values, shown=(shown("參獎資料", document),))


def nil_letter(reader: Reader, task: Task) -> FormContent:
    """The signed memo, and first words for the nil report."""
    subject = f"有關{task.inputs['award_year']}年政府服務獎參獎調查，本分局無參獎，請鑒核。"
    document = reader.documents.get(owner_of(task), MEMO)
    return FormContent(values=_letter_values(subject), shown=(shown("參獎簽陳", document),))


def check_own_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """The branch's letter is dated sensibly and its number is new (F6)."""
    return list(letter_faults(reader, values, AGENCY_NAME))


def record_nil(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the nil report: 無參獎 is said, silence would not be enough."""
    key = owner_of(task)
    letter = uow.letters.register(outgoing_letter(key, values))
    uow.documents.put(key, "nil_report", "", {"letter_id": letter.id, "on": uow.today.isoformat()})
    enter_entry_state(uow, key, "no_entry")
    return {"letter_id": letter.id, "agency": AGENCY_NAME}


def record_sent(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the letter, and fix which version of the entry it sends."""
    key = owner_of(task)
    letter = uow.letters.register(outgoing_letter(key, values))
    sent = uow.documents.get(key, ENTRY)
    body = {
        "letter_id": letter.id, "on": uow.today.isoformat(), "entry_no": sent.no, "digest": sent.digest,
    }  # fmt: skip
    uow.documents.put(key, SENT, "", body)
    return {"letter_id": letter.id}


def submit_entry(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """What the ministry receives. Where no screening of the year listens, the ministry answers by letter."""
    key, year = owner_of(call), int(call.data["award_year"])
    entered = uow.documents.get(key, ENTRY).body
    listens = bool(uow.messages.waiting("entry_submitted", screening_key(year)))
    mode = "accounts" if call.data["ministry_mode"] == "accounts" and listens else "letters"
    enter_entry_state(uow, key, "submitted")
    return {
        "ministry_mode": mode,
        "entry": {
            "entry_key": key,
            "agency": AGENCY_NAME,
            "letter_id": uow.documents.get(key, SENT).body["letter_id"],
            **{name: entered[name] for name in ("entrant_label", "category", "theme")},
        },
    }


def record_withdrawal(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The branch takes its entry back: it has a letter, and everything that was recorded stays readable."""
    key, values = owner_of(call), call.data["withdraw_entry"]
    require_faultless(uow, values, AGENCY_NAME)
    letter = uow.letters.register(outgoing_letter(key, values, subject=f"撤回參獎：{values['reason']}"[:200]))
    uow.documents.put(key, "withdrawal", "", {"letter_id": letter.id, "reason": values["reason"]})
    enter_entry_state(uow, key, "withdrawn")
    return {"letter_id": letter.id}


def _known(start: dict[str, Any], *names: str) -> dict[str, Any]:
    """What fields of these names, and those that memo and entry share, hold already."""
    shared = ("category", "theme", "related_plans")
    known = {name: start[name] for name in (*names, *shared) if start.get(name)}
    return {**known, "related_actions": [{"action": action} for action in start.get("related_actions", ())]}


def _plan_before(key: str, choices: dict[str, list[tuple[str, str]]]) -> list[str]:
    agency = key.partition(":award:")[0]
    wanted = f"{agency}:{award_year_of(key) - 1}"
    return [wanted] if any(plan == wanted for plan, _ in choices["plans"]) else []


def _actions(values: dict[str, Any]) -> list[str]:
    return [row["action"] for row in values.get("related_actions", ())]


def _named_twice(team: list[dict[str, Any]]) -> Iterator[FieldError]:
    people = [row["person"] for row in team]
    for index, person in enumerate(people):
        if person in people[:index]:
            yield FieldError(path=f"team/{index}/person", template="This person is named above already")


def _member(reader: Reader, row: dict[str, Any]) -> dict[str, Any]:
    unit = reader.organisation.unit(row["unit"])
    return {
        **{name: row[name] for name in ("person", "unit", "relation")},
        "name": reader.organisation.user(row["person"]).name,
        "unit_label": unit.label,
        "relation_label": RELATIONS[row["relation"]],
    }


def _member_row(member: dict[str, Any]) -> dict[str, Any]:
    return {name: member[name] for name in ("person", "unit", "relation")}


def _coach(row: dict[str, Any]) -> dict[str, Any]:
    agency = COACH_AGENCIES.get(row["agency"]) or row["agency_name"]
    return {**row, "agency_kind": row["agency"], "agency": agency}


def _coach_row(coach: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "agency_name", "title", "relation", "facts")
    return {"agency": coach["agency_kind"], **{name: coach[name] for name in names if coach.get(name)}}


def _letter_values(subject: str) -> dict[str, Any]:
    return {
        "doc_prefix": BRANCH_PREFIX,
        "to": [BUREAU, ISSUERS["ministry"]],
        "subject": subject,
        "expectation": "instruct",
        "sent_by": "electronic",
    }


ACTIVITIES: dict[str, Activity] = {
    "award.submit_entry": submit_entry,
    "award.record_withdrawal": record_withdrawal,
}
PREFILLS: dict[str, Prefill] = {
    "award.memo": memo,
    "award.entry": entry,
    "award.entry_letter": entry_letter,
    "award.nil_letter": nil_letter,
}
CHECKS: dict[str, Check] = {
    "award.check_memo": check_memo,
    "award.check_entry": check_entry,
    "award.check_own_letter": check_own_letter,
}
COMPLETIONS: dict[str, Completion] = {
    "award.record_memo": record_memo,
    "award.record_entry": record_entry,
    "award.record_nil": record_nil,
    "award.record_sent": record_sent,
}
