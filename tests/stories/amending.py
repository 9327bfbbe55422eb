"""The plan of 114 in its execution, and how its amendment goes on: each step by the account that owes it."""

from dataclasses import replace
from datetime import date
from typing import Any

from engine.activities.plan_documents import release
from engine.commands import instances
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.plan.document import Assessment, BasisLetter, Plan, Rewards, Sections, Steps, to_json
from engine.plan.document_number import DocumentNumber
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.actors import GOAL
from tests.stories.stage import PLAN_KEY, Stage, small_plan

REASON = "度量衡科砝碼校正量能調整，須配合修正目標值。"


def whole_plan() -> Plan:
    """The small plan with everything that the check of completeness asks for."""
    plan = small_plan()
    method = plan.strategies[0].methods[0]
    actions = tuple(
        replace(
            action,
            narrative_reason=action.narrative_reason and f"{action.narrative_reason}，無法預估次數",
            targets=tuple(replace(t, counting_rule="發給報告者計1具") for t in action.targets),
            evidence_kinds=("校正報告",),
        )
        for action in method.actions
    )
    letter = BasisLetter(
        issuer="經濟部標準檢驗局", issued_on=date(2025, 1, 6), subject="總局114年度提升服務效能執行計畫",
        number=DocumentNumber(prefix="經標秘字", number="11490000310", kind="函"), bureau_plan_year=114,
    )  # fmt: skip
    sections = Sections(
        goal=GOAL,
        scope_units=("metrology", "registration", "kinmen", "penghu", "secretariat"),
        steps=Steps(text="提報、彙整、報局核備、公開、執行", reporting=True, publication=True),
        assessment=Assessment(
            text="年底前自行考核", k2_on=date(2025, 12, 31), k3_on=date(2026, 1, 5), k4_on=date(2026, 1, 20)
        ),
        rewards=Rewards(text="擇優敘獎", rule_version="reward_clause:1"),
    )
    methods = (replace(method, actions=actions, bureau_ref="分局自訂"),)
    strategies = (replace(plan.strategies[0], methods=methods),)
    apart = dict.fromkeys(("registration", "penghu"), "本單位無此項業務，無法配合辦理。")
    return replace(plan, basis=(letter,), sections=sections, strategies=strategies, not_applicable=apart)


def in_effect(uow: UnitOfWork) -> None:
    """The whole plan takes the place of the small one."""
    ref = uow.documents.put(PLAN_KEY, "plan", "", to_json(whole_plan()))
    uow.documents.put(PLAN_KEY, "report", "1", {"plan_no": ref.no, "plan_digest": ref.digest})
    release(uow, PLAN_KEY, "1", "acknowledged")
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def begin(stage: Stage, on: str = "2025-03-10T09:00") -> Stage:
    """The plan is carried out."""
    if stage.engine.ask(SYSTEM, lambda reader: reader.organisation.find_user("bureau_approver")) is None:
        stage.engine.execute(SYSTEM, actors.add_bureau_approver)
    stage.engine.execute(SYSTEM, in_effect)
    stage.move_to(on)
    stage.start("plan_execution")
    return stage


def amend(stage: Stage, user: str = "sec_handler", **variables: Any) -> int:
    """The secretariat starts an amendment."""
    return stage.engine.execute(
        stage.engine.actor(user), instances.start, definition_key="plan_amendment", business_key=PLAN_KEY,
        variables={"roc_year": 114, **variables},
    )  # fmt: skip


def request(stage: Stage, instance: int, **changes: Any) -> None:
    """A substantive amendment of the weights, by the unit that owns them."""
    values = {
        "kind": "change", "rows": ["1.1.1"], "reason": REASON, "effective_on": "2025-03-31", "way": "units",
        "unit_due": "2025-03-20",
    }  # fmt: skip
    stage.complete("sec_handler", instance, "amendment_request", **{**values, **changes})


def errata(stage: Stage, instance: int, text: str, element: str = "1.1.2") -> None:
    """One text is put right."""
    request(stage, instance, kind="errata", rows=[element], effective_on=_today(stage))
    stage.complete(
        "sec_handler", instance, "correct_words", rows=[{"element": element, "text": text}]
    )  # fmt: skip


