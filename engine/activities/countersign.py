"""Countersigning (會辦): opinions side by side, silence that agrees, dissent that is answered."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.moments import end_of_day
from engine.activities.plan_documents import owner_of, shown
from engine.activities.subject_panels import subject_panels
from engine.activities.working_plan import element_choices, load_plan
from engine.domain.document import Document
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.store.unit_of_work import Reader, UnitOfWork

# 會辦 is treated as 速件 (domain 7.11).
COUNTERSIGN_DAYS = 3
COUNTERSIGN, MERGED = "countersign", "merged_opinions"
SERIAL = "serial"
KIND_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "agree": "同意",
        "agree_with_comment": "同意並提供意見",
        "disagree": "不同意",
        "silent": "未表示意見（視為同意）",
    }
)


def name_countersigners(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The units asked, the owner's before the first level or a signer's (加會), their order, who recuses."""
    signoff, opening = call.data["signoff"], call.data["open_round"]
    level, signed = call.data.get("next_level", {}), call.data.get("sign", {})
    added = (level.get("subject"), level.get("round")) == (signoff["subject"], opening["round"])
    units = signed["add_units"] if added else signoff["countersign_units"]
    order = signed.get("add_order") if added else signoff.get("countersign_order")
    return {
        "units": list(units),
        "serial": order == SERIAL,
        "turn": call.data.get("name_countersigners", {}).get("turn", 0) + 1,
        "recused": list(signoff.get("recused", ())),
        # Instances that began before units were asked one after the other take their dates from here.
        **_dates(uow),
    }


