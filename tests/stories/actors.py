"""The plan of year 115 on the stage: each step by the account that owes it, with entries to change."""

from datetime import date
from typing import Any

from engine.activities.content import content_of, form_of
from engine.commands import files, instances, organisation, tasks
from engine.domain.form import shown_digest
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.stories.stage import Stage

KEY = "bsmi_khh:115"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
GOAL = (
    "以便捷服務遞送、擴大社會參與、開放政府治理三項精神，"
    "改善分局各項檢驗、發證與度量衡服務，使申辦更省時、資訊更易懂。"
)
LETTER = {
    "issuer": "bureau", "doc_date": "2026-01-05", "doc_prefix": "經標秘字", "doc_no": "11590000310",
    "doc_type": "letter", "received_on": "2026-01-06", "speed": "normal",
    "subject": "總局115年度提升服務效能執行計畫",
}  # fmt: skip
NARRATIVE = {
    "method": "1.1", "summary": "臨櫃主動協助民眾檢視申請文件並說明流程", "target_kind": "narrative",
    "narrative_reason": "屬日常服務作為，難以計次", "evidence_kinds": ["抽查紀錄"],
}  # fmt: skip


def begin_year(stage: Stage) -> Stage:
    """The day on which the bureau's plan of 115 arrives; the plan of 114 is in the house."""
    stage.engine.execute(SYSTEM, add_bureau_approver)
    stage.move_to("2026-01-06T09:00")
    return stage


def pdf(stage: Stage, user: str) -> dict[str, Any]:
    """A letter as a file of that person."""
    return stage.engine.execute(stage.engine.actor(user), files.add_file, name="letter.pdf", body=PDF).json()


def start_cycle(stage: Stage, **variables: Any) -> int:
    """The secretariat starts the year."""
    return stage.engine.execute(
        stage.engine.actor("sec_handler"), instances.start, definition_key="annual_plan_lifecycle",
        business_key=KEY, variables={"roc_year": 115, **variables},
    )  # fmt: skip


def register(stage: Stage, cycle: int, **changes: Any) -> None:
    stage.complete(
        "sec_handler",
        cycle,
        "register_bureau_plan",
        **{**LETTER, **changes},
        attachments=[pdf(stage, "sec_handler")],
    )


def assign(
    stage: Stage, cycle: int, units: tuple[str, ...] = ("metrology", "kinmen"), **changes: Any
) -> None:
    row = stage.shown("sec_handler", cycle, "assign_units")["assignments"][0]
    rows = [{**row, "units": list(units), "bureau_ref": "分局自訂", "unit_due": "2026-01-19", **changes}]
    stage.complete("sec_handler", cycle, "assign_units", assignments=rows)


def contribute(stage: Stage, cycle: int, unit: str) -> None:
    """The unit hands in its own rows as the form shows them, qualified where last year's were not."""
    user = f"unit_handler.{unit}"
    rows = [
        {
            "evidence_kinds": ["校正報告"],
            **row,
            "summary": f"{row['summary']}並公開結果給申請人",
            **qualified(row),
        }
        for row in stage.shown(user, cycle, f"edit_actions@{unit}")["actions"]
    ]
    stage.complete(user, cycle, f"edit_actions@{unit}", applicable=True, actions=rows)


def approve_unit(stage: Stage, cycle: int, unit: str) -> None:
    stage.complete(f"unit_chief.{unit}", cycle, f"chief_review@{unit}", decision="approve")


def contribute_all(stage: Stage, cycle: int) -> None:
    for unit in ("metrology", "kinmen"):
        contribute(stage, cycle, unit)
        approve_unit(stage, cycle, unit)


def compile_plan(stage: Stage, cycle: int, **changes: Any) -> None:
    texts = {
        "goal": GOAL, "steps_text": "提報、彙整、報局核備、公開、執行", "steps_reporting": True,
        "steps_publication": True,
        "assessment_text": "年底前自行考核", "rewards_text": "擇優敘獎", "rewards_rule": "reward_clause:1",
        "completeness_ack": True, "basis": whole_basis(stage, cycle),
    }  # fmt: skip
    stage.complete("sec_handler", cycle, "compile_plan", **{**texts, **changes})


def whole_basis(stage: Stage, cycle: int) -> list[dict[str, Any]]:
    return list(stage.shown("sec_handler", cycle, "compile_plan")["basis"])


def sign(stage: Stage, cycle: int, user: str, decision: str, **values: Any) -> None:
    stage.complete(user, cycle, "sign", decision=decision, **values)


def sign_all(
    stage: Stage, cycle: int, chain: tuple[str, ...] = ("sec_chief", "deputy_director", "director")
) -> None:
    for user in chain[:-1]:
        sign(stage, cycle, user, "approve")
    sign(stage, cycle, chain[-1], "decide", opinion="如擬")


