"""Whatever the engine does on a random diagram, the checker allows, and it knows nothing of the engine."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.documents.net_source import nets_of
from engine.domain.history import EventType
from engine.mining.conformance import conformance
from tests.engine.mining.recording import sealed
from tests.engine.runtime.drawing import deployment
from tests.engine.runtime.sketch import ANYTHING, sketched
from tests.engine.runtime.test_replay import SUB, VARIABLES, walk

PLAYED = frozenset(
    {
        EventType.ELEMENT_PASSED, EventType.BRANCH_TAKEN, EventType.TASK_OPENED, EventType.TASK_COMPLETED,
        EventType.ACTIVITY_REQUESTED, EventType.ACTIVITY_RETURNED, EventType.TIMER_FIRED,
        EventType.MESSAGE_RECEIVED, EventType.INSTANCE_ENDED,
    }
)  # fmt: skip


@given(shape=ANYTHING, seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_history_of_the_engine_conforms(shape: object, seed: int) -> None:
    file = sketched(shape)
    causes, steps, _ = walk(deployment(file, SUB), "p", VARIABLES, seed)
    found = conformance(nets_of((file, SUB)), "p", sealed(causes, steps))
    assert (found.fitness, found.deviations) == (1.0, ())


@given(shape=ANYTHING, seed=st.integers(0, 2**32), place=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_left_out_of_a_history_is_found(shape: object, seed: int, place: int) -> None:
    file = sketched(shape)
    causes, steps, live = walk(deployment(file, SUB), "p", VARIABLES, seed)
    assume(live.ended and causes[-1].type is not EventType.INSTANCE_CANCELLED)
    events = sealed(causes, steps)
    places = [at for at, event in enumerate(events) if event.type in PLAYED]
    left_out = places[place % len(places)]
    found = conformance(nets_of((file, SUB)), "p", events[:left_out] + events[left_out + 1 :])
    assert found.fitness < 1.0, events[left_out]
    assert found.deviations
