"""What the steps of an award entry share: its documents, its state, and the choices of its forms."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.activities.working_plan import AGENCY_NAME, plan_units
from engine.domain.document import Document
from engine.domain.identity import Agency, User
from engine.errors import FieldError, NotFound
from engine.plan.award import entry_key, rises
from engine.plan.document import from_json
from engine.store.unit_of_work import Reader, UnitOfWork

ENTRY, MEMO, OUTCOME, CASE = "award_entry", "entry_memo", "award_outcome", "award_case"
STATE, SENT = "award_state", "award_sent"
UNDECIDED = frozenset({"preparing", "submitted"})
EDITION, SCHEDULE = "award_edition", "award_schedule"
ENTRY_TEXTS = ("category", "abstract", "problem", "innovation", "results", "sustainability", "files")
ROUTES = {"self": "自行參獎（調查）", "designated": "經濟部指定參獎"}
RELATIONS = {"main_handler": "主要承辦人員", "head": "首長（主管）", "other_merit": "其他有功人員"}
# The categories of the editions of 114 and 115; a later edition starts from them, marked as an example.
CATEGORIES = ("數位創新加值", "社會創新共融")
LAST_KNOWN_EDITION = 115
# How many plans before the award year can be named as related.
PLANS_BEFORE = 3


def enter_entry_state(uow: UnitOfWork, key: str, state: str) -> None:
    """Say where an entry stands."""
    uow.documents.put(key, STATE, "", {"state": state})


def was_sent(reader: Reader, key: str) -> bool:
    """True once the letter has gone out that sends an entry to the ministry."""
    return reader.documents.find(key, SENT) is not None


def drop_cancelled_entry(uow: UnitOfWork, key: str) -> None:
    """撤案 of an entry that nobody decided on: it is as good as withdrawn; an outcome stays what it is."""
    stands = uow.documents.find(key, STATE)
    if stands is not None and stands.body["state"] in UNDECIDED:
        enter_entry_state(uow, key, "withdrawn")


def next_entry_key(reader: Reader, edition: str) -> str:
    """The key of the next entry of an edition: its number goes on, whatever became of the earlier ones."""
    no = 1
    while reader.documents.find(entry_key(edition, no), CASE) is not None:
        no += 1
    return entry_key(edition, no)


def keep_numbered(uow: UnitOfWork, owner: str, kind: str, body: dict[str, Any]) -> str:
    """Add a document of a kind that an owner has several of; gives its running number."""
    no = str(len(uow.documents.keys(owner, kind)) + 1)
    uow.documents.put(owner, kind, no, body)
    return no


def edition_of(entry: str) -> str:
    """The edition to which an entry belongs."""
    return entry.rpartition(":")[0]


def award_year_of(key: str) -> int:
    """The award year in the key of an entry."""
    return int(edition_of(key).rpartition(":")[2])


def categories(reader: Reader, edition: str) -> list[str]:
    """The categories of an edition as they were set, else those that are known."""
    found = reader.documents.find(edition, EDITION)
    return list(found.body["categories"]) if found else list(CATEGORIES)


def categories_are_example(reader: Reader, edition: str) -> bool:
    """True while nobody has set the categories of an edition that is not known yet (範例)."""
    year = int(edition.rpartition(":")[2])
    return year > LAST_KNOWN_EDITION and reader.documents.find(edition, EDITION) is None


def entrant_label(reader: Reader, kind: str | None, unit_id: str | None) -> str:
    """The agency, or one of its units, in words."""
    unit = reader.organisation.find_unit(unit_id) if kind == "unit" and unit_id else None
    return f"{AGENCY_NAME}{unit.label}" if unit else AGENCY_NAME


def entry_choices(reader: Reader, edition: str) -> dict[str, list[tuple[str, str]]]:
    """Units, categories, plans and their actions that an entry can name."""
    plans = list(_plans(reader, edition))
    return {
        "units": [(unit.id, unit.label) for unit in plan_units(reader)],
        "categories": [(name, name) for name in categories(reader, edition)],
        "plans": [(plan.owner, str(plan.body["title"])) for plan in plans],
        "actions": [
            (action_id(plan.owner, action.id), f"{year_of(plan.owner)} {action.id} {action.summary[:40]}")
            for plan in plans
            for action in from_json(plan.body).actions()
        ],
    }


def action_id(plan_key: str, action: str) -> str:
    """An action of a plan among those of several years: `114/3.2.3`."""
    return f"{year_of(plan_key)}/{action}"


def year_of(plan_key: str) -> str:
    """The year in the key of a plan."""
    return plan_key.rpartition(":")[2]


def unrelated_actions(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """Actions of plans that the entry does not name as related."""
    years = {year_of(plan) for plan in values.get("related_plans", ())}
    for index, row in enumerate(values.get("related_actions", ())):
        if row["action"].partition("/")[0] not in years:
            yield FieldError(
                path=f"related_actions/{index}/action",
                template="Name the plan of this action as related, too",
            )


def people_of_branch(reader: Reader) -> list[User]:
    """Everybody active who belongs to a unit of the branch today."""
    branch = {unit.id for unit in reader.organisation.units() if unit.agency is Agency.BRANCH}
    here = {
        m.user_id
        for m in reader.organisation.all_memberships()
        if m.unit in branch and m.is_valid_on(reader.today)
    }
    return [user for user in reader.organisation.users() if user.active and user.id in here]


def entry_panels(document: Document) -> dict[str, Any]:
    """The words of a memo or an entry, for those who sign, check or score it; nothing for other documents."""
    body = document.body
    if document.kind == MEMO:
        wants = "參獎" if body["proposal"] == "enter" else "不參獎"
        named = _texts(body, ("entrant_label", "category", "theme")) if body["proposal"] == "enter" else {}
        return {"entry_memo": {"title": f"擬{wants}", **named, "reason": body["reason"]}}
    if document.kind == ENTRY:
        return {"entry": entry_panel(body), "team": list(map(_person, [*body["team"], *body["coaches"]]))}
    return {}


def entry_panel(body: Mapping[str, Any]) -> dict[str, Any]:
    """The words of an entry under its theme."""
    return {"title": f"{body['entrant_label']}：{body['theme']}", **_texts(body, ENTRY_TEXTS)}


def _texts(body: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: body[name] for name in names if body.get(name)}


def _person(row: Mapping[str, Any]) -> dict[str, str]:
    return {"person": row["name"], "unit": row.get("unit_label") or row["agency"]}


def outcomes_of(reader: Reader, key: str) -> list[Document]:
    """The outcomes of an entry in the order in which they were recorded."""
    return sorted(reader.documents.list(key, OUTCOME), key=lambda outcome: int(outcome.key))


def record_outcome(uow: UnitOfWork, key: str, body: dict[str, Any]) -> tuple[str, bool]:
    """Record an outcome; gives its number, and whether it gives rights that none gave before."""
    before = [outcome.body["outcome"] for outcome in outcomes_of(uow, key)]
    no = keep_numbered(uow, key, OUTCOME, body)
    enter_entry_state(uow, key, body["outcome"])
    return no, rises(body["outcome"], before)


def entry_of(reader: Reader, key: str) -> dict[str, Any]:
    """The entry as it stands: the signed data, else what memo or designation say so far."""
    for kind in (ENTRY, MEMO, "invitation"):
        found = reader.documents.find(key, kind)
        if found is not None:
            return found.body
    raise NotFound(kind="document", id=f"{key}/{ENTRY}")


def _plans(reader: Reader, edition: str) -> Iterable[Document]:
    """The plans of the award year and of the years before it, the newest first."""
    agency, _, year = edition.partition(":award:")
    owners = (f"{agency}:{int(year) - before}" for before in range(PLANS_BEFORE + 1))
    found = (reader.documents.find(owner, "plan") for owner in owners)
    return [plan for plan in found if plan is not None]
