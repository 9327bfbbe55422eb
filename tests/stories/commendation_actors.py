"""An award entry with an outcome, and everybody who takes a step on its reward list."""

from datetime import date
from typing import Any

from engine.clock import TAIPEI
from engine.commands import files
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.store.unit_of_work import UnitOfWork
from tests.stories.actors import PDF
from tests.stories.stage import Stage

SINCE = date(2024, 1, 1)
EDITION = "award:115"
ENTRY = "award:115:bsmi_khh"
OTHER_ENTRY = "award:115:metrology"
MERITS = "規劃並推動參獎主題之服務措施，整合各單位資料並完成參獎文件。"
BUREAU = "經濟部標準檢驗局"


def entry(stage: Stage, key: str = ENTRY, **changes: Any) -> None:
    """An entry of the edition, as the award process leaves it."""
    body = {
        "award_year": 115, "edition_key": EDITION, "entrant_kind": "agency", "entrant": "bsmi_khh",
        "entrant_label": "高雄分局", "category": "digital", "theme": "衡器校正一站通",
        "related_plans": ["bsmi_khh:114"], "related_actions": [], "team": [], "coaches": [], **changes,
    }  # fmt: skip
    stage.engine.execute(SYSTEM, _put, key, "award_entry", "", body)


def outcome(stage: Stage, result: str, no: int = 1, key: str = ENTRY, certificate: str = "獎狀第1號") -> None:
    """An outcome of the entry, registered with its letter and certificate."""
    body = {"outcome": result, "letter_id": 1, "certificate_no": certificate, "on": "2026-11-20"}
    stage.engine.execute(SYSTEM, _put, key, "award_outcome", str(no), body)


def commendation(stage: Stage, result: str = "won", no: int = 1, key: str = ENTRY, **changes: Any) -> int:
    """The reward list of an outcome, started as the award entry starts it."""
    entry(stage, key, **changes)
    outcome(stage, result, no, key)
    return start(stage, no, key)


def start(stage: Stage, no: int = 1, key: str = ENTRY) -> int:
    return stage.start(
        "commendation", plan_key=key, entry_key=key, edition_key=EDITION, award_year=115, outcome_no=no
    )


def own(user: str, *relations: str, **changes: Any) -> dict[str, Any]:
    """A row for somebody of the house with an account."""
    row = {
        "kind": "civil_servant", "standing": "serving", "person": user, "relations": list(relations),
        "merits": MERITS,
    }  # fmt: skip
    return {**row, **changes}


def outsider(name: str, agency: str, *relations: str, **changes: Any) -> dict[str, Any]:
    """A row for somebody who serves elsewhere."""
    row = {
        "kind": "other_agency", "name": name, "agency": agency, "relations": list(relations),
        "merits": MERITS,
    }  # fmt: skip
    return {**row, **changes}


HANDLER = own("unit_handler.metrology", "main_handler")
CHIEF = own("unit_chief.metrology", "head")
HELPER = own("unit_handler.kinmen", "other_merit")


def nominate(stage: Stage, instance: int, *persons: dict[str, Any], **changes: Any) -> None:
    stage.complete("sec_handler", instance, "nominate_persons", persons=list(persons), **changes)


def faults_of_nomination(
    stage: Stage, instance: int, *persons: dict[str, Any], **changes: Any
) -> list[tuple[str, str]]:
    return stage.faults("sec_handler", instance, "nominate_persons", persons=list(persons), **changes)


def choose(stage: Stage, instance: int, **grades: str) -> None:
    """Choose grades by account; the others keep their limit."""
    rows = stage.shown("sec_handler", instance, "choose_grade")["grades"]
    stage.complete("sec_handler", instance, "choose_grade", grades=[_graded(row, grades) for row in rows])


def review(stage: Stage, instance: int, user: str = "sec_chief") -> None:
    stage.complete(user, instance, "chief_review", decision="approve", opinion="如擬")


def check(stage: Stage, instance: int, user: str = "hr_handler", **changes: Any) -> None:
    stage.complete(user, instance, "hr_check", **{"result": "conforms", **changes})


def session(
    stage: Stage, instance: int, user: str = "merit_committee", no: str = "115年第3次", **decisions: Any
) -> None:
    """A session of the committee; `decisions` by account, as a word or as {decision, grade}."""
    rows = stage.shown(user, instance, "committee_record")["lines"]
    stage.complete(
        user, instance, "committee_record", met_on=today(stage), session=no, attendance=7,
        lines=[_decided(row, decisions) for row in rows], minutes=[pdf(stage, user)],
    )  # fmt: skip


