"""Entries of letters in forms: their words, their faults, and the letter that they make."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from engine.activities.working_plan import AGENCY_NAME, parse_day
from engine.domain.letter import Letter, entries_before
from engine.errors import FieldError, Invalid
from engine.plan.document_number import DocumentNumber
from engine.plan.rule_error import PlanRuleError
from engine.plan.tree import BasisLetter, Plan
from engine.plan.vocabulary import BUREAU
from engine.store.unit_of_work import Reader

ISSUERS: Mapping[str, str] = MappingProxyType(
    {
        "bureau": BUREAU,
        "ministry": "經濟部",
        "executive_yuan": "行政院",
        "ndc": "國家發展委員會",
        "branch": AGENCY_NAME,
    }
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "letter": "函",
        "written_note": "書函",
        "order": "令",
        "announcement": "公告",
        "meeting_notice": "開會通知單",
        "email": "電子郵件",
        "phone_record": "電話紀錄",
    }
)
SENT_BY: Mapping[str, str] = MappingProxyType(
    {"electronic": "電子交換", "paper": "紙本", "email": "電子郵件"}
)
SPEEDS: Mapping[str, str] = MappingProxyType({"most_urgent": "最速件", "fast": "速件", "normal": "普通件"})
BRANCH_PREFIX, BUREAU_PREFIX, MINISTRY_PREFIX = "經標高秘字", "經標秘字", "經秘字"
TAKEN = "This number of this sender is in the register already"
LONGEST_SUBJECT = 200
# A part of a number -> the field of the entry form that holds it; that field -> its name in the register.
_PART_FIELDS = MappingProxyType({"prefix": "doc_prefix", "number": "doc_no", "kind": "doc_type"})
_REGISTER_FIELDS = MappingProxyType(
    {"doc_date": "doc_on", "doc_prefix": "prefix", "doc_no": "number", "doc_type": "doc_type"}
)


def incoming_letter(plan_key: str, values: Mapping[str, Any]) -> Letter:
    """The letter (來文) that the fields of F1 describe."""
    return Letter(
        plan_key=plan_key,
        direction="in",
        issuer=ISSUERS[values["issuer"]],
        prefix=values["doc_prefix"],
        number=values["doc_no"],
        doc_type=KINDS[values["doc_type"]],
        doc_on=date.fromisoformat(values["doc_date"]),
        received_on=date.fromisoformat(values["received_on"]),
        speed=SPEEDS[values["speed"]],
        subject=values["subject"],
        reply_due_on=parse_day(values.get("reply_due")),
        outcome=values.get("outcome"),
        attachments=tuple(values.get("attachments", ())),
    )


def outgoing_letter(
    plan_key: str, values: Mapping[str, Any], *, subject: str = "", issuer: str = AGENCY_NAME
) -> Letter:
    """The letter (發文) that the fields of F6 describe."""
    return Letter(
        plan_key=plan_key,
        direction="out",
        issuer=issuer,
        prefix=values["doc_prefix"],
        number=values["doc_no"],
        doc_type="函",
        doc_on=date.fromisoformat(values["doc_date"]),
        subject=values.get("subject", subject),
        to=tuple(values.get("to", ())),
        cc=tuple(values.get("cc", ())),
        sent_by=SENT_BY.get(values.get("sent_by", "")),
        attachments=tuple(values.get("attachments", ())),
    )


def basis_letter(letter: Letter, roc_year: int) -> BasisLetter:
    """The bureau's letter as one that the plan rests on (壹)."""
    return BasisLetter(
        issuer=letter.issuer,
        issued_on=letter.doc_on,
        number=_number(letter),
        subject=letter.subject,
        bureau_plan_year=roc_year,
    )


def corrected_basis(row: BasisLetter, before: Letter, after: Letter) -> BasisLetter:
    """The row of a plan's basis after a correction of its letter; what the plan words itself stays."""
    named = (row.number.prefix, row.number.number) if row.number else None
    if (row.issuer, named) != (before.issuer, (before.prefix, before.number)):
        return row
    return replace(
        row,
        issuer=after.issuer,
        number=_number(after),
        issued_on=after.doc_on if row.issued_on == before.doc_on else row.issued_on,
        subject=after.subject if row.subject == before.subject else row.subject,
    )


