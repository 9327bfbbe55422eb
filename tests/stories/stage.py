"""A small branch with one released plan, for stories that begin in the middle of a plan's year."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.activities.content import content_of, form_of
from engine.activities.deadlines import record_deadlines
from engine.activities.plan_documents import enter_state, release
from engine.clock import TAIPEI, FixedClock
from engine.commands import definitions, files, messages, organisation, tasks
from engine.commands.deliveries import deliver_all, start_linked
from engine.commands.steps import Progress
from engine.domain.definition import SourceFile
from engine.domain.document import Document
from engine.domain.form import FormContent, shown_digest
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task, TaskState, may_complete
from engine.engine import Engine
from engine.errors import FieldError, Invalid
from engine.jobs.timers import fire_due_timers
from engine.plan.document import Action, Method, Plan, PlanUnit, Strategy, Target, to_json
from engine.replay.verify import verify
from engine.settings import WORKFLOWS
from engine.store.unit_of_work import Reader, UnitOfWork

PLAN_KEY = "bsmi_khh:114"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)
UNITS = (
    ("head", "分局長室", "head"), ("metrology", "度量衡科", "line"), ("registration", "報驗發證科", "line"),
    ("kinmen", "金門辦事處", "line"), ("penghu", "澎湖辦事處", "line"), ("secretariat", "秘書室", "staff"),
    ("personnel", "人事室", "staff"),
)  # fmt: skip
PEOPLE = (
    ("sec_handler", "secretariat"), ("sec_chief", "secretariat"), ("director", "head"),
    ("deputy_director", "head"),
    ("web_owner", "secretariat"), ("registry", "secretariat"), ("unit_chief", "secretariat"),
    ("unit_handler", "secretariat"),
    *((role, unit) for unit in ("metrology", "kinmen") for role in ("unit_handler", "unit_chief")),
    *(("counter_owner", unit) for unit in ("registration", "kinmen", "penghu")),
    ("hr_handler", "personnel"), ("hr_chief", "personnel"), ("merit_committee", "personnel"),
    ("bureau_sec_handler", "bureau"), ("bureau_sec_chief", "bureau"),
    ("ministry_handler", "ministry"), ("ministry_approver", "ministry"),
    *(("reviewer", unit) for unit in ("academia", "industry", "agencies")),
)  # fmt: skip
OUTSIDE = (
    ("bureau", "總局秘書室", "bureau"), ("ministry", "經濟部", "ministry"),
    ("academia", "初評小組（學者）", "ministry"), ("industry", "初評小組（業界）", "ministry"),
    ("agencies", "初評小組（機關）", "ministry"),
)  # fmt: skip
ONE_OF_ALL = (
    "sec_handler", "sec_chief", "director", "deputy_director", "web_owner", "registry", "hr_handler",
    "hr_chief", "merit_committee", "ministry_handler", "ministry_approver",
)  # fmt: skip


def account(role: str, unit: str) -> str:
    """The name of the account that holds a role in a unit."""
    return role if role in ONE_OF_ALL or unit == "bureau" else f"{role}.{unit}"


def small_plan() -> Plan:
    """One number of the metrology unit, one narrative action of Kinmen, one of the secretariat."""
    weights = Target(indicator="砝碼校正數", value=Decimal(120), unit="具")
    actions = (
        Action(id="1.1.1", summary="校正砝碼", owner_units=("metrology",), targets=(weights,)),
        Action(id="1.1.2", summary="到離島說明檢驗規定", owner_units=("kinmen",),
               narrative_reason="視離島需求辦理"),
        Action(id="1.1.3", summary="彙整全分局服務改進意見", owner_units=("secretariat",),
               narrative_reason="屬彙整性質工作"),
    )  # fmt: skip
    units = tuple(
        PlanUnit(id=id, label=label, kind="line" if kind == "line" else "staff")
        for id, label, kind in UNITS
        if kind != "head"
    )
    method = Method(
        id="1.1", title="維持服務一致", units=("metrology", "kinmen", "secretariat"), actions=actions
    )
    return Plan(
        agency="經濟部標準檢驗局高雄分局", agency_id="bsmi_khh", roc_year=114,
        title="114年度提升服務效能執行計畫",
        units=units, strategies=(Strategy(id="1", title="完備基礎服務", methods=(method,)),),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """The branch at work: people act by name, the clock moves by hand."""

    engine: Engine
    clock: FixedClock

    def move_to(self, when: str) -> None:
        """Set the clock (Taipei) and let everything that is due happen."""
        self.clock.move_to(datetime.fromisoformat(when).replace(tzinfo=TAIPEI))
        fire_due_timers(self.engine)

    def start(self, process: str, **variables: Any) -> int:
        """Start a process that only other processes start."""
        return self.engine.execute(SYSTEM, _started, process, variables)

    def open(self, instance_id: int) -> list[str]:
        """The open tasks as `element` or `element@unit`, sorted."""
        found = self.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id))
        return sorted(_name(task) for task in found)

    def task(self, instance_id: int, name: str) -> Task:
        """The open task of that name."""
        found = self.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id))
        return next(task for task in found if _name(task) == name)

    def tasks(self, instance_id: int, element_id: str) -> list[Task]:
        """The open tasks of one element."""
        found = self.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id))
        return [task for task in found if task.element_id == element_id]

    def task_for(self, user: str, instance_id: int, element_id: str) -> Task:
        """The first open task of an element that a person may take."""
        actor = self.engine.actor(user)
        return next(task for task in self.tasks(instance_id, element_id) if may_complete(actor, task))

    def complete(self, user: str, instance_id: int, name: str, **values: Any) -> None:
        """Complete a task with the values beside those that its form shows."""
        self.complete_task(user, self.task(instance_id, name), **values)

    def complete_task(self, user: str, task: Task, **values: Any) -> None:
        """Complete this very task."""
        actor = self.engine.actor(user)
        shown, digest = self.engine.ask(actor, _shown, task)
        self.engine.execute(
            actor,
            tasks.complete,
            task.id,
            values={**shown, **values},
            revision=task.revision,
            shown_digest=digest,
        )

    def content(self, user: str, instance_id: int, name: str) -> FormContent:
        """Everything that the form of a task shows this person."""
        task = self.task(instance_id, name)
        return self.engine.ask(
            self.engine.actor(user), lambda reader: content_of(reader, task, form_of(reader, task))
        )

    def faults(self, user: str, instance_id: int, name: str, **values: Any) -> list[tuple[str, str]]:
        """Path and words of every fault for which a completion is refused."""
        return self.faults_of(user, self.task(instance_id, name), **values)

    def faults_of(self, user: str, task: Task, **values: Any) -> list[tuple[str, str]]:
        """Path and words of every fault for which the completion of this very task is refused."""
        with pytest.raises(Invalid) as refusal:
            self.complete_task(user, task, **values)
        return [_fault(error) for error in refusal.value.errors]

    def shown(self, user: str, instance_id: int, name: str) -> dict[str, Any]:
        """The values that the form of a task shows at first."""
        return self.shown_in(user, self.task(instance_id, name))

    def shown_in(self, user: str, task: Task) -> dict[str, Any]:
        """The values that the form of this very task shows at first."""
        values: dict[str, Any]
        values, _ = self.engine.ask(self.engine.actor(user), _shown, task)
        return values

    def sign_off(self, instance_id: int) -> None:
        """Let every level sign as proposed, up to the decision of the director."""
        for user, decision in (
            ("sec_chief", "approve"),
            ("deputy_director", "approve"),
            ("director", "decide"),
        ):
            task = self.task_for(user, instance_id, "sign")
            self.complete_task(user, task, decision=decision, opinion="如擬")

    def grant(self, user: str, role: str, unit: str) -> None:
        """Give a person one more role."""
        self.engine.execute(
            SYSTEM, organisation.grant, user, role=role, unit=unit, valid_from=date(2024, 1, 1)
        )

    def act(self, user: str, instance_id: int, element_id: str, **values: Any) -> None:
        """Take an action that the instance offers."""
        self.engine.execute(
            self.engine.actor(user), messages.act, instance_id, element_id=element_id, values=values
        )

    def refused_action(
        self, user: str, instance_id: int, element_id: str, **values: Any
    ) -> list[tuple[str, str]]:
        """Path and words of every fault for which an action is refused."""
        with pytest.raises(Invalid) as refusal:
            self.act(user, instance_id, element_id, **values)
        return [_fault(error) for error in refusal.value.errors]

    def file(self, user: str, name: str = "photo.png") -> dict[str, Any]:
        """An upload of a person, as it stands in a form."""
        return self.engine.execute(self.engine.actor(user), files.add_file, name=name, body=PNG).json()

    def document(self, kind: str, key: str = "", plan_key: str = PLAN_KEY) -> Document:
        """The latest version of a document of the plan."""
        return self.engine.ask(SYSTEM, lambda reader: reader.documents.get(plan_key, kind, key))

    def state(self) -> str:
        """Where the plan stands."""
        return str(self.document("plan_state").body["state"])

    def instances(self, process: str) -> list[int]:
        """The instances of a process for this plan, oldest first."""
        found = self.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(PLAN_KEY))
        return sorted(instance.id for instance in found if instance.definition_key == process)

    def has_ended(self, instance_id: int) -> bool:
        return self.engine.ask(SYSTEM, lambda reader: reader.instances.get(instance_id)).state.has_ended

    def mailed(self) -> list[tuple[str, str]]:
        """Who was mailed about which task, in order."""
        entries = self.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())
        return [(entry.payload["user"], entry.payload["params"]["label"]) for entry in entries]

    def faults_of_history(self, instance_id: int) -> list[str]:
        """What a proof of the instance finds: chain, content, re-execution and projections."""
        return [str(fault) for fault in self.engine.ask(SYSTEM, verify, instance_id).faults]

    def set(self, key: str, value: Any) -> None:
        """Change a setting."""
        self.engine.execute(SYSTEM, organisation.change_setting, key, value)


def build_stage(engine: Engine, clock: FixedClock) -> Stage:
    """Set up the organisation, deploy the workflows and release the plan."""
    engine.execute(SYSTEM, _organised)
    engine.execute(SYSTEM, definitions.deploy, workflow_files())
    engine.execute(SYSTEM, _released)
    return Stage(engine, clock)


def workflow_files() -> tuple[SourceFile, ...]:
    """The workflows as they are shipped."""
    return tuple(
        SourceFile(name=str(path.relative_to(WORKFLOWS)), body=path.read_bytes())
        for path in sorted(WORKFLOWS.rglob("*"))
        if path.is_file()
    )


def _organised(uow: UnitOfWork) -> None:
    for position, (unit, label, kind) in enumerate(UNITS):
        organisation.add_unit(uow, unit, label=label, kind=kind, agency="branch", position=position)
    for position, (unit, label, agency) in enumerate(OUTSIDE, start=90):
        organisation.add_unit(uow, unit, label=label, kind="outside", agency=agency, position=position)
    for role, unit in PEOPLE:
        user = account(role, unit)
        if uow.organisation.find_user(user) is None:
            organisation.add_user(uow, user, name=user, title="科員")
        organisation.grant(uow, user, role=role, unit=unit, valid_from=date(2024, 1, 1))


def _released(uow: UnitOfWork) -> None:
    ref = uow.documents.put(PLAN_KEY, "plan", "", to_json(small_plan()))
    report = {"plan_no": ref.no, "plan_digest": ref.digest}
    uow.documents.put(PLAN_KEY, "report", "1", report)
    release(uow, PLAN_KEY, "1", "acknowledged")
    record_deadlines(uow, PLAN_KEY, date(2025, 1, 6), {})
    enter_state(uow, PLAN_KEY, "acknowledged")
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def _started(uow: UnitOfWork, process: str, variables: dict[str, Any]) -> int:
    progress = Progress.none()
    known = {"plan_key": PLAN_KEY, "roc_year": 114, "bureau_mode": "accounts", **variables}
    instance_id = start_linked(uow, process, PLAN_KEY, known, parent_id=None, progress=progress)
    deliver_all(uow, progress)
    return instance_id


def _shown(reader: Reader, task: Task) -> tuple[dict[str, Any], str]:
    form = form_of(reader, task)
    content = content_of(reader, task, form)
    return content.values, shown_digest(task.id, form.digest, task.inputs, content)


def _name(task: Task) -> str:
    assert task.state is TaskState.OPEN
    unit = task.candidates[0].unit
    return f"{task.element_id}@{unit}" if unit else task.element_id


def _fault(error: FieldError) -> tuple[str, str]:
    return error.path, str(error)