def rewrite(stage: Stage, instance: int, value: str = "130", unit: str = "metrology") -> None:
    """The unit changes its target, and its chief approves."""
    user = f"unit_handler.{unit}"
    rows = [
        {"evidence_kinds": ["校正報告"], **row, "counting_rule": "發給報告者計1具", "value": value}
        for row in stage.shown(user, instance, f"edit_actions@{unit}")["actions"]
    ]
    rows = [{**row, "summary": "校正砝碼並公開結果給申請人"} for row in rows]
    stage.complete(user, instance, f"edit_actions@{unit}", applicable=True, actions=rows)
    stage.complete(f"unit_chief.{unit}", instance, f"chief_review@{unit}", decision="approve")


def compile_texts(stage: Stage, instance: int, **changes: Any) -> None:
    """The secretariat sends the amended plan up, its texts as they stand or changed."""
    stage.complete("sec_handler", instance, "compile_plan", completeness_ack=True, **changes)


def sign(stage: Stage, instance: int, *signers: str, **decision: Any) -> None:
    """The levels sign; the last one decides."""
    *before, last = signers or ("sec_chief", "deputy_director", "director")
    for user in before:
        stage.complete(user, instance, "sign", decision="approve")
    stage.complete(last, instance, "sign", **{"decision": "decide", "opinion": "如擬", **decision})


def report(stage: Stage, instance: int, serial: str = "90002470") -> None:
    """The amended plan goes to the bureau, by a letter of the year."""
    number = f"{stage.clock.now().year - 1911}{serial}"
    stage.complete(
        "sec_handler", instance, "dispatch_letter", doc_no=number, doc_date=_today(stage), enacts=False
    )


def reported(stage: Stage, **changes: Any) -> int:
    """An amendment that the director has signed and the bureau has before it."""
    instance = amend(stage)
    request(stage, instance, **changes)
    rewrite(stage, instance)
    compile_texts(stage, instance)
    sign(stage, instance)
    report(stage, instance)
    return instance


def reply(stage: Stage, proposal: str = "acknowledged", number: str = "11490005230") -> None:
    """The bureau reviews what was reported last, and answers."""
    actors.review(stage, proposal, number, instance=stage.instances("bureau_review")[-1])


def publish(stage: Stage, instance: int) -> None:
    """The website and every place show the plan, and the secretariat has looked."""
    web = {
        "url": "https://example.gov.tw/plan", "page_title": "執行計畫", "formats": ["pdf", "odf"],
        "published_at": stage.clock.now().isoformat(timespec="seconds"),
        "screenshot": [stage.file("web_owner")],
    }  # fmt: skip
    stage.complete("web_owner", instance, "publish_web", **web)
    stage.complete("sec_handler", instance, "verify_web", result="fits")
    for unit in ("registration", "kinmen", "penghu"):
        user = f"counter_owner.{unit}"
        stage.complete(
            user, instance, f"post_at_place@{unit}", outcome="posted", posted_on=_today(stage),
            posted_by=user, photo=[stage.file(user)],
        )  # fmt: skip
    for task in stage.tasks(instance, "verify_place"):
        stage.complete_task("sec_handler", task, result="fits")


def state(stage: Stage, no: int = 1) -> str:
    """Where an amendment stands."""
    return str(stage.document("amendment", str(no)).body["state"])


def target(stage: Stage, kind: str = "acknowledgement") -> str:
    """The target of the weights in the version that is in effect."""
    released = stage.document(kind).body["plan_no"]
    return value_in(stage, released)


def value_in(stage: Stage, no: int | None = None) -> str:
    """The target of the weights in a version of the plan, without `no` in the working copy."""
    body = stage.engine.ask(SYSTEM, lambda reader: reader.documents.get(PLAN_KEY, "plan", no=no)).body
    actions = body["strategies"][0]["methods"][0]["actions"]
    return str(actions[0]["targets"][0]["value"])


def _today(stage: Stage) -> str:
    return stage.clock.now().date().isoformat()


def publish_after(stage: Stage, instance: int, when: str) -> None:
    """The day of effect comes, and the amended plan becomes public."""
    stage.move_to(when)
    publish(stage, instance)