def corrections_of_basis(plan: Plan, letters: Iterable[Letter]) -> dict[int, BasisLetter]:
    """Place in the basis -> the row as its letter reads since a correction, where the two differ."""
    found: dict[int, BasisLetter] = {}
    for letter in letters:
        for before in entries_before(letter):
            for place, row in enumerate(plan.basis):
                if place not in found and (now := corrected_basis(row, before, letter)) != row:
                    found[place] = now
    return found


def letter_faults(
    reader: Reader, values: Mapping[str, Any], issuer: str, *, own_id: int | None = None
) -> Iterator[FieldError]:
    """Faults of a letter's dates and number that the schema cannot see (F1, F6).

    `own_id` is the letter's own entry, when it is there already.
    """
    doc_on = parse_day(values.get("doc_date"))
    received_on = parse_day(values.get("received_on"))
    if doc_on is None:
        return
    if doc_on > reader.today:
        yield FieldError(path="doc_date", template="The date of a letter cannot lie in the future")
    if received_on is not None and received_on < doc_on:
        yield FieldError(path="received_on", template="A letter cannot arrive before its date")
    if received_on is not None and received_on > reader.today:
        yield FieldError(path="received_on", template="The day of arrival cannot lie in the future")
    yield from _number_faults(reader, values, issuer, doc_on, own_id)


def correction_faults(
    reader: Reader, before: Letter, after: Letter, *, number_confirmed: bool
) -> Iterator[FieldError]:
    """The faults of a corrected letter: the rules of its entry (F1, F6) again, by the register's names."""
    if after.issuer not in (before.issuer, *ISSUERS.values()):
        yield FieldError(path="issuer", template="Choose one of the options")
    if not 0 < len(after.subject) <= LONGEST_SUBJECT:
        template, params = "Use 1 to {limit} characters", {"limit": LONGEST_SUBJECT}
        yield FieldError(path="subject", template=template, params=params)
    same_number = (before.number, before.doc_on) == (after.number, after.doc_on)
    entry = {
        "doc_date": after.doc_on.isoformat(),
        "received_on": after.received_on.isoformat() if after.received_on else None,
        "doc_prefix": after.prefix,
        "doc_no": after.number,
        "doc_type": next((word for word, kind in KINDS.items() if kind == after.doc_type), ""),
        "number_confirmed": number_confirmed or same_number,
    }
    for fault in letter_faults(reader, entry, after.issuer, own_id=before.id):
        yield replace(fault, path=_REGISTER_FIELDS.get(fault.path, fault.path))


def require_faultless(reader: Reader, values: Mapping[str, Any], issuer: str) -> None:
    """Raise Invalid for a letter with a fault: for actions, whose forms have no check of their own."""
    faults = tuple(letter_faults(reader, values, issuer))
    if faults:
        raise Invalid(faults)


def _number_faults(
    reader: Reader, values: Mapping[str, Any], issuer: str, doc_on: date, own_id: int | None
) -> Iterator[FieldError]:
    try:
        kind = KINDS.get(values.get("doc_type", "letter"), "函")
        number = DocumentNumber(prefix=values["doc_prefix"], number=values["doc_no"], kind=kind)
    except PlanRuleError as error:
        (part,) = error.params
        yield FieldError(path=_PART_FIELDS[part], template=error.template, params=dict(error.params))
        return
    if number.year_differs(doc_on) and not values.get("number_confirmed"):
        yield FieldError(
            path="number_confirmed",
            template="The number does not begin with the year of the letter: correct it or confirm it",
        )
    entered = reader.letters.find_numbered(issuer, number.prefix, number.number)
    if entered is not None and entered.id != own_id:
        yield FieldError(path="doc_no", template=TAKEN)


def _number(letter: Letter) -> DocumentNumber:
    return DocumentNumber(prefix=letter.prefix, number=letter.number, kind=letter.doc_type)
