"""People who try the verbs of an inbox, rightly and wrongly; what is refused must leave nothing behind."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from engine.activities.content import content_of, form_of
from engine.clock import TAIPEI
from engine.commands import (
    comments,
    deputies,
    extensions,
    instances,
    messages,
    opinions,
    signoffs,
    task_routing,
    tasks,
)
from engine.demo.entries import ENTRIES
from engine.demo.scene import Scene
from engine.domain.form import FormContent
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from engine.domain.task import Task, may_assign
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.jobs.escalations import tell_levels
from engine.jobs.holdings import release_holdings
from engine.jobs.timers import fire_due_timers
from engine.store import tables
from engine.store.unit_of_work import Reader
from tests.stories import actors
from tests.stories.stage import Stage
from tests.stories.wanderer import ACTIONS, EXTRA, LETTERS, OTHERS, Other

T = TypeVar("T")
REFUSALS = (NotFound, NotPermitted, Conflict, Invalid)
REASON = "本件因業務調整，須另行處理，請惠予配合辦理並儘速完成後續程序。"
RETURNED = {"decision": "return", "return_reason": ["incomplete"], "opinion": "請補充說明後再送。"}
KINDS = ("acting", "acting", "in_absence", "by_authority")
# What every refused attempt leaves as it was.
WRITTEN = (
    tables.history_event, tables.document_version, tables.outbox, tables.process_instance, tables.task,
    tables.timer, tables.message_subscription, tables.task_candidate,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dice:
    """What one attempt is made with: at which thing, by whom, how, and by somebody right or by anybody."""

    which: int
    who: int
    how: int
    is_right: bool

    def one_of(self, choices: Sequence[T], thrown: int) -> T:
        return choices[thrown % len(choices)]


def returned(scene: Scene, dice: Dice) -> dict[str, Any]:
    targets = scene.content.choices["return_targets"]
    return {**RETURNED, "return_to": dice.one_of(targets, dice.which)[0]}


def changed(scene: Scene, dice: Dice) -> dict[str, Any]:
    element = dice.one_of(scene.content.choices["elements"] or [("", "")], dice.which)[0]
    changes = [{"element": element, "text": f"依會議決議修正文字第{dice.how}版。"}]
    return {"decision": "approve_with_changes", "opinion": "修正後發", "changes": changes}


def asking_units(order: str) -> Callable[[Scene, Dice], dict[str, Any]]:
    def entered(_: Scene, dice: Dice) -> dict[str, Any]:
        units = [("kinmen",), ("metrology",), ("kinmen", "metrology")][dice.which % 3]
        return {"decision": "countersign", "add_units": list(units), "add_order": order}

    return entered


def approved(scene: Scene, _: Dice) -> dict[str, Any]:
    return dict(ENTRIES["internal_signoff.sign"](scene))


SIGNING: tuple[Callable[[Scene, Dice], dict[str, Any]], ...] = (
    approved, approved, approved, returned, returned, changed, asking_units("parallel"),
    asking_units("serial"),
)  # fmt: skip


def contributed(scene: Scene) -> dict[str, Any]:
    """The rows of a unit as the form shows them, made whole."""
    rows = [
        {
            "evidence_kinds": ["校正報告"],
            **row,
            "summary": f"{row['summary']}並公開結果給申請人",
            **actors.qualified(row),
        }
        for row in scene.content.values["actions"]
    ]
    return {"applicable": True, "actions": rows}


ANSWERS: dict[str, tuple[Other, ...]] = {
    "unit_contribution.edit_actions": (contributed,),
    "extension.decide": (
        lambda _: {"decision": "agree", "opinion": "如擬"},
        lambda _: {"decision": "decline", "opinion": "請依限"},
    ),
    "opinion_request.give_opinion": (lambda _: {"opinion": "建議增加一場次"},),
    "countersign_round.countersign_opinion": (
        lambda _: {"opinion_kind": "agree"},
        lambda _: {"opinion_kind": "disagree", "opinion": "離島人力不足"},
    ),
}


@dataclass(slots=True)
class OfficePeople:
    """Everybody of the stage; `done` counts what was carried out, by verb."""

    stage: Stage
    done: Counter[str] = field(default_factory=Counter)

    def attempt(self, verb: str, by: str, command: Callable[..., Any], /, *args: Any, **entered: Any) -> None:
        """Try a command as a person; a refusal is one of the known kinds and leaves nothing behind."""
        before = self._ask(_written)
        try:
            self.stage.engine.execute(self.stage.engine.actor(by), command, *args, **entered)
        except REFUSALS:
            assert self._ask(_written) == before, verb
        else:
            self.done[verb] += 1

    # --- tasks ---

    def claim(self, dice: Dice) -> None:
        self._with_task("claim", dice, tasks.claim)

    def unclaim(self, dice: Dice) -> None:
        self._with_task("unclaim", dice, tasks.unclaim, _is_held)

    def assign(self, dice: Dice) -> None:
        """A chief hands out what nobody holds, or takes it from its holder (轉派)."""
        if task := self._task(dice, lambda task: any(c.unit for c in task.candidates)):
            verb = "take over" if task.assignee else "assign"
            chiefs = [user for user in self._people() if "chief" in user]
            right = [user for user in chiefs if may_assign(self.stage.engine.actor(user), task)]
            user = dice.one_of(right if dice.is_right and right else self._people(), dice.who)
            self.attempt(verb, user, tasks.assign, task.id, user=self._member(task, dice), reason=REASON)

    def delegate(self, dice: Dice) -> None:
        if task := self._task(dice, _is_held):
            self.attempt(
                "delegate", self._who(task, dice), tasks.delegate, task.id, user=self._member(task, dice)
            )

    def resolve(self, dice: Dice) -> None:
        self._with_task("resolve", dice, tasks.resolve, lambda task: _is_held(task) and bool(task.owner))

    def hand_back(self, dice: Dice) -> None:
        self._with_task("hand back", dice, task_routing.hand_back, reason=REASON)

    def redirect(self, dice: Dice) -> None:
        if task := self._task(dice, lambda task: task.is_handed_back):
            pairs = self._ask(lambda reader: reader.tasks.given_pairs(task))
            to = "" if dice.how % 3 == 0 else self._member(replace(task, candidates=pairs), dice)
            self.attempt(
                "redirect", self._who(task, dice), task_routing.redirect, task.id, user=to, reason=REASON
            )

    def urge(self, dice: Dice) -> None:
        if task := self._task(dice):
            user = "sec_handler" if dice.is_right else self._anybody(dice)
            self.attempt("urge", user, tasks.urge, task.id, note="請儘速辦理")

    def comment(self, dice: Dice) -> None:
        if task := self._task(dice):
            mention = f"@{dice.one_of(self._people(), dice.how)} 請看"
            self.attempt(
                "comment", self._who(task, dice), comments.comment, task.instance_id, text=mention,
                task_id=task.id,
            )  # fmt: skip

    def ask_opinion(self, dice: Dice) -> None:
        if task := self._task(dice):
            asked = dice.one_of(self._people(), dice.how)
            self.attempt(
                "ask", self._who(task, dice), opinions.ask_opinion, task.id, user=asked, question=REASON
            )

    def apply_for_extension(self, dice: Dice) -> None:
        if task := self._task(dice, lambda task: task.element_id == "edit_actions"):
            day = (task.due_at or self.stage.clock.now()).astimezone(TAIPEI).date()
            self.attempt(
                "extend", self._who(task, dice), extensions.apply, task.id,
                new_on=day + timedelta(days=dice.how % 7), reason=REASON,
            )  # fmt: skip

    def complete(self, dice: Dice) -> None:
        if task := self._task(dice):
            self._complete(task, dice)

    def sign(self, dice: Dice) -> None:
        if task := self._task(dice, lambda task: task.element_id == "sign"):
            self._complete(task, dice)

    def _complete(self, task: Task, dice: Dice) -> None:
        user = self._who(task, dice)
        actor = self.stage.engine.actor(user)
        key, content = self.stage.engine.ask(actor, _form, task)
        scene = Scene(self.stage.engine, actor, task, content, self.stage.clock.now())
        before = self._ask(_written)
        values = _values(key, scene, dice)
        try:
            self.stage.complete_task(user, task, **values)
        except REFUSALS:
            assert self._ask(_written) == before, key
        else:
            self.done[f"{key}:{values.get('decision', '')}"] += 1

    # --- instances ---

    def act(self, dice: Dice) -> None:
        """Take an action that an instance offers: 抽回, and what else may be sent by hand."""
        offered = [stored for stored in self._ask(_actions) if stored.subscription.form in ACTIONS]
        if not offered:
            return
        recalls = [stored for stored in offered if stored.subscription.element_id == "recalled"]
        chosen = dice.one_of(recalls or offered, dice.which)
        subscription = chosen.subscription
        user = (subscription.role or subscription.correlation) if dice.is_right else self._anybody(dice)
        actor = self.stage.engine.actor(user)
        nothing: Any = None
        scene = Scene(self.stage.engine, actor, nothing, FormContent(), self.stage.clock.now())
        self.attempt(
            subscription.element_id, user, messages.act, chosen.instance_id,
            element_id=subscription.element_id, values=dict(ACTIONS[str(subscription.form)](scene)),
        )  # fmt: skip

    def sign_afterwards(self, dice: Dice) -> None:
        user = dice.one_of(("sec_chief", "deputy_director", "director", "web_owner", "registry"), dice.who)
        self.attempt(
            "sign afterwards", user if dice.is_right else self._anybody(dice), signoffs.sign_afterwards,
            self._instance(dice), subject="plan", level=dice.how % 4, kind="absent", reason=REASON,
        )  # fmt: skip

    def circulate(self, dice: Dice) -> None:
        self.attempt(
            "circulate", "sec_handler" if dice.is_right else self._anybody(dice), signoffs.circulate,
            self._instance(dice), subject="plan", people=[self._anybody(dice)], units=["metrology"],
        )  # fmt: skip

    def suspend(self, dice: Dice) -> None:
        """Rightly only now and then, because nothing moves afterwards."""
        user = "director" if dice.how % 4 == 0 else self._anybody(dice)
        self.attempt("suspend", user, instances.suspend, self._instance(dice), reason=REASON)

    def resume(self, dice: Dice) -> None:
        """Rightly, something that is suspended; then the walk does not rest for long."""
        resting = self._ask(
            lambda reader: [i.id for i in reader.instances.page(states=(InstanceState.SUSPENDED,))]
        )
        user = "director" if dice.is_right else self._anybody(dice)
        if resting:
            self.attempt("resume", user, instances.resume, dice.one_of(resting, dice.which), reason=REASON)

    def cancel(self, dice: Dice) -> None:
        """撤案; rightly only now and then, because it ends most of the walk."""
        user = "director" if dice.how % 8 == 0 else self._anybody(dice)
        self.attempt("cancel", user, instances.cancel, self._instance(dice), reason=REASON)

    # --- deputies and time ---

    def name_deputy(self, dice: Dice) -> None:
        principal = dice.one_of(SIGNERS if dice.how % 2 else self._people(), dice.which)
        today = self._ask(lambda reader: reader.today)
        by = principal if dice.is_right else dice.one_of(self._people(), dice.how)
        kind = dice.one_of(KINDS, dice.how)
        cause = "authority" if kind == "by_authority" else "vacation"
        self.attempt(
            "name deputy", by, deputies.name_deputy, principal,
            deputy=dice.one_of(SIGNERS if dice.how % 3 else self._people(), dice.who),
            valid_from=today + timedelta(days=dice.how % 2), valid_to=today + timedelta(days=dice.how % 5),
            cause=cause, kind=kind, may_decide=dice.how % 4 != 0,
        )  # fmt: skip

    def end_deputyship(self, dice: Dice) -> None:
        active = self._ask(lambda reader: reader.deputyships.active())
        if active:
            known = dice.one_of(active, dice.which)
            user = known.principal if dice.is_right else self._anybody(dice)
            self.attempt("end deputyship", user, deputies.end_deputyship, known.id, reason=REASON)

    def wait(self, dice: Dice) -> None:
        """Let some time pass; whatever falls due can happen."""
        self.stage.clock.move_to(self.stage.clock.now() + timedelta(days=dice.how % 3, hours=dice.which % 24))
        assert fire_due_timers(self.stage.engine).failed == ()
        tell_levels(self.stage.engine)
        release_holdings(self.stage.engine)

    # --- choosing ---

    def _ask(self, query: Callable[[Reader], T]) -> T:
        return self.stage.engine.ask(SYSTEM, query)

    def _people(self) -> list[str]:
        return self._ask(lambda reader: [user.id for user in reader.organisation.users()])

    def _anybody(self, dice: Dice) -> str:
        return dice.one_of(self._people(), dice.who)

    def _task(self, dice: Dice, wanted: Callable[[Task], bool] = lambda _: True) -> Task | None:
        """One open task, of the wanted ones if there are any."""
        found = self._ask(lambda reader: reader.tasks.all_open())
        chosen = [task for task in found if wanted(task)] or found
        return dice.one_of(chosen, dice.which) if chosen else None

    def _who(self, task: Task, dice: Dice) -> str:
        """Rightly, somebody who owes the task now; half of the time whoever only stands in for them."""
        owing = self._ask(lambda reader: reader.organisation.who_owe(task))
        on = self.stage.clock.now().date()
        standing_in = owing - self._ask(lambda reader: reader.organisation.people_for(task, on))
        right = sorted(standing_in if dice.how % 2 and standing_in else owing)
        return dice.one_of(right if dice.is_right and right else self._people(), dice.who)

    def _member(self, task: Task, dice: Dice) -> str:
        """Rightly, somebody of the task's pools."""
        on = self.stage.clock.now().date()
        members = sorted(self._ask(lambda reader: reader.organisation.people_for(task, on)))
        return dice.one_of(members if dice.is_right and members else self._people(), dice.how)

    def _instance(self, dice: Dice) -> int:
        """The cycle mostly, which is the oldest instance of the walk."""
        ids = self._ask(_running) or self._ask(lambda reader: reader.instances.ids())
        return ids[0] if dice.is_right else dice.one_of(ids, dice.which)

    def _with_task(
        self, verb: str, dice: Dice, command: Callable[..., Any],
        wanted: Callable[[Task], bool] = lambda _: True, **entered: Any,
    ) -> None:  # fmt: skip
        if task := self._task(dice, wanted):
            self.attempt(verb, self._who(task, dice), command, task.id, **entered)


