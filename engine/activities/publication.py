"""Publication of the plan (公開, 伍.一): one frozen version, on the website and at every service place."""

from datetime import date, datetime
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.deadlines import notify_open, task_dates
from engine.activities.files_made import keep_plan_file
from engine.activities.next_signer import signed_ids
from engine.activities.plan_documents import (
    enter_state,
    not_after_today,
    people_of,
    plan_key_of,
    released_version,
    shown,
    version_text,
)
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError, ProcessFailed
from engine.store.unit_of_work import Reader, UnitOfWork

DUE_WORKING_DAYS = 5
CORRECTION, AMENDED = "correction", "amendment"
WEB = {"id": "web", "label": "機關網站", "unit": ""}
# Each place with the unit whose counter owner posts there; the setting `service_places` replaces them.
PLACES = [
    {"id": "counter_main", "label": "分局本部櫃台", "unit": "registration"},
    {"id": "counter_kinmen", "label": "金門辦事處", "unit": "kinmen"},
    {"id": "counter_penghu", "label": "澎湖辦事處", "unit": "penghu"},
]


def freeze_version(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Fix the version that is published: the one that the bureau acknowledged; due in 5 working days."""
    version = released_version(uow, call.data["plan_key"])
    due_on = uow.calendar.add_working_days(uow.today, DUE_WORKING_DAYS)
    places = uow.organisation.setting("service_places", PLACES)
    if not places:
        raise ProcessFailed(
            reason="no service place is set, and 伍.一 asks for publication at service places"
        )
    return {
        "no": version.no,
        "digest": version.digest,
        "file": keep_plan_file(uow, version),
        "dates": task_dates(uow, due_on),
        "places": places,
    }


def finish(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Every place shows the plan; a later correction or amendment leaves the state of the plan as it is."""
    if call.data.get("publication_reason") not in (CORRECTION, AMENDED):
        enter_state(uow, call.data["plan_key"], "published")
    return {"published_on": uow.today.isoformat()}


def request_correction(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Start the publication anew as an instance of its own (更正公開); the old proofs stay as versions."""
    reported = call.data["correct_publication"]
    plan_key = call.data["plan_key"]
    uow.starts.request(
        "plan_publication",
        plan_key,
        {
            "plan_key": plan_key,
            "roc_year": call.data["roc_year"],
            "publication_reason": CORRECTION,
            "correction": {"reason": reported["reason"], "found_on": reported["found_on"]},
        },
    )
    return {"requested_on": uow.today.isoformat()}


def remind_web(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The website is due in 2 working days."""
    return notify_open(
        uow, call, ["publish_web"], "", "reminder", call.data["freeze_version"]["dates"]["remind_at"]
    )


def escalate_web(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The website is overdue."""
    return notify_open(
        uow, call, ["publish_web"], "", "sec_chief", call.data["freeze_version"]["dates"]["late_at"]
    )


def remind_place(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """A service place is due in 2 working days."""
    unit, dates = call.data["place"]["unit"], call.data["posting_dates"]
    return notify_open(uow, call, ["post_at_place"], unit, "reminder", dates["remind_at"])


def escalate_place(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """A service place is overdue."""
    unit, dates = call.data["place"]["unit"], call.data["posting_dates"]
    return notify_open(uow, call, ["post_at_place"], unit, "sec_chief", dates["late_at"])


def web_content(reader: Reader, task: Task) -> FormContent:
    """The version to publish, and why the secretariat sent the page back."""
    frozen = task.inputs["freeze_version"]
    version = reader.documents.get(plan_key_of(task), "plan", no=frozen["no"])
    return FormContent(
        values={"version": version_text(version.no, version.digest)},
        shown=(shown("公開版本", version),),
        panels={"made_file": {"files": [frozen["file"]]}, **_refusal(reader, task, WEB["id"])},
    )


def place_content(reader: Reader, task: Task) -> FormContent:
    """The place, the version to post, and the people of the place."""
    frozen, place = task.inputs["freeze_version"], task.inputs["place"]
    version = reader.documents.get(plan_key_of(task), "plan", no=frozen["no"])
    return FormContent(
        values={"place_label": place["label"], "version": version_text(version.no, version.digest)},
        choices={"people": people_of(reader, "counter_owner", place["unit"])},
        shown=(shown("公告版本", version),),
        panels={"made_file": {"files": [frozen["file"]]}, **_refusal(reader, task, place["id"])},
    )


def check_web(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Published before now, as PDF with a text layer and as ODF (convention 27)."""
    faults = []
    if datetime.fromisoformat(values["published_at"]) > reader.now:
        faults.append(FieldError(path="published_at", template="This moment lies in the future"))
    if not {"pdf", "odf"} <= set(values["formats"]):
        faults.append(FieldError(path="formats", template="Publish the plan as PDF and as ODF"))
    return faults


def check_posting(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Posted on a day that has come, or put off to a later working day."""
    if values["outcome"] == "posted":
        return not_after_today(reader, values, "posted_on")
    new_due_on = date.fromisoformat(values["new_due_on"])
    if new_due_on <= reader.today or not reader.calendar.is_working_day(new_due_on):
        return [FieldError(path="new_due_on", template="Choose a working day after today")]
    return []


def record_web(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the proof of the website."""
    return {**_record(uow, task, WEB, values), **signed_ids(uow)}


def record_posting(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the proof of a place, or the reason and the new dates of a delay."""
    recorded = {**_record(uow, task, task.inputs["place"], values), **signed_ids(uow)}
    if values["outcome"] == "posted":
        return recorded
    return {**recorded, "dates": task_dates(uow, date.fromisoformat(values["new_due_on"]))}


def proof(reader: Reader, task: Task) -> FormContent:
    """What was published where, beside the version that the bureau acknowledged."""
    plan_key, place = plan_key_of(task), _place(task)
    posted = reader.documents.get(plan_key, "publication", place["id"])
    acknowledged = released_version(reader, plan_key)
    panel = {
        "title": place["label"],
        "published": version_text(posted.body["plan_no"], posted.body["plan_digest"]),
        "acknowledged": version_text(acknowledged.no, acknowledged.digest),
        "identical": posted.body["plan_digest"] == acknowledged.digest,
        **_told(reader, posted.body["proof"]),
    }
    return FormContent(
        shown=(shown("公開佐證", posted), shown("核備版本", acknowledged)),
        panels={"publication_proof": panel},
    )


def _told(reader: Reader, given: dict[str, Any]) -> dict[str, Any]:
    """What was entered as proof, without what the page told beforehand; people by their names."""
    told = {name: value for name, value in given.items() if name not in ("place_label", "version")}
    if user_id := told.get("posted_by"):
        told["posted_by"] = reader.organisation.user(user_id).name
    return told


def check_verification(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """符合 only for the very version that the bureau acknowledged (伍.一)."""
    plan_key = plan_key_of(task)
    posted = reader.documents.get(plan_key, "publication", _place(task)["id"])
    if values["result"] == "fits" and posted.body["plan_digest"] != released_version(reader, plan_key).digest:
        return [FieldError(path="result", template="The published version is not the acknowledged one")]
    return []


def record_verification(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what the secretariat found beside the proof."""
    plan_key, place = plan_key_of(task), _place(task)
    posted = uow.documents.get(plan_key, "publication", place["id"])
    verdict = {"result": values["result"], "reason": values.get("reason", ""), "on": uow.today.isoformat()}
    uow.documents.put(plan_key, "publication", place["id"], {**posted.body, "verified": verdict})
    return {}


def _record(uow: UnitOfWork, task: Task, place: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    frozen = task.inputs["freeze_version"]
    body = {
        "place": place["id"],
        "label": place["label"],
        "plan_no": frozen["no"],
        "plan_digest": frozen["digest"],
        "proof": values,
        "verified": None,
    }
    ref = uow.documents.put(plan_key_of(task), "publication", place["id"], body)
    return {"proof_no": ref.no}


def _place(task: Task) -> dict[str, Any]:
    """The place of a verification; without one it is the website."""
    return task.inputs.get("place") or WEB


def _refusal(reader: Reader, task: Task, place_id: str) -> dict[str, Any]:
    """Why an earlier proof of this publication was not accepted."""
    earlier = reader.documents.find(plan_key_of(task), "publication", place_id)
    verdict = earlier.body["verified"] if earlier else None
    if not verdict or verdict["result"] == "fits":
        return {}
    return {"refusal": {"title": "前次查核不符", "reason": verdict["reason"], "on": verdict["on"]}}


ACTIVITIES: dict[str, Activity] = {
    "publication.freeze_version": freeze_version,
    "publication.finish": finish,
    "publication.request_correction": request_correction,
    "publication.remind_web": remind_web,
    "publication.escalate_web": escalate_web,
    "publication.remind_place": remind_place,
    "publication.escalate_place": escalate_place,
}
PREFILLS: dict[str, Prefill] = {
    "publication.web_content": web_content,
    "publication.place_content": place_content,
    "publication.proof": proof,
}
CHECKS: dict[str, Check] = {
    "publication.check_web": check_web,
    "publication.check_posting": check_posting,
    "publication.check_verification": check_verification,
}
COMPLETIONS: dict[str, Completion] = {
    "publication.record_web": record_web,
    "publication.record_posting": record_posting,
    "publication.record_verification": record_verification,
}
