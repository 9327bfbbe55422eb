"""The preliminary review (初評): the group, scores that nobody else sees, ranking, decision, results."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.activities.award_records import entry_panel
from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.criteria_sets import example_set
from engine.activities.letter_entries import ISSUERS, MINISTRY_PREFIX, outgoing_letter
from engine.activities.moments import end_of_day
from engine.activities.next_signer import signature, signed_ids
from engine.activities.plan_documents import owner_of, shown
from engine.activities.results import check_working_day
from engine.activities.screening_records import (
    GROUP,
    RECEIVED,
    RUNNERS,
    SCORE,
    entries_here,
    labels_of,
    may_review,
    people_of_entrant,
    ranking_of,
    score_key,
    scores_of,
)
from engine.activities.working_plan import AGENCY_NAME
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.award import NOT_RECOMMENDED, RECOMMENDED
from engine.store.unit_of_work import Reader, UnitOfWork

REVIEWER = "reviewer"


def entry_shown(reader: Reader, task: Task) -> FormContent:
    """The entry as it was sent, with what was supplied later."""
    return _entry_content(reader, owner_of(task), task.inputs["checked"])


def check_entry(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """More material is due on a working day to come; agencies without an account are asked by letter."""
    if values["result"] == "complete":
        return []
    if not task.inputs["checked"]["here"]:
        template = "Ask this agency by letter, and complete this when the material has come"
        return [FieldError(path="result", template=template)]
    return check_working_day(reader, values, "due_on")


def record_check(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep how the entry was found."""
    uow.documents.put(owner_of(task), "entry_check", task.inputs["checked"]["entry_key"], values)
    on = values.get("due_on")
    return {
        "request": values.get("request", ""),
        "due_on": on,
        "due_at": end_of_day(date.fromisoformat(on)) if on else None,
    }


def review_group(reader: Reader, task: Task) -> FormContent:
    """The reviewers and criteria of before, else the example that is shipped (範例)."""
    found = reader.documents.find(owner_of(task), GROUP)
    members = reader.organisation.members(REVIEWER, "", reader.today)
    example = example_set()
    rows = [{"name": row.name, "max_score": row.max_score} for row in example.criteria]
    values = (
        {name: found.body[name] for name in ("reviewers", "criteria_set", "criteria")}
        if found
        else {"criteria_set": example.name, "criteria": rows}
    )
    return FormContent(
        values=values, choices={"reviewers": [(user.id, f"{user.name} {user.title}") for user in members]}
    )


