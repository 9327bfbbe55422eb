"""Causes alone bring back every effect, id and picture, also from any snapshot and beside other threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.clock import to_micros
from engine.domain.canonical import GENESIS
from engine.domain.history import EventDraft, EventType, HistoryEvent, Signature, seal
from engine.domain.instance import Step
from engine.runtime import LiveInstance, ParsedDeployment
from tests.engine.runtime.drawing import INSTANCE, NOW, deployment, end, flow, process, start, user
from tests.engine.runtime.sketch import ANYTHING, sketched

VARIABLES = {"units": ["a", "b"], "plan_key": "k", "due": "2025-01-09T09:00:00+08:00"}
SUB = process("sub", start("s") + user("inner") + end("e") + flow("s > inner > e"))


def recorded(kind: EventType, number: int, task_id: int | None, **data: object) -> HistoryEvent:
    """A sealed cause; each happens seven hours after the one before."""
    at = to_micros(NOW + timedelta(hours=7 * number))
    draft = EventDraft(type=kind, task_id=task_id, data=data)
    return seal(INSTANCE, number, GENESIS, [draft], Signature(actor="somebody", occurred_at=at))[0]


def next_cause(live: LiveInstance, number: int, random: Random) -> HistoryEvent:
    """What may happen next, picked at random; activities return at once, as commands do."""
    now = NOW + timedelta(hours=7 * number)
    view = live.view()
    waiting_activities = sorted(live._waiting.activities)
    if waiting_activities:
        return recorded(EventType.ACTIVITY_RETURNED, number, waiting_activities[0], result={"n": number})
    due = live.due_timers(now)
    if due:
        return recorded(EventType.TIMER_FIRED, number, due[0].task_id, due_at=due[0].due_at.isoformat())
    if view.subscriptions and (random.random() < 0.2 or not view.open_tasks):
        chosen = random.choice(view.subscriptions)
        return recorded(EventType.MESSAGE_RECEIVED, number, chosen.task_id, payload={"n": number})
    if view.open_tasks:
        task = random.choice(view.open_tasks)
        values = {"decision": random.choice(["", "1", "2", "12"]), "note": str(number)}
        return recorded(EventType.TASK_COMPLETED, number, task.id, values=values, variables=values)
    return recorded(EventType.INSTANCE_CANCELLED, number, None, reason="nothing due yet")


def walk(
    parsed: ParsedDeployment, key: str, variables: dict[str, object], seed: int, *, restoring: bool = False
) -> tuple[list[HistoryEvent], list[Step], LiveInstance]:
    """A random history; `restoring` goes through a snapshot before each cause."""
    random = Random(seed)
    live = LiveInstance.create(parsed, key, INSTANCE)
    causes = [recorded(EventType.INSTANCE_STARTED, 0, None, variables=variables)]
    steps = [live.apply(causes[0])]
    while not live.ended and len(causes) < 80:
        if restoring:
            live = LiveInstance.restore(parsed, key, INSTANCE, live.snapshot())
        causes.append(next_cause(live, len(causes), random))
        steps.append(live.apply(causes[-1]))
    return causes, steps, live


@given(shape=ANYTHING, seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_causes_alone_bring_back_every_step_and_the_picture(shape: object, seed: int) -> None:
    parsed = deployment(sketched(shape), SUB)
    causes, steps, live = walk(parsed, "p", VARIABLES, seed)
    again = LiveInstance.create(parsed, "p", INSTANCE)
    assert [again.apply(cause) for cause in causes] == steps
    assert again.view() == live.view()
    assert again.snapshot() == live.snapshot()


@given(shape=ANYTHING, seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_going_through_snapshots_changes_nothing(shape: object, seed: int) -> None:
    parsed = deployment(sketched(shape), SUB)
    causes, steps, live = walk(parsed, "p", VARIABLES, seed)
    other_causes, other_steps, restored = walk(parsed, "p", VARIABLES, seed, restoring=True)
    assert (other_causes, other_steps) == (causes, steps)
    assert restored.view() == live.view()
    assert restored.title == live.title


def test_instances_of_one_deployment_do_not_disturb_each_other_in_threads() -> None:
    shape = ("loop", [("parallel", ["user", "call", ("each", [])]), ("inclusive", ["recall", "alarm"])])
    parsed = deployment(sketched(shape), SUB)
    alone = [walk(parsed, "p", VARIABLES, seed)[1] for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda seed: walk(parsed, "p", VARIABLES, seed % 8)[1], range(64)))
    assert together == alone * 8
