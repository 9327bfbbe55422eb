"""Internal sign-off (簽核): the levels of a round, who is skipped and why, and the signatures."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.countersign import latest_opinions, opinion_lines
from engine.activities.deciding_levels import chain_levels, level_label, pinned, table_today
from engine.activities.lowering import LateLowering, lowered_late
from engine.activities.moments import end_of_day, morning
from engine.activities.next_signer import Signers, holders, reason_to_skip, signature, signing
from engine.activities.plan_documents import (
    enter_state_of,
    is_amendment,
    owner_of,
    plan_key_of,
    released_plan,
    shown,
)
from engine.activities.signatures import (
    RECALLED,
    RETURNED,
    SIGNATURE,
    signature_key,
    signatures_of,
    stands,
    trail_panels,
    valid_below,
    void,
)
from engine.activities.subject_panels import subject_panels
from engine.activities.working_plan import COMPILATION, element_choices, load_plan, plan_units, save_plan
from engine.domain.document import Document
from engine.domain.form import FormContent
from engine.domain.identity import ANY_UNIT, SYSTEM_ACTOR
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.deciding_levels import HEAD
from engine.plan.document import Plan
from engine.plan.words import with_words, words_of
from engine.store.unit_of_work import Reader, UnitOfWork

# 速別: working days that one level has (domain 7.15).
WORKING_DAYS = {"most_urgent": 1, "fast": 3, "normal": 6}
SECRETARIAT, PERSONNEL = "secretariat", "personnel"
HANDLER = "handler"
DECISIONS = {
    "decide": "決行",
    "approve": "核可（如擬）",
    "approve_with_changes": "修正後核可",
    "return": "退件",
    "countersign": "加會",
}


def open_round(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Begin a round: its levels up to the one who decides, and whether units are asked beforehand (並會)."""
    signoff = call.data["signoff"]
    chain = _up_to_head(_chain(uow, signoff)) if _lowered_late(uow, call) else _chain(uow, signoff)
    levels = signing_levels(uow, chain, signoff.get("recused", ()))
    ref = uow.documents.put(owner_of(call), "signoff", signoff["subject"], {**signoff, "levels": levels})
    if signoff["document"]["kind"] == "plan":
        enter_state_of(uow, call, "in_signoff")
    return {
        "owner": ref.owner,
        "round": ref.no,
        "levels": levels,
        "by_table": pinned(table_today(uow)),
        "withheld": [
            {"no": no, "label": level["label"], "reason": "named_on_list"}
            for no, level in enumerate(chain)
            if no >= len(levels)
        ],
        "countersign": bool(signoff["countersign_units"]),
        "submitted_by": uow.actor.user_id,
        "submitters": list(uow.identities),
    }


