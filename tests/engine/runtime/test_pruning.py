"""Finished tokens go, and nothing that still matters goes with them."""

import json
import sys
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.definition import SourceFile
from engine.runtime import LiveInstance, pruning
from tests.engine.runtime.drawing import (
    NOW,
    deployment,
    do,
    end,
    flow,
    gateway,
    process,
    start,
    started,
    user,
)
from tests.engine.runtime.sketch import COMPARABLE, sketched

OFTEN, NEVER = -sys.maxsize, sys.maxsize


def loop() -> SourceFile:
    """Two branches in parallel, joined, and sent back by whoever decides."""
    return process(
        "p",
        start()
        + gateway("exclusive", "again")
        + gateway("parallel", "split")
        + gateway("parallel", "join")
        + user("left", "right", "decide")
        + gateway("exclusive", "enough", default="enough_done")
        + end()
        + flow("begin > again > split > left > join > decide > enough > done")
        + flow("split > right > join")
        + flow("enough > again", "decide.decision == 'again'"),
    )


def tokens(live: LiveInstance) -> int:
    """How many tokens a snapshot keeps."""
    return sum(len(scope["tokens"]) for scope in json.loads(zlib.decompress(live.snapshot()))["scopes"])


def go_round(live: LiveInstance, decision: str = "again", *, first: str = "left") -> None:
    do(live, first)
    do(live, "right" if first == "left" else "left")
    do(live, "decide", decision=decision)


def test_a_thousand_rounds_leave_no_more_than_one() -> None:
    live, _ = started(deployment(loop()))
    go_round(live)
    after_one = tokens(live)
    for number in range(999):
        go_round(live, first="right" if number % 2 else "left")
    assert tokens(live) == after_one
    go_round(live, "enough")
    assert live.ended


def test_a_join_of_a_late_round_still_waits_for_all_of_its_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "ROOM", OFTEN)
    live, _ = started(deployment(loop()))
    go_round(live)
    do(live, "right")
    assert [task.element_id for task in live.view().open_tasks] == ["left"]


@given(
    shape=COMPARABLE, choices=st.lists(st.tuples(st.integers(0, 99), st.sampled_from(["", "1", "2", "12"])))
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_does_not_matter_when_a_tree_was_pruned(shape: object, choices: list[tuple[int, str]]) -> None:
    parsed = deployment(sketched(shape))
    pictures = []
    for room in (OFTEN, NEVER):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pruning, "ROOM", room)
            live, first = started(parsed, units=["a", "b"], plan_key="k")
            steps = [first]
            for pick, decision in choices:
                view = live.view()
                if live.ended:
                    break
                causes = [*view.open_tasks, *view.subscriptions]
                chosen = causes[pick % len(causes)]
                if chosen in view.open_tasks:
                    steps.append(live.complete(NOW, chosen.id, {"decision": decision}))
                else:
                    steps.append(live.receive(NOW, chosen.task_id, {}))
        pictures.append((steps, live.view(), live.snapshot()))
    assert pictures[0] == pictures[1]
