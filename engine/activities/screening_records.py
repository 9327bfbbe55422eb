"""What the steps of a screening share: the entries that came in, the review group, and the scores."""

from typing import Any

from engine.activities.working_plan import AGENCY_NAME
from engine.domain.identity import Agency
from engine.plan.agency_names import is_same_agency
from engine.plan.award import Ranked, ranked
from engine.plan.vocabulary import BUREAU
from engine.store.unit_of_work import Reader

RECEIVED, SCORE, GROUP = "received_entry", "award_score", "review_group"
# The agencies that the ministry surveys by way of the bureau; others are registered when they answer.
AGENCIES = (
    "經濟部標準檢驗局", "經濟部標準檢驗局基隆分局", "經濟部標準檢驗局新竹分局", "經濟部標準檢驗局臺中分局",
    "經濟部標準檢驗局臺南分局", AGENCY_NAME, "經濟部標準檢驗局花蓮分局",
)  # fmt: skip
# The agencies whose people have accounts here, apart from the ministry, to which every reviewer belongs.
OUR_AGENCIES = {Agency.BRANCH: AGENCY_NAME, Agency.BUREAU: BUREAU}
# Who runs the screening sees the scores as they come in, and so reviews nothing.
RUNNERS = ("ministry_handler", "ministry_approver")


def received_entries(reader: Reader, key: str) -> list[dict[str, Any]]:
    """Every entry that came in, whatever became of it."""
    return [document.body for document in reader.documents.list(key, RECEIVED)]


def entries_here(reader: Reader, key: str) -> list[dict[str, Any]]:
    """The entries that are screened: in time, and not withdrawn."""
    names = ("entry_key", "entrant_label", "agency", "here")
    return [
        {name: body[name] for name in names}
        for body in received_entries(reader, key)
        if body["state"] == "received"
    ]


def people_of_entrant(reader: Reader, agency: str) -> frozenset[str]:
    """Who belongs today to the agency that enters: they never score its entry, whatever they declared."""
    ours = {of for of, name in OUR_AGENCIES.items() if is_same_agency(name, agency, AGENCIES)}
    units = {unit.id for unit in reader.organisation.units() if unit.agency in ours}
    return frozenset(
        m.user_id
        for m in reader.organisation.all_memberships()
        if m.unit in units and m.is_valid_on(reader.today)
    )


def may_review(reader: Reader, entrant: str, person: str, agency: str) -> bool:
    """No reviewer scores an entry of their own agency, the declared or the real one (stage 9)."""
    return not is_same_agency(agency, entrant, AGENCIES) and person not in people_of_entrant(reader, entrant)


def score_key(entry_key: str, reviewer: str) -> str:
    """The score of one reviewer for one entry."""
    return f"{entry_key}|{reviewer}"


def scores_of(reader: Reader, key: str) -> list[dict[str, Any]]:
    """The latest score of every reviewer for every entry that is still screened."""
    here = {entry["entry_key"] for entry in entries_here(reader, key)}
    found = (document.body for document in reader.documents.list(key, SCORE))
    return [body for body in found if body["entry_key"] in here]


def ranking_of(reader: Reader, key: str) -> tuple[Ranked, ...]:
    """The entries by the average of their totals."""
    totals: dict[str, list[int]] = {entry["entry_key"]: [] for entry in entries_here(reader, key)}
    for body in scores_of(reader, key):
        totals[body["entry_key"]].append(body["total"])
    return ranked(totals)


def labels_of(reader: Reader, key: str) -> dict[str, str]:
    """The entrant of every entry in words."""
    return {body["entry_key"]: body["entrant_label"] for body in received_entries(reader, key)}
