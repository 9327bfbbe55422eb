"""What a recorded document is called: its kind, and why it was made, in the words of the house."""

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.identity import Unit
from webapp.wording import say

KINDS: dict[str, LazyString] = {
    "plan": lazy_gettext("Plan"),
    "compilation": lazy_gettext("Compilation with the warnings that were read"),
    "plan_state": lazy_gettext("State of the plan"),
    "deadlines": lazy_gettext("Due dates"),
    "contribution": lazy_gettext("Contribution of a unit"),
    "amendment": lazy_gettext("Amendment"),
    "assignment": lazy_gettext("Assignment"),
    "acknowledgement": lazy_gettext("Result of the acknowledgement"),
    "bureau_review": lazy_gettext("Review of the bureau"),
    "bureau_signature": lazy_gettext("Signature of the bureau"),
    "publication": lazy_gettext("Proof of publication"),
    "progress": lazy_gettext("Progress of a unit"),
    "self_report": lazy_gettext("Self-report of a unit"),
    "score": lazy_gettext("Score of a unit"),
    "response": lazy_gettext("Response of a unit"),
    "assessment": lazy_gettext("Assessment"),
    "criteria": lazy_gettext("Criteria"),
    "criteria_set": lazy_gettext("Set of criteria"),
    "schedule": lazy_gettext("Schedule of the year"),
    "deciding_levels": lazy_gettext("Deciding levels"),
    "extension_levels": lazy_gettext("Extension levels"),
    "improvement": lazy_gettext("Improvement"),
    "improvement_status": lazy_gettext("State of the improvements"),
    "reward_proposal": lazy_gettext("Proposal of rewards"),
    "reward_list": lazy_gettext("Reward list"),
    "reward_line": lazy_gettext("Line of a reward list"),
    "reward_ruling": lazy_gettext("Ruling on a reward"),
    "reward": lazy_gettext("Reward"),
    "d1": lazy_gettext("Result data (D1)"),
    "d2": lazy_gettext("Result report (D2)"),
    "report": lazy_gettext("Report to the bureau"),
    "delivery": lazy_gettext("Delivery"),
    "receipt": lazy_gettext("Receipt"),
    "correction": lazy_gettext("Correction"),
    "supplement": lazy_gettext("Supplement"),
    "query": lazy_gettext("Query to the bureau"),
    "signoff": lazy_gettext("Sign-off"),
    "signature": lazy_gettext("Signature"),
    "countersign": lazy_gettext("Countersignature"),
    "asked_opinion": lazy_gettext("Opinion asked"),
    "circulation": lazy_gettext("Circulation"),
    "reading_receipt": lazy_gettext("Receipt of reading"),
    "supplementary_signature": lazy_gettext("Signature afterwards"),
    "merged_opinions": lazy_gettext("Opinions merged"),
    "archive": lazy_gettext("Filing"),
    "reply": lazy_gettext("Reply"),
    "bureau_plan": lazy_gettext("Plan of the bureau"),
    "award_case": lazy_gettext("Award entry"),
    "award_due": lazy_gettext("Due dates of the award"),
    "award_entry": lazy_gettext("Award entry as written"),
    "award_outcome": lazy_gettext("Outcome of the award"),
    "award_schedule": lazy_gettext("Schedule of the award"),
    "award_score": lazy_gettext("Score of an entry"),
    "award_sent": lazy_gettext("Entry as sent"),
    "award_state": lazy_gettext("State of the award entry"),
    "entry_memo": lazy_gettext("Memo of an award entry"),
    "invitation": lazy_gettext("Invitation or designation"),
    "designations": lazy_gettext("Designations"),
    "designation_answer": lazy_gettext("Answer to the designation"),
    "reconsideration": lazy_gettext("Answer to the request for reconsideration"),
    "material": lazy_gettext("Material handed in later"),
    "call": lazy_gettext("Call about the delay"),
    "intake": lazy_gettext("Check of the bureau"),
    "overdue_report": lazy_gettext("Overdue report"),
    "collection": lazy_gettext("Entries collected"),
    "entry_check": lazy_gettext("Check of an entry"),
    "received_entry": lazy_gettext("Entry received"),
    "nil": lazy_gettext("Nothing to enter"),
    "survey": lazy_gettext("Survey of the ministry"),
    "ranking": lazy_gettext("Ranking"),
    "recommendation": lazy_gettext("Recommendation"),
    "recusal": lazy_gettext("Recusal"),
    "hand_on": lazy_gettext("Reviewer replaced"),
    "review_group": lazy_gettext("Review group"),
    "screening": lazy_gettext("Screening"),
    "commendation": lazy_gettext("Commendation of the agency"),
}
NOTES: dict[str, LazyString] = {
    "draft": lazy_gettext("Copied as a draft"),
    "assigned": lazy_gettext("Assigned to units"),
    "rows_confirmed": lazy_gettext("Actions confirmed"),
    "compiled": lazy_gettext("Compiled"),
    "errata": lazy_gettext("Errata"),
    "bureau_plan_changed": lazy_gettext("Marked after the bureau's plan changed"),
    "letter_corrected": lazy_gettext("Basis corrected with its letter"),
    "demo": lazy_gettext("Brought in as a model"),
}
UNIT_NOTES: dict[str, LazyString] = {
    "contribution": lazy_gettext("Contribution of %(unit)s"),
    "not applicable": lazy_gettext("Not applicable to %(unit)s"),
}
CHANGED_BY = "changed by "
AMENDMENT_DROPPED = re.compile(r"amendment \S+ dropped")


def kind_words(kind: str) -> str:
    """The kind of a document; one that the house does not know stands as it is."""
    return str(KINDS.get(kind, kind))


def note_words(note: str, units: Mapping[str, Unit]) -> str:
    """Why a version of a plan was made; a note that a person wrote stands as it is."""
    if note in NOTES:
        return str(NOTES[note])
    for beginning, words in UNIT_NOTES.items():
        unit = units.get(note.removeprefix(f"{beginning} "))
        if unit is not None and note.startswith(f"{beginning} "):
            return str(words) % {"unit": unit.label}
    if note.startswith(CHANGED_BY):
        return say("Changed while signing: %(level)s", level=note.removeprefix(CHANGED_BY))
    return say("Amendment dropped") if AMENDMENT_DROPPED.fullmatch(note) else note
