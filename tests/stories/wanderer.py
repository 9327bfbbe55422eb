"""Wanders through the processes: what is open is done this way or that, timers and actions in between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.activities.content import content_of, form_of
from engine.clock import TAIPEI
from engine.commands import extensions, instances, task_routing
from engine.commands.tasks import claim
from engine.demo.entries import ENTRIES
from engine.demo.scene import Scene
from engine.domain.form import FormContent
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from engine.domain.task import Task
from engine.engine import Engine
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.jobs.timers import fire_due_timers
from engine.store.messages import StoredSubscription
from engine.store.unit_of_work import Reader
from tests.stories import award_ways, commendation_actors
from tests.stories.stage import Stage, account

RETURNED = {"decision": "return", "return_reason": ["incomplete"], "opinion": "請補充說明後再送。"}
AMENDMENT = {"kind": "change", "rows": ["1.1.1"], "reason": "量能調整，須配合修正目標值並通知各單位。"}
REASON = "作業需要，暫停後再行恢復辦理。"
Other = Callable[[Scene], Mapping[str, Any]]

HEAD_OF_UNIT = commendation_actors.own("unit_chief.kinmen", "head")


# The other ways in which a form can be filled in; index 0 of every form is the entry of the demo.
OTHERS: dict[str, tuple[Other, ...]] = {
    "internal_signoff.sign": (
        lambda _: {**RETURNED, "return_to": "handler"},
        lambda _: {"decision": "countersign", "add_units": ["kinmen", "metrology"], "add_order": "serial"},
        lambda _: {"decision": "approve_with_changes", "opinion": "修正後發"},
    ),
    "unit_contribution.chief_review": (lambda _: RETURNED,),
    "unit_contribution.edit_actions": (
        lambda _: {"applicable": False, "na_reason": "本單位無此項業務，無法配合辦理。"},
    ),
    "bureau_review.chief_review": (lambda _: RETURNED,),
    "bureau_review.decide": (
        lambda _: RETURNED,
        lambda _: {"decision": "decide", "outcome": "return_for_revision", "opinion": "請修正後再報"},
        lambda _: {"decision": "decide", "outcome": "declined", "opinion": "不予核備"},
    ),
    "plan_publication.verify_publication": (lambda _: {"result": "differs", "reason": "版本摘要值不同"},),
    "place_posting.post_at_place": (
        lambda scene: {
            "outcome": "postponed",
            "postpone_reason": "颱風停止上班",
            "new_due_on": _later(scene),
        },
    ),
    "commendation.chief_review": (lambda _: RETURNED,),
    "commendation.hr_check": (lambda _: {"result": "return", "comment": "請確認身分"},),
    "unit_progress.chief_confirm": (lambda _: RETURNED,),
    "unit_self_report.chief_review": (lambda _: RETURNED,),
    "result_submission.sign_d1": (lambda _: RETURNED,),
    "plan_amendment.amendment_request": (
        lambda scene: {**AMENDMENT, "kind": "errata", "rows": ["1.1.2"], "effective_on": scene.today},
        lambda scene: {**AMENDMENT, "way": "secretariat", "effective_on": scene.today},
        lambda scene: {**AMENDMENT, "way": "assign", "effective_on": _later(scene)},
    ),
    "bureau_result_intake.check_results": (
        lambda scene: {"result": "supplement", "request": "請補送佐證資料", "due_on": _later(scene)},
    ),
}
EXTRA: dict[str, Other] = {
    "extension.decide": lambda _: {"decision": "agree", "opinion": "如擬"},
    "plan_amendment.amendment_request": lambda scene: {
        **AMENDMENT, "way": "units", "unit_due": _soon(scene), "effective_on": _later(scene),
    },
    "plan_amendment.correct_words": lambda _: {
        "rows": [{"element": "1.1.2", "text": "到離島說明檢驗規定。"}],
    },
    "plan_drafting.compile_plan": lambda _: {
        "decision": "submit", "completeness_ack": True, "countersign_units": ["kinmen"],
    },
    "bureau_acknowledgement.query_bureau": lambda scene: {
        "method": "phone", "asked_on": scene.today, "person": "承辦人", "content": "請問辦理情形",
    },
    "bureau_acknowledgement.register_incoming_letter": lambda scene: {
        "number_confirmed": True, "doc_no": "11590009990", "doc_date": scene.today,
        "received_on": scene.today, "outcome": "acknowledged",
        "attachments": [scene.upload("復函.pdf")],
    },
    "result_reply.register_reply": lambda scene: {
        "outcome": "accepted", "doc_type": "電子郵件", "doc_date": scene.today, "received_on": scene.today,
        "subject": "成果資料收悉",
    },
    "result_reply.supplement": lambda _: {"response": "已補充說明如附件，請惠予鑒核。"},
    "unit_contribution.take_over_row": lambda _: {"reason": "單位逾期未提報，由秘書室代填。"},
    "unit_contribution.confirm_rows": lambda _: {"confirmed": True},
    "improvement_followup.improvement_verify": lambda _: {"result": "improved"},
    "commendation.nominate_persons": lambda _: {"persons": [commendation_actors.HANDLER, HEAD_OF_UNIT]},
    "commendation.hr_check": lambda _: {"result": "conforms"},
    "commendation.committee_record": lambda scene: {
        "met_on": scene.today, "session": "第1次", "attendance": 5, "minutes": [scene.upload("紀錄.pdf")],
    },
    "commendation.report_to_superior": award_ways.sent,
    "commendation.superior_reply": lambda scene: {
        **award_ways.sent(scene), "issuer": "bureau", "doc_type": "letter", "received_on": scene.today,
        "speed": "normal", "subject": "敘獎建議名單復如說明", "attachments": [scene.upload("復函.pdf")],
    },
    "commendation.issue_order": award_ways.sent,
}  # fmt: skip
# The letters of the demo carry numbers of 114, whatever the year of the walk.
LETTERS = frozenset(
    {
        "annual_plan_lifecycle.register_bureau_plan",
        "bureau_acknowledgement.dispatch_letter",
        "bureau_acknowledgement.register_incoming_letter",
        "bureau_review.dispatch_reply",
    }
)
ACTIONS: dict[str, Other] = {
    "bureau_acknowledgement.withdraw_report": lambda scene: {
        "number_confirmed": True, "reason": "內容有誤，須重新檢討後再報",
        "doc_prefix": "經標高秘字", "doc_no": "11590008880", "doc_date": scene.today,
    },
    "plan_amendment.withdraw_amendment": lambda _: {"reason": "量能已恢復，不須修正計畫"},
    "internal_signoff.recalled": lambda _: {"reason": "內容須再修正後重新送核"},
    **award_ways.ACTIONS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanderer:
    """Makes one move after the other; a move that is refused changes nothing and is no fault."""

    stage: Stage

    def move(self, kind: str, which: int, how: int) -> None:
        """Make one move: `which` chooses among what is possible, `how` the way in which it is done."""
        moves: dict[str, Callable[[int, int], None]] = {
            "complete": self._complete,
            "timer": self._next_timer,
            "wait": self._wait,
            "act": self._act,
            "pause": self._pause,
            "route": self._route,
        }
        try:
            moves[kind](which, how)
        except (Invalid, Conflict, NotFound, NotPermitted):
            return

    @property
    def _engine(self) -> Engine:
        return self.stage.engine

    def _complete(self, which: int, how: int) -> None:
        tasks = self._engine.ask(SYSTEM, _open_tasks)
        if not tasks:
            return
        task = tasks[which % len(tasks)]
        candidate = task.candidates[0]
        user = account(candidate.role, candidate.unit or _AGENCY_WIDE.get(candidate.role, ""))
        actor = self._engine.actor(user)
        key, content = self._engine.ask(actor, _form, task)
        scene = Scene(self._engine, actor, task, content, self.stage.clock.now())
        own = (EXTRA.get(key) or ENTRIES.get(key, _as_shown), *OTHERS.get(key, ()))
        ways = award_ways.WAYS.get(key, own)
        letter = {"number_confirmed": True, "subject": "函送年度計畫"} if key in LETTERS else {}
        self.stage.complete_task(user, task, **{**letter, **ways[how % len(ways)](scene)})

    def _next_timer(self, _which: int, _how: int) -> None:
        due = self._engine.ask(SYSTEM, lambda reader: reader.timers.next_due_at())
        if due is not None:
            self.stage.clock.move_to(max(due, self.stage.clock.now()))
            fire_due_timers(self._engine)

    def _wait(self, which: int, _how: int) -> None:
        self.stage.clock.move_to(self.stage.clock.now() + timedelta(days=which % 9, hours=3))

    def _act(self, which: int, _how: int) -> None:
        waiting = self._engine.ask(SYSTEM, _actions)
        if not waiting:
            return
        chosen = waiting[which % len(waiting)]
        offered = chosen.subscription
        form, role = str(offered.form), offered.role or offered.correlation
        if form in ACTIONS:
            actor = self._engine.actor(role)
            scene = Scene(self._engine, actor, _NO_TASK, FormContent(), self.stage.clock.now())
            values = dict(ACTIONS[form](scene))
            self.stage.act(role, chosen.instance_id, chosen.subscription.element_id, **values)

    def _route(self, which: int, how: int) -> None:
        """Hand a task back, redirect it, take it, or ask for more time and be granted it."""
        tasks = self._engine.ask(SYSTEM, _open_tasks)
        if not tasks:
            return
        task = tasks[which % len(tasks)]
        candidate = task.candidates[0]
        actor = self._engine.actor(
            account(candidate.role, candidate.unit or _AGENCY_WIDE.get(candidate.role, ""))
        )
        match how:
            case 0:
                verb = task_routing.redirect if task.is_handed_back else task_routing.hand_back
                self._engine.execute(actor, verb, task.id, reason=REASON)
            case 1:
                self._engine.execute(actor, claim, task.id)
            case _ if task.due_at is not None:
                new_on = task.due_at.astimezone(TAIPEI).date() + timedelta(days=how)
                self._engine.execute(actor, extensions.apply, task.id, new_on=new_on, reason=REASON)

    def _pause(self, which: int, how: int) -> None:
        running = [i for i in self._engine.ask(SYSTEM, _instances) if i]
        if not running:
            return
        command = (instances.suspend, instances.resume)[how % 2]
        self._engine.execute(
            self._engine.actor("director"), command, running[which % len(running)], reason=REASON
        )


_NO_TASK: Any = None
# Roles of the bureau are asked for without a unit.
_AGENCY_WIDE = dict.fromkeys(("bureau_sec_handler", "bureau_sec_chief", "bureau_approver"), "bureau")


def _as_shown(_: Scene) -> Mapping[str, Any]:
    return {}


def _soon(scene: Scene) -> str:
    """The next working day as it mostly is; where it is none, the move is refused."""
    return (scene.now.astimezone(TAIPEI).date() + timedelta(days=1)).isoformat()


def _later(scene: Scene) -> str:
    return (scene.now.astimezone(TAIPEI).date() + timedelta(days=7)).isoformat()


def _open_tasks(reader: Reader) -> list[Task]:
    return [task for number in reader.instances.ids() for task in reader.tasks.open_of_instance(number)]


def _actions(reader: Reader) -> list[StoredSubscription]:
    found = [s for number in reader.instances.ids() for s in reader.messages.of_instance(number)]
    return [stored for stored in found if stored.subscription.is_action]


def _instances(reader: Reader) -> list[int]:
    states = (InstanceState.RUNNING, InstanceState.SUSPENDED)
    return [instance.id for instance in reader.instances.page(states=states)]


def _form(reader: Reader, task: Task) -> tuple[str, FormContent]:
    form = form_of(reader, task)
    return form.key, content_of(reader, task, form)