def ask_next(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The units asked now: all side by side (並會), or the next one alone (順會); each has its time."""
    named, before = call.data["name_countersigners"], call.data.get("ask_next", {})
    left = before["left"] if before.get("turn") == named["turn"] else named["units"]
    now = left[:1] if named["serial"] else left
    return {"turn": named["turn"], "units": list(now), "left": list(left[len(now) :]), **_dates(uow)}


def _dates(uow: UnitOfWork) -> dict[str, str]:
    silent_after = end_of_day(uow.calendar.add_working_days(uow.today, COUNTERSIGN_DAYS))
    return {"due": silent_after, "silent_after": silent_after}


def countersign_subject(reader: Reader, task: Task) -> FormContent:
    """What the unit is asked about; it may point at a place but not change a word.

    Units that are asked one after the other read what those before them said.
    """
    owner, signoff = owner_of(task), task.inputs["signoff"]
    document = reader.documents.get(owner, signoff["document"]["kind"], signoff["document"]["key"])
    elements = element_choices(load_plan(reader, owner)) if document.kind == "plan" else []
    earlier, panels = _said_before(reader, owner, task)
    return FormContent(
        choices={"elements": elements},
        shown=(shown(signoff["label"], document), *(shown("會辦意見", opinion) for opinion in earlier)),
        panels={**subject_panels(reader, document), **panels},
    )


def _said_before(reader: Reader, owner: str, task: Task) -> tuple[list[Document], dict[str, Any]]:
    if not (task.inputs.get("name_countersigners") or {}).get("serial"):
        return [], {}
    subject, round_no = task.inputs["signoff"]["subject"], task.inputs["open_round"]["round"]
    earlier = opinions_of(reader, owner, subject, round_no)
    return earlier, {"opinions": opinion_lines(reader, earlier, round_no)} if earlier else {}


def check_countersign(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A place can be pointed at only with words about it."""
    if values.get("suggestion_target") and not values.get("opinion"):
        return [FieldError(path="opinion", template="Say what should change there")]
    return []


def record_opinion(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the unit's opinion."""
    signoff, opening, unit = task.inputs["signoff"], task.inputs["open_round"], str(task.inputs["unit"])
    body = {
        "kind": values["opinion_kind"],
        "opinion": values.get("opinion", ""),
        "suggestion_target": values.get("suggestion_target"),
        "by": uow.actor.user_id,
    }
    _keep(uow, owner_of(task), signoff["subject"], opening["round"], unit, body)
    return {}


def record_silence(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """A unit that said nothing in time agrees and shares the responsibility."""
    unit = str(call.data["unit"])
    body = {"kind": "silent", "opinion": "", "suggestion_target": None, "by": None}
    subject, round_no = call.data["signoff"]["subject"], call.data["open_round"]["round"]
    _keep(uow, owner_of(call), subject, round_no, unit, body)
    return {"unit": unit, "agrees": True}


def collect_opinions(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Who disagreed and who stayed silent among the units that were asked this time."""
    subject, round_no = call.data["signoff"]["subject"], call.data["open_round"]["round"]
    asked = set(call.data["name_countersigners"]["units"])
    opinions = [o for o in opinions_of(uow, owner_of(call), subject, round_no) if o.body["unit"] in asked]
    disagree = [o.body["unit"] for o in opinions if o.body["kind"] == "disagree"]
    silent = [o.body["unit"] for o in opinions if o.body["kind"] == "silent"]
    return {"dissent": bool(disagree), "disagree": disagree, "silent": silent}


def opinions(reader: Reader, task: Task) -> FormContent:
    """Every opinion with words, to be answered one by one."""
    subject, round_no = task.inputs["signoff"]["subject"], task.inputs["open_round"]["round"]
    found = opinions_of(reader, owner_of(task), subject, round_no)
    rows = [
        {
            "unit": opinion.body["unit"],
            "unit_label": opinion.body["label"],
            "kind": KIND_LABELS[opinion.body["kind"]],
            "opinion": opinion.body["opinion"],
        }
        for opinion in found
        if opinion.body["opinion"]
    ]
    return FormContent(values={"rows": rows}, shown=tuple(shown("會辦意見", opinion) for opinion in found))


def merge(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep how the owner answered each opinion; a dissent must be answered before the subject goes up."""
    subject, round_no = task.inputs["signoff"]["subject"], task.inputs["open_round"]["round"]
    uow.documents.put(owner_of(task), MERGED, f"{subject}:{round_no}", {"rows": values["rows"]})
    return {}


def opinions_of(reader: Reader, owner: str, subject: str, round_no: int) -> list[Document]:
    """The latest opinion of every unit that was asked in a round."""
    prefix = f"{subject}:{round_no}:"
    return [d for d in reader.documents.list(owner, COUNTERSIGN) if d.key.startswith(prefix)]


def latest_opinions(reader: Reader, owner: str, subject: str, round_no: int) -> list[Document]:
    """What every unit said last, in a round or before it: whoever signs anew knows them all."""
    rounds = {f"{subject}:{no}": no for no in range(1, round_no + 1)}
    given = [o for o in reader.documents.list(owner, COUNTERSIGN) if _round_of(o) in rounds]
    latest = {o.body["unit"]: o for o in sorted(given, key=lambda o: rounds[_round_of(o)])}
    return [latest[unit] for unit in sorted(latest)]


def opinion_lines(reader: Reader, opinions: list[Document], round_no: int) -> list[dict[str, Any]]:
    """Opinions of one owner with their answers; one that was given before a round names its own."""
    merged = reader.documents.list(opinions[0].owner, MERGED) if opinions else ()
    answers = {(m.key, row["unit"]): row for m in merged for row in m.body["rows"]}
    return [
        _line(opinion, answers.get((_round_of(opinion), opinion.body["unit"]), {}), round_no)
        for opinion in opinions
    ]


def _line(opinion: Document, answer: Mapping[str, Any], round_no: int) -> dict[str, Any]:
    given_in = int(_round_of(opinion).rpartition(":")[2])
    return {
        "unit": opinion.body["unit"],
        "label": opinion.body["label"],
        "kind": KIND_LABELS[opinion.body["kind"]],
        "opinion": opinion.body["opinion"],
        "handling": answer.get("handling"),
        "reason": answer.get("reason", ""),
        **({"round": given_in} if given_in != round_no else {}),
    }


def _round_of(opinion: Document) -> str:
    """Subject and round, under which the answers are kept as well."""
    return opinion.key.rpartition(":")[0]


def _keep(
    uow: UnitOfWork, owner: str, subject: str, round_no: int, unit: str, body: Mapping[str, Any]
) -> None:
    found = uow.organisation.find_unit(unit)
    whole = {**body, "unit": unit, "label": found.label if found else unit}
    uow.documents.put(owner, COUNTERSIGN, f"{subject}:{round_no}:{unit}", whole)


ACTIVITIES: dict[str, Activity] = {
    "signoff.name_countersigners": name_countersigners,
    "signoff.ask_next": ask_next,
    "signoff.record_silence": record_silence,
    "signoff.collect_opinions": collect_opinions,
}
PREFILLS: dict[str, Prefill] = {
    "signoff.countersign_subject": countersign_subject,
    "signoff.opinions": opinions,
}
CHECKS: dict[str, Check] = {"signoff.check_countersign": check_countersign}
COMPLETIONS: dict[str, Completion] = {"signoff.record_opinion": record_opinion, "signoff.merge": merge}
