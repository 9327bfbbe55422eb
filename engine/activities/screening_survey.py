"""The ministry's screening begins: survey, designations, and what comes in from the agencies (陸.二)."""

from datetime import date
from typing import Any

from engine.activities.award_records import next_entry_key
from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.letter_entries import ISSUERS, MINISTRY_PREFIX, letter_faults, outgoing_letter
from engine.activities.moments import end_of_day, morning
from engine.activities.plan_documents import owner_of
from engine.activities.results import check_working_day
from engine.activities.screening_records import AGENCIES, RECEIVED, entries_here, received_entries
from engine.activities.working_plan import AGENCY_ID, AGENCY_NAME, plan_units
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.agency_names import is_same_agency
from engine.plan.award import edition_key, entry_key, screening_key
from engine.plan.deadlines import internal_due, nominal_dates
from engine.plan.roc import roc_to_ad_year
from engine.store.unit_of_work import Reader, UnitOfWork

YEARS = range(100, 200)
MINISTRY = ISSUERS["ministry"]
STATES = {"received": "已送件", "late": "逾期送件", "withdrawn": "已撤回", "nil": "無參獎", "": "未回復"}


def open_screening(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The screening of a year, once: its key, and the first working day of February for the survey."""
    year = call.data.get("award_year")
    if not isinstance(year, int) or year not in YEARS:
        raise _refused("award_year", "Enter a year of the ROC calendar, such as 115")
    key = screening_key(year)
    if call.data["business_key"] != key:
        raise _refused("business_key", "The screening of this award year has the key {key}", key=key)
    if uow.documents.find(key, "screening") is not None:
        raise _refused("award_year", "The screening of this award year has been started already")
    uow.documents.put(key, "screening", "", {"award_year": year, "state": "planned"})
    february = uow.calendar.next_working_day_on_or_after(date(roc_to_ad_year(year), 2, 1))
    return {"screening_key": key, "award_year": year, "survey_at": morning(february)}


def survey(reader: Reader, task: Task) -> FormContent:
    """The agencies that are asked, the last working day of February, and first words for the letter."""
    year = int(task.inputs["award_year"])
    last = internal_due(nominal_dates(year - 1)["K5"], reader.calendar)
    values = {
        "award_year": year,
        "agencies": list(AGENCIES),
        "reply_due": last.isoformat(),
        **_letter_values([AGENCIES[0]], f"請調查{year}年政府服務獎參獎意願，請查照。"),
    }
    return FormContent(values=values, choices={"agencies": [(name, name) for name in AGENCIES]})


def check_survey(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """The ministry's letter is in order, and the reply is due on a working day to come."""
    return [*letter_faults(reader, values, MINISTRY), *check_working_day(reader, values, "reply_due")]


def record_survey(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the letter of the survey, and keep whom it asks until when."""
    key = owner_of(task)
    letter = uow.letters.register(outgoing_letter(key, values, issuer=MINISTRY))
    body = {"agencies": values["agencies"], "reply_due": values["reply_due"], "letter_id": letter.id}
    uow.documents.put(key, "survey", "", body)
    return {"letter_id": letter.id}


def list_invitations(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """A message for each agency that works with this system; the others read the letter."""
    key, year = owner_of(call), int(call.data["award_year"])
    asked = uow.documents.get(key, "survey").body
    here = [AGENCY_NAME] if AGENCY_NAME in asked["agencies"] else []
    told = {
        "award_year": year, "route": "self", "ministry_mode": "accounts", "letter_id": asked["letter_id"],
        "reply_due": asked["reply_due"],
    }  # fmt: skip
    return {
        "invitations": [{"entry_key": next_entry_key(uow, _edition(uow, year)), **told} for _ in here],
        "reply_due_at": end_of_day(date.fromisoformat(asked["reply_due"])),
    }


def designations(reader: Reader, task: Task) -> FormContent:
    """First words for the letter of a designation."""
    year = task.inputs["award_year"]
    return FormContent(
        values=_letter_values([AGENCY_NAME], f"指定貴機關（單位）參加{year}年政府服務獎，請查照。"),
        choices={
            "agencies": [(name, name) for name in AGENCIES],
            "units": [(unit.id, unit.label) for unit in plan_units(reader)],
        },
    )


def check_designations(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Either nobody is designated and that is said, or everybody is named and there is a letter."""
    rows = values.get("designations", [])
    if values.get("none"):
        template = "Remove the rows, or do not say that nobody is designated"
        return [FieldError(path="none", template=template)] if rows else []
    if not rows:
        return [FieldError(path="designations", template="Name whom you designate, or say that nobody is")]
    faults = [
        FieldError(path=name, template="This entry is required")
        for name in ("doc_prefix", "doc_no", "doc_date", "to", "subject", "expectation", "sent_by")
        if not values.get(name)
    ]
    faults += [
        FieldError(path=f"designations/{no}/{field}", template="This entry is required")
        for no, row in enumerate(rows)
        if row["entrant_kind"] == "unit"
        and not row.get(field := "unit" if row["agency"] == AGENCY_NAME else "unit_name")
    ]
    return faults or list(letter_faults(reader, values, MINISTRY))


def record_designations(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep whom the ministry designated, with the letter."""
    key, rows = owner_of(task), values.get("designations", [])
    if not rows:
        return {"rows": []}
    letter = uow.letters.register(outgoing_letter(key, values, issuer=MINISTRY))
    kept = [{**row, "letter_id": letter.id} for row in rows]
    uow.documents.put(key, "designations", str(letter.id), {"rows": kept})
    return {"rows": kept}


def start_designated(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Start the entry of each designated entrant that works with this system."""
    year = int(call.data["award_year"])
    edition = _edition(uow, year)
    first = int(next_entry_key(uow, edition).rpartition(":")[2])
    here = [row for row in call.data["designate"]["rows"] if row["agency"] == AGENCY_NAME]
    keys = [entry_key(edition, first + no) for no in range(len(here))]
    for key, row in zip(keys, here, strict=True):
        told = {
            "entry_key": key, "award_year": year, "route": "designated", "ministry_mode": "accounts",
            "letter_id": row["letter_id"], "entrant_kind": row["entrant_kind"], "entrant": row.get("unit"),
            "designation_reason": row["reason"],
        }  # fmt: skip
        uow.starts.request("award_entry", key, told)
    return {"entries": keys}


def replies(reader: Reader, task: Task) -> FormContent:
    """What every agency answered so far."""
    return FormContent(values={"replies": _replies(reader, owner_of(task))})


def check_collection(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Silence is no nil report: whoever closes says what became of those who did not answer."""
    missing = any(row["state"] == STATES[""] for row in _replies(reader, owner_of(task)))
    if values["decision"] == "close" and missing and not values.get("note"):
        template = "Say what became of the agencies that did not answer"
        return [FieldError(path="note", template=template)]
    return []


def record_collection(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Close the collection: what arrives later is late."""
    if values["decision"] == "close":
        key = owner_of(task)
        body = {"note": values.get("note", ""), "replies": _replies(uow, key)}
        uow.documents.put(key, "collection", "", body)
    return {}


def list_entries(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The entries that arrived in time."""
    return {"entries": entries_here(uow, owner_of(call))}


def note_entry(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """An entry arrives; after the collection was closed it is late, and is not scored."""
    return _receive(uow, owner_of(call), {**call.data["entry_arrives"], "here": True})


def note_nil(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """An agency reports that it does not enter."""
    told = call.data["nil_arrives"]
    uow.documents.put(owner_of(call), "nil", told["agency"], told)
    return {"agency": told["agency"]}


def note_outside(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The handler registers what an agency without an account sent."""
    key, told = owner_of(call), call.data["register_outside_entry"]
    if is_same_agency(told["agency"], AGENCY_NAME, AGENCIES):
        raise _refused("agency", "This agency sends its entries with this system")
    if told["kind"] == "nil":
        uow.documents.put(key, "nil", told["agency"], {"agency": told["agency"]})
        return {"agency": told["agency"]}
    number = sum(not body["here"] for body in received_entries(uow, key)) + 1
    names = ("agency", "entrant_label", "category", "theme", "abstract")
    body = {name: told[name] for name in names}
    return _receive(uow, key, {**body, "entry_key": f"{key}:outside:{number}", "here": False})


def note_withdrawal(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """An agency withdraws its entry: nobody scores it any more."""
    key, told = owner_of(call), call.data["withdrawal_arrives"]
    found = uow.documents.find(key, RECEIVED, told["entry_key"])
    if found is not None:
        body = {**found.body, "state": "withdrawn", "reason": told["reason"]}
        uow.documents.put(key, RECEIVED, told["entry_key"], body)
    return {"entry_key": told["entry_key"]}


def _receive(uow: UnitOfWork, key: str, told: dict[str, Any]) -> dict[str, Any]:
    closed = uow.documents.find(key, "collection") is not None
    body = {**told, "state": "late" if closed else "received", "on": uow.today.isoformat()}
    uow.documents.put(key, RECEIVED, told["entry_key"], body)
    return {"entry_key": told["entry_key"], "state": body["state"]}


def _replies(reader: Reader, key: str) -> list[dict[str, str]]:
    """Every agency that was asked or that answered, with what it said."""
    states: dict[str, str] = dict.fromkeys(reader.documents.get(key, "survey").body["agencies"], "")
    states |= dict.fromkeys(reader.documents.keys(key, "nil"), "nil")
    states |= {body["agency"]: body["state"] for body in received_entries(reader, key)}
    return [{"agency": agency, "state": STATES[state]} for agency, state in states.items()]


def _edition(reader: Reader, year: int) -> str:
    return edition_key(reader.organisation.setting("agency_id", AGENCY_ID), year)


def _letter_values(to: list[str], subject: str) -> dict[str, Any]:
    return {
        "doc_prefix": MINISTRY_PREFIX, "to": to, "subject": subject, "expectation": "note",
        "sent_by": "electronic",
    }  # fmt: skip


def _refused(path: str, template: str, **params: str) -> Invalid:
    return Invalid((FieldError(path=path, template=template, params=params),))


ACTIVITIES: dict[str, Activity] = {
    "ministry.open_screening": open_screening,
    "ministry.list_invitations": list_invitations,
    "ministry.start_designated": start_designated,
    "ministry.list_entries": list_entries,
    "ministry.note_entry": note_entry,
    "ministry.note_nil": note_nil,
    "ministry.note_outside": note_outside,
    "ministry.note_withdrawal": note_withdrawal,
}
PREFILLS: dict[str, Prefill] = {
    "ministry.survey": survey,
    "ministry.designations": designations,
    "ministry.replies": replies,
}
CHECKS: dict[str, Check] = {
    "ministry.check_survey": check_survey,
    "ministry.check_designations": check_designations,
    "ministry.check_collection": check_collection,
}
COMPLETIONS: dict[str, Completion] = {
    "ministry.record_survey": record_survey,
    "ministry.record_designations": record_designations,
    "ministry.record_collection": record_collection,
}