def to_committee(stage: Stage, instance: int, *persons: dict[str, Any]) -> None:
    """Nominated, chosen at the limit, reviewed and checked."""
    nominate(stage, instance, *persons)
    if "choose_grade" in stage.open(instance):
        choose(stage, instance)
    review(stage, instance)
    check(stage, instance)


def sign_list(stage: Stage, instance: int, *chain: str) -> None:
    """Everybody signs up to the one who decides."""
    chain = chain or ("hr_chief", "deputy_director", "director")
    for user in chain[:-1]:
        stage.complete(user, instance, "sign", decision="approve", opinion="如擬")
    stage.complete(chain[-1], instance, "sign", decision="decide", opinion="如擬")


def to_order(stage: Stage, instance: int, *persons: dict[str, Any]) -> None:
    """Passed as proposed and signed."""
    to_committee(stage, instance, *persons)
    session(stage, instance)
    sign_list(stage, instance)


def order(stage: Stage, instance: int, number: str = "11500000010", user: str = "hr_handler") -> None:
    stage.complete(
        user, instance, "issue_order", doc_prefix="經標高人字", doc_no=number, doc_date=today(stage),
        number_confirmed=True,
    )  # fmt: skip


def report(stage: Stage, instance: int, number: str = "11500000020", user: str = "hr_handler") -> None:
    stage.complete(
        user, instance, "report_to_superior", doc_no=number, doc_date=today(stage), number_confirmed=True
    )


def reply(
    stage: Stage, instance: int, number: str = "11500000030", user: str = "hr_handler", **decisions: Any
) -> None:
    rows = stage.shown(user, instance, "superior_reply")["lines"]
    stage.complete(
        user, instance, "superior_reply", issuer="bureau", doc_no=number, doc_date=today(stage),
        number_confirmed=True, doc_type="letter", received_on=today(stage), speed="normal",
        subject="政府服務獎敘獎建議名單復如說明", lines=[_decided(row, decisions) for row in rows],
        attachments=[pdf(stage, user)],
    )  # fmt: skip


def recommend(stage: Stage, instance: int, first: int = 11500000040) -> None:
    rows = stage.shown("sec_handler", instance, "recommendation_letter")["letters"]
    letters = [
        {**row, "doc_no": str(first + n), "doc_date": today(stage), "number_confirmed": True,
         "sent_by": "electronic"}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    stage.complete("sec_handler", instance, "recommendation_letter", letters=letters)


def lines(stage: Stage, no: int = 1, key: str = ENTRY) -> dict[str, dict[str, Any]]:
    """The lines of a list by the account or name of the person."""
    body = stage.document("reward_list", str(no), plan_key=key).body
    return {line["person"]["user"] or line["person"]["name"]: line for line in body["lines"]}


def story(stage: Stage, person_key: str) -> list[tuple[str, str, str]]:
    """What was issued to a person in the edition, oldest first: state, grade, number."""
    versions = stage.engine.ask(
        SYSTEM, lambda reader: reader.documents.versions(EDITION, "reward", person_key)
    )
    return [(v.body["state"], v.body["grade"], v.body["order"]["number"]) for v in versions]


def today(stage: Stage) -> str:
    return stage.clock.now().astimezone(TAIPEI).date().isoformat()


def pdf(stage: Stage, user: str) -> dict[str, Any]:
    actor = stage.engine.actor(user)
    return stage.engine.execute(actor, files.add_file, name="紀錄.pdf", body=PDF).json()


def _put(uow: UnitOfWork, owner: str, kind: str, key: str, body: dict[str, Any]) -> None:
    uow.documents.put(owner, kind, key, body)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def _graded(row: dict[str, Any], grades: dict[str, str]) -> dict[str, Any]:
    return {**row, "grade": grades.get(_short(row), row["grade"])}


def _decided(row: dict[str, Any], decisions: dict[str, Any]) -> dict[str, Any]:
    decided = decisions.get(_short(row), {})
    return {**row, **({"decision": decided} if isinstance(decided, str) else decided)}


def _short(row: dict[str, Any]) -> str:
    """A row's person as a keyword: unit_handler_metrology, or the name of an outsider."""
    kind, _, name = row["key"].partition(":")
    return name.replace(".", "_") if kind == "account" else name.partition("@")[0]