SIGNERS = (
    "sec_handler",
    "sec_chief",
    "deputy_director",
    "director",
    "web_owner",
    "registry",
    "unit_chief.kinmen",
)


def _values(key: str, scene: Scene, dice: Dice) -> dict[str, Any]:
    if key == "internal_signoff.sign":
        return SIGNING[dice.how % len(SIGNING)](scene, dice)
    own = (EXTRA.get(key) or ENTRIES.get(key) or (lambda _: {}), *OTHERS.get(key, ()))
    ways = ANSWERS.get(key, own)
    letter = {"number_confirmed": True, "subject": "函送年度計畫"} if key in LETTERS else {}
    return {**letter, **ways[dice.how % len(ways)](scene)}


def _is_held(task: Task) -> bool:
    return task.assignee is not None


def _form(reader: Reader, task: Task) -> tuple[str, FormContent]:
    form = form_of(reader, task)
    return form.key, content_of(reader, task, form)


def _actions(reader: Reader) -> list[Any]:
    found = [stored for number in reader.instances.ids() for stored in reader.messages.of_instance(number)]
    return [stored for stored in found if stored.subscription.is_action]


def _running(reader: Reader) -> list[int]:
    states = (InstanceState.RUNNING, InstanceState.SUSPENDED)
    return sorted(instance.id for instance in reader.instances.page(states=states))


def _written(reader: Reader) -> tuple[Any, ...]:
    """How many rows there are of each kind, and how often tasks were changed."""
    counts = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in WRITTEN]
    revisions = sa.select(sa.func.sum(tables.task.c.revision)).scalar_subquery()
    return tuple(reader.transaction.core.execute(sa.select(*counts, revisions)).one())