def draft(stage: Stage, compiled: dict[str, Any] | None = None, **variables: Any) -> int:
    """The cycle with a compiled plan that waits for its first signature."""
    cycle = start_cycle(stage, **variables)
    register(stage, cycle)
    assign(stage, cycle)
    contribute_all(stage, cycle)
    compile_plan(stage, cycle, **(compiled or {}))
    return cycle


def dispatch(stage: Stage, cycle: int, number: str = "11590000470", **changes: Any) -> None:
    values = {"doc_no": number, "doc_date": stage.clock.now().date().isoformat(), **changes}
    stage.complete("sec_handler", cycle, "dispatch_letter", **values)


def reported(stage: Stage, **variables: Any) -> int:
    """The cycle whose plan was signed and reported to the bureau."""
    cycle = draft(stage, **variables)
    sign_all(stage, cycle)
    dispatch(stage, cycle)
    return cycle


def review(
    stage: Stage,
    proposal: str = "acknowledged",
    number: str = "11590001230",
    instance: int | None = None,
    **changes: Any,
) -> None:
    """The bureau reviews, signs and replies in its own process."""
    instance = instance or instances_of(stage, "bureau_review")[-1]
    stage.complete("bureau_sec_handler", instance, "receive_and_assign")
    propose(stage, instance, proposal, **changes)
    stage.complete("bureau_sec_chief", instance, "chief_review", decision="approve")
    stage.complete("bureau_approver", instance, "decide", decision="decide", outcome=proposal, opinion="如擬")
    today = stage.clock.now().date().isoformat()
    stage.complete("bureau_sec_handler", instance, "dispatch_reply", doc_no=number, doc_date=today)


def propose(stage: Stage, instance: int, proposal: str, **changes: Any) -> None:
    shown = stage.shown("bureau_sec_handler", instance, "review_plan")["checklist"]
    rows = [{**row, "verdict": "conforms"} for row in shown]
    reason = {} if proposal == "acknowledged" else {"reason": "請依逐項意見修正"}
    stage.complete(
        "bureau_sec_handler",
        instance,
        "review_plan",
        checklist=rows,
        proposal=proposal,
        **{**reason, **changes},
    )


def state_of(stage: Stage) -> str:
    """Where the plan of 115 stands."""
    return str(stage.document("plan_state", plan_key=KEY).body["state"])


def instances_of(stage: Stage, process: str) -> list[int]:
    """The instances of a process for the plan of 115, oldest first."""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(KEY))
    return sorted(instance.id for instance in found if instance.definition_key == process)


def events(stage: Stage, instance_id: int, type_: EventType) -> list[dict[str, Any]]:
    """What the events of one type say, in order."""
    found = stage.engine.ask(SYSTEM, lambda reader: list(reader.history.events(instance_id)))
    return [event.told | {"element": event.element_id} for event in found if event.type is type_]


def results(stage: Stage, instance_id: int, element_id: str) -> list[dict[str, Any]]:
    """What the activity of an element returned each time."""
    returned = events(stage, instance_id, EventType.ACTIVITY_RETURNED)
    return [event["result"] for event in returned if event["element"] == element_id]


def page(stage: Stage, user: str, instance_id: int, name: str) -> tuple[Task, dict[str, Any], str]:
    """A task as the person sees it now."""
    task = stage.task(instance_id, name)

    def read(reader: Reader) -> tuple[dict[str, Any], str]:
        form = form_of(reader, task)
        content = content_of(reader, task, form)
        return content.values, shown_digest(task.id, form.digest, task.inputs, content)

    return (task, *stage.engine.ask(stage.engine.actor(user), read))


def send(stage: Stage, user: str, seen: tuple[Task, dict[str, Any], str], **values: Any) -> None:
    """Complete a task as it stood on a page that was read before."""
    task, shown, digest = seen
    stage.engine.execute(
        stage.engine.actor(user), tasks.complete, task.id, values={**shown, **values}, revision=task.revision,
        shown_digest=digest,
    )  # fmt: skip


def qualified(row: dict[str, Any]) -> dict[str, Any]:
    if row["target_kind"] == "quantified":
        return {"counting_rule": "完成校正並發給報告者計1具"}
    return {"narrative_reason": "視離島廠商需求辦理，無法預估次數"}


def add_bureau_approver(uow: UnitOfWork) -> None:
    organisation.add_user(uow, "bureau_approver", name="bureau_approver", title="主任秘書")
    organisation.grant(
        uow, "bureau_approver", role="bureau_approver", unit="bureau", valid_from=date(2024, 1, 1)
    )


def panels(stage: Stage, user: str, instance_id: int, name: str) -> dict[str, Any]:
    """The read-only parts of a task's form."""
    task = stage.task(instance_id, name)
    return stage.engine.ask(
        stage.engine.actor(user), lambda reader: content_of(reader, task, form_of(reader, task)).panels
    )