def check_group(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Everybody once, nobody who runs the screening, and somebody for every entry."""
    people = [row["person"] for row in values["reviewers"]]
    faults = [
        FieldError(path=f"reviewers/{no}/person", template="This person is named above already")
        for no, person in enumerate(people)
        if person in people[:no]
    ]
    faults += [
        FieldError(path=f"reviewers/{no}/person", template="Who runs the screening reviews nothing")
        for no, person in enumerate(people)
        if _runs_screening(reader, person)
    ]
    names = [row["name"] for row in values["criteria"]]
    faults += [
        FieldError(path=f"criteria/{no}/name", template="Two criteria have the same name")
        for no, name in enumerate(names)
        if name in names[:no]
    ]
    return faults or list(_unscored(reader, owner_of(task), values["reviewers"]))


def record_group(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the group and its criteria."""
    uow.documents.put(owner_of(task), GROUP, "", values)
    return {"reviewers": len(values["reviewers"])}


def list_scorings(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Every entry with every reviewer, but never one of the reviewer's own agency."""
    key = owner_of(call)
    group = uow.documents.get(key, GROUP).body["reviewers"]
    return {
        "scorings": [
            _scoring(uow, entry, row["person"])
            for entry in entries_here(uow, key)
            for row in group
            if _may_score(uow, entry, row)
        ]
    }


def score_content(reader: Reader, task: Task) -> FormContent:
    """The entry and the criteria; of scores only those that this reviewer gave before."""
    key, scoring = owner_of(task), task.inputs["scoring"]
    group = reader.documents.get(key, GROUP).body
    before = reader.documents.find(key, SCORE, score_key(scoring["entry_key"], scoring["reviewer"]))
    given = {row["name"]: row["score"] for row in before.body["scores"]} if before else {}
    rows = [
        row | ({"score": given[row["name"]]} if row["name"] in given else {}) for row in group["criteria"]
    ]
    content = _entry_content(reader, key, scoring)
    values = {"scores": rows} | ({"comment": before.body["comment"]} if before else {})
    asked = {"again": {"title": "請再次評分", "reason": scoring["reason"]}} if scoring.get("reason") else {}
    return FormContent(values=values, shown=content.shown, panels={**content.panels, **asked})


def check_score(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """The reviewer who was named scores, within the maximum of each criterion."""
    scoring = task.inputs["scoring"]
    actor = reader.actor.user_id
    if actor != scoring["reviewer"] or _runs_screening(reader, actor):
        template = "This entry was given to another reviewer"
        return [FieldError(path="conflict_of_interest", template=template)]
    if values["conflict_of_interest"]:
        return []
    if actor in people_of_entrant(reader, scoring["agency"]):
        template = "This entry is of your own agency: declare the conflict of interest"
        return [FieldError(path="conflict_of_interest", template=template)]
    return list(_score_faults(values["scores"]))


def record_score(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the score: a changed one is a new version. A conflict of interest is kept without one."""
    key, scoring = owner_of(task), task.inputs["scoring"]
    who = {"entry_key": scoring["entry_key"], "reviewer": scoring["reviewer"], "name": uow.actor.name}
    kept_under = score_key(scoring["entry_key"], scoring["reviewer"])
    if values["conflict_of_interest"]:
        uow.documents.put(key, "recusal", kept_under, {**who, "reason": values["conflict_reason"]})
        return {"conflict_reason": values["conflict_reason"]}
    body = {
        **who, "scores": values["scores"], "total": sum(row["score"] for row in values["scores"]),
        "comment": values["comment"],
    }  # fmt: skip
    uow.documents.put(key, SCORE, kept_under, body, note=scoring.get("reason", ""))
    return {"conflict_reason": ""}


def hand_on(reader: Reader, task: Task) -> FormContent:
    """Why the reviewer stepped back, and who else of the group may score this entry."""
    key, scoring = owner_of(task), task.inputs["scoring"]
    recusal = reader.documents.get(key, "recusal", score_key(scoring["entry_key"], scoring["reviewer"]))
    return FormContent(
        values={"conflict_reason": recusal.body["reason"]},
        choices={"reviewers": list(_substitutes(reader, key, scoring))},
    )


def check_hand_on(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Somebody of another agency scores instead, or there is a reason why nobody does."""
    reviewer, agency = values.get("reviewer"), values.get("agency")
    if not reviewer:
        template = "Say why nobody else scores this entry"
        return [] if values.get("reason") else [FieldError(path="reason", template=template)]
    if not agency:
        return [FieldError(path="agency", template="This entry is required")]
    if not may_review(reader, task.inputs["scoring"]["agency"], reviewer, agency):
        return [FieldError(path="agency", template="This reviewer belongs to the agency that enters")]
    return []


def record_hand_on(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Hand the entry on, or leave this score out."""
    scoring, reviewer = task.inputs["scoring"], values.get("reviewer")
    key = score_key(scoring["entry_key"], scoring["reviewer"])
    uow.documents.put(owner_of(task), "hand_on", key, values)
    return {
        "replaced": bool(reviewer),
        "scoring": _scoring(uow, scoring, str(reviewer)) if reviewer else scoring,
    }


def ranking(reader: Reader, task: Task) -> FormContent:
    """All scores are in: the averages, the places, and who scored what."""
    key = owner_of(task)
    labels, scores = labels_of(reader, key), scores_of(reader, key)
    names = ("entrant_label", "average", "place", "scores")
    rows = [{name: row[name] for name in names} for row in _ranking_rows(reader, key)]
    return FormContent(
        values={"ranking": rows},
        choices={
            "scorings": [
                (
                    score_key(body["entry_key"], body["reviewer"]),
                    f"{labels[body['entry_key']]}／{body['name']}",
                )
                for body in scores
            ]
        },
        panels={
            "score_lines": [
                {
                    "title": labels[body["entry_key"]],
                    "reviewer": body["name"],
                    "total": body["total"],
                    "comment": body["comment"],
                }
                for body in scores
            ]
        },
    )


def check_ranking(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A score is asked for again once."""
    asked = [row["scoring"] for row in values.get("again", ()) if values["decision"] == "again"]
    return [
        FieldError(path=f"again/{no}/scoring", template="This score is named above already")
        for no, name in enumerate(asked)
        if name in asked[:no]
    ]


def record_ranking(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the ranking, and which scores are given a second look, each with the reason."""
    key, again = owner_of(task), values.get("again", []) if values["decision"] == "again" else []
    body = {"rows": _ranking_rows(uow, key), "again": again, "note": values.get("note", "")}
    uow.documents.put(key, "ranking", "", body)
    entries = {entry["entry_key"]: entry for entry in entries_here(uow, key)}
    return {
        "again": [
            {**_scoring(uow, entries[entry], reviewer), "reason": row["reason"]}
            for row in again
            for entry, _, reviewer in [row["scoring"].rpartition("|")]
        ],
        **signed_ids(uow),
    }


def recommendations(reader: Reader, task: Task) -> FormContent:
    """The entries in their places; the approver decides on each (F19)."""
    key = owner_of(task)
    rows = [
        {name: row[name] for name in ("entry_key", "entrant_label", "place", "average")}
        for row in _ranking_rows(reader, key)
    ]
    document = reader.documents.get(key, "ranking")
    return FormContent(values={"recommendations": rows}, shown=(shown("名次", document),))


def record_recommendations(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the decision on every entry, signed by the approver."""
    body = {
        "rows": values["recommendations"], "decision": values["decision"],
        "opinion": values.get("opinion", ""),
        **signature(uow),
    }  # fmt: skip
    uow.documents.put(owner_of(task), "recommendation", "", body)
    return {}


def result_letter(reader: Reader, task: Task) -> FormContent:
    """The decision, and first words for the letter that tells it."""
    key, year = owner_of(task), task.inputs["award_year"]
    agencies = sorted({entry["agency"] for entry in entries_here(reader, key)})
    values = {
        "doc_prefix": MINISTRY_PREFIX,
        "to": agencies or [AGENCY_NAME],
        "subject": f"{year}年政府服務獎初評結果，請查照。",
        "expectation": "note",
        "sent_by": "electronic",
    }
    return FormContent(values=values, shown=(shown("推薦決定", reader.documents.get(key, "recommendation")),))


def record_result_letter(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the letter with the results."""
    letter = uow.letters.register(outgoing_letter(owner_of(task), values, issuer=ISSUERS["ministry"]))
    return {"letter_id": letter.id}


def list_results(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """What every entrant with an account is told; those who withdrew meanwhile are told nothing."""
    key = owner_of(call)
    told = {entry["entry_key"] for entry in entries_here(uow, key) if entry["here"]}
    rows = uow.documents.get(key, "recommendation").body["rows"]
    letter_id = call.data["dispatch_results"]["letter_id"]
    return {
        "results": [
            {
                "entry_key": row["entry_key"], "outcome": row["verdict"], "letter_id": letter_id,
                "reason": row.get("reason", "") if row["verdict"] == NOT_RECOMMENDED else "",
            }
            for row in rows
            if row["entry_key"] in told and row["verdict"] in (RECOMMENDED, NOT_RECOMMENDED)
        ]
    }  # fmt: skip


def _entry_content(reader: Reader, key: str, entry: dict[str, Any]) -> FormContent:
    received = reader.documents.get(key, RECEIVED, entry["entry_key"])
    if not entry["here"]:
        return FormContent(shown=(shown("參獎件", received),), panels={"entry": entry_panel(received.body)})
    sent = reader.documents.get(entry["entry_key"], "award_entry")
    supplied = reader.documents.list(entry["entry_key"], "material")
    material = {
        f"material_{document.key}": {"title": "補件", "response": document.body["response"]}
        for document in supplied
    }
    return FormContent(
        shown=(shown("參獎資料", sent), *(shown("補件", document) for document in supplied)),
        panels={"entry": entry_panel(sent.body), **material},
    )


def _runs_screening(reader: Reader, person: str) -> bool:
    return any(
        m.role in RUNNERS and m.is_valid_on(reader.today) for m in reader.organisation.memberships(person)
    )


def _may_score(reader: Reader, entry: dict[str, Any], row: dict[str, Any]) -> bool:
    return may_review(reader, entry["agency"], row["person"], row["agency"])


def _unscored(reader: Reader, key: str, rows: list[dict[str, Any]]) -> Iterator[FieldError]:
    for entry in entries_here(reader, key):
        if not any(_may_score(reader, entry, row) for row in rows):
            yield FieldError(
                path="reviewers",
                template="Nobody of this group may score the entry of {entrant}",
                params={"entrant": entry["entrant_label"]},
            )


def _scoring(reader: Reader, entry: dict[str, Any], reviewer: str) -> dict[str, Any]:
    """One entry for one reviewer: nobody else may see the task."""
    members = reader.organisation.members(REVIEWER, "", reader.today)
    units = [m.unit for m in reader.organisation.memberships(reviewer) if m.role == REVIEWER]
    return {
        **{name: entry[name] for name in ("entry_key", "entrant_label", "agency", "here")},
        "reviewer": reviewer,
        "unit": units[0] if units else "",
        "excludes": sorted(user.id for user in members if user.id != reviewer),
    }


def _substitutes(reader: Reader, key: str, scoring: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Reviewers beside the group, none of whom belongs to the agency that enters."""
    group = reader.documents.get(key, GROUP).body["reviewers"]
    named = {row["person"] for row in group}
    recused = set(reader.documents.keys(key, "recusal"))
    own = people_of_entrant(reader, scoring["agency"])
    for user in reader.organisation.members(REVIEWER, "", reader.today):
        fits = user.id not in named and score_key(scoring["entry_key"], user.id) not in recused
        if fits and user.id not in own and not _runs_screening(reader, user.id):
            yield user.id, f"{user.name} {user.title}"


def _score_faults(rows: list[dict[str, Any]]) -> Iterator[FieldError]:
    for no, row in enumerate(rows):
        if row.get("score") is None:
            yield FieldError(path=f"scores/{no}/score", template="This entry is required")
        elif row["score"] > row["max_score"]:
            yield FieldError(
                path=f"scores/{no}/score",
                template="The score is above the maximum of {max}",
                params={"max": row["max_score"]},
            )


def _ranking_rows(reader: Reader, key: str) -> list[dict[str, Any]]:
    labels = labels_of(reader, key)
    return [
        {
            "entry_key": entry.key, "entrant_label": labels[entry.key], "average": str(entry.average),
            "place": entry.place, "scores": entry.scores,
        }
        for entry in ranking_of(reader, key)
    ]  # fmt: skip


ACTIVITIES: dict[str, Activity] = {
    "ministry.list_scorings": list_scorings,
    "ministry.list_results": list_results,
}
PREFILLS: dict[str, Prefill] = {
    "ministry.entry_shown": entry_shown,
    "ministry.review_group": review_group,
    "ministry.score_content": score_content,
    "ministry.hand_on": hand_on,
    "ministry.ranking": ranking,
    "ministry.recommendations": recommendations,
    "ministry.result_letter": result_letter,
}
CHECKS: dict[str, Check] = {
    "ministry.check_entry": check_entry,
    "ministry.check_group": check_group,
    "ministry.check_score": check_score,
    "ministry.check_hand_on": check_hand_on,
    "ministry.check_ranking": check_ranking,
}
COMPLETIONS: dict[str, Completion] = {
    "ministry.record_check": record_check,
    "ministry.record_group": record_group,
    "ministry.record_score": record_score,
    "ministry.record_hand_on": record_hand_on,
    "ministry.record_ranking": record_ranking,
    "ministry.record_recommendations": record_recommendations,
    "ministry.record_result_letter": record_result_letter,
}