def _chain(reader: Reader, signoff: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The levels by the table of today; what a line unit handles is signed by its own chief first."""
    unit = str(signoff["handler_unit"])
    levels = chain_levels(reader, signoff["chain"], unit)
    if unit not in (SECRETARIAT, PERSONNEL) and levels[0]["role"] != "unit_chief":
        label = level_label("unit_chief", decides=False)
        levels.insert(0, {"role": "unit_chief", "unit": unit, "label": label})
    return levels


def _up_to_head(levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What lowers a target late is the director's to decide, whoever decides by the table (stage 11)."""
    *below, last = levels
    if last["role"] == HEAD:
        return levels
    checking = {**last, "label": level_label(last["role"], decides=False)}
    head = {"role": HEAD, "unit": ANY_UNIT, "label": level_label(HEAD, decides=True)}
    return [*below, checking, head]


def signing_levels(
    reader: Reader, levels: list[dict[str, Any]], recused: Collection[str]
) -> list[dict[str, Any]]:
    """The levels up to the one that decides: where all who decide are recused, the level below does.

    Nothing is left when everybody is recused; then the subject goes to the superior agency unsigned.
    """
    kept = list(levels)
    while kept and _is_recused(reader, kept[-1], recused):
        kept.pop()
    return kept


def _is_recused(reader: Reader, level: Mapping[str, Any], recused: Collection[str]) -> bool:
    """True if the level has holders and every one of them is recused (迴避)."""
    members = _members(reader, level)
    return bool(members) and members <= set(recused)


def next_level(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The level that signs now, with its dates; what one person would sign twice in a row is skipped."""
    opening, signoff = call.data["open_round"], call.data["signoff"]
    levels, recused = opening["levels"], signoff.get("recused", ())
    signatures = signatures_of(uow, owner_of(call), signoff["subject"], opening["round"])
    way, start = _start(call.data)
    below = valid_below(signatures, start)
    sent_by = below["signed_by"] if below else str(opening["submitted_by"])
    before = _in_both_names(below) if below else opening.get("submitters", [sent_by])
    sender = _sender(way, signatures, sent_by, has_signed=below is not None)
    skipped: list[dict[str, Any]] = []
    no = start
    while no < len(levels) - 1 and (reason := _reason_to_skip(uow, levels, no, before, recused)):
        skipped.append({"no": no, "label": levels[no]["label"], "reason": reason})
        no += 1
    due_on = uow.calendar.add_working_days(uow.today, WORKING_DAYS[signoff["speed"]])
    return {
        **levels[no],
        "subject": signoff["subject"],
        "round": opening["round"],
        "no": no,
        "turn": call.data.get("next_level", {}).get("turn", 0) + 1,
        "last": no == len(levels) - 1,
        "before": sent_by,
        # 迴避: neither who is named on what is signed, nor who acted on the level before, in either name.
        "recused": sorted({*before, *recused}),
        # 抽回: whoever sent it to this level takes it back until the level acts.
        "sender": sender,
        # Instances that began before senders were named offer the recall of the submitter only.
        "recallable": not signatures,
        "skipped": skipped,
        "due": end_of_day(due_on),
        "reminder": morning(due_on),
    }


def subject(reader: Reader, task: Task) -> FormContent:
    """What is signed, who signed before, what countersigning units said, and the choices of this level."""
    owner, signoff, level = owner_of(task), task.inputs["signoff"], task.inputs["next_level"]
    document = _document(reader, owner, signoff)
    opinions = latest_opinions(reader, owner, signoff["subject"], level["round"])
    earlier = signatures_of(reader, owner, signoff["subject"], level["round"])
    is_plan = _is_plan(task)
    units = [] if _is_kept(reader, task) else plan_units(reader)
    lowered = _lowered_late(reader, task)
    return FormContent(
        values={"lowers": True} if lowered and level["last"] else {},
        choices={
            "decisions": [
                (value, DECISIONS[value]) for value in _decisions(level, is_plan=is_plan, adds=bool(units))
            ],
            "return_targets": [(HANDLER, "承辦人"), *_targets(task.inputs["open_round"], earlier, level)],
            "units": [(unit.id, unit.label) for unit in units],
            "elements": _changeable(load_plan(reader, owner)) if is_plan else [],
        },
        shown=(shown(signoff["label"], document), *(shown("會辦意見", opinion) for opinion in opinions)),
        panels={
            "signatures": list(earlier.values()),
            **trail_panels(reader, owner, signoff["subject"], level["round"]),
            **(_acknowledged(reader, owner) if is_plan else {}),
            "skipped": [*level["skipped"], *task.inputs["open_round"].get("withheld", ())],
            "level": {"label": level["label"], "last": level["last"]},
            **({"lowered": [_lowered_line(each) for each in lowered]} if lowered else {}),
            **subject_panels(reader, document),
            "opinions": opinion_lines(reader, opinions, level["round"]),
        },
    )


def _decisions(level: Mapping[str, Any], *, is_plan: bool, adds: bool) -> tuple[str, ...]:
    """What this level may decide; only the plan has words that a signer can change."""
    adding = ("countersign",) if adds else ()
    if level["last"]:
        return "decide", "return", *adding
    changing = ("approve_with_changes",) if is_plan else ()
    return "approve", *changing, "return", *adding


def _is_kept(reader: Reader, task: Task) -> bool:
    """True for what only some roles may know of: no other unit is asked about it (加會)."""
    return bool(reader.instances.get(task.instance_id).restricted_to)


def check(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Who changes words names them; a late lowering is decided by the director, with a reason."""
    errors = []
    is_head = task.inputs["next_level"]["role"] == HEAD
    if values["decision"] == "decide" and values.get("lowers") and not is_head:
        template = "Lowered so late, these targets are for the director to decide: return this, to go up anew"
        return [FieldError(path="decision", template=template)]
    if values["decision"] == "approve_with_changes" and not values.get("changes"):
        errors.append(FieldError(path="changes", template="Enter what you changed"))
    if values["decision"] == "decide" and values.get("lowers") and not values.get("lowering_reason"):
        errors.append(FieldError(path="lowering_reason", template="Say why these targets are lowered"))
    return errors


def record(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the signature over the version that was shown; a return voids those that it passes over."""
    owner, signoff, level = owner_of(task), task.inputs["signoff"], task.inputs["next_level"]
    document = _document(uow, owner, signoff)
    edits = _edited(uow, owner, level, values) if values["decision"] == "approve_with_changes" else []
    body = {
        "subject": signoff["subject"],
        "round": level["round"],
        "no": level["no"],
        "label": level["label"],
        "role": level["role"],
        "unit": level["unit"],
        "decision": values["decision"],
        "opinion": values.get("opinion", ""),
        "return_to": values.get("return_to"),
        "return_reason": values.get("return_reason", []),
        "changes": values.get("changes", []),
        "edits": edits,
        "lowering_reason": values.get("lowering_reason", ""),
        **signature(uow),
        "signed_at": uow.now.isoformat(),
        "document": {
            "kind": document.kind,
            "key": document.key,
            "no": document.no,
            "digest": document.digest,
        },
        "void": False,
    }
    key = signature_key(signoff["subject"], level["round"], level["no"])
    uow.documents.put(owner, SIGNATURE, key, body)
    if values["decision"] == "return":
        _void_returned(uow, owner, signoff["subject"], level, values["return_to"])
    return {"signed_by": uow.actor.user_id, "no": level["no"]}


def _edited(
    uow: UnitOfWork, owner: str, level: Mapping[str, Any], values: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Write the signer's texts into the plan, and give what stood there before (修改軌跡, domain 7.21)."""
    plan = load_plan(uow, owner)
    before, labels = words_of(plan), dict(_changeable(plan))
    words = {change["element"]: change["text"] for change in values["changes"]}
    save_plan(uow, owner, with_words(plan, words), f"changed by {level['label']}")
    return [
        {"element": id, "label": labels[id], "before": before[id], "after": after}
        for id, after in words.items()
        if before[id] != after
    ]


def take_back(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """抽回: void the signature of whoever sent the subject on, and open that level again (domain 7.10).

    `no` is the level; it is None where the submitter takes the subject back, which ends the round.
    """
    opening, level, reason = call.data["open_round"], call.data["next_level"], call.data["recalled"]["reason"]
    signatures = signatures_of(uow, owner_of(call), call.data["signoff"]["subject"], opening["round"])
    recalled = valid_below(signatures, level["no"])
    if recalled is not None:
        void(uow, owner_of(call), recalled, RECALLED, recalled=True, void_reason=reason)
    return {"no": recalled["no"] if recalled else None, "turn": level.get("turn", 0)}


def _start(data: Mapping[str, Any]) -> tuple[str, int]:
    """How the round goes on and at which level: first, again (加會), returned, recalled or next."""
    opening, level, signed = data["open_round"], data.get("next_level", {}), data.get("sign", {})
    if (level.get("subject"), level.get("round")) != (data["signoff"]["subject"], opening["round"]):
        return "first", 0
    back = data.get("take_back", {})
    if back.get("turn") == level.get("turn", 0) and back.get("no") is not None:
        return "recalled", int(back["no"])
    if signed.get("decision") == "countersign":
        return "again", int(level["no"])
    if signed.get("decision") == "return":
        return "returned", int(signed["return_to"])
    return "next", int(level["no"]) + 1


def _in_both_names(body: Mapping[str, Any]) -> list[str]:
    """Who gave a signature, and in whose place."""
    return [body["signed_by"], *([body["signed_for"]] if "signed_for" in body else [])]


def _sender(way: str, signatures: Mapping[int, dict[str, Any]], before: str, *, has_signed: bool) -> str:
    """Who may take the subject back from the level that opens now; nobody once that level has acted.

    A level acts also by returning it or by asking more units. The submitter takes back what nobody signed, or
    what every signer took back.
    """
    if way in ("again", "returned") or before == SYSTEM_ACTOR:
        return ""
    if has_signed or all(body.get("recalled") for body in signatures.values()):
        return before
    return ""


def _reason_to_skip(
    uow: UnitOfWork,
    levels: list[dict[str, Any]],
    no: int,
    before: Collection[str],
    recused: Collection[str],
) -> str | None:
    """Why a level below the last is skipped; the last one is never skipped, because somebody must decide."""
    if _is_recused(uow, levels[no], recused):
        return "named_on_list"
    deciding = _signing(uow, levels[-1], recused, decides=True) if no + 2 == len(levels) else None
    return reason_to_skip(_signing(uow, levels[no], recused), before, deciding)


def _signing(
    reader: Reader, level: Mapping[str, Any], recused: Collection[str], *, decides: bool = False
) -> Signers:
    return signing(reader, level["role"], level["unit"], recused=recused, decides=decides)


def _members(reader: Reader, level: Mapping[str, Any]) -> frozenset[str]:
    return holders(reader, level["role"], level["unit"])


def _acknowledged(reader: Reader, owner: str) -> dict[str, Any]:
    """The warnings of the check that whoever compiled the plan has read, and what was noted on them."""
    found = reader.documents.find(owner, COMPILATION)
    if found is None or not found.body["warnings"]:
        return {}
    return {"findings": found.body["warnings"], "warning_notes": found.body["notes"]}


def _document(reader: Reader, owner: str, signoff: Mapping[str, Any]) -> Document:
    return reader.documents.get(owner, signoff["document"]["kind"], signoff["document"]["key"])


def _is_plan(task: Task) -> bool:
    return bool(task.inputs["signoff"]["document"]["kind"] == "plan")


def _lowered_late(reader: Reader, subject: Task | ActivityCall) -> tuple[LateLowering, ...]:
    """What an amendment lowers late; a yearly plan that is drafted lowers nothing that was in effect."""
    if not is_amendment(subject):
        return ()
    plan_key = plan_key_of(subject)
    return lowered_late(reader, released_plan(reader, plan_key), load_plan(reader, plan_key))


def _lowered_line(late: LateLowering) -> dict[str, Any]:
    target = late.target
    return {
        "action_id": target.action_id,
        "indicator": target.indicator,
        "before": target.before,
        "after": target.after or "—",
        "result_known": late.result_known,
    }


def _targets(
    opening: Mapping[str, Any], earlier: Mapping[int, dict[str, Any]], level: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """The levels of this round that signed already and may be asked to sign again."""
    for no, body in earlier.items():
        if no < level["no"] and stands(body):
            yield str(no), opening["levels"][no]["label"]


def _void_returned(
    uow: UnitOfWork, owner: str, subject_id: str, level: Mapping[str, Any], return_to: str
) -> None:
    first = 0 if return_to == HANDLER else int(return_to)
    for no, body in signatures_of(uow, owner, subject_id, level["round"]).items():
        if first <= no < level["no"] and not body["void"]:
            void(uow, owner, body, RETURNED)


_TEXTS = ("basis", "goal", "scope", "strategies", "supplement")


def _changeable(plan: Plan) -> list[tuple[str, str]]:
    return [(id, label) for id, label in element_choices(plan) if id in _TEXTS or "." in id]


ACTIVITIES: dict[str, Activity] = {
    "signoff.open_round": open_round,
    "signoff.next_level": next_level,
    "signoff.take_back": take_back,
}
PREFILLS: dict[str, Prefill] = {"signoff.subject": subject}
CHECKS: dict[str, Check] = {"signoff.check": check}
COMPLETIONS: dict[str, Completion] = {"signoff.record": record}
